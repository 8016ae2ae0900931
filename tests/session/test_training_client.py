"""The training process, really started, really stopped."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import support

from scriptbot import events
from scriptbot.config import TrainConfig
from scriptbot.errors import TrainingError
from scriptbot.lm.model_file import load_model, read_header, save_model
from scriptbot.request import TrainRequest
from scriptbot.session.training_client import Training

pytest.importorskip("tensorflow")

from scriptbot.training.checkpoint import Store

LINES = (
    "ADA: Is the kettle on?",
    "TOM: It was on all day, and nobody came.",
    "ADA: Then pour it out, Tom.",
    "TOM: (pouring) There goes the afternoon.",
    "",
    "",
)
SCRIPT = "\n".join(LINES * 40)
QUICK = TrainConfig(minutes=0.1, hidden=32, embedding=16)
LONG = TrainConfig(minutes=30, hidden=32, embedding=16)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "kettle.txt"
    path.write_text(SCRIPT, "utf-8")
    return path


def test_from_a_script_to_a_model(script: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.safetensors"
    with Training(TrainRequest((script,), output, QUICK)) as training:
        found = list(training)
    assert isinstance(found[-1], events.Saved), found[-1]
    kinds = [type(event) for event in found]
    assert kinds.index(events.Prepared) < kinds.index(events.Validated) < kinds.index(events.Sample)
    assert isinstance(found[0], events.Warned) and "only" in found[0].sentence
    assert found[-1].bits_per_character < 3.0
    model = load_model(output)
    assert model.vocabulary.cast == ("ADA", "TOM") and model.cast_lines == (80, 80)
    assert {"corpus_sha256", "minutes", "seed", "date", "bits_per_character"} <= model.provenance.keys()
    assert read_header(output).cast[0] == ("ADA", 80)


@pytest.mark.parametrize("chosen", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_model_that_starts_from_another_keeps_its_words(script: Path, tmp_path: Path, *, chosen: bool) -> None:
    """But not the names of its cast, if the person did not choose it."""
    base, output = support.model(), tmp_path / "m.safetensors"
    frequent = ("romeo", *base.vocabulary.frequent[1:])
    base = replace(base, vocabulary=replace(base.vocabulary, frequent=frequent))
    save_model(base, tmp_path / "base.safetensors")
    request = TrainRequest(
        (script,), output, TrainConfig(minutes=0.1), base=tmp_path / "base.safetensors", english=not chosen
    )
    with Training(request) as training:
        assert isinstance(list(training)[-1], events.Saved)
    model = load_model(output)
    assert {"kettle", *frequent[1:]} <= set(model.vocabulary.frequent)
    assert ("romeo" in model.vocabulary.frequent) == chosen and model.provenance["base"] == "base"


def test_interrupting_keeps_the_best_so_far(script: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.safetensors"
    with Training(TrainRequest((script,), output, LONG)) as training:
        last: events.TrainEvent | None = None
        for last in training:
            if isinstance(last, events.Progress):
                training.interrupt()
    assert isinstance(last, events.Saved) and last.interrupted
    load_model(output)


def test_interrupting_before_anything_was_learnt(script: Path, tmp_path: Path) -> None:
    with Training(TrainRequest((script,), tmp_path / "m.safetensors", LONG)) as training:
        training.interrupt()
        last = list(training)[-1]
    assert isinstance(last, events.Failed) and "before it began" in last.sentence
    assert not (tmp_path / "m.safetensors").exists()


@pytest.mark.slow
def test_a_paused_training_stands_still(script: Path, tmp_path: Path) -> None:
    with Training(TrainRequest((script,), tmp_path / "m.safetensors", QUICK)) as training:
        told = iter(training)
        for event in told:
            if isinstance(event, events.Prepared):
                break
        began = time.monotonic() - event.seconds
        training.pause()
        time.sleep(7.0)
        training.resume()
        last = list(told)[-1]
    assert isinstance(last, events.Saved)
    assert time.monotonic() - began - last.seconds > 6.5  # however slow the machine, its clock left the pause out


@pytest.mark.slow
def test_nothing_held_out_means_no_figure(script: Path, tmp_path: Path) -> None:
    config = TrainConfig(minutes=0.05, hidden=32, embedding=16, validation_share=0.0, batch=1024)
    with Training(TrainRequest((script,), tmp_path / "m.safetensors", config)) as training:
        last = list(training)[-1]
    assert isinstance(last, events.Saved) and last.bits_per_character is None
    assert load_model(tmp_path / "m.safetensors").provenance["bits_per_character"] is None


@pytest.mark.slow
def test_a_training_that_diverges(script: Path, tmp_path: Path) -> None:
    config = TrainConfig(minutes=0.1, hidden=32, embedding=16, learning_rate=1.0, layers=4)
    with Training(TrainRequest((script,), tmp_path / "m.safetensors", config)) as training:
        last = list(training)[-1]
    if isinstance(last, events.Saved):  # then it is a model
        assert np.isfinite(load_model(tmp_path / "m.safetensors").parameters.embedding).all()
    else:
        assert isinstance(last, events.Failed) and "diverged" in last.sentence


def test_a_killed_training_touches_nothing(script: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.safetensors"
    output.write_bytes(b"the old one")
    with Training(TrainRequest((script,), output, LONG)) as training:
        last: events.TrainEvent | None = None
        for last in training:
            if isinstance(last, events.Prepared):
                os.kill(training.pid, signal.SIGKILL)
    assert isinstance(last, events.Failed) and "killed" in last.sentence
    assert output.read_bytes() == b"the old one"
    assert sorted(tmp_path.iterdir()) == [script, output]


@pytest.mark.slow
def test_a_disk_that_fills_while_saving(script: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.safetensors"
    output.write_bytes(b"the old one")
    with Training(TrainRequest((script,), output, QUICK)) as training:
        last: events.TrainEvent | None = None
        for last in training:
            if isinstance(last, events.Progress):
                resource.prlimit(training.pid, resource.RLIMIT_FSIZE, (8192, 8192))
    assert isinstance(last, events.Failed) and "could not be written" in last.sentence, last
    assert output.read_bytes() == b"the old one"
    assert sorted(tmp_path.iterdir()) == [script, output]


def test_no_orphans(script: Path, tmp_path: Path) -> None:
    """The parent is killed; the child ends by itself."""
    code = (
        "import sys; from pathlib import Path\n"
        "from scriptbot.config import TrainConfig; from scriptbot.request import TrainRequest\n"
        "from scriptbot.session.training_client import Training\n"
        "config = TrainConfig(minutes=30, hidden=32, embedding=16)\n"
        "training = Training(TrainRequest((Path(sys.argv[1]),), Path(sys.argv[2]), config))\n"
        "print(training.pid, flush=True)\n"
        "for event in training: print(type(event).__name__, flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(script), str(tmp_path / "m.safetensors")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        for line in parent.stdout:
            if line.strip() == "Prepared":
                break
        parent.kill()
    end = time.monotonic() + 20
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() < end, "the child lives on"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.txt", None, "There is no file"),
        ("empty.txt", b"", "empty"),
        ("binary.txt", bytes(range(256)) * 40, "binary"),
        ("utf8.txt", "ADA: caf\u00e9\n".encode() * 30 + b"TOM: \xff\xfe\xfd oops\n", "offset"),
        ("short.txt", b"ADA: One two three four five.\nTOM: Six seven.\n" * 4, "only"),
    ],
)
def test_texts_that_cannot_be_learnt(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    began = time.monotonic()
    with Training(TrainRequest((path,), tmp_path / "m.safetensors", QUICK)) as training:
        last = list(training)[-1]
    assert isinstance(last, events.Failed) and words in last.sentence, last
    assert last.hint and last.exit_code == 1
    assert time.monotonic() - began < 20 and not (tmp_path / "m.safetensors").exists()


def test_places_that_cannot_be_written(script: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for output in (tmp_path, tmp_path / "none" / "m.safetensors", pipe):
        with Training(TrainRequest((script,), output, QUICK)) as training:
            first = next(iter(training))  # not after the training
        assert isinstance(first, events.Failed) and first.hint


def test_train_on_the_command_line(script: Path, tmp_path: Path) -> None:
    output = tmp_path / "m.safetensors"
    command = [sys.executable, "-m", "scriptbot", "train", str(script), "--output", str(output)]
    quick = ["--minutes", "0.1", "--hidden", "32", "--embedding", "16"]
    done = subprocess.run([*command, *quick], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "\x1b" not in done.stderr and "\r" not in done.stderr
    assert f"Saved {output}" in done.stderr
    again = subprocess.run([*command, *quick], capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "--force" in again.stderr


def broken_off(
    script: Path, output: Path, how: Callable[[subprocess.Popen[str]], None], when: str = "left"
) -> tuple[int, str]:
    """(exit code, what was seen) of a long training on the command line that something happens to while it learns."""
    command = [sys.executable, "-m", "scriptbot", "train", str(script), "--output", str(output), "--minutes", "30"]
    with subprocess.Popen([*command, "--hidden", "32"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        seen = ""
        for line in process.stderr:
            seen += line
            if when in line:
                how(process)
                break
        seen += process.stderr.read()
        return process.wait(30), seen


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 0),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
    ],
)
def test_what_breaks_it_off_keeps_the_best_so_far(
    script: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Ctrl-C; ``kill``; a terminal that is closed."""
    output = tmp_path / "m.safetensors"
    ended, seen = broken_off(script, output, lambda process: process.send_signal(number))
    assert ended == code and "Interrupted; the best so far is kept." in seen, seen
    load_model(output)


