"""A long training on disk as it goes: one that was broken off goes on where it was.

Every :data:`EVERY` seconds of its clock a training leaves behind what it is made of: the weights and their moments, the
states of the streams and the place in the text, the networks that are done, and the time that is spent.  Whoever asks
for the same training again, of the same text from the same base with the same options, goes on from there; the schedule
and the random numbers are those that they would have been.

The file is in the person's cache folder, and is removed when the training has come to its end.  It is a line of JSON
(what is no array, and name, type and shape of every array), the arrays, and a SHA-256 of all that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from scriptbot import __version__
from scriptbot.config import TrainConfig
from scriptbot.lm.params import Array
from scriptbot.text.load import Source
from scriptbot.text.whole import write_whole
from scriptbot.training.corpus import Corpus
from scriptbot.training.layout import claimed

EVERY = 300.0  # seconds between two of them
UNUSED = 14 * 86_400.0  # seconds after which what another training left behind is removed
HALF_WRITTEN = 3_600.0  # the same, of a file that was never finished
VERSION = 1  # of the file
DIGEST = 32  # bytes at its end


@dataclass(frozen=True)
class Checkpoint:
    """What a training is made of at one moment.

    Attributes:
        numbers: as JSON holds them.
        arrays: by names with slashes in them.
    """

    numbers: dict[str, Any]
    arrays: dict[str, Array]

    def below(self, name: str) -> dict[str, Array]:
        """The arrays whose names begin with a name and a slash, without those."""
        start = f"{name}/"
        return {key.removeprefix(start): array for key, array in self.arrays.items() if key.startswith(start)}


def under(name: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The same arrays, their names behind another one."""
    return {f"{name}/{key}": array for key, array in arrays.items()}


class Store:
    """The file of one training.

    Args:
        path: where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def claim(self) -> bool:
        """Keep other trainings from it until this process ends; whether it is free, and the folder can be written."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = self.path.with_suffix(".lock").open("w")
        except OSError:
            return False
        self._tidy()
        return claimed(self._lock)

    def load(self) -> Checkpoint | None:
        """What was left behind; None if nothing was, or if it is damaged."""
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
        """Leave this behind, in the place of what was there.

        Raises:
            OutputError: there is no room for it.
        """
        write_whole(self.path, _parts(checkpoint), mode=0o600)

    def remove(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _tidy(self) -> None:
        """Remove what nobody has asked for in a long time, and what was never finished."""
        for path in self.path.parent.iterdir():
            with contextlib.suppress(OSError):
                age = time.time() - path.stat().st_mtime
                if age > (HALF_WRITTEN if path.name.startswith(".") else UNUSED):
                    path.unlink()


def _parts(checkpoint: Checkpoint) -> Iterator[bytes]:
    """The file, an array after the other: large ones are not to be in memory twice."""
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
    """Where a training leaves itself behind; None if that cannot be written, or another one is doing the same.

    What makes two trainings the same is all that they are made from, and the version of the program.

    Args:
        source: what is learnt.
        corpus: the same as it is laid out, and what is held out.
        config: how.
        base: the file of the model it starts from.
    """
    import platformdirs

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
    store = Store(Path(platformdirs.user_cache_dir("scriptbot")) / "trainings" / f"{key[:32]}.training")
    return store if store.claim() else None
