"""Columns of a table as a person names them: ``character=Who,line=Said,scene=Part``.

Each is named by its title in the first row, in any case, or by its number from 1; the scene may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scriptbot.errors import UsageError

KEYS = ("character", "line", "scene")
_NUMBER = re.compile(r"\d{1,6}")
_MOST, _LONGEST = 12, 24  # titles shown in an error; characters of each
_HINT = (
    "Write it like this: --columns character=Who,line=Said,scene=Part, by title or number; the scene may be left out."
)


@dataclass(frozen=True, slots=True)
class Named:
    """Which column holds what.

    Attributes:
        titles: titles or numbers of the columns for :data:`KEYS`, in this order; the scene's only if it was named.
    """

    titles: tuple[str, ...]

    @property
    def numbers(self) -> int:
        """How many of the columns are named by number."""
        return sum(map(_is_number, self.titles))

    def places(self, first: Sequence[str], name: str) -> tuple[int, ...]:
        """The places of the columns in a row, from 0, in the order of their keys.

        Args:
            first: the first row of the table.
            name: what errors call the table.

        Raises:
            UsageError: a column is not there, or is named twice.
        """
        there = list(map(_folded, first))
        found: dict[int, str] = {}
        for key, title in zip(KEYS, self.titles, strict=False):
            numbers = range(1, len(there) + 1)
            place = numbers.index(int(title)) if _is_number(title) and int(title) in numbers else -1
            if not _is_number(title) and _folded(title) in there:
                place = there.index(_folded(title))
            if place < 0:
                raise UsageError(f"There is no column “{title}” in “{name}”.", f"Its first row has {_listed(first)}.")
            if place in found:
                raise UsageError(f"One column of “{name}” is named as both “{found[place]}” and “{key}”.", _HINT)
            found[place] = key
        return tuple(found)


def named(text: str) -> Named:
    """The columns that a text such as ``character=Who,line=Said`` names.

    Raises:
        UsageError: it makes no sense, or leaves out who speaks or what is said.
    """
    titles: dict[str, str] = {}
    for part in text.split(","):
        key, _, title = (side.strip() for side in part.partition("="))
        key = key.casefold()
        if not title or key not in KEYS:
            raise UsageError(f"“{part.strip()}” in --columns does not name a script column.", _HINT)
        if key in titles:
            raise UsageError(f"--columns names “{key}” twice.", _HINT)
        titles[key] = title
    for key in KEYS[:2]:
        if key not in titles:
            raise UsageError(f"--columns does not say which column is “{key}”.", _HINT)
    return Named(tuple(titles[key] for key in KEYS if key in titles))


def _is_number(title: str) -> bool:
    return _NUMBER.fullmatch(title) is not None


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _listed(cells: Sequence[str]) -> str:
    shown = [" ".join(cell.split()) for cell in cells[:_MOST]]
    shown = [cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…" for cell in shown]
    return ", ".join(f"“{cell}”" for cell in shown) + (", …" if len(cells) > _MOST else "")
