"""What publishers of free texts put around and into them: taken out before a format reads the text.

One module each, which offers what :class:`Edition` says.
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
        NAME: what it is called.
        TITLE: the same for people.
    """

    NAME: str
    TITLE: str

    def detect(self, sample: str) -> bool:
        """Whether a text beginning with ``sample`` comes from it."""

    def clean(self, lines: Iterable[str], left_out: LeftOut) -> Iterator[str]:
        """The lines of the work itself; ``left_out`` is told what is missing, so that places are found in the file."""


_EDITIONS: tuple[Edition, ...] = (gutenberg, aozora)
EDITIONS = {module.NAME: module for module in _EDITIONS}


def find_edition(sample: str) -> str:
    """The name of the edition that a text beginning with ``sample`` comes from; empty if from none of them."""
    return next((name for name, module in EDITIONS.items() if module.detect(sample)), "")


def cleaned(lines: Iterable[str], edition: str, left_out: LeftOut) -> Iterator[str]:
    """The lines of the work itself."""
    return EDITIONS[edition].clean(lines, left_out)


def placed(scenes: Iterable[Scene], left_out: LeftOut) -> Iterator[Scene]:
    """Scenes read from a cleaned text, with the places they have in the file."""

    def there(span: Span) -> Span:
        return Span(left_out.place(span.start), left_out.place(span.end, end=True))

    for scene in scenes:
        elements = tuple(element.at(there(element.span)) for element in scene.elements)
        yield dataclasses.replace(scene, elements=elements, span=there(scene.span))
        left_out.forget(scene.span.start)
