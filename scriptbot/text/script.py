"""What every script format is read into: immutable scenes of speeches and directions, with their places in the text.

A format yields scenes one by one, so a script of any length passes through bounded memory.  What occurs in large
numbers is a named tuple, which is created three times as fast as a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

LONGEST_ELEMENT = 1 << 18  # characters of a speech, direction or paragraph; a longer one is continued in another


class Span(NamedTuple):
    """The place of something in the decoded file: ``text[start:end]``, in characters."""

    start: int
    end: int


class Speech(NamedTuple):
    """What one character says in one go.

    Attributes:
        character: the label as it is spelled in the file, ``HOMER_(CONT'D`` included; ``Cast`` knows who that
            is.
        text: the words, stage directions among them included; lines are joined by line feeds, with none at the end.
        span: the place of the label and the words.
        dual: whether it is said at the same time as the speech before it.
        marked: the text with emphasis and lyrics marked as in Fountain; empty if there are none.
    """

    character: str
    text: str
    span: Span
    dual: bool = False
    marked: str = ""

    def at(self, span: Span) -> Speech:
        """The same speech in another place."""
        return Speech(self.character, self.text, span, self.dual, self.marked)


class Kind(Enum):
    """The kinds of text that nobody says; not all of them are played."""

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
    """Text that nobody says: a stage direction, a block of plain text, or a remark about the script.

    Attributes:
        kind: which kind of these.
        marked: as in a speech.
    """

    text: str
    span: Span
    kind: Kind = Kind.ACTION
    marked: str = ""

    def at(self, span: Span) -> Direction:
        """The same direction in another place."""
        return Direction(self.text, span, self.kind, self.marked)


Element: TypeAlias = Speech | Direction


@dataclass(frozen=True, slots=True)
class Scene:
    """Speeches and directions that belong together.

    Attributes:
        elements: in the order of the file; never empty when the scene comes from a format, unless there is a heading.
        span: from the first element, or the heading, to the end of the last.
        heading: the scene's own title, in formats that have one.
        number: the scene's number as written.
        continued: whether it continues the scene before, which nothing in the text ended: it had only become too long.
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
        """Whether this counts as a scene: it has a heading, or something in it is played; not a title page alone."""
        return bool(self.heading) or any(True for _ in self.played)

    @property
    def speeches(self) -> Iterator[Speech]:
        """The speeches only."""
        return (element for element in self.elements if isinstance(element, Speech))
