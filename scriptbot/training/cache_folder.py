"""Where trainings keep what can be made again: folders below the person's cache folder, and the locks in them."""

from __future__ import annotations

from pathlib import Path
from typing import IO


def folder(name: str) -> Path:
    """The folder of that name below the person's cache folder; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("scriptbot")) / name


def claimed(lock: IO[str]) -> bool:
    """Take a lock, held until its file is closed or this process ends in whatever way; False if another has it."""
    try:
        import fcntl
    except ImportError:  # Windows; two trainings of one text at once are on their own there
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
