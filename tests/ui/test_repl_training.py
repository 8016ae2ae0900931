"""A training from within a session: to its end, given up, suspended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TypeAlias

import pytest
import support
from terminal import Terminal

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import Retrain
from scriptbot.config import SampleConfig
from scriptbot.errors import TrainingError, TrainingFailed, UsageError
from scriptbot.lm.model_file import save_model
from scriptbot.session.session import Session
from scriptbot.session.training_client import Training
from scriptbot.ui import train

SCRIPT = "ADA: Is the kettle on?\nTOM: It was on all day, and nobody came.\nADA: Then pour it out, Tom.\n" * 40

Requests: TypeAlias = list[dict[str, object]]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """What training processes were asked for; none of them starts."""
    asked: Requests = []

    def start(training: Training, request: str) -> subprocess.Popen[str]:
        asked.append(json.loads(request))
        raise TrainingError("It shall not.")

    monkeypatch.setattr(Training, "_start", start)
    return asked


def test_a_training_goes_over_into_the_conversation(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1), character="JULIET")
    wanted = Retrain((str(tmp_path / "kettle.txt"), "--minutes", "1"))

    def fails(training: Training) -> Path:
        raise TrainingFailed("It ended.", "Try again.", 1)

    monkeypatch.setattr(train, "watch", fails)
    with pytest.raises(TrainingError) as caught:
        train.retrain(session, wanted)
    assert caught.value.hint == "Try again.\nStill talking with “tiny”."

    with pytest.raises(TrainingError) as caught:  # a name with a space in it, of which there is nothing
        train.retrain(session, Retrain((str(tmp_path), "kettle.txt")))
    told = ["Try again.", "Put names with spaces in quotes.", "Still talking with “tiny”."]
    assert caught.value.hint.splitlines() == told

    def succeeds(training: Training) -> Path:
        place = home / "data" / "scriptbot" / "models" / "kettle.safetensors"
        save_model(support.model(cast=("MOE",)), place)
        return place

    monkeypatch.setattr(train, "watch", succeeds)
    train.retrain(session, wanted)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "It does not know JULIET; anyone answers." and told[1].startswith("Now talking with “kettle”;")


@pytest.mark.parametrize(
    "typed",
    [
        "my plays --minutes 2 --format text --from scratch --validation ~/last.txt",
        "--minutes=2 'my plays' --format text --from=scratch --validation=~/last.txt",
        "my\\ plays",
    ],
)
def test_it_takes_what_train_takes(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: Requests, typed: str
) -> None:
    """As options, as variables and as lines of the configuration, the nearest first."""
    (tmp_path / "my plays").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    (home / "config" / "scriptbot").mkdir(parents=True)
    table = '[train]\nminutes = 9\nmembers = 3\nfrom = "scratch"\nvalidation = "~/last.txt"\n'
    (home / "config" / "scriptbot" / "config.toml").write_text(table)
    monkeypatch.setenv("SCRIPTBOT_TRAIN_MINUTES", "2")
    monkeypatch.setenv("SCRIPTBOT_TRAIN_FORMAT", "text")
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    wanted = REGISTRY.run(session, f":retrain {typed}")
    assert isinstance(wanted, Retrain)
    with pytest.raises(TrainingError):
        train.retrain(session, wanted)
    (request,) = requests
    assert request["paths"] == [str(tmp_path / "my plays")] and request["format"] == "text"
    assert request["base"] is None and request["validation"] == [str(home / "last.txt")]
    config = request["train"]
    assert isinstance(config, dict) and (config["minutes"], config["members"]) == (2.0, 3)


@pytest.mark.parametrize(
    ("typed", "name"),
    [(".", "my plays"), ("..", "shelf"), ("../season.1", "season.1"), ("act.1.txt", "act.1"), ("/", "retrained")],
)
def test_the_model_is_called_as_train_would_call_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: Requests, typed: str, name: str
) -> None:
    (tmp_path / "shelf" / "my plays").mkdir(parents=True)
    (tmp_path / "shelf" / "season.1").mkdir()
    monkeypatch.chdir(tmp_path / "shelf" / "my plays")
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    with pytest.raises(TrainingError):
        train.retrain(session, Retrain((typed,)))
    (request,) = requests
    assert request["output"] == str(home / "data" / "scriptbot" / "models" / f"{name}.safetensors")


@pytest.mark.parametrize("typed", ["--output x", "--force", "--output=x.safetensors"])
def test_the_model_has_its_place(home: Path, requests: Requests, typed: str) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    with pytest.raises(UsageError) as caught:
        train.retrain(session, Retrain(tuple(typed.split())))
    option = typed.replace("=", " ").split()[0]
    assert caught.value.sentence == f"“:retrain” takes no option “{option}”."
    assert caught.value.hint == "The new model is kept among yours, under a name of its own." and not requests


def test_another_mistake_gets_another_hint(home: Path, requests: Requests) -> None:
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    with pytest.raises(UsageError) as caught:
        train.retrain(session, Retrain(("--debug", "x.txt")))
    assert "kept among yours" not in caught.value.hint and not requests


def test_retrain_to_the_end(terminal: Terminal, tmp_path: Path, home: Path) -> None:
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal.say("JULIET: the night")
    terminal.ready()
    terminal.child.send(f":retrain {tmp_path}/kettle.txt --minutes 0.1\r")
    end = time.monotonic() + 90
    while "Now talking with" not in terminal.shown:
        assert time.monotonic() < end, terminal.shown
        terminal.read()
    assert "bits per character" in terminal.shown
    assert terminal.say(":character ada") == ["ADA answers now."]
    assert terminal.say("TOM: Hello.")[0].startswith("ADA:")
    assert (home / "data" / "scriptbot" / "models" / "kettle.safetensors").is_file()
    assert terminal.say(":undo")[0].startswith("Taken back: “")
    assert terminal.say(":undo")[0].startswith("Taken back: “")  # the one before the training


def test_retrain_given_up(terminal: Terminal, tmp_path: Path, home: Path) -> None:
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal.ready()
    terminal.child.send(f":retrain {tmp_path}/kettle.txt --minutes 5\r")
    terminal.wait("Reading")
    terminal.child.sendcontrol("c")
    terminal.wait("Training was stopped before it began.", "Nothing was written.", "Still talking with “tiny”.")
    assert "keeping the best" not in terminal.shown  # there is none yet
    assert terminal.say("hello")[0].startswith(("ROMEO:", "JULIET:"))
    assert not list((home / "data").rglob("kettle*"))


def test_a_training_that_is_stopped_before_its_first_step(tmp_path: Path, home: Path) -> None:
    pytest.importorskip("tensorflow")
    (tmp_path / "kettle.txt").write_text(SCRIPT)
    terminal = Terminal("train", str(tmp_path / "kettle.txt"), "--output", str(tmp_path / "m.safetensors"))
    terminal.wait("Reading")
    terminal.child.sendcontrol("c")
    terminal.wait("scriptbot: Training was stopped before it began.", "Nothing was written.")
    assert terminal.close() == 130
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["kettle.txt"]


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
    assert "Now talking with" not in terminal.shown
    terminal.child.send("fg\r")
    terminal.wait("Now talking with")
    terminal.child.close(force=True)
