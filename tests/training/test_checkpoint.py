"""A training that is broken off goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scriptbot import events
from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.lm.model_file import load_model
from scriptbot.text.load import open_source

pytest.importorskip("tensorflow")

from scriptbot.training import checkpoint
from scriptbot.training import trainer as room
from scriptbot.training.checkpoint import Checkpoint, Store, store_for
from scriptbot.training.corpus import Corpus, lay_out
from scriptbot.training.trainer import Trainer

LINES = ("ADA: Is the kettle on, Tom?\n", "TOM: It was on all day, and nobody came.\n", "ADA: Then pour it out.\n")


class Steps:
    """A second a step."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wait(self) -> None:
        self.seconds += 1.0

    def forgive(self, seconds: float) -> None:
        self.seconds -= seconds


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "kettle.txt"
    path.write_text("".join("".join(np.random.default_rng(n).permutation(LINES)) + "\n\n" for n in range(60)), "utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(script: Path) -> Corpus:
    return lay_out(open_source([script]), None, TrainConfig())


def training(corpus: Corpus, store: Store | None) -> Trainer:
    config = TrainConfig(minutes=160 / 60.0, hidden=32, embedding=16, batch=4, members=2)
    trainer = Trainer(corpus, config, Steps(), lambda: False, None, store)  # type: ignore[arg-type]
    trainer._last_look_seconds = lambda: 0.0  # type: ignore[method-assign]
    if trainer._way is None:  # nothing is measured, so that all of them are alike
        trainer.plan, trainer._step_seconds = replace(trainer.plan, seconds_a_step=1.0), 1.0
    trainer.outcome.seconds_to_remember = 0.0
    return trainer


def arrays(trainer: Trainer) -> list[Any]:
    assert trainer.result is not None
    return [value for member in trainer.result.model.members for value in flat(asdict(member))]


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from flat(part)
    elif isinstance(value, np.ndarray):
        yield value


@pytest.mark.parametrize("broken_off", [55, 125])
def test_it_ends_where_it_would_have_ended(
    corpus: Corpus, tmp_path: Path, broken_off: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first network, or in the second."""
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    monkeypatch.setattr(room, "GOOD_ENOUGH", 9.0)
    store = Store(tmp_path / "trainings" / "a.npz")
    whole = training(corpus, None)
    list(whole.run())
    first = training(corpus, store)
    run = first.run()
    while first._steps < broken_off:
        next(run)
    run.close()  # nothing else of it is left, as after kill -9
    left = store.load()
    assert left is not None and broken_off - 21 <= left.numbers["steps"] <= broken_off
    second = training(corpus, store)
    told = list(second.run())
    (warned,) = (event.sentence for event in told if isinstance(event, events.Warned))
    after = f"{left.numbers['seconds'] / 60:.0f} of 2.66667 minutes"
    assert warned == f"This training was broken off after {after}; it goes on from there."
    assert min(e.step for e in told if isinstance(e, events.Progress)) > left.numbers["steps"]
    assert whole.result and second.result and second.result.steps == whole.result.steps
    for one, other in zip(arrays(whole), arrays(second), strict=True):
        assert np.array_equal(one, other)


def test_what_is_left_behind_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "trainings" / "a.npz")
    assert store.load() is None
    kept = Checkpoint({"steps": 3, "looks": [0.4]}, {"weights/a.b": np.ones((2, 3), np.float32)})
    store.save(kept)
    back = store.load()
    assert back is not None and back.numbers == kept.numbers
    assert np.array_equal(back.below("weights")["a.b"], np.ones((2, 3)))
    assert store.path.stat().st_mode & 0o777 == 0o600
    whole = store.path.read_bytes()
    for damaged in (b"", b"nonsense", whole[: len(whole) // 2], whole[:60] + b"\xff" * 200 + whole[260:]):
        store.path.write_bytes(damaged)
        assert store.load() is None
    store.remove()
    store.remove()
    assert not store.path.exists()


def test_only_the_newest_stay(tmp_path: Path) -> None:
    for number in range(checkpoint.KEPT + 3):
        store = Store(tmp_path / f"{number}.npz")
        store.save(Checkpoint({}, {}))
        os.utime(store.path, (number, number))
    store.save(Checkpoint({}, {}))
    assert len(list(tmp_path.iterdir())) == checkpoint.KEPT and store.path.exists()


def test_another_training_is_another_file(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = open_source([script])
    base = tmp_path / "base"
    base.write_bytes(b"one")
    stores = [
        store_for(source, None, TrainConfig(), None),
        store_for(source, source, TrainConfig(), None),
        store_for(source, None, TrainConfig(seed=2), None),
        store_for(open_source([script], format="text"), None, TrainConfig(), None),
        store_for(source, None, TrainConfig(), base),
    ]
    base.write_bytes(b"another")
    stores.append(store_for(source, None, TrainConfig(), base))
    assert len({store.path for store in stores}) == len(stores)
    again = store_for(open_source([script]), None, TrainConfig(), None)
    assert again.path == stores[0].path and tmp_path in again.path.parents


def test_no_room_for_it_costs_a_warning(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    (tmp_path / "file").write_bytes(b"")
    trainer = training(corpus, Store(tmp_path / "file" / "a.npz"))
    warned = [event for event in trainer.run() if isinstance(event, events.Warned)]
    assert len(warned) == 1 and "begin anew" in warned[0].hint and trainer.result is not None
    with pytest.raises(OutputError):
        Store(tmp_path / "file" / "a.npz").save(Checkpoint({}, {}))


# As the program starts it, but that it leaves something behind every second.
OFTEN = (
    "import sys; from scriptbot.training import checkpoint, __main__ as process\n"
    "checkpoint.EVERY = 1.0; sys.exit(process.main())"
)


@pytest.mark.slow
def test_a_training_is_killed_and_asked_for_again(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "m.safetensors"
    request = {
        "paths": [str(script)],
        "output": str(output),
        "format": None,
        "encoding": None,
        "validation": [],
        "train": asdict(TrainConfig(minutes=0.25, hidden=32, embedding=16)),
    }

    def started() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", OFTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return process

    def told(process: subprocess.Popen[str]) -> Iterator[events.TrainEvent]:
        assert process.stdout is not None
        for line in process.stdout:
            if (event := events.decode(line)) is not None:
                yield event

    with started() as process:
        end = time.monotonic() + 60
        while not (left := list((tmp_path / "cache" / "scriptbot" / "trainings").glob("*.npz"))):
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    found = Store(left[0]).load()
    assert found is not None and not output.exists()
    with started() as process:
        seen = list(told(process))
    assert any("broken off" in event.sentence for event in seen if isinstance(event, events.Warned))
    last = seen[-1]
    assert isinstance(last, events.Saved) and last.seconds > found.numbers["seconds"]
    assert load_model(output).provenance["steps"] > found.numbers["steps"]
    assert not left[0].exists()
    steps = [event.step for event in seen if isinstance(event, events.Progress)]
    assert steps[0] > found.numbers["steps"] and all(b > a for a, b in itertools.pairwise(steps))
