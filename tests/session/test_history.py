"""What was said, kept apart: speech from speech, and one future from another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import support
from talk import SETTINGS, session, talk

from scriptbot.config import SampleConfig
from scriptbot.session.conversation import Conversation, Stamp, Turn
from scriptbot.session.history import MOST_TURNS, History
from scriptbot.session.session import Session
from scriptbot.session.typed import Line


def test_speeches_of_one_reply_are_kept_apart() -> None:
    """Each with its own words, though they are all of one turn."""
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6, lines=3))
    said: list[tuple[str, str]] = []
    for piece in one.say("What light?"):
        if piece.kind == "cue":
            said.append((piece.character, ""))
        elif piece.kind == "text":
            said[-1] = (said[-1][0], said[-1][1] + piece.text)
    assert len(said) == 3 and all(text for _, text in said)
    assert [(line.character, line.text) for line in one.transcript[1:]] == said


def test_one_future_adds_nothing_to_the_other_s_past() -> None:
    """Not even when its turns are too many to be taken back; nor is one written down where the other was."""
    one = session()
    talk(one, *["The moon!"] * MOST_TURNS)
    said, other = one.transcript, one.fork()
    talk(other, "What light?", "Yonder.")
    other.history.saved[Path("kept.fountain")] = Stamp(1, 2)
    assert one.transcript == said and len(other.transcript) == len(said) + 4
    assert not one.history.saved


def test_a_turn_in_which_nothing_is_said_takes_the_place_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of as many as can be taken back, the first still can be; the next turn takes its place."""
    one = session()
    talk(one, *["The moon!"] * MOST_TURNS)
    said, first = one.transcript, one.history.turns[0]
    support.stop_at_once(one.proceed(), monkeypatch)
    assert len(one.history.turns) == MOST_TURNS and one.history.turns[0] is first and one.transcript == said
    list(one.proceed())
    assert len(one.history.turns) == MOST_TURNS and one.history.turns[0] is not first
    assert one.transcript[:-1] == said


def test_a_turn_that_was_taken_back_gets_no_reply() -> None:
    history = session().history
    engine, lines = history.engine, (Line("You", "What light?"),)
    blank = history.state
    turn = history.begin(lines)
    history.undo()
    assert not list(history.record(turn, engine.speak(turn.heard, "JULIET", SETTINGS, np.random.default_rng(1))))
    assert history.transcript == () and history.state is blank
    turn = history.begin(lines)
    reply = history.record(turn, engine.speak(turn.heard, "JULIET", SETTINGS, np.random.default_rng(1)))
    next(reply)
    history.undo()  # in the midst of the reply
    assert not list(reply) and history.transcript == () and history.state is blank


def test_a_turn_in_which_the_person_says_nothing_is_never_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    add = History._add

    def broken(history: History, turn: Turn) -> None:
        add(history, turn)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(History, "_add", broken)
        with pytest.raises(KeyboardInterrupt):
            list(one.proceed())
    assert len(one.history.turns) == 1 and one.history.turns[0].said
    list(one.retry())
    assert len(one.history.turns) == 1 and one.transcript[0].text


def test_of_more_turns_than_can_be_taken_back_the_words_stay() -> None:
    """As in a file that another program has written."""
    one = session()
    turns = [Turn(one.state, one.state, (Line("You", f"the night {number}"),)) for number in range(MOST_TURNS + 3)]
    history = History(one.engine, Conversation(tuple(turns)))
    assert len(history.turns) == MOST_TURNS and history.transcript == tuple(turn.read[0] for turn in turns)
