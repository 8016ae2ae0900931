"""What a checkpoint is: files that come back or do not, locks, and what is tidied up."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.text.load import open_source

pytest.importorskip("tensorflow")

from scriptbot.training import checkpoint
from scriptbot.training.cache_folder import claimed
from scriptbot.training.checkpoint import Checkpoint, Store, store_for
from scriptbot.training.corpus import Corpus, lay_out


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


def test_another_training_is_another_file(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source, config, base = open_source([script]), TrainConfig(), tmp_path / "base"
    base.write_bytes(b"one")
    corpus = lay_out(source, None, config)
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
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scriptbot").write_bytes(b"a file in the place of the folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = open_source([script])
    assert store_for(source, lay_out(source, None, TrainConfig()), TrainConfig(), None) is None
    with pytest.raises(OutputError):
        Store(tmp_path / "scriptbot" / "a.training").save(Checkpoint({}, {}))
