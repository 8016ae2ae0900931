"""The interactive session, through a real pseudo-terminal whose screen is looked at."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import support
from terminal import PATIENCE, ROWS, Terminal

from scriptbot.commands import REGISTRY
from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm.state import Piece
from scriptbot.session.session import Session
from scriptbot.ui import repl


def test_ctrl_c_hints_and_ctrl_d_leaves(terminal: Terminal, home: Path) -> None:
    terminal.ready()
    terminal.child.send("half a line")
    terminal.wait("half a line")
    terminal.child.sendcontrol("c")
    terminal.ready()
    assert "quit leaves" not in terminal.shown  # the line was to go, not the session
    terminal.child.sendcontrol("c")
    terminal.wait("Ctrl-D or :quit leaves.")
    terminal.ready()
    terminal.child.sendcontrol("d")
    assert terminal.close() == 0
    assert "Traceback" not in terminal.shown
    state = home / "state" / "scriptbot"
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / "history").stat().st_mode & 0o777 == 0o600


def test_a_conversation(terminal: Terminal) -> None:
    terminal.ready()
    assert "tiny is listening" in terminal.shown
    assert terminal.say("What light?")[0].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say(":character juliet") == ["JULIET answers now."]
    terminal.wait("tiny  JULIET  temperature 0.8")
    assert terminal.say("ROMEO: But soft!")[0].startswith("JULIET:")
    assert terminal.say(":temp 0.5") == ["temperature is now 0.5."]
    terminal.wait("tiny  JULIET  temperature 0.5")
    cast = terminal.say(":cast")
    assert cast[1].split() == ["ROMEO", "4"] and len(cast) == 3
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":quit now please")[0].startswith("scriptbot: :quit was given too many")
    terminal.ready()
    terminal.child.send(":quit\r")
    assert terminal.close() == 0


def test_a_mistake_never_ends_the_session(terminal: Terminal) -> None:
    assert terminal.say(":tempreature")[0] == "scriptbot: There is no command :tempreature."
    assert "Did you mean :temperature?" in terminal.shown
    assert terminal.say(":character Hamlet")[0] == "scriptbot: There is no character called “Hamlet”."
    assert terminal.say(":temperature nan")[0].startswith("scriptbot: temperature cannot be nan.")
    assert terminal.say(":model nonesuch")[0].startswith("scriptbot: There is no model called")
    assert terminal.say(":retrain /nonesuch")[0].startswith("scriptbot: There is no file")
    assert terminal.say(':set "')[0].startswith("scriptbot: A quotation mark is not closed.")
    assert terminal.say("hello")[0].startswith(("ROMEO:", "JULIET:"))


def test_ctrl_c_stops_a_reply_and_keeps_what_was_said(terminal: Terminal) -> None:
    terminal.say(":lines 1000")
    terminal.ready()
    terminal.child.send("go on\r")
    terminal.wait("ROMEO:", "JULIET:")
    terminal.child.sendcontrol("c")
    terminal.wait("Stopped; what is shown is kept.  :retry draws another")
    terminal.ready()
    terminal.say(":lines 1")
    assert terminal.say("hello")[0].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":undo") == ["There is nothing to take back."]


def test_a_pasted_block_is_one_turn(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.send("\x1b[200~ROMEO: the night\nJULIET: the moon\x1b[201~")
    terminal.wait("JULIET: the moon")
    time.sleep(0.3)
    terminal.read()
    assert "scriptbot" not in terminal.lines[-1] and terminal.lines[-1].endswith("JULIET: the moon")
    terminal.child.send("\r")
    terminal.ready()
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":undo") == ["There is nothing to take back."]


def test_a_new_line_by_ctrl_j(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.send("the night")
    terminal.child.sendcontrol("j")
    terminal.child.send("a moon")
    terminal.wait("> the night", "a moon")
    terminal.child.send("\r")
    terminal.ready()
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":undo") == ["There is nothing to take back."]


def test_tab_completes(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.send(":charac\t")
    terminal.wait("> :character")
    terminal.child.send(" jul\t")
    terminal.wait(":character JULIET")
    terminal.child.send("\r")
    terminal.wait("JULIET answers now.")
    assert terminal.say(":character") == ["JULIET"]


def test_wide_characters_and_a_narrower_window(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.setwinsize(ROWS, 40)
    terminal.screen.resize(ROWS, 40)
    terminal.child.send("吾輩は猫である。名前はまだ無い。")
    terminal.wait("> ")
    terminal.child.send("\r")
    end = time.monotonic() + PATIENCE
    while "ROMEO:" not in terminal.raw and "JULIET:" not in terminal.raw:
        assert time.monotonic() < end
        terminal.read()


def test_mistakes_are_explained_in_a_narrow_window_too(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.setwinsize(ROWS, 40)
    terminal.screen.resize(ROWS, 40)
    assert terminal.say(":retrain --no-such-option-at-all 3") == [
        "scriptbot: There is no option called",
        "  “--no-such-option-at-all”.",
        "  In a shell, “scriptbot train --help”",
        "    lists the options.",
    ]


def test_what_was_found_in_the_history_is_taken_and_then_sent(terminal: Terminal) -> None:
    assert terminal.say(":lines") == ["1"]
    assert terminal.say(":character") == ["anyone"]
    terminal.ready()
    terminal.child.sendcontrol("r")
    terminal.child.send("lin")
    terminal.wait("I-search backward: lin")
    terminal.child.send("\r")
    terminal.wait("> :character\nanyone\n> :lines\n")
    end = time.monotonic() + PATIENCE
    while "I-search" in terminal.shown:
        assert time.monotonic() < end
        terminal.read()
    assert terminal.lines[-1] == "> :lines"
    terminal.child.send("\r")
    terminal.wait("> :character\nanyone\n> :lines\n1\n>")


def _interrupted(pieces: Iterator[Piece], taken: int) -> Iterator[Piece]:
    """Some pieces, and Ctrl-C."""
    yield from itertools.islice(pieces, taken)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("taken", "told"), [(0, "Stopped; nothing has changed."), (2, "Stopped; what is shown is kept.")]
)
def test_what_has_become_of_a_reply_that_was_stopped(taken: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=3))
    repl.stream(session, _interrupted(session.say("hello"), taken), colour=False)
    shown = capsys.readouterr()
    assert len(shown.err) <= 80 and shown.err.count("\n") == 1  # it fits in a row
    assert shown.err.startswith(told) and bool(shown.out) == bool(session.transcript) == bool(taken)


def test_what_is_typed_while_they_speak_waits_for_the_prompt(terminal: Terminal) -> None:
    terminal.say(":set candidates 1")
    assert terminal.say(":lines 1000") == ["lines is now 1000."]
    terminal.ready()
    terminal.child.send("hello\r")
    terminal.wait("> hello\n", ": ")
    assert terminal.lines[-1] != ">"  # they are speaking
    terminal.child.send(":lines 1\r:lines\r")
    terminal.wait("lines is now 1.", "> :lines\n")
    terminal.ready()
    assert [line for line in terminal.lines if ":lines" in line][-2:] == ["> :lines 1", "> :lines"]
    assert terminal.lines[-2] == "1"


def test_the_seed_is_shown_and_can_be_set_again(terminal: Terminal) -> None:
    assert terminal.say(":set SEED")[0].split()[:2] == ["seed", "3"]
    first = terminal.say("hello")
    terminal.say(":reset")
    assert terminal.say(":set Seed 3") == ["seed is now 3."]
    assert terminal.say("hello") == first


def test_a_word_for_leaving_without_its_colon(terminal: Terminal) -> None:
    told = terminal.say("Quit")
    assert told[0] == "“Quit” is said to the characters; :quit is the command."
    assert told[1].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say("quit it")[0].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say("/undo")[0] == "“/undo” is said to the characters; :undo is the command."


def test_words_before_a_colon_that_are_nobody_so_far(terminal: Terminal) -> None:
    told = terminal.say("Note: the moon is late.")
    assert told[0] == "The model does not know “Note”; the line is read as said by Note."
    assert told[1] == "If it is your own line, begin it with “You:”.  :undo takes the turn back."
    assert told[2].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say("Note: it is.")[0].startswith(("ROMEO:", "JULIET:"))
    for _ in range(2):
        terminal.say(":undo")
    assert terminal.say("You: Note: it is.")[0].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say(":undo")[0] == "Taken back: “Note: it is.” and the reply to it."
    assert not any("your own line" in line for line in terminal.say("Nurse: The moon.\nFriar: Late."))
    assert terminal.say("Romoe: it is.")[1] == "Did you mean ROMEO?  :undo takes the turn back."
    told = terminal.say("Romeo and Juliet: it is.")
    assert told[0] == "“Romeo and Juliet” is read as one speaker; the model knows each of them alone."
    assert told[1].startswith(("ROMEO:", "JULIET:"))


def test_whoever_answers_is_told_at_the_beginning(terminal: Terminal) -> None:
    terminal.ready()
    assert "\nROMEO, JULIET answer." in terminal.shown


def test_a_line_whose_reply_was_stopped_before_it_began(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=3))
    with pytest.raises(UsageError) as told:
        REGISTRY.run(session, ":edit")
    assert told.value.hint == "Say something first."

    def stopped(*_: object) -> Iterator[Piece]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(session, "_replies", stopped)
        repl.stream(session, session.say("hello"), colour=False)
    line = "Stopped; your line is kept.  :retry draws an answer, :undo takes it back.\n"
    assert capsys.readouterr().err == line and len(session.transcript) == 1
    with pytest.raises(UsageError) as told:
        REGISTRY.run(session, ":edit")
    assert told.value.hint == ":retry draws one."
