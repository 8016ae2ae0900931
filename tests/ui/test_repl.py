"""The interactive session, through a real pseudo-terminal whose screen is looked at."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
import support

from scriptbot.commands.registry import Retrain
from scriptbot.config import SampleConfig
from scriptbot.errors import TrainingError, TrainingFailed
from scriptbot.lm.model_file import save_model
from scriptbot.lm.state import Piece
from scriptbot.session.retrain import Training
from scriptbot.session.session import Session
from scriptbot.ui import repl, train

COLUMNS, ROWS = 80, 30
PATIENCE = 20.0
TOOLBAR = re.compile(r"  temperature [\d.]+$|\(being read\)$")

TAKEN_BACK = ("Taken back", "The last turn is taken back.")


def _heed_interrupts() -> None:
    """As a login shell starts its programs: tests that run in the background have inherited deaf ears."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A child on a pseudo-terminal, and the screen it would show."""

    def __init__(self, *arguments: str, redirect: Path | None = None, shell: bool = False) -> None:
        environment = {**os.environ, "TERM": "xterm-256color"}
        for name in ("COLUMNS", "LINES"):  # the terminal says how large it is
            environment.pop(name, None)
        command = [sys.executable, "-m", "scriptbot", *arguments]
        if redirect:
            command = ["bash", "-c", 'exec "$@" > "$0"', str(redirect), *command]
        if shell:
            command = ["bash", "--norc", "--noediting"]
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            env=environment,
            dimensions=(ROWS, COLUMNS),
            encoding="utf-8",
            timeout=PATIENCE,
            preexec_fn=_heed_interrupts,
        )
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=5000)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the child has written."""
        try:
            text = self.child.read_nonblocking(65536, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += text
        for part in text.split("\x1b[6n")[:-1]:  # “where is the cursor?”, which a terminal answers
            self._stream.feed(part)
            self.child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        self._stream.feed(text.rpartition("\x1b[6n")[2])

    @property
    def shown(self) -> str:
        """Everything on the screen and above it."""
        above = ["".join(line[x].data for x in range(COLUMNS)) for line in self.screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self.screen.display])

    def wait(self, *words: str) -> None:
        """Until all of them have been seen."""
        end = time.monotonic() + PATIENCE
        while not all(word in self.shown for word in words):
            assert time.monotonic() < end, f"{words} not seen in:\n{self.shown}"
            self.read()

    def ready(self) -> None:
        """Until the prompt stands below everything else, waiting."""
        end = time.monotonic() + PATIENCE
        while self.lines[-1:] != [">"]:
            assert time.monotonic() < end, f"no prompt in:\n{self.shown}"
            self.read()

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty, the toolbar at the bottom left out."""
        return [line for line in self.shown.split("\n") if line.strip() and not TOOLBAR.search(line)]

    def say(self, line: str) -> list[str]:
        """Type a line; the lines that have come by the next prompt."""
        self.ready()
        before = len(self.lines) - 1
        self.child.send(line + "\r")
        end = time.monotonic() + PATIENCE
        while len(self.lines) < before + 2 or self.lines[-1] != ">":
            assert time.monotonic() < end, f"no answer to {line!r} in:\n{self.shown}"
            self.read()
        return self.lines[before + 1 : -1]

    def close(self) -> int | None:
        """Wait for the end; the exit status."""
        end = time.monotonic() + PATIENCE
        while self.child.isalive():
            assert time.monotonic() < end, f"still there:\n{self.shown}"
            self.read()
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def terminal(tiny: Path, home: Path) -> Iterator[Terminal]:
    opened = Terminal("--model", str(tiny), "--seed", "3", "--max-words", "8")
    yield opened
    opened.child.close(force=True)


def test_ctrl_c_hints_and_ctrl_d_leaves(terminal: Terminal, home: Path) -> None:
    terminal.ready()
    terminal.child.send("half a line")
    terminal.wait("half a line")
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
    assert terminal.say(":temp 0.5") == ["temperature is 0.5 now."]
    terminal.wait("tiny  JULIET  temperature 0.5")
    cast = terminal.say(":cast")
    assert cast[1].split() == ["ROMEO", "4"] and len(cast) == 3
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
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
    terminal.wait("Stopped; what stands above is kept.  :retry draws another")
    terminal.ready()
    terminal.say(":lines 1")
    assert terminal.say("hello")[0].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
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
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
    assert terminal.say(":undo") == ["There is nothing to take back."]


