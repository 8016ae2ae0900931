"""How a session begins: what was asked for on the command line, and what is wrong with it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application
from prompt_toolkit.input import DummyInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from terminal import PATIENCE, Terminal

from scriptbot.errors import ModelFileError
from scriptbot.ui import prompt


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


def test_no_colour_anywhere_and_a_seed_that_is_told(tiny: Path, home: Path) -> None:
    plain = Terminal("--model", str(tiny), "--seed", "3", "--color", "never", "--verbose")
    assert plain.say("hello")[0] == "model tiny, seed 3"
    plain.ready()
    plain.child.send("hel")  # and a suggestion
    plain.wait("> hello")
    assert not re.search(r"\x1b\[[\d;]*\b(?:3[0-8]|9[0-7])\b[\d;]*m", plain.raw)
    plain.child.close(force=True)


def test_what_counts_in_a_pipe_only_is_told(tiny: Path, home: Path) -> None:
    terminal = Terminal("--model", str(tiny), "--encoding", "cp1252")
    terminal.ready()
    assert "scriptbot: “--encoding” counts only in a pipe, which the session is not." in terminal.lines
    terminal.child.close(force=True)


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
    assert "is not a scriptbot model" in terminal.shown


def test_a_character_nobody_knows_is_told_at_once(tiny: Path, home: Path) -> None:
    terminal = Terminal("--model", str(tiny), "--character", "Hamlet")
    assert terminal.close() == 2
    assert "Hamlet" in terminal.shown and "Characters: ROMEO" in terminal.shown


def test_nobody_is_announced_who_cannot_answer(tiny: Path, home: Path) -> None:
    terminal = Terminal("--model", str(tiny), "--me", "Romeo", "--character", "romeo")
    assert terminal.close() == 2
    assert terminal.lines[0] == "scriptbot: You are ROMEO, and nobody else speaks for you."
    assert "answers." not in terminal.shown


def test_a_damaged_model_is_told_without_a_line_being_typed(tiny: Path, tmp_path: Path, home: Path) -> None:
    content = bytearray(tiny.read_bytes())
    content[-5] ^= 64
    (tmp_path / "x.safetensors").write_bytes(content)
    terminal = Terminal("--model", str(tmp_path / "x.safetensors"))
    assert terminal.close() == 1
    assert "damaged" in terminal.shown


def test_a_terminal_that_can_do_nothing_gets_nothing_but_text(tiny: Path, home: Path) -> None:
    """As Emacs has one for M-x shell."""
    terminal = Terminal("--model", str(tiny), "--seed", "3", kind="dumb")
    terminal.ready()
    terminal.child.send("hello\n")
    terminal.wait(": ")
    assert "\x1b" not in terminal.raw
    terminal.child.close(force=True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "ROMEO, JULIET answer."),
        (("--me", "romeo"), "JULIET answers."),
        (("--character", "jul"), "JULIET answers."),
    ],
)
def test_who_answers_is_said(tiny: Path, home: Path, arguments: tuple[str, ...], told: str) -> None:
    terminal = Terminal("--model", str(tiny), *arguments)
    terminal.ready()
    assert told in terminal.lines
    terminal.child.close(force=True)


def test_the_last_conversation_is_taken_up(tiny: Path, home: Path) -> None:
    """After a kill -9, too."""
    first = Terminal("--model", str(tiny), "--me", "Clara", "--seed", "3")
    answer = first.say("What light is that?")[0]
    first.ready()
    first.child.kill(9)
    again = Terminal("--resume")
    again.ready()
    place = again.lines.index("Clara: What light is that?")
    assert again.lines[place + 1].startswith(answer[:20]) and "Resuming" in again.lines[place - 1]
    assert again.say(":undo")[0].endswith("“What light is that?” and the reply to it.")
    again.ready()
    again.child.sendcontrol("d")
    assert again.close() == 0


def test_a_conversation_whose_model_is_gone(tiny: Path, home: Path) -> None:
    model = home / "mine.safetensors"
    model.write_bytes(tiny.read_bytes())
    first = Terminal("--model", str(model))
    first.say("What light is that?")
    first.ready()
    first.child.kill(9)
    model.unlink()
    again = Terminal("--resume")
    again.wait("is gone.", "--resume --model NAME")
    assert again.close() == 1
    other = Terminal("--resume", "--model", str(tiny))
    other.ready()
    assert "You: What light is that?" in other.lines
    other.child.close(force=True)


def test_nothing_is_kept_where_nothing_is_to_be(tiny: Path, home: Path) -> None:
    terminal = Terminal("--model", str(tiny), "--private")
    terminal.say("A secret.")
    terminal.ready()
    terminal.child.sendcontrol("d")
    assert terminal.close() == 0
    assert not [path for path in home.rglob("*") if path.is_file()]
    nothing = Terminal("--resume")
    nothing.wait("There is no conversation to resume.")
    assert nothing.close() == 1


def test_a_model_that_is_read_while_the_first_prompt_ends() -> None:
    """Its thread finds a loop that has ended between its look and its call."""
    loop = asyncio.new_event_loop()
    loop.close()
    app: Application[str] = Application(input=DummyInput(), output=DummyOutput())
    app.loop = loop
    with pytest.raises(RuntimeError, match="closed"):
        app.loop.call_soon_threadsafe(print)
    prompt.fail(app, ModelFileError("gone"))

    class Ended(Application[str]):
        def invalidate(self) -> None:
            loop.call_soon_threadsafe(print)

    prompt.refresh(Ended(input=DummyInput(), output=DummyOutput()))


def test_a_prompt_is_left_from_another_thread() -> None:
    async def ask(session: PromptSession[str]) -> None:
        asking = asyncio.ensure_future(session.app.run_async())
        while session.app.loop is None:
            await asyncio.sleep(0)
        Thread(target=prompt.fail, args=(session.app, ModelFileError("gone"))).start()
        await asyncio.wait_for(asking, PATIENCE)

    with create_pipe_input() as keys, pytest.raises(ModelFileError, match="gone"):
        asyncio.run(ask(PromptSession(input=keys, output=DummyOutput())))
