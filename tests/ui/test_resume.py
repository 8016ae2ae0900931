"""A conversation that is taken up again: what it had, and what else is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import support
from terminal import Terminal

from scriptbot.commands.models import WAITS
from scriptbot.lm.model_file import save_model


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "config" / "scriptbot" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def other(home: Path) -> Path:
    """Another model, with other people in it."""
    path = home / "other.safetensors"
    save_model(support.model(cast=("MOE", "BARNEY")), path)
    return path


def leave(terminal: Terminal) -> None:
    terminal.ready()
    terminal.child.sendcontrol("d")
    assert terminal.close() == 0


def kept(home: Path) -> dict[str, object]:
    """The one conversation that is kept."""
    (path,) = (home / "state" / "scriptbot" / "conversations").iterdir()
    record = json.loads(path.read_text("utf-8"))
    assert isinstance(record, dict)
    return record


def test_what_it_had_goes_before_what_is_configured(
    config: Path, tiny: Path, other: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(f'model = "{other}"\nme = "Ann"\nmax-words = 6\n')
    monkeypatch.setenv("SCRIPTBOT_CHARACTER", "moe")
    first = Terminal()
    for line in (f":model {tiny}", ":me Zoe", ":character juliet", "What light is that?"):
        first.say(line)
    leave(first)
    before = kept(home)
    assert (before["model"], before["me"], before["character"]) == (str(tiny), "Zoe", "JULIET")
    again = Terminal("--resume")
    again.ready()
    assert "JULIET answers." in again.lines and "Zoe: What light is that?" in again.lines
    assert "You are “Zoe”." in again.lines
    assert again.say(":me") == ["You are “Zoe”."]
    again.say("Soft!")
    leave(again)
    after = kept(home)
    assert {name: after[name] for name in ("model", "me", "character")} == {
        name: before[name] for name in ("model", "me", "character")
    }
    asked = Terminal("--resume", "--me", "Eve", "--character", "romeo")
    assert asked.say(":me") == ["You are “Eve”."] and "ROMEO answers." in asked.lines
    leave(asked)


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_model_that_there_is_not_is_overruled(
    config: Path, tiny: Path, by_variable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Terminal("--model", str(tiny), "--max-words", "6")
    first.say("What light is that?")
    leave(first)
    if by_variable:
        monkeypatch.setenv("SCRIPTBOT_MODEL", "shakspeare")
    else:
        config.write_text('model = "shakspeare"\n')
    again = Terminal("--resume")
    again.ready()
    assert "You: What light is that?" in again.lines and "shakspeare" not in again.shown
    leave(again)
    fresh = Terminal()
    assert fresh.close() == 1 and "“shakspeare”" in fresh.shown and "It is set " in fresh.shown


@pytest.mark.parametrize("configured", ["resume", "json"])
@pytest.mark.parametrize("by_variable", [True, False])
def test_what_is_configured_locks_nobody_out(
    config: Path, tiny: Path, configured: str, by_variable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to take up, and no pipe."""
    if by_variable:
        monkeypatch.setenv(f"SCRIPTBOT_{configured.upper()}", "1")
    else:
        config.write_text(f"{configured} = true\n")
    terminal = Terminal("--model", str(tiny), "--max-words", "6")
    assert ": " in terminal.say("What light is that?")[0]
    leave(terminal)
    if configured == "resume":
        again = Terminal()
        again.ready()
        assert "You: What light is that?" in again.lines
        assert "You are “" not in again.shown
        leave(again)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("no model", "The model of the last conversation, “"),
        ("model", "mine.safetensors” is not a scriptbot model."),
        ("file", "is not a conversation record ("),
    ],
)
def test_what_is_configured_and_cannot_be_taken_up(
    config: Path, tiny: Path, home: Path, broken: str, told: str
) -> None:
    (mine := home / "mine.safetensors").write_bytes(tiny.read_bytes())
    config.write_text(f'resume = true\nmodel = "{tiny}"\ncharacter = "nobody"\n')
    first = Terminal("--model", str(mine), "--max-words", "6")
    first.say("What light is that?")
    leave(first)
    (file,) = (home / "state" / "scriptbot" / "conversations").iterdir()
    if broken == "no model":
        mine.unlink()
    elif broken == "model":
        mine.write_bytes(b"nonsense")
    else:
        file.write_text("{}")
    again = Terminal()
    again.ready()
    shown = "".join(again.shown.split())  # however the lines are broken
    assert "".join(told.split()) in shown and "  A new conversation begins." in again.lines
    assert "tiny is listening." in again.shown and "You: What light is that?" not in again.lines
    assert "“nobody”matchesnosinglecharacterofthismodel;anyoneanswers." in shown
    leave(again)
    typed = Terminal("--resume")
    assert typed.close() == 1 and "A new conversation begins" not in typed.shown


