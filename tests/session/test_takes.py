"""Other replies to choose from, and words of a person's own in the place of a reply."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support
from talk import SETTINGS, session, talk, text

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm.state import State
from scriptbot.session import diary
from scriptbot.session.conversation import Line, state_after
from scriptbot.session.session import TAKES, Session


def as_read(one: Session) -> bool:
    """Whether the state is that of somebody who has read all of it, and learnt from what the person said alone."""
    state = one.engine.start()
    for line in one.transcript:
        state = state_after(one.engine, state, [line], learn=line.character == one.me)
    alike = np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
    return alike and voting(state) == voting(one.state)


def voting(state: State) -> list[int]:
    """The forms of the words in the cache: those without a vote have none."""
    return state.cache._buffer.forms[: state.cache._end].tolist()  # type: ignore[no-any-return]


def test_takes_are_the_reply_that_stands_and_others() -> None:
    one = session()
    talk(one, "the night", "What light?")
    state, lines = one.state, one.transcript
    takes = list(one.takes())
    assert len(takes) == TAKES and len(set(takes)) == len(takes)
    assert [one.stands(take) for take in takes] == [True, *[False] * (TAKES - 1)]
    assert one.transcript == lines and one.state is state
    assert list(one.takes()) == takes  # they are there
    more = list(one.takes(2))
    assert more[:-2] == takes and len(set(more)) == TAKES + 2
    assert list(one.takes(0)) == more


def test_a_take_is_gone_on_from() -> None:
    one = session()
    talk(one, "What light?")
    takes = list(one.takes())
    shown = list(one.take(3))
    assert shown[0].kind == "cue" and text(shown[1:]) == takes[2][0].text
    assert one.transcript[-1] == takes[2][-1] and as_read(one)
    list(one.take(1))
    assert one.transcript[-1] == takes[0][-1] and as_read(one)
    talk(one, "a moon")
    one.undo()
    list(one.take(2))
    assert one.transcript[-1] == takes[1][-1]


def test_nothing_is_taken_before_it_is_seen() -> None:
    one = session()
    talk(one, "What light?")
    before, state = one.transcript, one.state
    list(one.takes())
    one.take(2)
    one.edit("no")
    assert one.transcript == before and one.state is state


def test_the_same_seed_draws_the_same_takes() -> None:
    one, other = session(), session()
    talk(one, "What light?")
    talk(other, "What light?")
    assert list(one.takes()) == list(other.takes())
    assert talk(one, "the night") == talk(other, "the night")


def test_what_retry_took_back_can_be_taken_again() -> None:
    one = session()
    talk(one, "What light?")
    first = one.transcript[-1]
    while list(one.retry()) and one.transcript[-1] == first:
        pass
    assert one.transcript[-1] != first
    assert next(one.takes()) == (first,)
    list(one.take(1))
    assert one.transcript[-1] == first


def test_a_reply_that_says_nothing_is_no_take() -> None:
    one = session()
    reply = one.say("What light?")
    next(reply)
    reply.close()  # stopped behind the cue
    assert one.transcript[-1].text == ""
    assert all(line.text for take in one.takes() for line in take)


def test_takes_that_are_broken_off_are_there() -> None:
    one = session()
    talk(one, "What light?")
    some = list(itertools.islice(one.takes(), 3))
    list(one.take(3))
    assert one.stands(some[2])


def test_replies_of_several_lines_are_one_take() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=4, lines=3))
    talk(one, "hello")
    assert {len(take) for take in one.takes()} == {3}
    assert sum(piece.kind == "cue" for piece in one.take(2)) == 3


def test_a_reply_stays_if_another_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl-C while the network reads the first line of the other; what was put there before stays, too."""
    one = session()
    talk(one, "What light?")
    list(one.takes())
    list(one.take(2))
    lines, state, replaced = one.transcript, one.state, list(one.history.last.replaced)

    def broken(*arguments: object, **options: object) -> State:
        raise KeyboardInterrupt

    for attempt in (lambda: list(one.take(3)), lambda: list(one.edit("No.")), one.revert):
        with monkeypatch.context() as patched:
            patched.setattr(one.engine, "read_speech", broken)
            with pytest.raises(KeyboardInterrupt):
                attempt()
        assert one.transcript == lines and one.state is state and one.history.last.replaced == replaced
    assert one.revert() == one.history.last.takes[0] and one.revert() is None


