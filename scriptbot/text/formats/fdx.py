"""Final Draft's .fdx: XML whose ``Content/Paragraph`` elements are the script.

::

    <FinalDraft><Content>
      <Paragraph Type="Scene Heading" Number="12"><Text>INT. KIOSK - NIGHT</Text></Paragraph>
      <Paragraph Type="Character"><Text>ADA</Text></Paragraph>
      <Paragraph Type="Dialogue"><Text>Is the kettle </Text><Text Style="Underline">on</Text><Text>?</Text></Paragraph>
      …

Several ``Text`` runs make one paragraph; their styles are marked as in Fountain.  The speeches in a ``DualDialogue``
are said at the same time, notes and summaries are kept as such, and the title page comes where the file has it.  A
note between ``/*`` and ``*/`` is a passage that Fountain leaves out.  Document types and entities defined in the file
are refused, so that it can neither name another file nor grow in reading.  Spans are those of whole lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from xml.parsers import expat

from scriptbot.errors import InputError
from scriptbot.text.clean import tidy
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.emphasis import Styles, escaped, is_marked, marked
from scriptbot.text.formats.fdx_writer import write as write
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Kind, Scene, Span, Speech
from scriptbot.text.title_page import TITLE_KEYS, title_page

NAME = "fdx"
SUFFIXES: tuple[str, ...] = (".fdx",)
OWN_LINES = False
_CUT = re.compile(r"/\*\s*(.*?)\s*\*/", re.DOTALL)
_SPOKEN = frozenset({"Dialogue", "Parenthetical", "Lyrics", "Singing"})
_KINDS = {
    "Transition": Kind.TRANSITION,
    "Lyrics": Kind.LYRICS,
    "Singing": Kind.LYRICS,
    "New Act": Kind.SECTION,
    "Section": Kind.SECTION,
    "Synopsis": Kind.SYNOPSIS,
    "End of Act": Kind.CENTRED,
}
_SUNG = frozenset({"Lyrics", "Singing"})
_BODY = ["FinalDraft", "Content", "Paragraph"]
_TITLE_PAGE = ["FinalDraft", "TitlePage", "Content", "Paragraph"]
_DECLARATION = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?")
_ROOT = re.compile(r"<FinalDraft[\s>]")
_DEEPEST = 64  # elements within one another; Final Draft has a dozen
_MOST_TITLES = 500  # paragraphs of a title page
_SILENT = 1 << 17  # characters in which no element begins or ends and no words occur
_MOST = 1 << 22  # characters of a paragraph


def detect(sample: str) -> float:
    """Whether the root element is Final Draft's."""
    text = sample.removeprefix("\ufeff")
    opening = _DECLARATION.match(text)
    place = opening.end() if opening else 0
    while text.startswith("<!--", place):
        place = text.find("-->", place) + 3
        if place < 3:
            return 0.0
        while text[place : place + 1].isspace():
            place += 1
    return 1.0 if _ROOT.match(text, place) else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded.

    Raises:
        InputError: the text is not XML, or has definitions of its own.
    """
    return scening.by_heading(_speeches(_paragraphs(lines)))


class _Paragraph:
    """One paragraph: of the script, of the title page, of a note or of a summary.

    Attributes:
        sort: its ``Type``, or ``"note"`` or ``"summary"``; on a title page, the key that the row belongs to, if any.
        titling: whether it stands on the title page.
    """

    def __init__(self, sort: str, attributes: dict[str, str], start: int, dual: bool, titling: bool) -> None:
        self.sort, self.attributes, self.start, self.dual, self.titling = sort, attributes, start, dual, titling
        self.end = start
        self.runs: list[tuple[str, str]] = []  # style, text
        self.size, self.styled = 0, False  # characters; whether any run has a style
        self.within: list[_Paragraph] = []  # the notes and summaries inside it, which come after it

    @property
    def span(self) -> Span:
        """The place of the lines that the paragraph stands in."""
        return Span(self.start, self.end)

    @cached_property
    def text(self) -> str:
        """The words, line by line, without white space around the lines; to be read once the paragraph has ended."""
        return _lined(self.runs[0][1] if len(self.runs) == 1 else "".join(text for _, text in self.runs))

    @cached_property
    def marked(self) -> str:
        """The same with emphasis marked; empty if there is none that marks can express."""
        if not self.styled or not any(style for style, text in self.runs if text.strip()):
            return ""
        rows = [marked(row) for row in _rows(self.runs)]
        return _lined("\n".join(rows)) if any(map(is_marked, rows)) else ""


def _lined(text: str) -> str:
    if "\n" not in text:
        return text.strip()
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def _rows(runs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[Styles, str]]]:
    """Runs line by line."""
    row: list[tuple[Styles, str]] = []
    for style, text in runs:
        first, *others = text.split("\n")
        row.append((frozenset(style.split("+")), first))
        for other in others:
            yield row
            row = [(frozenset(style.split("+")), other)]
    yield row


class _Handler:
    """Takes the events of the XML parser; finished paragraphs wait in ``ready``."""

    def __init__(self) -> None:
        self.ready: list[_Paragraph] = []
        self.line_start = self.line_end = 0
        self.heard = False  # whether there was any event since this was last reset
        self._path: list[str] = []
        self._open: list[_Paragraph | None] = []  # for each open element, the paragraph that it began, if any
        self._style = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.heard = True
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise InputError("The Final Draft file is nested too deeply.", "Save it from Final Draft again.")
        opened = None
        if name == "Paragraph" and (sort := self._sort(attributes)) is not None:
            titling = self._path == _TITLE_PAGE
            opened = _Paragraph(sort, attributes, self.line_start, "DualDialogue" in self._path, titling)
        if name == "Text":
            self._style = attributes.get("Style", "")
        self._open.append(opened)

    def end(self, name: str) -> None:
        """An element ends."""
        self.heard = True
        self._path.pop()
        paragraph = self._open.pop()
        if paragraph is not None:
            paragraph.end = self.line_end
            outer = next((one for one in reversed(self._open) if one is not None), None)
            (self.ready if outer is None else outer.within).extend((paragraph, *paragraph.within))

    def data(self, text: str) -> None:
        """Words; they count only if they are in a run of the innermost paragraph."""
        self.heard = True
        if self._path[-1:] == ["Text"] and len(self._open) > 1 and (paragraph := self._open[-2]) is not None:
            paragraph.size += len(text)
            if paragraph.size > _MOST:
                raise InputError("A paragraph in the Final Draft file is too long.", "Save it from Final Draft again.")
            paragraph.runs.append((self._style, tidy(text)))
            paragraph.styled |= self._style != ""

    def _sort(self, attributes: dict[str, str]) -> str | None:
        path = [name for name in self._path if name != "DualDialogue"]
        if "ScriptNote" in path:
            return "note"
        if "Summary" in path and path[:3] == _BODY:
            return "summary"
        if path == _TITLE_PAGE:
            sort = attributes.get("Type", "")
            return sort if sort.casefold() in TITLE_KEYS else ""
        inner = "DualDialogue" in self._path
        return attributes.get("Type", "Action") if path == (_BODY + ["Paragraph"] if inner else _BODY) else None

    def refuse(self, *_: object) -> None:
        """Refuse a document type, which could define anything."""
        raise InputError("The Final Draft file has its own definitions (DOCTYPE).", "Save it from Final Draft again.")


def _paragraphs(lines: Iterable[str]) -> Iterator[_Paragraph]:
    handler, parser = _Handler(), expat.ParserCreate("utf-8")
    parser.buffer_text = True
    silent = 0
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = handler.data, handler.refuse
    try:
        for line in lines:
            handler.line_end = handler.line_start + len(line.rstrip("\n"))
            parser.Parse(line.encode("utf-8", "replace"))
            silent = 0 if handler.heard else silent + len(line)
            handler.heard = False
            if silent > _SILENT:  # the parser would start anew with every line
                raise InputError("A tag in the Final Draft file is never closed.", "Save it from Final Draft again.")
            handler.line_start += len(line)
            yield from handler.ready
            handler.ready.clear()
        parser.Parse(b"", True)
        yield from handler.ready
    except expat.ExpatError as error:
        sentence = f"The Final Draft file is damaged at line {error.lineno}: {expat.ErrorString(error.code)}."
        raise InputError(sentence, "Save it from Final Draft again, or export it as Fountain.") from error


def _speeches(paragraphs: Iterable[_Paragraph]) -> Iterator[Element | Heading]:
    """The paragraphs as elements: cue and words become one speech; everything else stands by itself."""
    cue: _Paragraph | None = None
    said: list[_Paragraph] = []
    notes: list[_Paragraph] = []
    size = 0
    spoken_in_dual = title = False
    front: list[_Paragraph] = []
    for paragraph in paragraphs:
        sort = paragraph.sort
        if paragraph.titling:
            if len(front) < _MOST_TITLES:
                front.append(paragraph)
            continue
        if front and not title:
            yield _title_page(front)
            title = True
        if cue is not None and sort in _SPOKEN:
            if size > LONGEST_ELEMENT and paragraph.text:  # the speech is continued in another
                yield _speech(cue, said, spoken_in_dual)
                said, size = [], 0
            said.append(paragraph)
            size += paragraph.size
            continue
        if cue is not None and sort == "note":  # it belongs to the speech, and comes after it
            notes.append(paragraph)
            continue
        if cue is not None:
            yield _speech(cue, said, spoken_in_dual)
            yield from map(_other, notes)
            spoken_in_dual = cue.dual
            cue, said, notes, size = None, [], [], 0
        if sort == "Character" and paragraph.text:
            cue = paragraph
            spoken_in_dual &= cue.dual
        else:
            if paragraph.attributes.get("StartsNewPage") == "Yes":
                yield Direction("", paragraph.span, Kind.PAGE_BREAK)
            if paragraph.text or sort == "Scene Heading":
                yield _other(paragraph)
    if cue is not None:
        yield _speech(cue, said, spoken_in_dual)
        yield from map(_other, notes)
    if front and not title:
        yield _title_page(front)


def _title_page(paragraphs: list[_Paragraph]) -> Direction:
    """The title page in Fountain's form; paragraph types that are keys of a title page become its keys."""
    rows: list[tuple[bool, str]] = []
    key = ""
    for paragraph in paragraphs:
        for row in filter(None, (paragraph.marked or escaped(paragraph.text)).split("\n")):
            if paragraph.sort and paragraph.sort == key:
                rows.append((True, row))
            elif paragraph.sort:
                rows += [(False, f"{paragraph.sort}:"), (True, row)]
            else:
                rows.append((False, row))
            key = paragraph.sort
    return Direction(title_page(rows), Span(paragraphs[0].start, paragraphs[-1].end), Kind.TITLE_PAGE)


