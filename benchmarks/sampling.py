"""Which settings suit a model of the show: temperature, nucleus and candidates, tried on scenes that it has not learnt.

    python benchmarks/sampling.py [MINUTES]

The scenes are those that a training on the show would hold out.  A training learns even these in the end, so the model
tested here is trained from nothing for the purpose, with these scenes as its validation text.  The scenes that
``voice.py`` and ``replies.py`` measure on are not used.  The results are in docs/decisions/replies.md.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ROOT, apart
from lines import VISITOR, exchanges, replies, suited
from recipes import show_texts
from replies import Learnt, form
from voice import Bayes

from scriptbot.config import TrainConfig
from scriptbot.lm.model import Model
from scriptbot.lm.model_file import load_model
from scriptbot.text.convert import converted
from scriptbot.text.load import open_source
from scriptbot.text.script import Scene
from scriptbot.training.held_out import split

MINUTES = 5.0
COUNT = 240
TEMPERATURES, NUCLEI, CANDIDATES = (0.5, 0.6, 0.7, 0.8, 0.9), (0.9, 0.95, 1.0), (1, 3, 6, 12, 24)


def trained(parts: list[tuple[Scene, bool]], minutes: float) -> Model:
    """Train a model on the scenes that are not held out, and on no others."""
    with tempfile.TemporaryDirectory() as folder:
        model, train, other = (Path(folder) / name for name in ("show.safetensors", "train.jsonl", "other.jsonl"))
        for path, is_held in ((train, False), (other, True)):
            chosen = [scene for scene, held in parts if held == is_held]
            path.write_text("".join(converted(lambda chosen=chosen: chosen, "chat")), "utf-8")  # type: ignore[misc]
        command = ["-m", "scriptbot", "train", str(train), "--validation", str(other), "--output", str(model)]
        command += ["--from", "scratch", "--minutes", f"{minutes:g}"]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True, env=apart(folder))
        return load_model(model)


def main() -> None:
    parts = list(split(open_source(show_texts()), TrainConfig()))
    model = trained(parts, float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
    asked = exchanges(scene for scene, held in parts if held)
    spoken = [speech for scene, held in parts if not held for speech in scene.speeches if speech.character != VISITOR]
    bayes, known = Bayes((speech.character, speech.text) for speech in spoken), Learnt(speech.text for speech in spoken)
    human = [(exchange.character, exchange.reply) for exchange in asked]
    print("temperature top-p candidates | voice | words, copied, longest, whole, distinct-2, again, balanced")
    print("human", len(asked), round(bayes.accuracy(human), 3), "|", *form(human, known).values())
    usual = suited(model)
    tried = [dataclasses.replace(usual, temperature=temperature) for temperature in TEMPERATURES]
    tried += [dataclasses.replace(usual, top_p=top_p) for top_p in NUCLEI]
    tried += [dataclasses.replace(usual, candidates=candidates) for candidates in CANDIDATES]
    for settings in dict.fromkeys(tried):
        said = list(replies(model, asked, settings, COUNT))
        figures = form(said[: len(human)], known)
        chosen = (settings.temperature, settings.top_p, settings.candidates)
        print(*chosen, "|", round(bayes.accuracy(said), 3), "|", *figures.values(), flush=True)


if __name__ == "__main__":
    main()
