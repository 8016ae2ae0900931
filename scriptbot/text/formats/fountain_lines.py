"""The lines of a Fountain file without notes and boneyard; the lines that one of these spans count as one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scriptbot.text.script import Direction, Kind, Span

LONGEST = 1 << 18  # characters of a note or of the boneyard; anything longer is neither
_BEGINS, _ENDS = re.compile(r"(?<!\\)(?:/\*|\[\[)"), {"/*": "*/", "[[": "]]"}
_KINDS = {"/*": Kind.CUT, "[[": Kind.NOTE}


@dataclass(slots=True)
class Line:
    """A line, with the notes and the boneyard that stood in it, and its place."""

    text: str  # as in the file, without notes and boneyard
    start: int
    end: int
    notes: Sequence[Direction] = ()
    single: bool = True  # whether it is one line of the file

    @property
    def bare(self) -> bool:
        """Whether there are no words on the line; two spaces are an empty line within a speech, and not bare."""
        return len(self.text) < 2 and not self.text.strip()

    @property
    def only_notes(self) -> bool:
        """Whether the line is nothing but a note, which does not end a speech."""
        return self.single and bool(self.notes) and not self.text.strip()


def visible(lines: Iterable[str]) -> Iterator[Line]:
    """The lines of a file without notes and boneyard; the lines that one of these spans become one.

    A note with an empty line in it, and anything that never ends, is neither and stays as it is.
    """
    span, position = _Spanning(0), 0
    for line in lines:
        if not span.raw and "[[" not in line and "/*" not in line:  # true of nearly all
            end = position + len(line)
            text = line.rstrip("\n")
            yield Line(text, position, position + len(text))
            position = span.start = end
            continue
        span.raw.append(line)
        position += len(line)
        if not span.add(line):
            if not span.broken(position):
                continue
            yield from span.as_it_is()
        else:
            place = Span(span.start, position - span.raw[-1].endswith("\n"))
            notes = [Direction(text, place, kind) for kind, text in span.notes]
            yield Line("".join(span.kept).rstrip("\n"), place.start, place.end, notes, len(span.raw) == 1)
        span = _Spanning(position)
    yield from span.as_it_is()


class _Spanning:
    """A line, or several lines that notes and boneyard make into one."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.raw: list[str] = []
        self.kept: list[str] = []
        self.notes: list[tuple[Kind, str]] = []
        self._mark = ""  # that has opened something which is not closed yet
        self._within: list[str] = []

    def add(self, text: str) -> bool:
        """Read another line.  Returns whether everything that was opened is closed."""
        place = 0
        while True:
            if self._mark:
                end = text.find(_ENDS[self._mark], place)
                self._within.append(text[place:end] if end >= 0 else text[place:])
                if end < 0:
                    return False
                within = "\n".join(row.strip() for row in "".join(self._within).strip().split("\n"))
                if self._mark == "[[" or within:
                    self.notes.append((_KINDS[self._mark], within))
                self._mark, self._within, place = "", [], end + 2
            if self.notes and self.kept and self.kept[-1].endswith(" ") and text[place : place + 1] == " ":
                place += 1  # one space is left where the note was
            found = _BEGINS.search(text, place)
            if words := text[place : found.start() if found else len(text)]:
                self.kept.append(words)
            if not found:
                return True
            self._mark, place = found[0], found.end()

    def broken(self, position: int) -> bool:
        """Whether what was opened cannot be a note or boneyard after all."""
        last = self.raw[-1].rstrip("\n")
        return position - self.start > LONGEST or (self._mark == "[[" and len(last) < 2 and not last.strip())

    def as_it_is(self) -> Iterator[Line]:
        """The lines unchanged."""
        position = self.start
        for line in self.raw:
            text = line.rstrip("\n")
            yield Line(text, position, position + len(text))
            position += len(line)
