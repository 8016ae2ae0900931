"""``NAME: speech`` on one line.

::

    Ada: (SETTING DOWN HER BAG) Is the kettle on?
    Tom_Reed: It was.
    This line has no label and goes on with Tom's speech.

    After a blank line such a line is a direction.

    花子「お湯は？」
    **Ada:** So it is written in Markdown.

What a label is, ``labels.py`` says; labels stand in the first column.  How scenes are parted, ``scenes.py``
says. White space around a line is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.fountain_marks import HEADING
from scriptbot.text.formats.labels import Labels, require_label, sureness
from scriptbot.text.script import Direction, Element, Scene, Span, Speech

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
            headings += blank and HEADING.match(text) is not None and text.upper() == text
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
    return scening.cut(_elements(lines), single=True)


def _elements(lines: Iterable[str]) -> Iterator[scening.Spaced]:
    split = Labels().split
    position = start = end = blanks = before = size = 0
    name = ""
    words: list[str] = []  # of the speech or direction being read; open while ``reading``
    reading = False
    for line in lines:
        text = line.strip()
        if not text:
            position += len(line)
            if reading:
                yield before, _element(name, words, start, end)
                reading, blanks = False, 0
            blanks += 1
            continue
        label, aside, speech = split(line)
        if label or not reading or size > _LONGEST:
            if reading:
                yield before, _element(name, words, start, end)
                blanks = 0
                name = label or name  # an over-long speech goes on under the same name
            else:
                name = label
            words, size = [], 0
            if label:
                text = (aside + speech).strip()
            start, before, blanks, reading = position, blanks, 0, True
        if text:
            words.append(text)
            size += len(text)
        position += len(line)
        end = position - (line[-1] == "\n")
    if reading:
        yield before, _element(name, words, start, end)


def _element(name: str, words: list[str], start: int, end: int) -> Element:
    text = words[0] if len(words) == 1 else "\n".join(words)
    return Speech(name, text, Span(start, end)) if name else Direction(text, Span(start, end))


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again it gives the same scenes, spans apart, as far as the format can say it: headings become
    directions, blank lines inside a speech and white space around a line go, and a line of a speech that
    looks like a label is indented.

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
        yield _lines(scene.heading, labels)
        gap = True
    for element in scene.elements:
        if isinstance(element, Speech):
            text = _lines(element.text, labels, opened=True)
            yield f"{require_label(element.character, NAME)}:{'' if text.isspace() else ' '}{text}"
        elif element.text.strip():
            if gap:
                yield "\n"
            yield _lines(element.text, labels)
        gap = True


def _lines(text: str, labels: Labels, *, opened: bool = False) -> str:
    """The lines of a text as they are written; what looks like a label is moved off the first column."""
    lines = [line for raw in text.split("\n") if (line := raw.strip())]
    for number, line in enumerate(lines):
        if (number or not opened) and labels.split(line)[0]:
            lines[number] = f" {line}"
    return "\n".join(lines) + "\n"