@pytest.mark.slow
def test_ctrl_c_before_the_first_step_of_a_training_that_resumes(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "m.safetensors"
    with support.started(support.SAVING_OFTEN, script, output, TrainConfig(minutes=30.0, hidden=32)) as process:
        left = support.first_checkpoint(tmp_path / "cache")
        process.kill()
    found = Store(left).load()
    assert found is not None
    ended, seen = broken_off(script, output, lambda process: process.send_signal(signal.SIGINT), "was interrupted")
    assert ended == 0 and "Interrupted; the best so far is kept." in seen, seen
    assert load_model(output).provenance["steps"] >= found.numbers["steps"] > 0


@pytest.mark.slow
def test_nobody_looks_on_any_more(script: Path, tmp_path: Path) -> None:
    """As with ``2>&1 | head``: the training goes on, and its model is kept."""
    output = tmp_path / "m.safetensors"
    command = [sys.executable, "-m", "scriptbot", "train", str(script), "--output", str(output), "--minutes", "0.1"]
    with subprocess.Popen([*command, "--hidden", "32"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        process.wait(60)
    load_model(output)


@pytest.mark.slow
def test_ctrl_c_and_then_no_place_for_the_model(script: Path, tmp_path: Path) -> None:
    """It is put where there is one, and where that is is said."""
    folder = tmp_path / "models"
    folder.mkdir()

    def how(process: subprocess.Popen[str]) -> None:
        folder.rename(tmp_path / "elsewhere")
        process.send_signal(signal.SIGINT)

    ended, seen = broken_off(script, folder / "m.safetensors", how)
    assert ended == 0, seen
    assert "could not be written" in seen
    (place,) = re.findall(r"Saved (.*m\.safetensors):", seen)
    load_model(Path(place))
    shutil.rmtree(Path(place).parent)


def test_no_place_for_what_it_writes(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TrainingError) as caught:
        Training(TrainRequest((script,), tmp_path / "m.safetensors", QUICK))
    assert caught.value.sentence == "The training process could not be started: No such file or directory."


def test_a_size_and_a_model_to_start_from_are_too_much(script: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scriptbot", "train", str(script), "--from", "base-english", "--hidden", "32"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2 and "inherits its size" in done.stderr and not list(tmp_path.glob("*.safetensors"))
