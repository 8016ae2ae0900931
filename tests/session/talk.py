"""Short conversations with a tiny model, for the tests of this package."""

from __future__ import annotations

import support

from scriptbot.config import SampleConfig
from scriptbot.lm.state import Piece
from scriptbot.session.session import Session

SETTINGS = SampleConfig(seed=5, max_words=6)
LINES = ("What light?", "I love the moon.", "ROMEO: But soft!", "zebra")


def session(seed: int = 5, **options: str) -> Session:
    return Session(support.model(), name="tiny", settings=SampleConfig(seed=seed, max_words=6), **options)


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def talk(of: Session, *lines: str) -> list[str]:
    return [text(list(of.say(line))) for line in lines]
