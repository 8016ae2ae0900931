"""A training that is interrupted goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import support

from scriptbot import events
from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.lm.model import Model
from scriptbot.lm.model_file import load_model
from scriptbot.text.load import open_source

pytest.importorskip("tensorflow")

from scriptbot.training import checkpoint
from scriptbot.training import trainer as trainer_module
from scriptbot.training.cache_folder import claimed
from scriptbot.training.checkpoint import Checkpoint, Store, store_for
from scriptbot.training.corpus import Corpus, lay_out
from scriptbot.training.outcome import Weights
from scriptbot.training.run_state import LOOKS
from scriptbot.training.trainer import Trainer

LINES = ("ADA: Is the kettle on, Tom?\n", "TOM: It was on all day, and nobody came.\n", "ADA: Then pour it out.\n")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "kettle.txt"
    path.write_text("".join("".join(np.random.default_rng(n).permutation(LINES)) + "\n\n" for n in range(60)), "utf-8")
    return path


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


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.training")
    assert store.load() is None
    kept = Checkpoint({"steps": 3, "looks": [0.4]}, {"weights/a.b": np.ones((2, 3), np.float32)})
    store.save(kept)
    back = store.load()
    assert back is not None and back.numbers == kept.numbers
    assert np.array_equal(back.below("weights")["a.b"], np.ones((2, 3)))
    assert store.path.stat().st_mode & 0o777 == 0o600
    whole = store.path.read_bytes()
    for damaged in (b"", b"nonsense", whole[: len(whole) // 2], whole[1:]):
        store.path.write_bytes(damaged)
        assert store.load() is None
    for place in range(len(whole)):
        store.path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert store.load() is None
    store.remove()
    store.remove()
    assert not store.path.exists()


def test_nothing_is_left_of_a_training_that_is_done(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.training")
    assert store.claim()
    store.save(Checkpoint({"steps": 3}, {}))
    assert not Store(store.path).claim()
    store.remove()
    assert not list(tmp_path.iterdir())
    again = Store(store.path)  # while the other process is ending
    assert again.claim() and not Store(store.path).claim()


def test_who_never_had_the_lock_leaves_it(tmp_path: Path) -> None:
    running = Store(tmp_path / "a.training")
    assert running.claim()
    Store(running.path).remove()
    assert running.path.with_suffix(".lock").exists()


def test_what_nobody_asks_for_any_more_is_removed(tmp_path: Path) -> None:
    now = time.time()
    ages = {"old.training": checkpoint.UNUSED + 9, "new.training": 9, ".half.training.x": 2 * checkpoint.HALF_WRITTEN}
    ages[".being.training.x"] = 9
    for name, age in ages.items():
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (now - age, now - age))
    assert Store(tmp_path / "mine.training").claim()
    assert {path.name for path in tmp_path.iterdir()} == {"new.training", ".being.training.x", "mine.lock"}


def test_what_is_asked_for_again_is_there_however_old_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.training")
    store.save(Checkpoint({"steps": 3}, {}))
    aged(store.path)
    again = Store(store.path)
    assert again.claim()
    left = again.load()
    assert left is not None and left.numbers == {"steps": 3}
    assert Store(tmp_path / "b.training").claim()
    assert store.path.exists()


def test_a_lock_that_is_held_stays_however_old_it_is(tmp_path: Path) -> None:
    running, over = Store(tmp_path / "running.training"), Store(tmp_path / "over.training")
    assert running.claim() and over.claim() and over._lock
    over._lock.close()
    for store in (running, over):
        aged(store.path.with_suffix(".lock"))
    assert Store(tmp_path / "mine.training").claim()
    assert {path.name for path in tmp_path.iterdir()} == {"running.lock", "mine.lock"}
    assert not Store(running.path).claim()


def test_a_suspended_training_keeps_its_checkpoint(tmp_path: Path) -> None:
    running = Store(tmp_path / "running.training")
    assert running.claim()
    running.save(Checkpoint({"steps": 3}, {}))
    for path in (running.path, running.path.with_suffix(".lock")):
        aged(path)
    assert Store(tmp_path / "mine.training").claim()
    assert running.load() and not Store(running.path).claim()


def test_a_lock_whose_checkpoint_is_new_stays(tmp_path: Path) -> None:
    over = Store(tmp_path / "over.training")
    assert over.claim() and over._lock
    over.save(Checkpoint({"steps": 3}, {}))
    over._lock.close()
    aged(lock := over.path.with_suffix(".lock"))
    assert Store(tmp_path / "mine.training").claim()
    assert over.load() and lock.exists()


def test_one_that_is_asked_for_while_another_tidies_up_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, asked = Store(tmp_path / "old.training"), list[Path]()
    old.save(Checkpoint({"steps": 3}, {}))
    aged(old.path)

    def asking(lock: IO[str]) -> bool:
        if lock.name == str(old.path.with_suffix(".lock")):
            asked.append(old.path)
            os.utime(old.path)  # as its training does before it tries the lock
        return claimed(lock)

    monkeypatch.setattr(checkpoint, "claimed", asking)
    assert Store(tmp_path / "mine.training").claim()
    assert asked and old.load()


def test_a_lock_that_another_has_only_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidying = Store(tmp_path / "a.training")
    assert tidying.claim() and tidying._lock
    lock = tidying._lock
    monkeypatch.setattr(time, "sleep", lambda seconds: seconds and lock.close())
    again = Store(tidying.path)
    assert again.claim() and not Store(tidying.path).claim()


def test_a_lock_that_was_removed_while_it_was_taken_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed = list[str]()

    def removing(lock: IO[str]) -> bool:
        if not removed:
            removed.append(lock.name)
            os.unlink(lock.name)
        return claimed(lock)

    monkeypatch.setattr(checkpoint, "claimed", removing)
    store = Store(tmp_path / "a.training")
    assert store.claim() and removed and store.path.with_suffix(".lock").exists()
    assert not Store(store.path).claim()


def test_who_has_no_lock_removes_nothing(tmp_path: Path) -> None:
    running, old = Store(tmp_path / "running.training"), Store(tmp_path / "old.training")
    assert running.claim()
    old.save(Checkpoint({"steps": 3}, {}))
    aged(old.path)
    assert not Store(running.path).claim() and old.load()


def aged(path: Path) -> None:
    """Make a file older than those that are removed."""
    then = time.time() - checkpoint.UNUSED - 9
    os.utime(path, (then, then))


def test_another_training_is_another_file(
    script: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source, config, base = open_source([script]), TrainConfig(), tmp_path / "base"
    base.write_bytes(b"one")
    validated = lay_out(source, open_source([script]), config)
    given: list[tuple[Corpus, TrainConfig, Path | None]] = [
        (corpus, config, None),
        (validated, config, None),
        (corpus, TrainConfig(seed=2), None),
        (lay_out(open_source([script], format="text"), None, config), config, None),
        (corpus, config, base),
    ]
    found = [store for store in (store_for(source, *one) for one in given) if store]
    base.write_bytes(b"another")
    last = store_for(source, corpus, config, base)
    assert last and len({store.path for store in (*found, last)}) == len(given) + 1
    assert store_for(source, corpus, config, None) is None  # it is being trained
    path = found[0].path
    assert found[0]._lock
    found[0]._lock.close()
    again = store_for(open_source([script]), corpus, config, None)
    assert again and again.path == path and tmp_path in path.parents


def test_nothing_is_saved_where_nothing_can_be_written(
    script: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scriptbot").write_bytes(b"a file in the place of the folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store_for(open_source([script]), corpus, TrainConfig(), None) is None


@pytest.mark.slow
def test_no_room_for_it_costs_a_warning(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 20.0)
    (tmp_path / "file").write_bytes(b"")
    trainer = training(corpus, Store(tmp_path / "file" / "a.training"))
    warned = [event for event in trainer.run() if isinstance(event, events.Warned)]
    assert len(warned) == 1 and "what was saved before" in warned[0].hint and trainer.result is not None
    with pytest.raises(OutputError):
        Store(tmp_path / "file" / "a.training").save(Checkpoint({}, {}))


# As the program starts it, but that it saves a checkpoint every second, and that whoever hears that the model is saved
# ends it at once.
OFTEN = """
import os, sys
from scriptbot import events
from scriptbot.training import checkpoint, __main__ as process