def test_a_new_line_by_ctrl_j(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.send("the night")
    terminal.child.sendcontrol("j")
    terminal.child.send("a moon")
    terminal.wait("> the night", "a moon")
    terminal.child.send("\r")
    terminal.ready()
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
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
        "scriptbot: :retrain has no option",
        "  --no-such-option-at-all.",
        "  Usage: :retrain [PATH...] [--minutes",
        "    M]",
    ]


def test_no_colour_where_none_is_wanted(tiny: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal("--model", str(tiny), "--seed", "3")
    plain.say("hello")
    assert "\x1b[1;3" not in plain.raw and "\x1b[1;9" not in plain.raw
    plain.child.close(force=True)
    monkeypatch.delenv("NO_COLOR")
    colourful = Terminal("--model", str(tiny), "--seed", "3")
    colourful.say("hello")
    assert "\x1b[1;3" in colourful.raw or "\x1b[1;9" in colourful.raw
    colourful.child.close(force=True)


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


def test_no_colour_anywhere_and_a_seed_that_is_told(tiny: Path, home: Path) -> None:
    plain = Terminal("--model", str(tiny), "--seed", "3", "--color", "never", "--verbose")
    assert plain.say("hello")[0] == "model tiny, seed 3"
    plain.ready()
    plain.child.send("hel")  # and a suggestion
    plain.wait("> hello")
    assert not re.search(r"\x1b\[[\d;]*\b(?:3[0-8]|9[0-7])\b[\d;]*m", plain.raw)
    plain.child.close(force=True)


def test_a_reply_that_was_stopped_before_anything_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    class Conversation:
        transcript = ()

    def pieces() -> Iterator[Piece]:
        raise KeyboardInterrupt
        yield

    opened = object.__new__(repl.Repl)
    opened._colour = False
    opened._stream(Conversation(), pieces())  # type: ignore[arg-type]
    assert capsys.readouterr().err == "Stopped; nothing has changed.\n"


def test_a_training_goes_over_into_the_conversation(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1), character="JULIET")
    wanted = Retrain((tmp_path / "kettle.txt",), 1.0)

    def fails(training: Training) -> int:
        raise TrainingFailed("It ended.", "Try again.", 1)

    monkeypatch.setattr(train, "watch", fails)
    with pytest.raises(TrainingError) as caught:
        train.retrain(session, wanted)
    assert caught.value.hint == "Try again.\ntiny talks on."

    def succeeds(training: Training) -> int:
        save_model(support.model(cast=("MOE",)), home / "data" / "scriptbot" / "models" / "kettle.safetensors")
        return 0

    monkeypatch.setattr(train, "watch", succeeds)
    train.retrain(session, wanted)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "It does not know JULIET; anyone answers." and told[1].startswith("kettle talks now;")


def test_a_line_given_on_the_command_line_is_seen(tiny: Path, home: Path) -> None:
    terminal = Terminal("But soft, who is there?", "--model", str(tiny), "--seed", "3", "--max-words", "8")
    terminal.ready()
    place = terminal.lines.index("> But soft, who is there?")
    assert any(": " in line for line in terminal.lines[place + 1 :])
    terminal.child.close(force=True)


def test_the_same_bytes_as_in_the_pipe(tiny: Path, home: Path, tmp_path: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "9", "--lines", "3")
    out = tmp_path / "out"
    terminal = Terminal(*ask, redirect=out)
    terminal.ready()
    terminal.child.send("ROMEO: But soft\r")
    end = time.monotonic() + PATIENCE
    while out.read_text("utf-8").count(": ") < 3:
        assert time.monotonic() < end
        terminal.read()
    terminal.ready()
    terminal.child.sendcontrol("d")
    assert terminal.close() == 0
    piped = subprocess.run(
        [sys.executable, "-m", "scriptbot", *ask], input=b"ROMEO: But soft", capture_output=True, check=True
    )
    assert out.read_bytes() == piped.stdout


def test_a_model_that_cannot_be_read_is_told_at_once(tmp_path: Path, home: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"nonsense")
    terminal = Terminal("--model", str(tmp_path / "x.safetensors"))
    assert terminal.close() == 1
    assert "is no scriptbot model" in terminal.shown


def test_a_character_nobody_knows_is_told_at_once(tiny: Path, home: Path) -> None:
    terminal = Terminal("--model", str(tiny), "--character", "Hamlet")
    assert terminal.close() == 2
    assert "Hamlet" in terminal.shown and "Characters: ROMEO" in terminal.shown


