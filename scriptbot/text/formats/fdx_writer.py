"""Writes scripts as Final Draft's XML: the inverse of ``fdx.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from scriptbot.text.formats.emphasis import BOLD, ITALIC, UNDERLINE, escaped, runs
from scriptbot.text.script import Direction, Kind, Scene, Speech
from scriptbot.text.title_page import TITLE_KEYS

_ORDER = (BOLD, ITALIC, UNDERLINE)
_BREAK = "<Text>\n</Text>"
_NO_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {Kind.TRANSITION: "Transition", Kind.LYRICS: "Lyrics", Kind.SYNOPSIS: "Synopsis"}
_KEY = re.compile(r"([A-Za-z][A-Za-z ]{0,20}):\s*(.*)$")


@dataclass
class _Out:
    """A paragraph to be written: its type, its text with marks, and what stands within it."""

    sort: str
    marked: str
    attributes: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    dual: int = 0  # the number of the pair of simultaneous speeches that it belongs to; 0: none


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The script in this format, piece by piece.

    Read again, it gives the same scenes, apart from spans.  Notes and omitted passages stand within the paragraph
    before them, synopses below a heading in its summary, and the title page at the end, where Final Draft has it.
    Sections below the first level, and synopses elsewhere, are paragraphs of types that Final Draft does not know and
    shows as they are.
    """
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n'
    yield '<FinalDraft DocumentType="Script" Template="No" Version="5">\n  <Content>\n'
    front: list[str] = []
    pair = 0
    for scene in scenes:
        paragraphs, pair = _paragraphs(scene, front, pair)
        yield from _together(paragraphs)
    yield "  </Content>\n"
    if front:
        yield "  <TitlePage>\n    <Content>\n"
        yield from (_xml(paragraph) for paragraph in _title_page(front))
        yield "    </Content>\n  </TitlePage>\n"
    yield "</FinalDraft>\n"


def _paragraphs(scene: Scene, front: list[str], pair: int) -> tuple[list[_Out], int]:
    """(the paragraphs of a scene, the number of simultaneous pairs so far); title pages are added to ``front``."""
    out: list[_Out] = []
    if scene.heading or scene.number:
        number = {"Number": scene.number} if scene.number else {}
        out.append(_Out("Scene Heading", escaped(scene.heading), number))
    elements = list(scene.elements)
    for index, element in enumerate(elements):
        if isinstance(element, Speech):
            following = next((e for e in elements[index + 1 :] if not _is_aside(e)), None)
            if element.dual and out and out[-1].dual == pair and pair:
                out += _speech(element, pair)
            elif isinstance(following, Speech) and following.dual:
                pair += 1
                out += _speech(element, pair)
            else:
                out += _speech(element, 0)
            continue
        match element.kind:
            case Kind.TITLE_PAGE:
                front.extend(element.text.split("\n"))
            case Kind.NOTE | Kind.CUT:
                if not out:
                    out.append(_Out("Action", ""))
                out[-1].notes.append(element.text if element.kind is Kind.NOTE else f"/* {element.text} */")
            case Kind.SYNOPSIS if out and out[-1].sort == "Scene Heading" and not out[-1].notes:
                out[-1].summaries.append(element.text)
            case _:
                out.append(_direction(element))
    return out, pair


def _is_aside(element: Speech | Direction) -> bool:
    return isinstance(element, Direction) and element.kind in (Kind.NOTE, Kind.CUT)


def _speech(speech: Speech, pair: int) -> list[_Out]:
    """The paragraphs of a speech: cue, parentheticals, words and songs."""
    out = [_Out("Character", escaped(speech.character), dual=pair)]
    rows = speech.marked.split("\n") if speech.marked else [escaped(row) for row in speech.text.split("\n")]
    for row in rows if speech.text else []:
        if speech.marked and row.startswith("~"):
            out.append(_Out("Lyrics", row[1:].strip(), dual=pair))
        elif row.startswith("(") and row.endswith(")"):
            out.append(_Out("Parenthetical", row, dual=pair))
        elif out[-1].sort == "Dialogue":
            out[-1].marked += f"\n{row}"
        else:
            out.append(_Out("Dialogue", row, dual=pair))
    return out


def _direction(direction: Direction) -> _Out:
    text = direction.marked or (escaped(direction.text) if direction.kind.played else direction.text)
    match direction.kind:
        case Kind.CENTRED:
            return _Out("Action", text, {"Alignment": "Center"})
        case Kind.PAGE_BREAK:
            return _Out("Action", "", {"StartsNewPage": "Yes"})
        case Kind.SECTION if text.startswith("# "):
            return _Out("New Act", escaped(text[2:]))
        case Kind.SECTION:
            return _Out("Section", escaped(text))
        case Kind.SYNOPSIS:
            return _Out("Synopsis", escaped(text))
        case kind:
            return _Out(_TYPES.get(kind, "Action"), text)


def _title_page(rows: Iterable[str]) -> Iterator[_Out]:
    """The rows of a title page as paragraphs, each of the type that is the key of its value."""
    sort = ""
    for row in rows:
        key = _KEY.match(row)
        if key and key[1].casefold() in TITLE_KEYS:
            sort, row = key[1], key[2]
        elif not row.startswith("    "):
            sort = ""
        if row.strip():
            yield _Out(sort, row.strip(), {"Alignment": "Center"})


def _together(paragraphs: list[_Out]) -> Iterator[str]:
    """The XML of paragraphs, with simultaneous speeches inside a common one."""
    pair = 0
    for paragraph in paragraphs:
        if paragraph.dual != pair:
            if pair:
                yield "    </DualDialogue></Paragraph>\n"
            if paragraph.dual:
                yield "    <Paragraph><DualDialogue>\n"
            pair = paragraph.dual
        yield _xml(paragraph)
    if pair:
        yield "    </DualDialogue></Paragraph>\n"


def _xml(paragraph: _Out) -> str:
    attributes = ({"Type": paragraph.sort} if paragraph.sort else {}) | paragraph.attributes
    named = "".join(f" {name}={quoteattr(_legal(value))}" for name, value in attributes.items())
    summaries = "".join(f"<Paragraph>{_text(text)}</Paragraph>" for text in paragraph.summaries)
    within = f"<SceneProperties><Summary>{summaries}</Summary></SceneProperties>" if summaries else ""
    rows = ("".join(_text(text, styles) for styles, text in runs(row)) for row in paragraph.marked.split("\n"))
    notes = "".join(f"<ScriptNote><Paragraph>{_text(text)}</Paragraph></ScriptNote>" for text in paragraph.notes)
    return f"    <Paragraph{named}>{within}{_BREAK.join(rows)}{notes}</Paragraph>\n"


def _text(text: str, styles: Iterable[str] = ()) -> str:
    style = "+".join(name for name in _ORDER if name in styles)
    return f"<Text{f' Style={quoteattr(style)}' if style else ''}>{escape(_legal(text))}</Text>"


def _legal(text: str) -> str:
    """A text without the few characters that XML cannot contain at all."""
    return _NO_XML.sub("\ufffd", text)