def test_a_reply_of_several_lines_is_brought_back_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=4, lines=3))
    talk(one, "hello")
    before = one.transcript
    list(one.edit("No."))
    edited, state, read, lines = one.transcript, one.state, one.engine.read_speech, 0

    def second_broken(*arguments: Any, **options: Any) -> State:
        nonlocal lines
        lines += 1
        if lines == 2:
            raise KeyboardInterrupt
        return read(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(one.engine, "read_speech", second_broken)
        with pytest.raises(KeyboardInterrupt):
            one.revert()
    assert one.transcript == edited and one.state is state
    assert one.revert() == before[1:] and one.transcript == before and as_read(one)


def test_no_reply_at_all_is_brought_back_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    support.stop_at_once(one.say("What light?"), monkeypatch)
    list(one.takes())
    list(one.take(1))
    assert len(one.transcript) == 2
    assert one.revert() == () and len(one.transcript) == 1 and one.state is one.history.last.heard


def test_where_hardly_anything_else_is_said_there_are_fewer() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=1, temperature=0.05))
    one.set_answering("ROMEO")
    talk(one, "hello")
    takes = list(one.takes())
    assert len(takes) < TAKES and len(set(takes)) == len(takes)


def test_a_name_alone_gives_the_words_to_somebody_else() -> None:
    one = session(character="JULIET")
    talk(one, "What light?")
    said = one.transcript[-1].text
    list(one.edit("Romeo:"))
    assert one.transcript[-1] == Line("ROMEO", said) and said.strip()
    assert one.revert() and one.transcript[-1] == Line("JULIET", said)
    for name, known in (("juliet:", "JULIET"), ("You:", "You"), ("YOU:", "You"), ("JULIET:", "JULIET")):
        list(one.edit(name))
        assert one.transcript[-1] == Line(known, said), name
    with pytest.raises(UsageError, match="There is no character called “Romio”"):
        one.edit("Romio:")
    assert one.transcript[-1] == Line("JULIET", said)


def test_nothing_to_choose_from() -> None:
    one = session()
    for attempt in (one.takes, lambda: one.take(1), lambda: one.edit("hm"), lambda: one.last_speech):
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
    assert len(list(one.takes(4))) == 9 and len(list(other.takes(3))) == 8  # apart
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
    assert as_read(one)
    list(one.take(1))
    assert one.transcript == before


def test_undo_brings_back_what_was_replaced() -> None:
    one = session()
    talk(one, "the night")
    before = one.transcript
    takes = list(one.takes())
    list(one.take(2))
    list(one.edit("Soft!"))
    assert one.revert() == takes[1] and one.transcript[1:] == takes[1] and as_read(one)
    assert one.revert() == takes[0] and one.transcript == before and as_read(one)
    assert one.revert() is None and one.transcript == before
    list(one.edit("Soft!"))
    list(one.retry())
    assert one.revert() is None  # another reply stands there


@pytest.mark.parametrize("plain", [False, True])
def test_what_changes_nothing_is_no_step_to_undo(plain: bool) -> None:
    one = Session(support.model(cast=()), name="plain", settings=SETTINGS) if plain else session()
    talk(one, "the night")
    list(one.takes())
    before, state, last = one.transcript, one.state, one.last_speech
    names = ("", f"{last.character}: ", f"{last.character.title()}: ") if not plain else ("",)
    for again in (lambda: one.take(1), *(lambda name=name: one.edit(name + last.text.strip()) for name in names)):
        assert text(list(again())).endswith(last.text)
        assert one.transcript == before and one.state is state
    if not plain:
        list(one.edit(f"{last.character}:"))
    assert one.revert() is None and one.transcript == before
    list(one.take(2))
    list(one.take(2))
    assert one.revert() == before[1:] and one.revert() is None


