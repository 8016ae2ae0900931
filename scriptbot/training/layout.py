"""Where the tokens of the training part are laid out: in memory, or for large texts in a file.

The tokens of a large text are kept in a folder of their own below the person's cache folder, named by a hash of all
that they depend on.  They are written once and mapped into memory by every training of the same text.  When a training
is interrupted while it reads, even by ``kill -9``, what it has read is kept, and the next one goes on from there::

    counts.json     how often every word occurred in the first scenes
    tokens.bin      seven bytes a token
    progress.json   how many scenes are in tokens.bin, and how many tokens
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from scriptbot.errors import InputError, OutputError
from scriptbot.text.atomic_write import write_whole
from scriptbot.training.batches import Stream
from scriptbot.training.cache_folder import claimed, folder

LARGE = 100_000_000  # characters from which tokens go to a file
VERSION = 4  # of the files, and of what makes tokens of a text
TOKEN = np.dtype([("stem", "<i4"), ("form", "u1"), ("speaker", "<u2")])
CHARACTERS_A_TOKEN = 2.5  # of most texts, at least: to guess the room that the tokens take
UNUSED = 30 * 86_400  # seconds after which the tokens of another text are removed

Tokens = NDArray[np.void]  # of TOKEN
_ELSEWHERE = "Free some space, or choose another place: XDG_CACHE_HOME=/elsewhere scriptbot train …."


def streamed(tokens: Tokens) -> Stream:
    """A stream with a column of its own for each field of the tokens."""
    stems, forms, speakers = (np.ascontiguousarray(tokens[column]) for column in ("stem", "form", "speaker"))
    return Stream(stems, forms, speakers)


class InMemory:
    """Tokens of a text that is not large; nothing outlives the training."""

    def __init__(self) -> None:
        self._parts: list[Tokens] = []

    def saved(self, name: str) -> Any:
        """What was saved under a name: always nothing."""
        return None

    def save(self, name: str, record: Any) -> None:
        """Does nothing: nobody would read the record."""

    def holds(self, tokens: int) -> bool:
        """Whether that many tokens are there."""
        return tokens == 0

    def truncate(self, tokens: int) -> None:
        """Keep only the first ``tokens``; here always 0, since none were kept from before."""
        assert tokens == 0
        self._parts.clear()

    def write(self, tokens: Tokens) -> None:
        """Append tokens."""
        self._parts.append(tokens)

    def stream(self) -> Stream:
        """All tokens; they are no longer held here then."""
        tokens = np.concatenate([np.zeros(0, TOKEN), *self._parts])
        self._parts.clear()
        return streamed(tokens)


class Folder:
    """Tokens in a folder; see the docstring of this module.

    Raises:
        InputError: another training is reading the same text.
        OutputError: the folder cannot be made, or there is no room for the tokens.
    """

    def __init__(self, path: Path, characters: int) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (path / "lock").open("w")
            _tidy(path)
            self._file: IO[bytes] = (path / "tokens.bin").open("ab")
            free = shutil.disk_usage(path).free + self._file.tell()
        except OSError as error:
            raise OutputError(
                f"The folder “{path}” cannot be created or written to: {error.strerror}.", _ELSEWHERE
            ) from error
        if not claimed(self._lock):
            raise InputError(
                "Another training run is reading the same text right now.", "Wait until it is done reading, or stop it."
            )
        self.expected = int(characters / CHARACTERS_A_TOKEN * TOKEN.itemsize)
        if free < self.expected:
            raise OutputError(
                f"The tokens of this text need about {self.expected / 1e9:.1f} GB in “{path.parent}”, but only "
                f"{free / 1e9:.1f} GB are free.",
                _ELSEWHERE,
            )

    def saved(self, name: str) -> Any:
        """What was saved under a name; None if nothing was, or if it is damaged."""
        try:
            return json.loads((self.path / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def save(self, name: str, record: Any) -> None:
        """Save a record, whole or not at all, once all tokens that were written before are on the disk."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError(f"“{self._file.name}” could not be written: {error.strerror}.", _ELSEWHERE) from error
        write_whole(self.path / f"{name}.json", json.dumps(record).encode())

    def truncate(self, tokens: int) -> None:
        """Keep only the first ``tokens``."""
        if self._file.tell() != tokens * TOKEN.itemsize:
            self._file.truncate(tokens * TOKEN.itemsize)
            self._file.seek(0, os.SEEK_END)

    def write(self, tokens: Tokens) -> None:
        """Append tokens.  Raises OutputError: the disk is full."""
        try:
            self._file.write(tokens.tobytes())
        except OSError as error:
            raise OutputError(f"“{self._file.name}” could not be written: {error.strerror}.", _ELSEWHERE) from error

    def holds(self, tokens: int) -> bool:
        """Whether that many tokens are there."""
        return self._file.tell() >= tokens * TOKEN.itemsize

    def stream(self) -> Stream:
        """All tokens, mapped from the file: the system keeps in memory what it has room for."""
        self._file.close()
        with (self.path / "tokens.bin").open("rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        tokens = np.frombuffer(pages, TOKEN)
        return Stream(tokens["stem"], tokens["form"], tokens["speaker"], pages)


def folder_for(text: str, **how: Any) -> Path:
    """Where the tokens of a text belong.

    Args:
        text: what identifies the text.
        how: all else that the tokens depend on.
    """
    key = hashlib.sha256(json.dumps([VERSION, text, how], sort_keys=True).encode()).hexdigest()
    return folder("tokens") / key[:32]


def _tidy(path: Path) -> None:
    """Mark a folder as used, and remove those beside it that have not been used for a long time."""
    os.utime(path / "lock")
    for other in path.parent.iterdir():
        with contextlib.suppress(OSError):
            if other != path and time.time() - (other / "lock").stat().st_mtime > UNUSED:
                shutil.rmtree(other)
