"""Checkpoints of a long training run, so that one that was interrupted goes on where it was.

Every :data:`EVERY` seconds of its clock a training run saves all that it needs to go on: the weights and their moments,
the states of the streams and the place in the text, the networks that are done, and the time that is spent.  Whoever
asks for the same training again, of the same text from the same base with the same options, goes on from there; the
random numbers are those that they would have been without the break, and so is the schedule, but for the seconds that
it takes to begin anew.

The file is in the person's cache folder, and is removed when the training has come to its end.  It is a line of JSON
(all that is not an array, and name, type and shape of every array), the arrays, and a SHA-256 of all that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from scriptbot import __version__
from scriptbot.config import TrainConfig
from scriptbot.lm.params import Array
from scriptbot.text.atomic_write import write_whole
from scriptbot.text.load import Source
from scriptbot.training.cache_folder import claimed, folder
from scriptbot.training.corpus import Corpus

EVERY = 300.0  # seconds between two checkpoints
UNUSED = 14 * 86_400.0  # seconds after which a checkpoint is removed
HALF_WRITTEN = 3_600.0  # the same, for a file that was never finished
MOMENT = 0.1  # seconds before a lock is tried again: another training that tidies up holds it for less
VERSION = 2  # of the file's format
DIGEST = 32  # bytes of the checksum at its end


@dataclass(frozen=True)
class Checkpoint:
    """All that a training run needs to go on from one moment.

    Attributes:
        numbers: all but the arrays, as JSON holds it.
        arrays: by their names, which have slashes in them.
    """

    numbers: dict[str, Any]
    arrays: dict[str, Array]

    def below(self, name: str) -> dict[str, Array]:
        """The arrays whose names begin with ``name/``, by their names without that."""
        start = f"{name}/"
        return {key.removeprefix(start): array for key, array in self.arrays.items() if key.startswith(start)}


def under(name: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The same arrays with ``name/`` before their names, the inverse of :meth:`Checkpoint.below`."""
    return {f"{name}/{key}": array for key, array in arrays.items()}


class Store:
    """The checkpoint file of one training run.

    Args:
        path: where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def claim(self) -> bool:
        """Lock the file until this process ends; False if another one has, or if the folder cannot be written to."""
        with contextlib.suppress(OSError):  # mostly there is none
            os.utime(self.path)  # so that no other training removes it before it is saved anew
        for pause in (0.0, MOMENT):
            time.sleep(pause)
            if self._has_locked():
                self._tidy()
                return True
        return False

    def _has_locked(self) -> bool:
        path = self.path.with_suffix(".lock")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = path.open("w")  # which makes it newer
            # Another training may have removed it between the two.
            return claimed(self._lock) and os.path.samestat(os.fstat(self._lock.fileno()), path.stat())
        except OSError:
            return False

    def load(self) -> Checkpoint | None:
        """The checkpoint that was saved; None if there is none, or if it is damaged."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(memoryview(content)[:-DIGEST]).digest() != content[-DIGEST:]:
            return None
        begin = content.index(b"\n") + 1
        header = json.loads(content[:begin])
        arrays = {}
        for name, kind, shape in header["arrays"]:
            count = math.prod(shape)
            arrays[name] = np.frombuffer(content, kind, count, begin).reshape(shape).copy()
            begin += arrays[name].nbytes
        return Checkpoint(header["numbers"], arrays)

    def save(self, checkpoint: Checkpoint) -> None:
        """Save a checkpoint in the place of the one before.

        Raises:
            OutputError: it cannot be written, mostly because there is no room for it.
        """
        write_whole(self.path, _parts(checkpoint), mode=0o600)

    def remove(self) -> None:
        """Remove the checkpoint, if there is one, and the lock that was claimed; nothing may be saved after that."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            if self._lock is not None:
                self.path.with_suffix(".lock").unlink()

    def _tidy(self) -> None:
        """Remove checkpoints of other trainings that are older than :data:`UNUSED`, with their locks, unless these are
        held; and files that were never finished."""
        for path in self.path.parent.iterdir():
            with contextlib.suppress(OSError):
                if path.name.startswith("."):
                    if _age(path) > HALF_WRITTEN:
                        path.unlink()
                elif path.stem != self.path.stem and _age(path) > UNUSED:
                    _remove_unused(path.with_suffix(self.path.suffix))


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _remove_unused(checkpoint: Path) -> None:
    """Remove a checkpoint and its lock if it, or the lock where there is only that, is old and no training runs."""
    lock = checkpoint.with_suffix(".lock")
    with lock.open("a") as held:  # which does not make it newer
        if claimed(held) and _age(checkpoint if checkpoint.exists() else lock) > UNUSED:
            checkpoint.unlink(missing_ok=True)
            lock.unlink()


def _parts(checkpoint: Checkpoint) -> Iterator[bytes]:
    """The content of the file, one array after the other: large ones are not to be in memory twice."""
    arrays = [[name, array.dtype.str, array.shape] for name, array in checkpoint.arrays.items()]
    header = json.dumps({"numbers": checkpoint.numbers, "arrays": arrays}).encode() + b"\n"
    digest = hashlib.sha256(header)
    yield header
    for array in checkpoint.arrays.values():
        content = array.tobytes()
        digest.update(content)
        yield content
    yield digest.digest()


def store_for(source: Source, corpus: Corpus, config: TrainConfig, base: Path | None) -> Store | None:
    """Where a training run saves its checkpoints; None if nothing can be written there, or another process is at it.

    Two training runs are the same if all that they are made from is, and the version of the program.

    Args:
        source: the text to learn.
        corpus: the same text laid out, with what is held out.
        config: how to train.
        base: the file of the model to start from, if any.
    """
    vocabulary = corpus.vocabulary
    made_from = {
        "program": [VERSION, __version__],
        "text": [source.sha256, source.format, source.reading, source.columns],
        "words": [vocabulary.cast, vocabulary.frequent, vocabulary.rare, len(corpus.train), int(corpus.counts.sum())],
        "held out": [[token.stem, token.form, token.speaker] for token in corpus.held_out],
        "options": dataclasses.asdict(config),
        "base": hashlib.sha256(base.read_bytes()).hexdigest() if base else None,
    }
    key = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
    store = Store(folder("trainings") / f"{key[:32]}.training")
    return store if store.claim() else None
