"""``NAME:`` on a line of its own, the speech below it, down to a blank line.

::

    Ada:
    Is the kettle on?

    Second Neighbour:
    It was,
    before you came.

A paragraph without such a line is a direction, ``INT. THE KITCHEN - NIGHT`` or ``SCENE 2`` is the heading of a
scene, and ``CUT TO:`` the transition to one.  Gaps of two or more blank lines separate scenes where they occur; if the
beginning has neither headings nor gaps (as in the usual collected Shakespeare), every 40 speeches make a scene
(``scenes.py``).
White space around a line is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.labels import Labels, require_label, sureness
from scriptbot.text.screenplay import (
    Placing,
    is_heading,
    is_transition,
    markdown_heading,
    placing_word,
    rows,
    without_stars,
)
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Kind, Scene, Span, Speech

NAME = "named"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False


def detect(sample: str) -> float:
    """The share of paragraphs, headings apart, that open with a label on a line of its own, if labels come back."""
    labels, found = Labels(), []
    paragraphs, label, blank = 0, "", True
    placing = Placing(sample.splitlines())
    for line in placing:
        text = line.strip()
        if blank and (
            is_heading(text) or placing.word(line) or markdown_heading(text)[0]
        ):  # a speech may stand right below it
            continue
        if text and blank:
            paragraphs += 1
            label, _ = _alone(labels, line)
        elif text and label:  # there is a speech below it
            found.append(label)
            label = ""
        blank = not text
    return sureness(found, len(found) / paragraphs if paragraphs else 0.0)


def _alone(labels: Labels, line: str) -> tuple[str, str]:
    """(name, how it is said) on a line that contains nothing else; both are empty if there is more, or no label."""
    name, aside, rest = labels.split(line)
    return (name, aside) if name and not rest.strip() else ("", "")


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.cut(_elements(lines), single=False)


def _elements(lines: Iterable[str]) -> Iterator[scening.Spaced]:
    labels = Labels()
    placing = Placing(lines)
    position = start = end = blanks = before = size = 0
    name = ""
    words: list[str] = []
    reading = False
    for line in placing:
        text = line.strip()
        if not text:
            position += len(line)
            if reading:
                yield before, _element(name, words, start, end, placing)
                reading, blanks = False, 0
            blanks += 1
            continue
        if not reading:
            (name, aside), words, size = _alone(labels, line), [], 0
            apart = None if name else scening.placed(line, position, placing) or scening.apart(line, position)
            if apart:
                yield blanks, apart
                blanks = 0
                position += len(line)
                continue
            if name:
                text = aside
            start, before, blanks, reading = position, blanks, 0, True
        elif size > LONGEST_ELEMENT:
            yield before, _element(name, words, start, end, placing)
            words, size, start, before = [], 0, position, 0
        if text:
            words.append(without_stars(text))
            size += len(text)
        position += len(line)
        end = position - (line[-1] == "\n")
    if reading:
        yield before, _element(name, words, start, end, placing)


def _element(name: str, words: list[str], start: int, end: int, placing: Placing) -> Speech | Direction | Heading:
    text, span = words[0] if len(words) == 1 else "\n".join(words), Span(start, end)
    if name and (word := placing.word(f"{name}:", text)):
        if word.upper() == "SCENE" and len(words) == 1:
            return Heading(f"{name}: {text}", "", span)
        return Direction(f"{name}:\n{text}", span)
    return Speech(name, text, span) if name else Direction(text, span)


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again, it gives the same scenes, apart from spans, as far as the format can express it: headings other than
    those of screenplays and of numbered acts and scenes, ``SCENE: …``, ``Prologue`` and ``Epilogue`` become directions,
    headings and transitions lose square brackets and what else is drawn around them, stars and underscores around words
    in brackets, blank lines inside a speech and white space around a line are dropped, and a direction that looks like
    a label or a heading is indented.  What somebody called Time or Place says may be taken for when or where it is.

    Raises:
        OutputError: a character whose name cannot be a label.
    """
    labels = Labels()
    first = True
    for scene, after in scening.pairs(scenes):
        yield scening.opening(scene, alone=after is None, gapped=False) if first else "\n\n"
        first = False
        yield "\n".join(_body(scene, after, labels))


def _body(scene: Scene, after: Scene | None, labels: Labels) -> Iterator[str]:
    """The paragraphs of a scene, each with its line end."""
    if heading := " ".join(scene.heading.split()):
        headed = scening.is_kept(scene, after) and not _alone(labels, heading)[0]
        yield f"{heading}\n" if headed else _paragraph(heading, labels)
    for element in scene.elements:
        if isinstance(element, Speech):
            text = "".join(f"{line}\n" for line in rows(element.text))
            yield f"{require_label(element.character, NAME)}:\n{text}"
        elif element.text.strip():
            transition = element.kind is Kind.TRANSITION and is_transition(element.text)
            yield f"{element.text}\n" if transition else _paragraph(element.text, labels)


def _paragraph(text: str, labels: Labels) -> str:
    lines = rows(text)
    special = _alone(labels, lines[0])[0] or placing_word(lines[0]) or scening.apart(lines[0], 0)
    return (" " if special else "") + "\n".join(lines) + "\n"
