"""Names one below the other, by the columns that a terminal needs for them."""

from __future__ import annotations

from collections.abc import Iterable


def widest(names: Iterable[str]) -> int:
    """The columns of the widest name; East-Asian characters take two each."""
    return max(map(_width, names))


def padded(name: str, width: int) -> str:
    """A name in so many columns, cut or padded."""
    while _width(name) > width:
        name = f"{name.removesuffix('…')[:-1]}…"
    return name + " " * (width - _width(name))


def flush_right(text: str, width: int) -> str:
    """A text at the right end of so many columns."""
    return " " * (width - _width(text)) + text


def _width(name: str) -> int:
    from wcwidth import wcswidth

    return max(int(wcswidth(name)), 0)