def test_a_damaged_model_is_told_without_a_line_being_typed(tiny: Path, tmp_path: Path, home: Path) -> None:
    content = bytearray(tiny.read_bytes())
    content[-5] ^= 64
    (tmp_path / "x.safetensors").write_bytes(content)
    terminal = Terminal("--model", str(tmp_path / "x.safetensors"))
    assert terminal.close() == 1
    assert "damaged" in terminal.shown


def test_what_is_typed_while_they_speak_waits_for_the_prompt(terminal: Terminal) -> None:
    terminal.say(":set candidates 1")
    assert terminal.say(":lines 1000") == ["lines is 1000 now."]
    terminal.ready()
    terminal.child.send("hello\r")
    terminal.wait("> hello\n", ": ")
    assert terminal.lines[-1] != ">"  # they are speaking
    terminal.child.send(":lines 1\r:lines\r")
    terminal.wait("lines is 1 now.", "> :lines\n")
    terminal.ready()
    assert [line for line in terminal.lines if ":lines" in line][-2:] == ["> :lines 1", "> :lines"]
    assert terminal.lines[-2] == "1"


def test_the_seed_is_shown_and_can_be_sown_again(terminal: Terminal) -> None:
    assert terminal.say(":set SEED")[0].split()[:2] == ["seed", "3"]
    first = terminal.say("hello")
    terminal.say(":reset")
    assert terminal.say(":set Seed 3") == ["seed is 3 now."]
    assert terminal.say("hello") == first


SCRIPT = "ADA: Is the kettle on?\nTOM: It was on all day, and nobody came.\nADA: Then pour it out, Tom.\n" * 40


def test_retrain_to_the_end(terminal: Terminal, tmp_path: Path, home: Path) -> None:
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal.say("JULIET: the night")
    terminal.ready()
    terminal.child.send(f":retrain {tmp_path}/kettle.txt --minutes 0.1\r")
    end = time.monotonic() + 90
    while "talks now" not in terminal.shown:
        assert time.monotonic() < end, terminal.shown
        terminal.read()
    assert "bits per character" in terminal.shown
    assert terminal.say(":character ada") == ["ADA answers now."]
    assert terminal.say("TOM: Hello.")[0].startswith("ADA:")
    assert (home / "data" / "scriptbot" / "models" / "kettle.safetensors").is_file()
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)
    assert terminal.say(":undo")[0].startswith(TAKEN_BACK)  # the one before the training


def test_retrain_given_up(terminal: Terminal, tmp_path: Path, home: Path) -> None:
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal.ready()
    terminal.child.send(f":retrain {tmp_path}/kettle.txt --minutes 5\r")
    terminal.wait("Reading")
    terminal.child.sendcontrol("c")
    terminal.wait("Ctrl-C once more gives up")
    terminal.child.sendcontrol("c")
    terminal.wait("The training was given up.", "tiny talks on.")
    assert terminal.say("hello")[0].startswith(("ROMEO:", "JULIET:"))
    assert not list((home / "data").rglob("kettle*"))


@pytest.mark.slow
def test_retrain_suspended(tiny: Path, tmp_path: Path, home: Path) -> None:
    """Ctrl-Z in a shell with job control; the clock stands still until “fg”."""
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal = Terminal(shell=True)
    terminal.child.send(f"{sys.executable} -m scriptbot --model {tiny}\r")
    terminal.ready()
    terminal.child.send(f":retrain {tmp_path}/kettle.txt --minutes 0.15\r")
    terminal.wait("network of")
    terminal.child.sendcontrol("z")
    terminal.wait("Stopped")
    terminal.child.send("echo back in the shell\r")
    terminal.wait("\nback in the shell")
    end = time.monotonic() + 10  # longer than the training would take
    while time.monotonic() < end:
        terminal.read()
    assert "talks now" not in terminal.shown
    terminal.child.send("fg\r")
    terminal.wait("talks now")
    terminal.child.close(force=True)


def test_a_word_for_leaving_without_its_colon(terminal: Terminal) -> None:
    told = terminal.say("Quit")
    assert told[0] == "“Quit” is said to the characters; :quit is the command."
    assert told[1].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say("quit it")[0].startswith(("ROMEO:", "JULIET:"))


def test_words_before_a_colon_that_are_nobody_so_far(terminal: Terminal) -> None:
    told = terminal.say("Note: the moon is late.")
    assert told[0] == "“Note” is nobody the model knows; what stands behind the colon is said by it."
    assert told[1].startswith(("ROMEO:", "JULIET:"))
    assert terminal.say("Note: it is.")[0].startswith(("ROMEO:", "JULIET:"))
