"""What :undo tells, and the list of :takes."""

from __future__ import annotations

import pytest
import support
from opened import opened

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import Reply, Said
from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm import candidates
from scriptbot.session.history import MOST_TURNS
from scriptbot.session.session import Session
from scriptbot.session.typed import Line


def test_undo_takes_back_a_take_alone_where_the_reply_was_stopped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened()
    support.stop_at_once(session.say("What light?"), monkeypatch)
    line, state = session.transcript, session.state
    takes = REGISTRY.run(session, ":takes")
    assert isinstance(takes, Said) and len(list(takes.lines)) > 2
    taken = REGISTRY.run(session, ":take 1")
    assert isinstance(taken, Reply) and list(taken.pieces)
    said = session.transcript[len(line) :]
    told = REGISTRY.run(session, ":undo")
    assert isinstance(told, Said) and told.lines[0].startswith(f"Taken back: “{said[0].character}: ")
    assert session.transcript == line and session.state is state
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “What light?”",)) and not session.transcript


def test_undo_quotes_the_last_line_that_has_words() -> None:
    session = opened()
    list(session.say("What light?"))
    turn = session.history.turns[-1]
    turn.said[:] = [Line("ROMEO", "The moon!"), Line("JULIET", "")]  # Ctrl-C came right after the second cue
    list(session.edit("JULIET: Love."))
    assert REGISTRY.run(session, ":undo") == Said(("The reply is restored: “The moon!”",))
    turn.said[:] = [Line("JULIET", "")]
    list(session.edit("JULIET: Love."))
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “JULIET: Love.”",))
    assert session.transcript[1:] == (Line("JULIET", ""),)


def test_undo_passes_over_turns_in_which_nothing_was_said() -> None:
    session = opened()
    list(session.say("What light?"))
    list(session.proceed())
    session.history.turns[-1].said.clear()
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “What light?” and the reply to it.",))
    list(session.proceed())
    session.history.turns[-1].said.clear()
    assert REGISTRY.run(session, ":undo") == Said(("There is nothing to take back.",))


def test_takes_are_promised_as_long_as_they_come() -> None:
    def last(of: Session, line: str) -> str:
        told = REGISTRY.run(of, line)
        assert isinstance(told, Said)
        return str(list(told.lines)[-1])

    nothing = "Nothing else came up; a higher temperature finds more."
    session = opened()
    list(session.say("What light?"))
    assert last(session, ":takes 0") == ":takes 4 draws four more."
    assert last(session, ":takes") == ":take 2 replaces the reply with that one; :takes 4 draws four more."
    list(session.take(2))
    assert last(session, ":takes 0") == ":take 3 replaces the reply with that one; :takes 4 draws four more."
    session = opened("What light?")
    list(session.retry())
    assert last(session, ":takes 0") == ":take 1 replaces the reply with that one; :takes 4 draws four more."
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=1, temperature=0.05))
    session.set_answering("ROMEO")
    list(session.say("hello"))
    assert [last(session, line) for line in (":takes", ":takes 20", ":takes")] == [nothing] * 3


def test_what_goes_with_its_reply_is_what_was_said() -> None:
    session = opened("What light?")
    list(session.proceed())
    went_on = session.transcript[-1]
    text = " ".join(went_on.text.split())
    told = [REGISTRY.run(session, ":undo") for _ in range(3)]
    assert told == [
        Said((f"Taken back: “{went_on.character}: {text}”",)),
        Said(("Taken back: “What light?” and the reply to it.",)),
        Said(("There is nothing to take back.",)),
    ]


def test_what_was_taken_back_is_quoted_with_an_end() -> None:
    session = opened("the night " * 20)
    told = REGISTRY.run(session, ":undo")
    assert told == Said((f"Taken back: “{' '.join(['the night'] * 6)}…” and the reply to it.",))


