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

Names in capitals, scene headings and transitions are known by their looks and by the blank lines around them; a mark
forces them: ``@`` a name (in scripts without capitals: always), ``.`` a heading, ``!`` an action, ``>`` a transition,
``~`` lyrics, ``> … <`` centred text.  Sections ``#``, synopses ``=``, ``[[notes]]`` and the title page are kept, though
nobody plays them, and so is what stands between ``/*`` and ``*/`` (the boneyard).  Without any heading, 40 speeches
make a scene.  White space around a line is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.errors import OutputError
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.emphasis import escaped, is_marked, marked, plain, runs
from scriptbot.text.formats.fountain_lines import Line, visible
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

NAME = "fountain"
SUFFIXES = (".fountain", ".spmd", ".highland")
_LONGEST = 1 << 18  # characters of a paragraph; what goes on longer goes on in another one
_LONGEST_TITLE_PAGE = 200  # lines
HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]", re.IGNORECASE)
_NUMBER = re.compile(r"\s*#([^\s#]+)#$")
_TITLE_KEY = re.compile(r"([A-Za-z][A-Za-z ]{0,20}):")
TITLE_KEYS = frozenset(
    [
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "notes",
        "draft date",
        "date",
        "contact",
        "copyright",
        "revision",
    ]
)
_MARKS = {"#": Kind.SECTION, "=": Kind.SYNOPSIS, ">": Kind.TRANSITION, "~": Kind.LYRICS}
_CODE = re.compile(r"(?:async )?def |class |@|\{|(?:public|private|protected|export|function)\b")
_FORCING = frozenset("!.@#=>~")
_LABEL = re.compile(r"([^\W\d_][^:\n]{0,40}): \S")  # of a plain script
FEW = 3  # labels that any script may have


def detect(sample: str) -> float:
    """Scene headings beside names settle it; else names in capitals that come back, or only forced ones.

    A plain script can have such headings, too; its names stand before what is said.
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
            headings += bool(HEADING.match(text)) and text.upper() == text
            waiting = "" if HEADING.match(text) else _name(text)
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


def _name(text: str) -> str:
    """The name on a line that could open a speech, without its marks; empty if it could not."""
    text, forced = text.removesuffix("^").rstrip(), text[:1] == "@"
    if forced:
        return text[1:].strip()
    name = text.partition("(")[0].rstrip()
    return text if name.upper() == name and name.lower() != name else ""


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.by_heading(_Reader(lines).items())


class _Reader:
    """Lines to headings, speeches and directions."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = visible(lines)
        self._line, self._next = next(self._lines, None), next(self._lines, None)
        self._after_blank = True

    def items(self) -> Iterator[Element | Heading]:
        """In the order of the text."""
        if self._line is not None and _is_title_page(self._line.text):
            yield from self._title_page()
        while self._line is not None:
            text = self._line.text.strip()
            if text:
                kind, body = self._kind(text)
                yield from self._read(kind, body)
                self._after_blank = False
            else:
                yield from self._take().notes
                self._after_blank = True

    def _take(self) -> Line:
        line = self._line
        assert line is not None
        self._line, self._next = self._next, next(self._lines, None)
        return line

    def _kind(self, text: str) -> tuple[Kind | str, str]:
        """(what begins with this line, its text without marks)."""
        if text[0] == "!":
            return Kind.ACTION, ""
        if len(text) > 2 and not text.strip("="):
            return Kind.PAGE_BREAK, ""
        if _centred(text):
            return Kind.CENTRED, text[1:-1].strip()
        if text[0] in _MARKS:
            kind = _MARKS[text[0]]
            return kind, text if kind is Kind.SECTION else text[1:].strip()
        if text[0] == "." and text[1:2].isalnum():
            return "heading", text[1:]
        if self._after_blank and HEADING.match(text):
            return "heading", text
        ends = self._next is None or self._next.bare
        if self._after_blank and ends and text.endswith("TO:") and text.upper() == text:
            return Kind.TRANSITION, text
        if (self._after_blank or text[0] == "@") and not ends and _name(text):
            return "speech", _name(text)
        return Kind.ACTION, ""

    def _read(self, kind: Kind | str, body: str) -> Iterator[Element | Heading]:
        if kind == "speech":
            yield from self._speech(body)
        elif kind is Kind.ACTION:
            yield from self._action()
        else:
            line = self._take()
            span = Span(line.start, line.end)
            if kind is Kind.CENTRED:  # as far as such lines follow one another
                while self._line is not None and _centred(text := self._line.text.strip()) and not line.notes:
                    body, line = f"{body}\n{text[1:-1].strip()}", self._take()
                yield _direction(body, Span(span.start, line.end), kind)
            elif isinstance(kind, Kind):
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
        while self._line is not None and not self._line.empty:
            if size > _LONGEST:  # it goes on as another speech
                yield _speech(name, rows, Span(start, end), dual)
                rows, start, size = [], self._line.start, 0
            line = self._take()
            if not (line.bare and line.notes):
                rows.append(line.text.strip())
            notes += line.notes
            end, size = line.end, size + len(line.text)
        yield _speech(name, rows, Span(start, end), dual)
        yield from notes

    def _action(self) -> Iterator[Element]:
        rows, notes, start, end, size = list[str](), list[Direction](), -1, 0, 0
        while self._line is not None and (text := self._line.text.strip()) and size <= _LONGEST:
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


