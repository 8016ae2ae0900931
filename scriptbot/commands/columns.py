"""Text in columns, by the width that a terminal gives to each character."""

from __future__ import annotations

from collections.abc import Iterable

from scriptbot.text.clean import printable


def columns(text: str) -> int:
    """The number of terminal columns that a text takes as it is shown.

    East-Asian characters take two, tabs and line feeds one each, and control sequences, which are never shown, none.
    """
    from wcwidth import wcswidth

    return max(int(wcswidth(printable(text).replace("\t", " ").replace("\n", " "))), 0)


def widest(names: Iterable[str]) -> int:
    """The width in columns of the widest name."""
    return max(map(columns, names))


def padded(name: str, width: int) -> str:
    """A name cut or padded to a width in columns."""
    while columns(name) > width:
        name = f"{name.removesuffix('…')[:-1]}…"
    return name + " " * (width - columns(name))


def flush_right(text: str, width: int) -> str:
    """A text padded on the left to a width in columns."""
    return " " * (width - columns(text)) + text
