"""What the installed models say about themselves in their files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scriptbot.errors import ModelFileError
from scriptbot.lm.model_file import ModelInfo, read_header
from scriptbot.session import library

STATIC, CACHED = "bits_per_character", "bits_per_character_cached"


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed model in the list of models; ``info`` is None for a file that cannot be read."""

    name: str
    path: Path
    info: ModelInfo | None

    def record(self) -> dict[str, Any]:
        """The model as an object for JSON."""
        record: dict[str, Any] = {"name": self.name, "path": str(self.path)}
        if self.info:
            figures = {name: self.info.provenance.get(name) for name in (STATIC, CACHED)}
            cast = [{"character": name, "lines": lines} for name, lines in self.info.cast]
            record |= {"bytes": self.info.bytes, "words": self.info.words, "cast": cast, **figures}
        return record


def described(used: Path | None = None) -> list[Installed]:
    """All installed models, with what their files say about them.

    Args:
        used: the file of a model in use, which comes first if it is not installed.
    """
    places = [(entry.name, entry.path) for entry in library.installed()]
    if used is not None and not any(is_same(used, path) for _, path in places):
        places.insert(0, (used.stem, used))
    rows = []
    for name, path in places:
        try:
            info = read_header(path)
        except ModelFileError:
            info = None
        rows.append(Installed(name, path, info))
    return rows


def is_same(one: Path | None, other: Path) -> bool:
    """Whether two paths lead to the same file."""
    return one is not None and os.path.realpath(one) == os.path.realpath(other)