def title_page(rows: Iterable[tuple[bool, str]]) -> str:
    """The rows of a title page in one form: a value of one row beside its key, a longer one below it, indented.

    Args:
        rows: whether each goes on with the value before, and what it says.
    """
    values: list[list[str]] = []
    for inner, text in rows:
        if inner and values:
            values[-1].append(text)
        else:
            key, colon, value = text.partition(":")
            values.append([f"{key}{colon}", *filter(None, [value.strip()])])
    return "\n".join(
        " ".join(value) if len(value) <= 2 else "\n    ".join(value)  # a key alone, or with one row
        for value in values
    )


def _centred(text: str) -> bool:
    return len(text) > 1 and text[0] == ">" and text[-1] == "<"


def _is_title_page(text: str) -> bool:
    key = _TITLE_KEY.match(text)
    return key is not None and key[1].casefold() in TITLE_KEYS


def _direction(text: str, span: Span, kind: Kind) -> Direction:
    if not kind.played or not any(map(is_marked, text.split("\n"))):
        return Direction(plain(text) if kind.played else text, span, kind)
    rows = text.split("\n")
    return Direction("\n".join(map(plain, rows)), span, kind, "\n".join(map(_canonical, rows)))


def _canonical(row: str) -> str:
    """A row with its marks in the one form that they are written in."""
    return marked(runs(row)) if is_marked(row) else row


def _speech(name: str, rows: list[str], span: Span, dual: bool) -> Speech:
    while rows and not rows[-1]:
        rows.pop()
    text = "\n".join(plain(row.removeprefix("~").strip()) for row in rows)
    sung = any(row.startswith("~") for row in rows)
    return Speech(name, text, span, dual, "\n".join(map(_canonical, rows)) if sung or any(map(is_marked, rows)) else "")


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again it gives the same scenes, spans apart, as far as the format can say it: white space around a line goes,
    and so do empty notes and lines of an action.
    """
    first = True
    for scene in scenes:
        for block in _blocks(scene):
            yield block if first else f"\n{block}"
            first = False


def _blocks(scene: Scene) -> Iterator[str]:
    """Paragraphs, each with its line end."""
    elements = list(scene.elements)
    while elements and isinstance(elements[0], Direction) and elements[0].kind is Kind.TITLE_PAGE:
        yield f"{elements.pop(0).text}\n"
    if scene.heading:
        heading = escaped(scene.heading)
        yield f"{'' if HEADING.match(heading) else '.'}{heading}{f' #{scene.number}#' if scene.number else ''}\n"
    for element in elements:
        yield _spoken(element) if isinstance(element, Speech) else _shown(element)


def _spoken(speech: Speech) -> str:
    name = speech.character
    if not name.strip() or _name(f"@{name}") != name or "\n" in name:
        raise OutputError(
            f"“{name}” cannot be written as a name in Fountain.", "Give a name on one line, without ^ at its end."
        )
    looks = _name(name) == name and not HEADING.match(name) and name[0] not in _FORCING
    rows = [f"\\{row}" if row[:1] == "~" else row for row in escaped(speech.text).split("\n")]
    rows = speech.marked.split("\n") if speech.marked else rows
    return f"{'' if looks else '@'}{name}{' ^' * speech.dual}\n" + "".join(f"{row.strip() or '  '}\n" for row in rows)


def _shown(direction: Direction) -> str:
    text = direction.marked or (escaped(direction.text) if direction.kind.played else direction.text)
    match direction.kind:
        case Kind.ACTION:
            rows = [row.strip() for row in text.split("\n") if row.strip()]
            return "".join(f"{'!' * _misread(row, number == 0)}{row}\n" for number, row in enumerate(rows))
        case Kind.NOTE:
            return "[[" + "\n".join(row or "  " for row in text.split("\n")) + "]]\n"
        case Kind.CUT:
            return f"/* {text.replace('*/', '* /')} */\n"
        case Kind.PAGE_BREAK:
            return "===\n"
        case Kind.CENTRED:
            return "".join(f"> {row} <\n" for row in text.split("\n"))
        case Kind.TRANSITION:
            return f"{text}\n" if text.endswith("TO:") and text.upper() == text else f"> {text}\n"
        case Kind.LYRICS:
            return "".join(f"~ {row}\n" for row in text.split("\n"))
        case Kind.SYNOPSIS:
            return "".join(f"= {row}\n" for row in text.split("\n"))
        case Kind.SECTION:
            return f"{text}\n" if text.startswith("#") else f"# {text}\n"
        case _:
            return f"{text}\n"


def _misread(row: str, first: bool) -> bool:
    """Whether a row of an action would be taken for something else."""
    looks = first and (HEADING.match(row) or _name(row) or (row.endswith("TO:") and row.upper() == row))
    return bool(looks) or row[0] in _FORCING
