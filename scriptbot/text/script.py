"""What every script format is read into: scenes of speeches and directions, frozen, with their places.

A format yields scenes one by one, so a script of any length passes through bounded memory.  What there are many of is a
named tuple, which is made three times as fast as a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

LONGEST_ELEMENT = 1 << 18  # characters of a speech, direction or paragraph; what goes on longer goes on in another


class Span(NamedTuple):
    """Where something stands: ``text[start:end]`` of the decoded file, in characters."""

    start: int
    end: int


class Speech(NamedTuple):
    """What one character says in one go.

    Attributes:
        character: the label as it is spelled in the file, ``HOMER_(CONT'D`` included; ``Cast`` knows who that
            is.
        text: the words, stage directions among them included; lines joined by a line feed, none at the end.
        span: label and words.
        dual: whether it is said at the same time as the speech before it.
        marked: the text with emphasis and lyrics marked as Fountain does, where there are any.
    """

    character: str
    text: str
    span: Span
    dual: bool = False
    marked: str = ""

    def at(self, span: Span) -> Speech:
        """The same in another place."""
        return Speech(self.character, self.text, span, self.dual, self.marked)


class Kind(Enum):
    """What sort of text it is that nobody says; not all of it is played."""

    ACTION = "action"
    CENTRED = "centred"
    TRANSITION = "transition"
    LYRICS = "lyrics"
    TITLE_PAGE = "title page"
    SECTION = "section"
    SYNOPSIS = "synopsis"
    NOTE = "note"
    CUT = "cut"
    PAGE_BREAK = "page break"

    @property
    def played(self) -> bool:
        """Whether an audience would see or hear it."""
        return self in _PLAYED


_PLAYED = frozenset({Kind.ACTION, Kind.CENTRED, Kind.TRANSITION, Kind.LYRICS})


class Direction(NamedTuple):
    """Text that nobody says: a stage direction, a block of plain text, or what is said about the script.

    Attributes:
        kind: which of these.
        marked: as in a speech.
    """

    text: str
    span: Span
    kind: Kind = Kind.ACTION
    marked: str = ""

    def at(self, span: Span) -> Direction:
        """The same in another place."""
        return Direction(self.text, span, self.kind, self.marked)


Element: TypeAlias = Speech | Direction


@dataclass(frozen=True, slots=True)
class Scene:
    """Speeches and directions that belong together.

    Attributes:
        elements: in the order of the file; never empty when it comes from a format, unless there is a heading.
        span: from the first element, or the heading, to the end of the last.
        heading: the scene's own title, in formats that have one.
        number: of the scene, as it is written.
        continued: whether nothing in the text ends the scene before: it only was long enough.
    """

    elements: tuple[Element, ...]
    span: Span
    heading: str = ""
    number: str = ""
    continued: bool = False

    @property
    def played(self) -> Iterator[Element]:
        """The elements that belong to what is played: no notes, no title page."""
        return (element for element in self.elements if isinstance(element, Speech) or element.kind.played)

    @property
    def is_played(self) -> bool:
        """Whether it is a scene: a title page by itself is none, nor is what stands between it and the first scene."""
        return bool(self.heading) or any(True for _ in self.played)

    @property
    def speeches(self) -> Iterator[Speech]:
        """The speeches alone."""
        return (element for element in self.elements if isinstance(element, Speech))
