"""``NAME: speech`` on one line.

::

    Ada: (SETTING DOWN HER BAG) Is the kettle on?
    Tom_Reed: It was.
    This line has no label and goes on with Tom's speech.

    After a blank line such a line is a direction.

    花子「お湯は？」
    **Ada:** So it is written in Markdown.
    (Below a speech this is a direction.)

    CUT TO:
    INT. THE KITCHEN - NIGHT

    [Scene 2: The garden]
    ## The cellar
    TIME: A line that tells where or when is no speech.

A title page may stand at the beginning: ``Title: …`` in the first column, and below it ``Author: …``, ``Notes: …`` and
the like, and indented rows, down to any other row.

``labels.py`` says what a label is, ``screenplay.py`` what headings and transitions are, and ``scenes.py`` how scenes
are separated.  Labels, headings, transitions, and directions in brackets below a speech begin in the first column, or,
in a script that is indented as a whole, behind the white space that nearly all labels share.  White space around a line
is no part of it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator
from itertools import chain

from scriptbot.text.formats import scenes as scening
from scriptbot.text.labels import Labels, require_label, sureness
from scriptbot.text.screenplay import HEADS, Placing, is_heading, is_transition, placing_word, rows, without_stars
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Kind, Scene, Span, Speech
from scriptbot.text.title_page import opens_title_page, title_page

NAME = "colon"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
SCREENPLAY = 0.6  # how certain a text is of this format that has the headings of a screenplay
_BRACKETS = frozenset("()（）")
_MOST_ROWS = 8  # of a direction in one pair of brackets
_STRAY = 2  # labels in the first column that a script may have which is indented as a whole


def detect(sample: str) -> float:
    """The share of lines, or of paragraphs, that open with a label and a speech, if labels come back.

    A screenplay has many lines that nobody says, so its headings count as well.
    """
    labels, found = Labels(), []
    lines = paragraphs = opened = headings = 0
    blank = True
    titled = opens_title_page(sample.lstrip())
    placing = Placing(_Indented(sample.splitlines()))
    for line in placing:
        text = line.strip()
        if text:
            name, _, speech = labels.split(line)
            # Only indented rows go on with a title page: below “Title: …” there may be prose.
            if placing.word(line) or (titled and (opens_title_page(text) or (not name and line[0].isspace()))):
                blank = False
                continue
            titled = False
            lines += 1
            paragraphs += blank
            headings += blank and is_heading(text)
            if name and speech.strip():
                found.append(name)
                opened += blank
        elif not blank:
            titled = False
        blank = not text
    # If speeches are hard-wrapped, few lines have a label, but each paragraph still begins with one.
    share = max(len(found) / lines, opened / paragraphs if opened > 2 else 0) if lines else 0.0
    if headings and len(found) >= 2 * headings and len(found) > 3:
        share = max(share, SCREENPLAY)
    return sureness(found, share)


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.cut(_items(lines), single=True)


def _items(lines: Iterable[str]) -> Iterator[scening.Spaced]:
    split = Labels().split
    indented = _Indented(lines)
    placing = Placing(indented)
    position = start = end = blanks = before = size = 0
    name = ""
    rows: list[str] = []  # of the speech or direction that is being read
    # Rows below the first that begin with a bracket in the first column → where the row above ends, where it begins.
    brackets: dict[int, tuple[int, int]] = {}
    kind = Kind.ACTION  # of the direction that is being read
    reading = False
    titled = True  # whether this line can be of the title page
    for line in placing:
        first = not position
        position += indented.removed()
        length = len(line)
        line = without_stars(line)
        text = line.strip()
        if not text:
            position += length
            if reading:
                yield from _read(name, rows, brackets, start, end, before, kind)
                reading, blanks, titled = False, 0, False
            blanks += 1
            continue
        placed = scening.placed(line, position, placing)
        headed = placed is not None or (line[0] in HEADS and is_heading(text))
        titled = titled and ((line[0].isspace() or opens_title_page(line)) if reading else _is_title(line))
        label, aside, speech = ("", "", "") if headed or titled else split(line)
        apart = placed or (None if label or titled else scening.apart(line, position, not reading, first=first))
        ended = kind is Kind.TITLE_PAGE and not titled
        if label or apart or not reading or ended or size > LONGEST_ELEMENT:
            if reading:
                yield from _read(name, rows, brackets, start, end, before, kind)
                blanks = 0
                name = label or name  # an over-long speech goes on under the same name
            else:
                name = label
            kind = Kind.TITLE_PAGE if titled else Kind.ACTION
            if label:
                text = (aside + speech).strip()
            rows, brackets, size = [text] if text and not apart else [], {}, len(text)
            start, before, blanks, reading = position, blanks, 0, not apart
            if apart:
                yield before, apart
        else:
            if line[0] in "(（" and rows:
                brackets[len(rows)] = (end, position)
            rows.append(f" {text}" if titled and line[0].isspace() else text)
            size += len(text)
        position += length
        end = position - (line[-1] == "\n")
    if reading:
        yield from _read(name, rows, brackets, start, end, before, kind)


class _Indented:
    """The lines of a text without the indentation that nearly all of its labels share, as in what was copied from a web
    page.

    The beginning is held back until it is known: up to 200 labels or 256 Ki characters, or the third label in the first
    column.  Of other lines, half as many as labels may stand in the first column: fields are indented below records.
    A single space counts as none, since such a one keeps a line of a speech from being taken for a label.  A title page
    at the beginning is handed on as it is.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._ahead: list[str] = []
        self._width = self._shared()
        self._removed: deque[int] = deque()  # of the lines that were handed on, and whose place was not asked for yet

    def __iter__(self) -> Iterator[str]:
        lines = chain(self._ahead, self._lines)
        if not self._width:
            yield from lines
            return
        top: bool | None = None  # whether it is the title page, which has an indentation of its own; None before it
        for line in lines:
            if line.strip():
                top = opens_title_page(line) if top is None else top
            elif top is not None:
                top = False
            kept = top or (line[:1] == " " and not line[1:2].isspace())
            bare = line if kept else line[: self._width].lstrip() + line[self._width :]
            self._removed.append(len(line) - len(bare))
            yield bare

    def removed(self) -> int:
        """How many characters the next of the lines has lost, in the order in which they were handed on."""
        return self._removed.popleft() if self._width else 0

    def _shared(self) -> int:
        """How many characters of white space stand before nearly all labels; 0 if it is not the same number."""
        split = Labels().split
        found: Counter[int] = Counter()
        size = others = 0  # others: lines in the first column that are no labels
        for line in self._lines:
            self._ahead.append(line)
            size += len(line)
            bare = line.lstrip()
            width = len(line) - len(bare)
            name, _, speech = split(bare)
            # “  name: x” is rather a setting than a speech
            named = name and (not width or (name[0].isalpha() and not name[0].islower()))
            titled = opens_title_page(bare) or placing_word(bare)
            if named and speech.strip() and not titled:
                found[0 if line[:width] == " " else width] += 1
            elif bare and not width and not titled:
                others += 1
            if found[0] > _STRAY or found.total() >= scening.AHEAD_SPEECHES or size >= scening.AHEAD_CHARACTERS:
                break
        ((width, count),) = found.most_common(1) or [(0, 0)]
        shared = found[0] <= _STRAY and count > 1 and 5 * count >= 4 * found.total() and 2 * others <= count
        return width if shared else 0


