"""Writes files so that they are there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from scriptbot.errors import OutputError


def write_whole(
    path: Path,
    content: bytes | Iterable[bytes],
    check: Callable[[Path], object] = lambda written: None,
    *,
    mode: int | None = None,
) -> None:
    """Put ``content`` at ``path``: under a temporary name first, then synced and renamed.

    If ``path`` is a link, it stays one, and the file it leads to is replaced.

    Args:
        check: examines the new file before it replaces the old one; what it raises is passed on.
        mode: permissions, before the umask; None: those of the old file, or read and write for all if there is none.

    Raises:
        OutputError: the file cannot be written, or is a device or a pipe; what was there before is still there.
    """
    temporary: str | None = None
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not (place.is_file() or place.is_dir()):  # a device or a pipe would be replaced by a file
            raise OutputError(f"“{path}” is not a regular file.", "Choose another place for it.")
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name[:40]}.", dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            for part in [content] if isinstance(content, bytes) else content:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        check(Path(temporary))
        Path(temporary).chmod(_mode(place, mode))
        os.replace(temporary, place)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"“{path}” could not be written: {error.strerror or error}.", "Choose another place for it."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _mode(place: Path, wanted: int | None) -> int:
    """The permissions that a file is to have."""
    if wanted is None and place.is_file():
        return stat.S_IMODE(place.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return (0o666 if wanted is None else wanted) & ~umask