def test_json_is_for_pipes(config: Path, tiny: Path) -> None:
    config.write_text("json = true\n")
    piped = subprocess.run(
        [sys.executable, "-m", "scriptbot", "--model", str(tiny)], input=b"hello", capture_output=True, check=True
    )
    assert json.loads(piped.stdout)["character"] in support.CAST
    asked = Terminal("--json", "--model", str(tiny), "hello")
    assert asked.close() == 0 and '{"character": ' in asked.shown


@pytest.mark.parametrize("known_by", ["file", "model", "file alone"])
def test_for_a_model_of_another_writing_it_waits(home: Path, tiny: Path, known_by: str) -> None:
    (mine := home / "mine.safetensors").write_bytes(tiny.read_bytes())
    save_model(support.unspaced(), cat := home / "cat.safetensors")
    first = Terminal("--model", str(mine), "--max-words", "6")
    first.say("What light is that?")
    leave(first)
    (file,) = (home / "state" / "scriptbot" / "conversations").iterdir()
    before = kept(home)
    assert before.pop("unspaced") is False
    if known_by == "model":
        file.write_text(json.dumps(before))
    elif known_by == "file alone":
        mine.unlink()
    written = file.read_bytes()
    again = Terminal("--resume", "--model", str(cat), "--max-words", "6")
    again.ready()
    assert "".join(WAITS.split()) in "".join(again.shown.split()) and "What light" not in again.shown
    again.say("一")
    assert file.read_bytes() == written
    if known_by == "model":
        assert again.say(f":model {mine}")[-1] == "The previous one waits."
        again.say("Soft!")
    leave(again)
    said = {}
    for path in file.parent.iterdir():
        record = json.loads(path.read_text("utf-8"))
        said[record["model"]] = [turn["read"][0][1] for turn in record["turns"]]
    assert said == {str(mine): ["What light is that?", "Soft!"][: 1 + (known_by == "model")], str(cat): ["一"]}


def test_whoever_answered_may_be_gone(home: Path, tiny: Path, other: Path) -> None:
    """From the model, which was trained again, or with it, where another one is asked for."""
    mine = home / "mine.safetensors"
    mine.write_bytes(tiny.read_bytes())
    first = Terminal("--model", str(mine), "--character", "juliet")
    first.say("What light is that?")
    leave(first)
    known = Terminal("--resume", "--model", str(tiny))
    known.ready()
    assert "JULIET answers." in known.lines
    leave(known)
    mine.write_bytes(other.read_bytes())
    for arguments in ((), ("--model", str(other))):
        again = Terminal("--resume", *arguments)
        again.ready()
        assert "“JULIET” matches no single character of this model; anyone answers." in again.lines
        assert "MOE, BARNEY answer." in again.lines and "You: What light is that?" in again.lines
        leave(again)


def test_whoever_answered_is_the_person_now(home: Path, tiny: Path) -> None:
    first = Terminal("--model", str(tiny), "--character", "juliet")
    first.say("What light is that?")
    leave(first)
    again = Terminal("--resume", "--me", "Juliet")
    again.ready()
    assert "ROMEO answers." in again.lines
    assert again.say(":character") == ["anyone"]
    leave(again)