def _speech(cue: _Paragraph, said: list[_Paragraph], dual: bool) -> Speech:
    text = "\n".join(paragraph.text for paragraph in said)
    sung = [f"~{p.marked or p.text}" if p.sort in _SUNG else p.marked or escaped(p.text) for p in said]
    marked = "\n".join(sung) if any(p.marked or p.sort in _SUNG for p in said) else ""
    return Speech(
        " ".join(cue.text.split()),
        text,
        Span(cue.start, max((cue.end, *(p.end for p in said)))),
        dual and cue.dual,
        marked,
    )


def _other(paragraph: _Paragraph) -> Element | Heading:
    text, marked, span = paragraph.text, paragraph.marked, paragraph.span
    match paragraph.sort:
        case "Scene Heading":
            return Heading(" ".join(text.split()), " ".join(tidy(paragraph.attributes.get("Number", "")).split()), span)
        case "note":
            cut = _CUT.fullmatch(text)
            return Direction(cut[1], span, Kind.CUT) if cut else Direction(text, span, Kind.NOTE)
        case "summary":
            return Direction(text, span, Kind.SYNOPSIS)
        case sort:
            centred = paragraph.attributes.get("Alignment") == "Center" and sort not in _KINDS
            kind = Kind.CENTRED if centred else _KINDS.get(sort, Kind.ACTION)
            if sort == "New Act":
                text = f"# {text}"
            return Direction(text, span, kind, marked if kind.played else "")
