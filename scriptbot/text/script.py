"""What every script format is read into: scenes of speeches and directions, frozen, with their places.

A format yields scenes one by one, so a script of any length passes through bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands: ``text[start:end]`` of the decoded file, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Speech:
    """What one character says in one go.

    Attributes:
        character: the label as it is spelled in the file, ``HOMER_(CONT'D`` included; ``Cast`` knows who that
            is.
        text: the words, stage directions among them included; lines joined by a line feed, none at the end.
        span: label and words.
    """

    character: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Direction:
    """Text that nobody says: a heading, a stage direction, or a block of plain text."""

    text: str
    span: Span


Element: TypeAlias = Speech | Direction


@dataclass(frozen=True, slots=True)
class Scene:
    """Speeches and directions that belong together.

    Attributes:
        elements: in the order of the file; never empty when it comes from a format.
        span: from the first element to the end of the last.
        heading: the scene's own title, in formats that have one.
    """

    elements: tuple[Element, ...]
    span: Span
    heading: str = ""

    @property
    def speeches(self) -> Iterator[Speech]:
        """The speeches alone."""
        return (element for element in self.elements if isinstance(element, Speech))


class Format(Protocol):
    """What a module in ``formats/`` offers; formats that can be written have ``write(scenes)`` besides."""

    NAME: str

    def detect(self, sample: str) -> float:
        """How sure it is that a text beginning with ``sample`` is of this format, 0 to 1."""

    def parse(self, lines: Iterable[str]) -> Iterator[Scene]:
        """The scenes of a text given line by line, line ends included."""
