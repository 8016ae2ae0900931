"""Words never said before are collected; when there are too many the engine is made anew, and nobody notices."""

from __future__ import annotations

import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.session import session as session_module
from scriptbot.session.session import Session


def say(session: Session, text: str) -> None:
    for _ in session.say(text):
        pass


def test_the_conversation_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MOST_NEW_WORDS", 12)
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1, max_words=4, candidates=1))
    session.set_answering("JULIET")
    engines, said = {id(session.engine): session.engine}, []
    for letter in "abcdefgh":
        line = f"Zorb{letter} quux{letter} flim{letter} the night"
        say(session, line)
        said.append(line)
        engines[id(session.engine)] = session.engine
        assert len(session.engine.coder.novel) < 60
    assert len(engines) > 1  # it was made anew
    assert [line.text for line in session.transcript if line.character == session.me] == said
    assert session.name == "tiny" and session.character == "JULIET"
    before = len(session.transcript)
    session.undo()
    assert len(session.transcript) < before and session.transcript[-1].character == "JULIET"
