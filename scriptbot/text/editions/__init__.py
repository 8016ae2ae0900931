"""Removes what publishers of free texts put around and into them, before a format reads the text.

Each edition is a module that offers what :class:`Edition` says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Protocol

from scriptbot.text.editions import aozora, gutenberg
from scriptbot.text.editions.places import LeftOut
from scriptbot.text.script import Scene, Span

__all__ = ["EDITIONS", "Edition", "LeftOut", "cleaned", "find_edition", "placed"]


class Edition(Protocol):
    """What a module in ``editions/`` offers.

    Attributes:
        NAME: the name of the edition in the code.
        TITLE: its name for people.
    """

    NAME: str
    TITLE: str

    def detect(self, sample: str) -> bool:
        """Whether a text that begins with ``sample`` comes from this edition."""

    def clean(self, lines: Iterable[str], left_out: LeftOut) -> Iterator[str]:
        """The lines of the work itself; ``left_out`` records what is missing, so that places can be told."""


_EDITIONS: tuple[Edition, ...] = (gutenberg, aozora)
EDITIONS = {module.NAME: module for module in _EDITIONS}


def find_edition(sample: str) -> str:
    """The name of the edition that a text beginning with ``sample`` comes from; empty if it comes from none of them."""
    return next((name for name, module in EDITIONS.items() if module.detect(sample)), "")


def cleaned(lines: Iterable[str], edition: str, left_out: LeftOut) -> Iterator[str]:
    """The lines of the work itself."""
    return EDITIONS[edition].clean(lines, left_out)


def placed(scenes: Iterable[Scene], left_out: LeftOut) -> Iterator[Scene]:
    """Scenes that were read from a cleaned text, with their places in the file instead."""

    def there(span: Span) -> Span:
        return Span(left_out.place(span.start), left_out.place(span.end, end=True))

    for scene in scenes:
        elements = tuple(element.at(there(element.span)) for element in scene.elements)
        yield dataclasses.replace(scene, elements=elements, span=there(scene.span))
        left_out.forget(scene.span.start)
