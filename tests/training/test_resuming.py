"""A training that is interrupted goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support

from scriptbot import events
from scriptbot.config import TrainConfig
from scriptbot.lm.model import Model
from scriptbot.lm.model_file import load_model
from scriptbot.text.load import open_source

pytest.importorskip("tensorflow")

from scriptbot.training import checkpoint
from scriptbot.training import trainer as trainer_module
from scriptbot.training.checkpoint import Store
from scriptbot.training.corpus import Corpus, lay_out
from scriptbot.training.outcome import Weights
from scriptbot.training.run_state import LOOKS
from scriptbot.training.trainer import Trainer


@pytest.fixture(scope="module")
def corpus(script: Path) -> Corpus:
    return lay_out(open_source([script]), None, TrainConfig())


def training(corpus: Corpus, store: Store | None, base: Model | None = None, kind: type[Trainer] = Trainer) -> Trainer:
    config = TrainConfig(minutes=160 / 60.0, hidden=32, embedding=16, batch=4, members=2)
    return kind(corpus, config, support.Steps(), lambda: False, base, store, planned=support.planned)


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


@pytest.mark.slow
def test_ctrl_c_leaves_it_where_it_is(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    store = Store(tmp_path / "a.training")
    trainer = training(corpus, store)
    trainer.stop = lambda: trainer.so_far.steps >= 51
    list(trainer.run())
    left = store.load()
    assert trainer.result and trainer.result.interrupted and left and left.numbers["steps"] == 51
    again = training(corpus, store)
    again.stop = lambda: True  # once more, at once
    list(again.run())
    assert again.goes_on and again.result and again.result.steps == 51


@pytest.mark.slow
def test_one_whose_time_is_up_ends(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    store = Store(tmp_path / "a.training")
    first = training(corpus, store)
    run = first.run()
    while first.so_far.steps < 45:
        next(run)
    run.close()
    left = store.load()
    assert left is not None
    left.numbers["seconds"] = 9_999.0
    store.save(left)
    late = training(corpus, store)
    list(late.run())
    assert late.result and late.result.steps == left.numbers["steps"] and len(late.result.model.members) == 1


@pytest.mark.parametrize(
    ("interrupted", "base"),
    [pytest.param(55, None, marks=pytest.mark.slow), (125, None), (80, support.model())],
)
def test_it_ends_where_it_would_have_ended(
    corpus: Corpus, tmp_path: Path, interrupted: int, base: Model | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first network, or in the second, or in the second from a base, which ends long before its time is up."""
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    monkeypatch.setattr(trainer_module, "GOOD_ENOUGH", 9.0)
    monkeypatch.setattr(trainer_module, "ENOUGH_FROM_BASE", 2.7)
    store = Store(tmp_path / "a.training")
    whole = training(corpus, None, base)
    list(whole.run())
    first = training(corpus, store, base)
    run = first.run()
    while first.so_far.steps < interrupted:
        next(run)
    run.close()  # nothing else of it is left, as after kill -9
    left = store.load()
    assert left is not None and interrupted - 21 <= left.numbers["steps"] <= interrupted
    second = training(corpus, store, base)
    assert second.budget == whole.budget and (whole.budget < 120.0) == (base is not None)
    assert second.so_far.way and second.so_far.way.looks == [*LOOKS[1:]]  # the first is behind it
    told = list(second.run())
    (warned,) = (event.sentence for event in told if isinstance(event, events.Warned))
    after = f"{left.numbers['seconds'] / 60:.0f} of 2.66667 minutes"
    assert warned == f"This training was interrupted after {after}; it resumes from there."
    assert min(e.step for e in told if isinstance(e, events.Progress)) > left.numbers["steps"]
    assert whole.result and second.result and second.result.steps == whole.result.steps
    for one, other in zip(arrays(whole), arrays(second), strict=True):
        assert np.array_equal(one, other)


def test_networks_shorter_than_the_time_between_checkpoints_are_saved_as_well(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 100.0)  # seconds, of which each of the two networks has some 75
    store = Store(tmp_path / "a.training")
    run = training(corpus, store).run()
    while not store.path.exists():
        next(run)
    run.close()
    left = store.load()
    assert left is not None and left.numbers["way"]["member"] == 1 and 100 <= left.numbers["seconds"] < 105


def test_there_is_nothing_to_go_on_with_before_the_first_step(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    store = Store(tmp_path / "a.training")
    trainer = training(corpus, store)
    trainer.clock.forgive(-50.0)  # which reading took
    trainer.stop = lambda: True
    list(trainer.run())
    assert trainer.result is None and not store.path.exists()


class Resuming(Trainer):
    def initial(self, member: int) -> Weights:
        raise AssertionError("there are weights to go on with")


def test_one_that_does_not_fit_is_told_and_not_taken(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    store = Store(tmp_path / "a.training")
    first = training(corpus, store)
    run = first.run()
    while not store.path.exists():
        next(run)
    assert not first.goes_on  # though it is under way
    run.close()
    left = store.load()
    assert left is not None and training(corpus, store, kind=Resuming).goes_on

    kernel = "layers.0.kernel"
    wider = np.zeros((16, 999), np.float32)
    lacking = {name: array for name, array in left.arrays.items() if name != f"weights/{kernel}"}
    changed = [
        replace(left, numbers={name: value for name, value in left.numbers.items() if name != "spare"}),
        replace(left, numbers={**left.numbers, "plan": {**left.numbers["plan"], "speed": 1.0}}),
        replace(left, arrays=lacking),
        replace(left, arrays=left.arrays | {f"weights/{kernel}": wider}),
        replace(left, arrays=left.arrays | {f"first/{kernel}": wider}),
        replace(left, arrays=left.arrays | {"second/other": wider}),
    ]
    for other in changed:
        store.save(other)
        again = training(corpus, store)
        (warned,) = (event for event in itertools.islice(again.run(), 2) if isinstance(event, events.Warned))
        assert not again.goes_on and again.seconds < 5.0 and "does not fit this version" in warned.sentence


@pytest.mark.slow
def test_no_room_for_it_costs_a_warning(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    (tmp_path / "file").write_bytes(b"")
    trainer = training(corpus, Store(tmp_path / "file" / "a.training"))
    warned = [event for event in trainer.run() if isinstance(event, events.Warned)]
    assert len(warned) == 1 and "what was saved before" in warned[0].hint and trainer.result is not None


@pytest.mark.slow
def test_a_training_is_killed_and_asked_for_again(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "m.safetensors"
    config = TrainConfig(minutes=0.25, hidden=32, embedding=16)

    def started() -> subprocess.Popen[str]:
        return support.started(support.SAVING_OFTEN, script, output, config)

    def told(process: subprocess.Popen[str]) -> Iterator[events.TrainEvent]:
        assert process.stdout is not None
        for line in process.stdout:
            if (event := events.decode(line)) is not None:
                yield event

    with started() as process:
        left = support.first_checkpoint(tmp_path / "cache")
        os.kill(process.pid, signal.SIGKILL)
    found = Store(left).load()
    assert found is not None and not output.exists()
    with started() as process:
        seen = list(told(process))
    assert any("interrupted" in event.sentence for event in seen if isinstance(event, events.Warned))
    last = seen[-1]
    assert isinstance(last, events.Saved) and last.seconds > found.numbers["seconds"]
    assert load_model(output).provenance["steps"] > found.numbers["steps"]
    assert not list(left.parent.iterdir())
    steps = [event.step for event in seen if isinstance(event, events.Progress)]
    assert steps[0] > found.numbers["steps"] and all(b > a for a, b in itertools.pairwise(steps))
