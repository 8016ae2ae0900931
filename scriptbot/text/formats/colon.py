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

What a label is, ``labels.py`` says, and ``screenplay.py`` what headings and transitions are; all these, and a direction
in brackets, stand in the first column.  How scenes are parted, ``scenes.py`` says. White space around a line is no part
of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.labels import Labels, require_label, sureness
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.formats.screenplay import is_heading, is_transition
from scriptbot.text.script import Direction, Kind, Scene, Span, Speech

NAME = "colon"
SCREENPLAY = 0.6  # how sure it is of a text that has the headings of one
_LONGEST = 1 << 18  # characters of a speech or direction; what goes on longer goes on in another one


def detect(sample: str) -> float:
    """The share of lines, or of paragraphs, that open with a label and a speech, if labels come back.

    A screenplay has many lines that nobody says; its headings tell what they are.
    """
    labels, found = Labels(), []
    lines = paragraphs = opened = headings = 0
    blank = True
    for line in sample.splitlines():
        text = line.strip()
        if text:
            name, _, speech = labels.split(line)
            lines += 1
            paragraphs += blank
            headings += blank and is_heading(text)
            if name and speech.strip():
                found.append(name)
                opened += blank
        blank = not text
    # Hard-wrapped speeches leave few lines with a label, but each paragraph still begins with one.
    share = max(len(found) / lines, opened / paragraphs if opened > 2 else 0) if lines else 0.0
    if headings and len(found) >= 2 * headings and len(found) > 3:
        share = max(share, SCREENPLAY)
    return sureness(found, share)


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.cut(_items(lines), single=True)


class _Open:
    """A speech or a direction that is being read, from its first line on."""

    __slots__ = ("before", "bracketed", "name", "rows", "size", "spoken", "start")

    def __init__(self, name: str, before: int, start: int) -> None:
        self.name, self.before, self.start = name, before, start
        self.rows: list[str] = []
        self.size = 0  # characters in them
        self.spoken = 0  # rows before those in brackets at the end
        self.bracketed = start  # where the latter begin

    def take(self, line: str, text: str, position: int) -> None:
        """Another row, which stands on a line."""
        self.rows.append(text)
        self.size += len(text)
        if line[0] not in "(（" or text[-1] not in ")）" or len(self.rows) == 1:
            self.spoken = len(self.rows)
        elif self.spoken == len(self.rows) - 1:
            self.bracketed = position

    def elements(self, end: int) -> Iterator[scening.Spaced]:
        """What it has become, now that it ends there."""
        rows = self.rows
        if not self.name:
            yield self.before, Direction("\n".join(rows), Span(self.start, end))
        elif self.spoken == len(rows):
            yield self.before, Speech(self.name, "\n".join(rows), Span(self.start, end))
        else:
            spoken = Speech(self.name, "\n".join(rows[: self.spoken]), Span(self.start, self.bracketed - 1))
            yield self.before, spoken
            yield 0, Direction("\n".join(rows[self.spoken :]), Span(self.bracketed, end))


def _items(lines: Iterable[str]) -> Iterator[scening.Spaced]:
    split = Labels().split
    position = end = blanks = 0
    open_: _Open | None = None
    for line in lines:
        text = line.strip()
        if not text:
            if open_:
                yield from open_.elements(end)
                open_, blanks = None, 0
            blanks += 1
            position += len(line)
            continue
        name, aside, speech = split(line)
        apart = None if name else _apart(line, text, position)
        if open_ and (name or apart or open_.size > _LONGEST):
            yield from open_.elements(end)
            # An over-long speech goes on under the same name.
            open_, blanks = None if name or apart else _Open(open_.name, 0, position), 0
        if apart:
            yield blanks, apart
            blanks = 0
        else:
            if not open_:
                open_ = _Open(name, blanks, position)
            if name:
                text = (aside + speech).strip()
            if text:
                open_.take(line, text, position)
        position += len(line)
        end = position - (line[-1] == "\n")
    if open_:
        yield from open_.elements(end)


def _apart(line: str, text: str, position: int) -> Heading | Direction | None:
    """What stands on a line by itself: a scene's heading, or ``CUT TO:``."""
    if is_heading(line):
        return Heading(text, "", Span(position, position + len(text)))
    if is_transition(line):
        return Direction(text, Span(position, position + len(text)), Kind.TRANSITION)
    return None


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again it gives the same scenes, spans apart, as far as the format can say it: other headings than those of
    screenplays become directions, blank lines inside a speech and white space around a line go, and a line of a speech
    that looks like something else is indented.

    Raises:
        OutputError: a character whose name cannot be a label.
    """
    labels = Labels()
    first = True
    for scene, last in scening.pairs(scenes):
        body = list(_body(scene, labels))
        if first:
            gapped = any(not piece.strip() for piece in body)
            yield scening.opening(scene, alone=last, gapped=gapped)
        else:
            yield "\n\n"
        first = False
        yield from body


def _body(scene: Scene, labels: Labels) -> Iterator[str]:
    gap = False  # a direction needs a blank line above unless it begins the scene
    if scene.heading:
        heading = " ".join(scene.heading.split())
        yield f"{heading}\n" if is_heading(heading) else _lines(heading, labels)
        gap = True
    for element in scene.elements:
        if isinstance(element, Speech):
            text = _lines(element.text, labels, opened=True)
            yield f"{require_label(element.character, NAME)}:{'' if text.isspace() else ' '}{text}"
        elif element.text.strip():
            if gap:
                yield "\n"
            yield _lines(element.text, labels, kind=element.kind)
        gap = True


def _lines(text: str, labels: Labels, *, opened: bool = False, kind: Kind | None = None) -> str:
    """The lines of a text as they are written; what looks like something else is moved off the first column."""
    lines = [line for raw in text.split("\n") if (line := raw.strip())]
    if kind is Kind.TRANSITION and len(lines) == 1 and is_transition(lines[0]):
        return f"{lines[0]}\n"
    for number, line in enumerate(lines):
        if (number or not opened) and (
            labels.split(line)[0] or _apart(line, line, 0) or (opened and line[0] in "(（" and line[-1] in ")）")
        ):
            lines[number] = f" {line}"
    return "\n".join(lines) + "\n"
