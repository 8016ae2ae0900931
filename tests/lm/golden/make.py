"""Make the golden file of the present version of the model file: once per version, then it stays as it is.

python tests/lm/golden/make.py
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1]))

import support  # noqa: E402

from scriptbot.config import SampleConfig  # noqa: E402
from scriptbot.lm.engine import Engine  # noqa: E402
from scriptbot.lm.evaluate import evaluate  # noqa: E402
from scriptbot.lm.model import CacheConfig  # noqa: E402
from scriptbot.lm.model_file import VERSION, load_model, save_model  # noqa: E402
from scriptbot.text.formats import find_format  # noqa: E402

SCRIPT = """ROMEO: But soft! What light is at yonder window?
JULIET: What is love, but a light? Good night.
ROMEO: The night is soft, the moon is envious.
NURSE: I love you.
"""


def main() -> None:
    path = FOLDER / f"version-{VERSION}.safetensors"
    if path.exists():
        sys.exit(f"{path} is there already, and stays.")
    made = support.model(2, seed=11, members=2)
    save_model(replace(made, cache=CacheConfig(support.weights(0.2), 0.3, 50, rate=0.02)), path)
    model = load_model(path)
    scenes = list(find_format("colon").parse(SCRIPT.splitlines(keepends=True)))
    found = evaluate(model, scenes, as_text=False)
    engine = Engine(model)
    settings = SampleConfig(temperature=0.05, top_k=1, max_words=8)
    heard = engine.start()
    for line in SCRIPT.splitlines():
        heard = engine.read_speech(heard, *line.split(": "))
    said = engine.speak(heard, "JULIET", settings, np.random.default_rng(1))
    spoken = list(engine.speak(heard, "ROMEO", SampleConfig(max_words=20), np.random.default_rng(1)))
    record = {
        "script": SCRIPT,
        "bits_per_character": found.bits_per_character,
        "bits_per_character_static": found.bits_per_character_static,
        "greedy": "".join(piece.text for piece in said if piece.kind == "text"),
        "spoken": "".join(piece.text for piece in spoken if piece.kind == "text"),
        "log_probabilities": [round(piece.log_probability, 4) for piece in spoken],
    }
    path.with_suffix(".json").write_text(json.dumps(record) + "\n", "utf-8")


if __name__ == "__main__":
    main()
