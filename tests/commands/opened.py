"""Conversations with a tiny model, for the tests of this package."""

from __future__ import annotations

import support

from scriptbot.config import SampleConfig
from scriptbot.session.session import Session


def opened(*lines: str, cast: tuple[str, ...] = support.CAST) -> Session:
    """A session in which some lines have been said and replied to."""
    session = Session(support.model(cast=cast), name="tiny", settings=SampleConfig(seed=1, max_words=6))
    for line in lines:
        list(session.say(line))
    return session
