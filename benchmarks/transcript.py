"""Writes docs/transcript.md anew: fifty opening lines, and what the default model replies to each.

    python benchmarks/transcript.py              # prints it
    python benchmarks/transcript.py --write      # writes docs/transcript.md

Every line opens a conversation of its own, with the settings of somebody who chooses none, and seed 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from common import ROOT
from lines import words
from recipes import show

from scriptbot.config import SampleConfig
from scriptbot.lm.model_file import load_model
from scriptbot.session import library
from scriptbot.session.session import Session
from scriptbot.text.script import Scene
from scriptbot.ui import pipe

OPENINGS = Path(__file__).with_name("openings.txt")
PAGE = ROOT / "docs" / "transcript.md"
SEED = 1
INTRODUCTION = """\
# First lines, and what comes back

Made by `python benchmarks/transcript.py --write`, unedited: fifty lines none of which stands anywhere in the
script (`benchmarks/openings.txt`), each the first of a conversation with the model **{name}**, default settings, seed
{seed}.

"""


def show_scenes() -> list[Scene]:
    """All scenes of the show, held out or not."""
    return [*show(held_out=False), *show(held_out=True)]


def stands_in(line: str, scenes: Iterable[Scene]) -> bool:
    """Whether the words of a line occur one after the other in a speech."""
    wanted = f" {' '.join(words(line))} "
    return any(wanted in f" {' '.join(words(speech.text))} " for scene in scenes for speech in scene.speeches)


def main() -> None:
    openings = OPENINGS.read_text("utf-8").splitlines()
    scenes = show_scenes()
    if known := [line for line in openings if stands_in(line, scenes)]:
        sys.exit(f"These stand in the script: {', '.join(known)}")
    path = library.default_model()
    model, free = load_model(path), frozenset(SampleConfig.__dataclass_fields__) - {"seed"}
    page = [INTRODUCTION.format(name=path.stem, seed=SEED)]
    for opening in openings:
        session = Session(model, name=path.stem, settings=SampleConfig(seed=SEED), free=free)
        said = [f"**{line.character}:** {line.text}" for line in pipe.lines(session.say(opening))]
        page.append(f"> {opening}\n\n" + "\n\n".join(said) + "\n\n")
    text = "".join(page).rstrip("\n") + "\n"
    if "--write" in sys.argv:
        PAGE.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