def test_a_retry_that_is_stopped_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    talk(one, "the night")
    before = one.transcript
    list(one.edit("Soft!"))
    edited = one.transcript
    reply = one.retry()
    monkeypatch.setattr("scriptbot.lm.candidates.speak", lambda *given: iter(stop, None))
    with pytest.raises(KeyboardInterrupt):
        next(reply)
    assert one.transcript == edited and as_read(one)
    assert one.revert() and one.transcript == before and as_read(one)
    assert one.revert() is None


def stop() -> None:
    raise KeyboardInterrupt


def test_an_edited_reply_may_be_somebody_elses() -> None:
    one = session()
    talk(one, "the night")
    who = one.transcript[-1].character
    other = "JULIET" if who == "ROMEO" else "ROMEO"
    list(one.edit(f"{other.title()}: The moon."))
    assert one.transcript[1:] == (Line(other, "The moon."),) and as_read(one)
    list(one.edit(f"The moon?\n{who}: Soft.\nSoft, I say."))
    assert one.transcript[1:] == (Line(other, "The moon?"), Line(who, "Soft.\nSoft, I say."))
    list(one.edit("Note: the moon is late."))
    assert one.transcript[2:] == (Line(who, "Note: the moon is late."),)


def test_what_is_no_known_name_belongs_to_the_words() -> None:
    """With a name that is known before it, and without one; so do empty lines."""
    one = session(character="JULIET", me="Zoe")
    talk(one, "the night")
    for typed, said in (
        ("ROMEO: But soft!\nPeace: I say.", [("ROMEO", "But soft!\nPeace: I say.")]),
        ("ROMEO: But soft!\n\nWhat light?", [("ROMEO", "But soft!\n\nWhat light?")]),
        ("Peace: I say.\nromeo (softly): What?", [("JULIET", "Peace: I say."), ("ROMEO", "(softly) What?")]),
        ("Peace: I say.\nZOE: What?", [("JULIET", "Peace: I say."), ("Zoe", "What?")]),
    ):
        list(one.edit(typed))
        assert [(line.character, line.text) for line in one.transcript[1:]] == said, typed
        one.revert()


def test_words_put_in_a_mouth_are_read_aloud_and_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptbot.session.session.reader", lambda how: lambda text: text.replace("A", "Ah, "))
    one = Session(
        dataclasses.replace(support.model(cast=("Ada", "Tom")), provenance={"reading": "hiragana"}),
        name="tiny",
        settings=SETTINGS,
        character="Tom",
    )
    talk(one, "the night")
    list(one.edit("Ada: A moon\nNote: Ada"))
    assert one.transcript[1:] == (Line("Ada", "Ah,  moon\nNote: Ah, da"),)
    list(one.edit("Tom:"))
    assert one.transcript[1:] == (Line("Tom", "Ah,  moon\nNote: Ah, da"),)  # which was read aloud already


def test_only_the_last_of_several_lines_is_edited() -> None:
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=4, lines=3))
    talk(one, "hello")
    before = one.transcript
    list(one.edit("No."))
    assert one.transcript == (*before[:-1], Line(before[-1].character, "No."))
    assert as_read(one)


def test_plain_text_is_edited_where_it_goes_on() -> None:
    one = Session(support.model(cast=()), name="plain", settings=SETTINGS)
    talk(one, "the night")
    reply = one.transcript[-1].text
    list(one.edit("is love."))
    space = reply[: len(reply) - len(reply.lstrip())]
    assert one.transcript[-1] == Line("", f"{space}is love.")
    takes = list(one.takes())
    assert len(takes) > 2 and all(not line.character for take in takes for line in take)


def test_plain_text_that_said_nothing_is_edited() -> None:
    one = Session(support.model(cast=()), name="plain", settings=SETTINGS)
    reply = one.say("the night")
    while not one.history.turns or not one.history.turns[-1].said:
        next(reply)
    reply.close()
    one.history.turns[-1].said[:] = [Line("", "")]
    list(one.edit("is love."))
    assert "".join(line.text for line in one.transcript) == "the night is love."


def test_what_was_edited_is_kept_for_another_day(tmp_path: Path) -> None:
    one = session()
    talk(one, "the night")
    kept = diary.Diary(tmp_path)
    kept.keep(one)
    list(one.edit("The moon."))
    kept.keep(one)
    assert diary.last(tmp_path).lines[-1].text == "The moon."