def test_what_had_no_reply_is_taken_back_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(candidates, "draw", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(session.say("What light?"))
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “What light?”",))


def test_what_is_too_far_back_stays() -> None:
    session = opened(*["the night"] * (MOST_TURNS + 1))
    for _ in range(MOST_TURNS):
        REGISTRY.run(session, ":undo")
    assert REGISTRY.run(session, ":undo") == Said(("Nothing earlier can be taken back.",))
    assert len(session.transcript) == 2


def test_a_conversation_that_was_forgotten_comes_back() -> None:
    session = opened("What light?")
    said = session.transcript
    REGISTRY.run(session, ":reset")
    assert REGISTRY.run(session, ":undo") == Said(("The conversation is back.",)) and session.transcript == said


@pytest.mark.parametrize(
    ("typed", "said", "told"),
    [
        ("Tea?", [], "“Tea?”"),
        ("Tea?", ["ROMEO: No."], "“Tea?” and the reply to it."),
        ("Tea?", ["ROMEO: No.", "JULIET: Yes.", "ROMEO: No."], "“Tea?” and what followed; 4 speeches in all."),
        ("Tea?", ["ROMEO: No.", "JULIET: "], "“Tea?” and the reply to it."),  # stopped right after a cue
        ("Tea?\nRomeo: No.", [], "“Tea?” and what followed; 2 speeches in all."),
        ("Tea?\nRomeo: No.", ["JULIET: Yes."], "“Tea?” and what followed; 3 speeches in all."),
        ("", ["ROMEO: No."], "“ROMEO: No.”"),
        ("", ["ROMEO: "], "“ROMEO:”"),
        ("", ["ROMEO: ", "JULIET: Yes."], "“JULIET: Yes.”"),
        ("", ["ROMEO: No.", "JULIET: Yes."], "“ROMEO: No.” and what followed; 2 speeches in all."),
    ],
)
def test_undo_tells_how_much_was_taken_back(typed: str, said: list[str], told: str) -> None:
    session = opened("What light?")
    before = session.transcript
    list(session.say(typed))
    session.history.last.said[:] = [Line(*speech.split(": ")) for speech in said]
    assert REGISTRY.run(session, ":undo") == Said((f"Taken back: {told}",))
    assert session.transcript == before


def test_undo_tells_how_much_stood_in_the_place_of_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened()
    support.stop_at_once(session.say("What light?"), monkeypatch)
    session.put("lines", "3")
    assert len(list(session.takes(1))) == 1
    list(session.take(1))
    first = session.transcript[1]
    words = f"{first.character}: {' '.join(first.text.split())}"
    told = f"Taken back: “{words}” and what followed; 3 speeches in all."
    assert REGISTRY.run(session, ":undo") == Said((told,))


def test_a_name_that_is_nobodys_in_an_edited_reply_is_told() -> None:
    session = opened("What light?", "Bob: Hello.")
    who = session.last_speech.character
    other = next(name for name in session.engine.cast if name != who)
    for typed, notices in (
        ("Gandalf: Run!", ("Nobody in the cast is called “Gandalf”; the name stays part of the words.",)),
        ("Bob: Run!", ("Nobody in the cast is called “Bob”; the name stays part of the words.",)),  # nor is he mine
        (f"{other.lower()}: Run!", ()),
        ("You: Run!", ()),
        ("Run: it is late.", ("Nobody in the cast is called “Run”; the name stays part of the words.",)),
        ("Run, it is 12:30.", ()),
    ):
        edited = REGISTRY.run(session, f":edit {typed}")
        assert isinstance(edited, Reply) and edited.notices == notices, typed
        list(edited.pieces)
        session.revert()
    assert session.last_speech.character == who


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (":undo 3", "It takes back one turn at a time."),
        (":continue 3", "One of them speaks at a time; after “:lines 3”, it is three."),
        (":retry 3", "It draws one other reply; “:takes 3” draws three, to choose from."),
        (":reset 3", "Usage: :reset"),
    ],
)
def test_what_takes_no_number_tells_what_to_do_instead(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as told:
        REGISTRY.run(opened("What light?"), typed)
    assert told.value.sentence.endswith("was given too many arguments.") and told.value.hint == hint


def test_a_take_is_numbered_by_the_takes_there_are() -> None:
    session = opened("What light?")
    with pytest.raises(UsageError, match="nothing to choose from yet"):
        REGISTRY.run(session, ":take two")
    list(session.takes(2))
    for typed, told in (("two", "“two” is not a number from 1 to 3."), ("4", "There is no take 4.")):
        with pytest.raises(UsageError) as wrong:
            REGISTRY.run(session, f":take {typed}")
        assert wrong.value.sentence == told


def test_undo_quotes_the_first_line_that_comes_back() -> None:
    session = opened("What light?")
    turn = session.history.last
    turn.said[:] = [Line("ROMEO", "One."), Line("JULIET", "Two."), Line("ROMEO", "Three.")]
    list(session.takes(1))
    list(session.take(2))
    assert REGISTRY.run(session, ":undo") == Said(("The reply is restored: “One.”",))
    list(session.edit("Four."))
    assert REGISTRY.run(session, ":undo") == Said(("The reply is restored: “Three.”",))
