"""A long training on disk as it goes: one that was broken off goes on where it was.

Every :data:`EVERY` seconds of its clock a training leaves behind what it is made of: the weights and their moments, the
states of the streams and the place in the text, the networks that are done, and the time that is spent.  Whoever asks
for the same training again, of the same text from the same base with the same options, goes on from there; the schedule
and the random numbers are those that they would have been.  The file is in the person's cache folder, and is removed
when the training has come to its end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.lm.params import Array
from scriptbot.text.load import Source
from scriptbot.text.whole import write_whole

EVERY = 300.0  # seconds between two of them
KEPT = 3  # of other trainings
VERSION = 1  # of the file, and of what makes a training the same
_NUMBERS = "numbers"


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

    def load(self) -> Checkpoint | None:
        """What was left behind; None if nothing was, or if it is damaged."""
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            return Checkpoint(json.loads(arrays.pop(_NUMBERS).tobytes()), arrays)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Leave this behind, in the place of what was there.

        Raises:
            OutputError: there is no room for it.
        """
        numbers = np.frombuffer(json.dumps(checkpoint.numbers).encode(), np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, **{_NUMBERS: numbers}, **checkpoint.arrays)  # type: ignore[arg-type]
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder “{self.path.parent}” cannot be made: {error.strerror}.") from error
        write_whole(self.path, buffer.getvalue(), mode=0o600)
        self._tidy()

    def remove(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _tidy(self) -> None:
        """Remove what other trainings left behind, but for the newest."""
        found = []
        for path in self.path.parent.glob("*.npz"):
            with contextlib.suppress(OSError):
                found.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(found, reverse=True)[KEPT:]:
            with contextlib.suppress(OSError):
                path.unlink()


def store_for(source: Source, validation: Source | None, config: TrainConfig, base: Path | None) -> Store:
    """Where a training leaves itself behind.

    Args:
        source, validation: what is learnt, and what is held out if that is a text of its own.
        base: the file of the model it starts from.
    """
    import platformdirs

    texts = [
        [text.sha256, text.reading, text.columns, [[file.format, file.encoding, file.edition] for file in text.files]]
        for text in (source, validation)
        if text is not None
    ]
    begins = hashlib.sha256(base.read_bytes()).hexdigest() if base else None
    key = json.dumps([VERSION, texts, dataclasses.asdict(config), begins])
    name = f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"
    return Store(Path(platformdirs.user_cache_dir("scriptbot")) / "trainings" / name)