def _is_title(line: str) -> bool:
    """Whether a title page begins here; with another of its keys, an author or a date, somebody may speak."""
    return line[:6].casefold() == "title:"


def _read(
    name: str, rows: list[str], brackets: dict[int, tuple[int, int]], start: int, end: int, before: int, kind: Kind
) -> tuple[scening.Spaced, ...]:
    """The speech or the direction that some rows are; if rows in brackets end the speech, both."""
    if name and brackets and (spoken := _spoken(rows, brackets)) < len(rows):
        said, begin = brackets[spoken]
        speech = Speech(name, "\n".join(rows[:spoken]), Span(start, said))
        return (before, speech), (0, Direction("\n".join(rows[spoken:]), Span(begin, end)))
    if kind is Kind.TITLE_PAGE:
        text = title_page((row[0].isspace(), row.strip()) for row in rows)
        return ((before, Direction(text, Span(start, end), kind)),)
    text, span = rows[0] if len(rows) == 1 else "\n".join(rows), Span(start, end)
    return ((before, Speech(name, text, span) if name else Direction(text, span)),)


def _spoken(rows: list[str], brackets: Container[int]) -> int:
    """How many rows of a speech are said: all but those at its end that are in brackets, one or more rows to a pair.

    Args:
        brackets: the rows that begin with a bracket in the first column.
    """
    spoken, open_ = len(rows), False
    for number in range(len(rows) - 1, 0, -1):
        row = rows[number]
        open_ |= row[-1] in ")）"
        inner = row[number in brackets : len(row) - (row[-1] in ")）")]
        if not open_ or not _BRACKETS.isdisjoint(inner) or spoken - number > _MOST_ROWS:
            break
        if number in brackets:
            spoken, open_ = number, False
    return spoken


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again, it gives the same scenes, apart from spans, as far as the format can express it: headings other than
    those of screenplays and of numbered acts and scenes, ``SCENE: …``, ``Prologue`` and ``Epilogue`` become directions,
    headings and transitions lose square brackets and what else is drawn around them, title pages become directions,
    stars and underscores around words in brackets, blank lines inside a speech and white space around a line are
    dropped, and a line of a speech that looks like something else is indented.

    Raises:
        OutputError: a character whose name cannot be a label.
    """
    labels = Labels()
    first = True
    for scene, after in scening.pairs(scenes):
        body = list(_body(scene, after, labels))
        if first:
            gapped = any(not piece.strip() for piece in body)
            yield scening.opening(scene, alone=after is None, gapped=gapped)
        else:
            yield "\n\n"
        first = False
        yield from body


def _body(scene: Scene, after: Scene | None, labels: Labels) -> Iterator[str]:
    gap = False  # whether a blank line has to come before a direction, as it does unless it begins the scene
    if heading := " ".join(scene.heading.split()):
        yield f"{heading}\n" if scening.is_kept(scene, after) else _lines(heading, labels)
        gap = True
    for element in scene.elements:
        if isinstance(element, Speech):
            text = _lines(element.text, labels, opened=True)
            yield f"{_label(element.character)}{'' if text.isspace() else ' '}{text}"
        elif element.text.strip():
            if gap:
                yield "\n"
            if element.kind is Kind.TRANSITION and is_transition(element.text):
                yield f"{element.text}\n"
            elif element.kind is Kind.TITLE_PAGE:  # indented, or what stands below “Contact:” would be taken for prose
                yield "".join(f" {line}\n" for raw in element.text.split("\n") if (line := raw.strip()))
            else:
                yield _lines(element.text, labels)
        gap = True


def _label(name: str) -> str:
    """How a label is written: in bold, as in Markdown, if it could be read as a title, or as where or when it is."""
    label = f"{require_label(name, NAME)}:"
    return f"**{label}**" if _is_title(label) or placing_word(label) else label


def _lines(text: str, labels: Labels, *, opened: bool = False) -> str:
    """The lines of a text as they are written; a line that looks like something else is moved off the first column.

    Args:
        opened: whether it is a speech, whose first line follows the label.
    """
    lines = rows(text)
    for number, line in enumerate(lines):
        if opened and not number:
            continue
        if labels.split(line)[0] or scening.apart(line, 0) or (opened and line[0] in "(（"):
            lines[number] = f" {line}"
    return "\n".join(lines) + "\n"
