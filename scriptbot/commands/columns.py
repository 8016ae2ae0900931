"""Names one below the other, by the columns that a terminal needs for them."""

from __future__ import annotations

from collections.abc import Iterable

from scriptbot.text.clean import printable


def columns(text: str) -> int:
    """The columns of a terminal that a text takes as it is shown.

    East-Asian characters take two, white space one each, and what a terminal would obey none: it is not shown.
    """
    from wcwidth import wcswidth

    return max(int(wcswidth(printable(text).replace("\t", " ").replace("\n", " "))), 0)


def widest(names: Iterable[str]) -> int:
    """The columns of the widest name."""
    return max(map(columns, names))


def padded(name: str, width: int) -> str:
    """A name in so many columns, cut or padded."""
    while columns(name) > width:
        name = f"{name.removesuffix('…')[:-1]}…"
    return name + " " * (width - columns(name))


def flush_right(text: str, width: int) -> str:
    """A text at the right end of so many columns."""
    return " " * (width - columns(text)) + text
