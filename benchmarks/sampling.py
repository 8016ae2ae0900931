"""Which settings suit the show's model: temperature, nucleus and candidates, tried on its validation scenes.

    python benchmarks/sampling.py [MODEL]

Those are the scenes that the training itself held out of what it learnt, by which it chose its weights; the scenes that
``voice.py`` and ``replies.py`` measure on are not looked at.  What came out is in docs/decisions/replies.md.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from common import ROOT
from lines import VISITOR, exchanges, replies, suited
from recipes import show_texts
from replies import Learnt, form
from voice import Bayes

from scriptbot.config import TrainConfig
from scriptbot.lm.model_file import load_model
from scriptbot.text.load import open_source
from scriptbot.training.corpus import split

COUNT = 240
TEMPERATURES, NUCLEI, CANDIDATES = (0.5, 0.6, 0.7, 0.8, 0.9), (0.9, 0.95, 1.0), (1, 3, 6, 12, 24)


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "the-boat-is-late.safetensors"
    parts = list(split(open_source(show_texts()), TrainConfig()))
    model, asked = load_model(path), exchanges(scene for scene, held in parts if held)
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
