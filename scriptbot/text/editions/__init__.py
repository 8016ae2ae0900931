"""What publishers of free texts put around and into them: taken out before a format reads the text.

An edition has a ``NAME``, a ``TITLE`` for people, ``detect(sample)`` for the beginning of a file, and ``clean(lines,
left_out)``, which yields the lines of the work itself and tells :class:`LeftOut` what is missing, so that places can
still be found in the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from types import ModuleType

from scriptbot.text.editions import aozora, gutenberg
from scriptbot.text.editions.places import LeftOut
from scriptbot.text.script import Scene, Span

EDITIONS: dict[str, ModuleType] = {module.NAME: module for module in (gutenberg, aozora)}

__all__ = ["EDITIONS", "LeftOut", "cleaned", "find_edition", "placed"]


def find_edition(sample: str) -> str:
    """The name of the edition that a text beginning with ``sample`` comes from; empty if from none of them."""
    return next((name for name, module in EDITIONS.items() if module.detect(sample)), "")


def cleaned(lines: Iterable[str], edition: str, left_out: LeftOut) -> Iterator[str]:
    """The lines of the work itself."""
    lines_of_work: Iterator[str] = EDITIONS[edition].clean(lines, left_out)
    return lines_of_work


def placed(scenes: Iterable[Scene], left_out: LeftOut) -> Iterator[Scene]:
    """Scenes read from a cleaned text, with the places they have in the file."""

    def there(span: Span) -> Span:
        return Span(left_out.place(span.start), left_out.place(span.end, end=True))

    for scene in scenes:
        elements = tuple(element.at(there(element.span)) for element in scene.elements)
        yield dataclasses.replace(scene, elements=elements, span=there(scene.span))
        left_out.forget(scene.span.start)
