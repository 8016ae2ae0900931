"""Writes Fountain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.errors import OutputError
from scriptbot.text.acts import is_numbered
from scriptbot.text.formats.emphasis import escaped
from scriptbot.text.formats.fountain_marks import FORCING, name_on
from scriptbot.text.screenplay import is_part, opens_scene
from scriptbot.text.script import Direction, Kind, Scene, Speech
from scriptbot.text.title_page import opens_title_page

_OPENING = re.compile(r"(?<!\\)(?:/(?=\*)|\[(?=\[))")  # begins the boneyard or a note where nothing is escaped
_CLOSING = re.compile(r"\](?=\]|$)")  # a bracket in a note that would end it, alone or with those of the note


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again, it gives the same scenes, apart from spans, as far as the format can express it: white space around a
    line is dropped, and so are empty notes and empty lines of an action; a space parts ``]]`` and ``*/`` in what they
    would end, and ``[[`` and ``/*`` in names, sections, synopses and the title page; transitions and sections become
    one line.
    """
    first = True
    for scene in scenes:
        for block in _blocks(scene, opening=first):
            yield block if first else f"\n{block}"
            first = False


def _blocks(scene: Scene, *, opening: bool) -> Iterator[str]:
    """The paragraphs of a scene, each with its line end.

    Args:
        opening: whether they begin the script.
    """
    elements = list(scene.elements)
    while elements and isinstance(elements[0], Direction) and elements[0].kind is Kind.TITLE_PAGE:
        yield f"{_unopened(elements.pop(0).text)}\n"
        opening = False
    if scene.heading:
        heading = escaped(scene.heading)
        yield f"{'' if opens_scene(heading) else '.'}{heading}{f' #{scene.number}#' if scene.number else ''}\n"
        opening = False
    for element in elements:
        block = _spoken(element) if isinstance(element, Speech) else _shown(element)
        yield f"!{block}" if opening and opens_title_page(block) else block
        opening = False


def _spoken(speech: Speech) -> str:
    name = speech.character
    if not name.strip() or name_on(f"@{name}") != name or "\n" in name:
        raise OutputError(
            f"“{name}” cannot be written as a name in Fountain.", "Give a name on one line, without ^ at its end."
        )
    name = _unopened(name)
    looks = name_on(name) == name and not _heads(name) and name[0] not in FORCING and not opens_title_page(name)
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
            text = _CLOSING.sub("] ", text)
            return "[[" + "\n".join(row or "  " for row in text.split("\n")) + "]]\n"
        case Kind.CUT:
            return f"/* {text.replace('*/', '* /')} */\n"
        case Kind.PAGE_BREAK:
            return "===\n"
        case Kind.CENTRED:
            return "".join(f"> {row} <\n" for row in text.split("\n"))
        case Kind.TRANSITION:
            text = " ".join(text.split("\n"))
            return f"{text}\n" if text.endswith("TO:") and text.upper() == text else f"> {text}\n"
        case Kind.LYRICS:
            return "".join(f"~ {row}\n" for row in text.split("\n"))
        case Kind.SYNOPSIS:
            return "".join(f"= {row}\n" for row in _unopened(text).split("\n"))
        case Kind.SECTION:
            text = _unopened(" ".join(text.split("\n")))
            return f"{text}\n" if text.startswith("#") else f"# {text}\n"
        case _:
            return f"{text}\n"


def _unopened(text: str) -> str:
    """A text in which nothing begins the boneyard or a note."""
    return _OPENING.sub(r"\g<0> ", text)


def _heads(text: str) -> bool:
    """Whether a text is a heading: always, or in a script that has none but acts and scenes."""
    return opens_scene(text) or is_numbered(text)


def _misread(row: str, first: bool) -> bool:
    """Whether a row of an action would be taken for something else if it were not forced."""
    looks = first and (_heads(row) or is_part(row) or name_on(row) or (row.endswith("TO:") and row.upper() == row))
    return bool(looks) or row[0] in FORCING
