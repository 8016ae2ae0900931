"""What a longer show would be worth: models trained on parts of it, measured on scenes that none of them has read.

    python benchmarks/curve.py

A quarter, a half and all of the scenes to be learnt, spread evenly, are each trained on for three minutes.  The
trainings start from nothing, since the base model has read all of these scenes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import ROOT, apart, keep
from lines import exchanges, heard
from replies import ranks

from scriptbot.lm.engine import Engine
from scriptbot.lm.model_file import load_model
from scriptbot.text.convert import converted

sys.path.insert(0, str(ROOT / "models"))
from recipes import show, show_held_out

SHARES, OF, MINUTES = (1, 2, 4), 4, 3.0  # scenes learnt out of each OF in a row
SCRIPTBOT = (sys.executable, "-m", "scriptbot")


def measured(share: int, folder: Path) -> dict[str, Any]:
    """Train a model on ``share`` of every four scenes, and measure it."""
    scenes = [scene for number, scene in enumerate(show(held_out=False)) if number % OF < share]
    text, model = folder / "part.jsonl", folder / "part.safetensors"
    text.write_text("".join(converted(lambda: iter(scenes), "chat")), "utf-8")
    told = ["--minutes", str(MINUTES), "--from", "scratch", "--output", str(model), "--force"]
    subprocess.run([*SCRIPTBOT, "train", str(text), *told], check=True, capture_output=True, env=apart(folder))
    command = [*SCRIPTBOT, "evaluate", str(model), str(show_held_out()), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=apart(folder))
    figures = json.loads(done.stdout)
    engine, asked = Engine(load_model(model)), exchanges()
    first = ranks(engine, asked, [heard(engine, one.before) for one in asked])
    return {
        "scenes": len(scenes),
        "words": sum(len(speech.text.split()) for scene in scenes for speech in scene.speeches),
        "bits per character": round(figures["bits_per_character"], 4),
        "bits per character, static": round(figures["bits_per_character_static"], 4),
        "true reply first of ten, by what goes together": first["by what goes together"],
        "true reply first of ten, by that and who says it": first["by that and who says it"],
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keep("curve", {"minutes": MINUTES, "parts": [measured(share, Path(folder)) for share in SHARES]})


if __name__ == "__main__":
    main()