class Ended(process.Process):
    def say(self, event):
        super().say(event)
        if isinstance(event, events.Saved):
            os._exit(3)

checkpoint.EVERY, process.Process = 1.0, Ended
sys.exit(process.main())
"""


@pytest.mark.slow
def test_a_training_is_killed_and_asked_for_again(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "m.safetensors"
    config = TrainConfig(minutes=0.25, hidden=32, embedding=16)

    def started() -> subprocess.Popen[str]:
        return support.started(OFTEN, script, output, config)

    def told(process: subprocess.Popen[str]) -> Iterator[events.TrainEvent]:
        assert process.stdout is not None
        for line in process.stdout:
            if (event := events.decode(line)) is not None:
                yield event

    with started() as process:
        end = time.monotonic() + 60
        while not (left := list((tmp_path / "cache" / "scriptbot" / "trainings").glob("*.training"))):
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    found = Store(left[0]).load()
    assert found is not None and not output.exists()
    with started() as process:
        seen = list(told(process))
    assert any("interrupted" in event.sentence for event in seen if isinstance(event, events.Warned))
    last = seen[-1]
    assert isinstance(last, events.Saved) and last.seconds > found.numbers["seconds"]
    assert load_model(output).provenance["steps"] > found.numbers["steps"]
    assert not list(left[0].parent.iterdir())
    steps = [event.step for event in seen if isinstance(event, events.Progress)]
    assert steps[0] > found.numbers["steps"] and all(b > a for a, b in itertools.pairwise(steps))
