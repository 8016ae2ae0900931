"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from scriptbot.errors import OutputError


def write_whole(
    path: Path,
    content: bytes | Iterable[bytes],
    check: Callable[[Path], object] = lambda written: None,
    *,
    mode: int = 0o666,
) -> None:
    """Put ``content`` at ``path``: temporary name, sync, rename.  Raises OutputError, leaving what was there.

    Args:
        mode: who may read and write it, before the umask.
        check: looks at the file before it takes the place of what was there; what it raises is passed on.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            for part in [content] if isinstance(content, bytes) else content:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        check(Path(temporary))
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(mode & ~umask)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"“{path}” could not be written: {error.strerror or error}.", "Choose another place for it."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
