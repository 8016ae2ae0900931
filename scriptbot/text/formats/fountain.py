"""Fountain, the plain-text markup of screenplays (https://fountain.io/syntax, version 1.1), all of it.

::

    INT. KIOSK - NIGHT #12#

    Rain.  The last tram has gone.

    ADA (V.O.)
    (sighing)
    Is the kettle _on_?

    TOM ^
    It was.

    > CUT TO:

Names in capitals, scene headings and transitions are recognised by their looks and by the blank lines around them; a
mark forces them: ``@`` a name (in scripts without capitals: always), ``.`` a heading, ``!`` an action, ``>`` a
transition, ``~`` lyrics, ``> … <`` centred text.  Sections ``#``, synopses ``=``, ``[[notes]]`` and the title page are
kept, although nobody plays them, and so is what stands between ``/*`` and ``*/`` (the boneyard).  Without any heading,
every 40 speeches make a scene; but in a play that is typed like this, without such headings, acts and scenes alone on
a line are headings (``ACT I``).  White space around a line is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from scriptbot.text.acts import is_numbered
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.emphasis import is_marked, marked, plain, runs
from scriptbot.text.formats.fountain_lines import Line, visible
from scriptbot.text.formats.fountain_marks import name_on
from scriptbot.text.formats.fountain_writer import write as write
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.screenplay import is_part, opens_scene
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Kind, Scene, Span, Speech
from scriptbot.text.title_page import TITLE_KEYS, opens_title_page, title_page

NAME = "fountain"
SUFFIXES: tuple[str, ...] = (".fountain", ".spmd", ".highland")
OWN_LINES = False
_LONGEST_TITLE_PAGE = 200  # lines
_NUMBER = re.compile(r"\s*#([^\s#]+)#$")
_MARKS_WITHIN = re.compile(r"[*_~\\]")
_MARKS = {"#": Kind.SECTION, "=": Kind.SYNOPSIS, ">": Kind.TRANSITION, "~": Kind.LYRICS}
_CODE = re.compile(r"(?:async )?def |class |@|\{|(?:public|private|protected|export|function)\b")
_LABEL = re.compile(r"([^\W\d_][^:\n]{0,40}): \S")  # of a plain script
FEW = 3  # labels with a colon that any script may have


def detect(sample: str) -> float:
    """How certain it is that a text is Fountain: scene headings with names settle it, else names that come back.

    The names must be in capitals, or all of them forced.  A plain script can have such headings, too, but there a name
    stands on the line of what is said.
    """
    headings = paragraphs = forced = labelled = 0
    names: list[str] = []
    blank, waiting = True, ""
    for line in sample.splitlines():
        text = line.strip()
        label = _LABEL.match(text)
        labelled += label is not None and label[1].casefold() not in TITLE_KEYS
        if text and blank:
            paragraphs += 1
            headings += opens_scene(text) and text.upper() == text
            waiting = "" if opens_scene(text) else name_on(text)
            forced += text[0] == "@" and bool(waiting)
        elif text and waiting:
            if not (forced and _CODE.match(text)):  # @property, def …
                names.append(waiting)
            waiting = ""
        blank = not text
    if labelled > max(len(names), FEW):
        return 0.0
    if headings:
        named = [name for name in names if name[-1] not in ":.："]
        return 0.95 if named else 0.6 if headings > 1 else 0.5
    if len(names) < 2 or any(name[-1] in ":.：" for name in names):
        return 0.0
    if forced == len(names):
        return 0.9
    again = sum(names.count(name) > 1 for name in names) / len(names)
    share = len(names) / paragraphs
    return share if again >= 0.5 and share >= 0.5 else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.by_heading(_Reader(lines).items())


class _Reader:
    """Turns lines into headings, speeches and directions."""

    def __init__(self, lines: Iterable[str]) -> None:
        ahead, lines = scening.ahead(lines)
        above = chain([""], ahead)
        # A stage play: acts and scenes are what has headings.  “Est. 1990” within a speech is none.
        headed = (_is_headed(line) for before, line in zip(above, ahead, strict=False) if not before.strip())
        self._typed = not any(headed)
        self._lines = visible(lines)
        self._line, self._next, self._third = (next(self._lines, None) for _ in range(3))
        self._after_blank = True

    def items(self) -> Iterator[Element | Heading]:
        """The items in the order of the text."""
        if self._line is not None and opens_title_page(self._line.text):
            yield from self._title_page()
        while self._line is not None:
            text = self._line.text.strip()
            if text:
                kind, body = self._kind(text)
                if kind == "speech":
                    yield from self._speech(body)
                elif kind is Kind.ACTION:
                    yield from self._action()
                else:
                    yield from self._one_line(kind, body)
                self._after_blank = self._typed and kind == "heading"  # Scene One below ACT I
            else:
                yield from self._take().notes
                self._after_blank = True

    def _take(self) -> Line:
        line = self._line
        assert line is not None
        self._line, self._next, self._third = self._next, self._third, next(self._lines, None)
        return line

    def _ends(self) -> bool:
        """Whether the line below this one, apart from a note, has no words."""
        below = self._third if self._next is not None and self._next.only_notes else self._next
        return below is None or below.bare

    def _goes_on(self) -> bool:
        """Whether this line belongs to the speech; a note does, unless somebody else begins to speak below it."""
        line, below = self._line, self._next
        if line is None or not line.only_notes:
            return line is not None and not line.bare
        cue = below is not None and name_on(below.text.strip()) and self._third is not None and not self._third.bare
        return not cue

    def _kind(self, text: str) -> tuple[Kind | str, str]:
        """(what this line is or begins, its text without marks)."""
        if text[0] == "!":
            return Kind.ACTION, ""
        if text[0] == "=" and len(text) > 2 and not text.strip("="):
            return Kind.PAGE_BREAK, ""
        if _centred(text):
            return Kind.CENTRED, text[1:-1].strip()
        if text[0] in _MARKS:
            kind = _MARKS[text[0]]
            return kind, text if kind is Kind.SECTION else text[1:].strip()
        if text[0] == "." and text[1:2].isalnum():
            return "heading", text[1:]
        if self._after_blank and opens_scene(text):
            return "heading", text
        ends = self._ends()
        if self._after_blank and ends and text.endswith("TO:") and text.upper() == text:
            return Kind.TRANSITION, text
        if self._typed and self._after_blank and (is_numbered(text) or (ends and is_part(text))):
            return "heading", text
        if (self._after_blank or text[0] == "@") and not ends and (name := name_on(text)):
            return "speech", name
        return Kind.ACTION, ""

    def _one_line(self, kind: Kind | str, body: str) -> Iterator[Element | Heading]:
        """The element on this line: a heading, or a direction that takes one line or several of its kind."""
        line = self._take()
        span = Span(line.start, line.end)
        if kind is Kind.CENTRED:  # lines of this kind that follow one another are one
            while self._line is not None and _centred(text := self._line.text.strip()) and not line.notes:
                body, line = f"{body}\n{text[1:-1].strip()}", self._take()
            if body:
                yield _direction(body, Span(span.start, line.end), kind)
        elif isinstance(kind, Kind):
            if body or kind is Kind.PAGE_BREAK:  # a mark without words is dropped
                yield _direction(body, span, kind)
        else:
            number = _NUMBER.search(body)
            heading = plain((body[: number.start()] if number else body).strip())
            yield Heading(heading, number[1] if number else "", span)
        yield from line.notes

    def _title_page(self) -> Iterator[Element]:
        lines: list[Line] = []
        while self._line is not None and self._line.text.strip() and len(lines) < _LONGEST_TITLE_PAGE:
            lines.append(self._take())
        rows = [(line.text[0].isspace(), line.text.strip()) for line in lines]
        yield _direction(title_page(rows), Span(lines[0].start, lines[-1].end), Kind.TITLE_PAGE)
        for line in lines:
            yield from line.notes

    def _speech(self, name: str) -> Iterator[Element]:
        cue = self._take()
        dual = cue.text.rstrip().endswith("^")
        rows, notes, start, end, size = list[str](), list(cue.notes), cue.start, cue.end, 0
        while self._line is not None and self._goes_on():
            if size > LONGEST_ELEMENT and self._line.text.strip():  # the speech is continued in another
                yield _speech(name, rows, Span(start, end), dual)
                rows, start, size = [], self._line.start, 0
            line = self._take()
            if not line.only_notes:
                rows.append(line.text.strip())
            notes += line.notes
            end, size = line.end, size + len(line.text)
        yield _speech(name, rows, Span(start, end), dual)
        yield from notes

    def _action(self) -> Iterator[Element]:
        rows, notes, start, end, size = list[str](), list[Direction](), -1, 0, 0
        while self._line is not None and (text := self._line.text.strip()) and size <= LONGEST_ELEMENT:
            if rows and (text[0] in _MARKS or (text[0] == "." and text[1:2].isalnum())):
                break
            line = self._take()
            start = line.start if start < 0 else start
            rows.append(text.removeprefix("!").strip())
            notes += line.notes
            end, size = line.end, size + len(text)
        if any(rows):
            yield _direction("\n".join(row for row in rows if row), Span(start, end), Kind.ACTION)
        yield from notes


def _is_headed(line: str) -> bool:
    text = line.strip()
    return opens_scene(text) or (text[:1] == "." and text[1:2].isalnum())


def _centred(text: str) -> bool:
    return len(text) > 1 and text[0] == ">" and text[-1] == "<"


def _direction(text: str, span: Span, kind: Kind) -> Direction:
    if not kind.played or not any(map(is_marked, text.split("\n"))):
        return Direction(plain(text) if kind.played else text, span, kind)
    rows = text.split("\n")
    return Direction("\n".join(map(plain, rows)), span, kind, "\n".join(map(_canonical, rows)))


def _canonical(row: str) -> str:
    """A row with its marks in the one form in which they are written."""
    return marked(runs(row)) if is_marked(row) else row


def _speech(name: str, rows: list[str], span: Span, dual: bool) -> Speech:
    while rows and not rows[-1]:
        rows.pop()
    text = "\n".join(rows)
    if _MARKS_WITHIN.search(text) is None:  # true of nearly all
        return Speech(name, text, span, dual)
    text = "\n".join(plain(row.removeprefix("~").strip()) for row in rows)
    sung = any(row.startswith("~") for row in rows)
    return Speech(name, text, span, dual, "\n".join(map(_canonical, rows)) if sung or any(map(is_marked, rows)) else "")
