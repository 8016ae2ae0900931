"""Files that are there whole or not at all: where a link leads, and who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from scriptbot.errors import OutputError
from scriptbot.text.atomic_write import write_whole


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_link_goes_on_leading_where_it_does(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real.name)
    write_whole(link, b"new")
    assert link.is_symlink() and real.read_text() == "new" and sorted(tmp_path.iterdir()) == [link, real]


def test_who_could_read_it_still_can_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    write_whole(path, b"new")
    assert rights(path) == 0o644
    path.chmod(0o600)
    write_whole(path, b"again")
    assert rights(path) == 0o600
    write_whole(path, b"kept", mode=0o666)
    assert rights(path) == 0o644


def test_what_was_there_stays_if_it_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("old")

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        write_whole(path, broken())
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """Nor is a device: whoever may write to its folder would lose /dev/null."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OutputError, match="not a regular file"):
        write_whole(path, b"new")
    assert stat.S_ISFIFO(path.stat().st_mode) and list(tmp_path.iterdir()) == [path]
