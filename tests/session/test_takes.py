"""Other replies to choose from, and words of a person's own in the place of a reply."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import support
from talk import SETTINGS, session, talk, text

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.session import diary
from scriptbot.session.conversation import Line, Take, heard
from scriptbot.session.session import TAKES, Session


def said(takes: list[Take]) -> list[tuple[Line, ...]]:
    return [take.said for take in takes]


def test_takes_are_the_reply_that_stands_and_others() -> None:
    one = session()
    talk(one, "the night", "What light?")
    state, lines = one.state, one.transcript
    takes = list(one.takes())
    assert len(takes) == 1 + TAKES and len(set(said(takes))) == len(takes)
    assert [one.stands(take) for take in takes] == [True, *[False] * TAKES]
    assert one.transcript == lines and one.state is state
    again = list(one.takes())
    assert said(again)[: len(takes)] == said(takes) and len(again) == 1 + 2 * TAKES


def test_a_take_is_gone_on_from() -> None:
    one = session()
    talk(one, "What light?")
    takes = list(one.takes())
    shown = list(one.take(3))
    assert shown[0].kind == "cue" and text(shown[1:]) == takes[2].said[0].text
    assert one.transcript[-1] == takes[2].said[-1] and one.state is takes[2].state
    state = one.engine.start()
    for line in one.transcript:
        cue = one.engine.coder.open_speech(line.character)
        state = one.engine.read(state, [*cue, *one.engine.coder.encode(line.text, cue[-1].speaker)])
    assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
    list(one.take(1))
    assert one.transcript[-1] == takes[0].said[-1] and one.state is takes[0].state
    talk(one, "a moon")
    one.undo()
    list(one.take(2))
    assert one.transcript[-1] == takes[1].said[-1]


def test_the_same_seed_draws_the_same_takes() -> None:
    one, other = session(), session()
    talk(one, "What light?")
    talk(other, "What light?")
    assert said(list(one.takes())) == said(list(other.takes()))
    assert talk(one, "the night") == talk(other, "the night")


def test_what_retry_took_back_can_be_taken_again() -> None:
    one = session()
    first = talk(one, "What light?")[0]
    while text(list(one.retry())) == first:
        pass
    takes = one.takes()
    assert "".join(line.text for line in next(takes).said) == text_of(one, 1)
    list(one.take(1))
    assert one.transcript[-1].text == text_of(one, 1)
    assert len(one._turns[-1].takes) == 2


def text_of(one: Session, number: int) -> str:
    return "".join(line.text for line in one._turns[-1].takes[number - 1].said)


def test_takes_that_are_broken_off_are_there() -> None:
    one = session()
    talk(one, "What light?")
    some = list(itertools.islice(one.takes(), 3))
    list(one.take(3))
    assert one.stands(some[2])


def test_replies_of_several_lines_are_one_take() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=4, lines=3))
    talk(one, "hello")
    assert {len(take.said) for take in one.takes()} == {3}
    assert sum(piece.kind == "cue" for piece in one.take(2)) == 3


def test_where_hardly_anything_else_is_said_there_are_fewer() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=1, temperature=0.05))
    one.choose("ROMEO")
    talk(one, "hello")
    takes = list(one.takes())
    assert len(takes) < 1 + TAKES and len(set(said(takes))) == len(takes)


def test_nothing_to_choose_from() -> None:
    one = session()
    for attempt in (one.takes, lambda: one.take(1), lambda: one.edit("hm"), lambda: one.speech):
        with pytest.raises(UsageError):
            attempt()
    talk(one, "hello")
    with pytest.raises(UsageError, match="nothing to choose"):
        one.take(1)
    list(one.takes())
    for number in (0, -1, 6):
        with pytest.raises(UsageError, match=f"no take {number}"):
            one.take(number)


def test_takes_are_those_of_one_turn_and_one_model() -> None:
    one = session()
    talk(one, "hello")
    list(one.takes())
    other = one.fork()
    assert len(list(one.takes())) == 9 and len(list(other.takes())) == 9  # apart
    talk(one, "and now?")
    with pytest.raises(UsageError):
        one.take(1)
    one.undo()
    one.swap(support.model(seed=1), "other")
    with pytest.raises(UsageError):
        one.take(1)


def test_an_edited_reply_is_what_was_said() -> None:
    one = session()
    talk(one, "the night")
    before = one.transcript
    who = before[-1].character
    shown = list(one.edit("The moon, I said."))
    assert [piece.text for piece in shown] == [who, "The moon, I said.", ""]
    assert one.transcript == (before[0], Line(who, "The moon, I said."))
    other = session()
    state = heard(other.engine, other.engine.start(), one.transcript)
    assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
    list(one.take(1))
    assert one.transcript == before


def test_only_the_last_of_several_lines_is_edited() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=4, lines=3))
    talk(one, "hello")
    before = one.transcript
    list(one.edit("No."))
    assert one.transcript == (*before[:-1], Line(before[-1].character, "No."))
    other = session()
    state = heard(other.engine, other.engine.start(), one.transcript)
    assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)


def test_plain_text_is_edited_where_it_goes_on() -> None:
    one = Session(support.model(cast=()), name="plain", settings=SETTINGS)
    talk(one, "the night")
    reply = one.transcript[-1].text
    list(one.edit("is love."))
    space = reply[: len(reply) - len(reply.lstrip())]
    assert one.transcript[-1] == Line("", f"{space}is love.")
    takes = list(one.takes())
    assert len(takes) > 2 and all(not line.character for take in takes for line in take.said)


def test_what_was_edited_is_kept_for_another_day(tmp_path: Path) -> None:
    one = session()
    talk(one, "the night")
    kept = diary.Diary(tmp_path)
    kept.keep(one)
    list(one.edit("The moon."))
    kept.keep(one)
    assert diary.last(tmp_path).lines[-1].text == "The moon."
