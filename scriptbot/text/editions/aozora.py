"""Aozora Bunko: Japanese texts without readings, notes of the editors and colophon.

===========================  =====================================================================
``漢字《かんじ》``, ``｜``      readings go, and the stroke that says where they begin
``［＃…］``                   notes on the layout and the copy go, with the line if nothing else is in it
``※［＃…、第3水準1-84-31］``  characters beyond the old tables (JIS X 0213 or Unicode) are put in, others become 〓
``／＼``, ``／″＼``            repetition marks become 〳〵 and 〴〵
``〔e'tude〕``                 accents written apart are put on
``-----``                     the explanation of these signs at the beginning goes
``底本：``                     the colophon goes, to the end
===========================  =====================================================================

Source: https://www.aozora.gr.jp/annotation/ (how Aozora Bunko annotates).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from scriptbot.text.editions.places import LeftOut

NAME = "aozora"
TITLE = "Aozora Bunko"
_RUBY = re.compile("《[^《》\n]*》|｜(?=[^\n]*《)")
_READING = re.compile("[々\u4e00-\u9fff]《[ぁ-んァ-ヶー]+》")
_GAIJI = re.compile(r"※［＃[^［］\n]*?(?:第[34]水準(\d+)-(\d+)-(\d+)|U\+([0-9A-Fa-f]{4,6}))[^［］\n]*］")
_NO_GAIJI = re.compile(r"※［＃[^［］\n]*?、(?:\d+-\d+-\d+|[^［］\n]*?\d+-\d+)[^［］\n]*］")
_PLANE_ONE = re.compile(r"※［＃[^［］\n]*?、(\d)-(\d+)-(\d+)］")
_NOTE = re.compile(r"［＃[^［］\n]*］")
_ACCENTED = re.compile(r"〔([^〔〕\n]*[A-Za-z][`'^~:&,/_@][^〔〕\n]*|[^〔〕\n]*(?:ae|AE|oe|OE|s)&[^〔〕\n]*)〕")
_ACCENT = re.compile(r"([A-Za-z])([`'^~:&,_])")
_MARKS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    ":": "\u0308",
    "&": "\u030a",
    ",": "\u0327",
    "_": "\u0304",
}
_LIGATURES = {"ae&": "æ", "AE&": "Æ", "oe&": "œ", "OE&": "Œ", "s&": "ß", "?@": "¿", "!@": "¡"}
_RULE = re.compile(r"\s*-{20,}\s*$")
_SIGNS = "【テキスト中に現れる記号について】"
_COLOPHON = re.compile(r"\s*底本(?:の親本)?[：:]")
UNKNOWN = "〓"


def detect(sample: str) -> bool:
    """Its explanation of signs, or several of the signs themselves."""
    return _SIGNS in sample or sample.count("［＃") > 3 or len(_READING.findall(sample)) > 20


def clean(lines: Iterable[str], left_out: LeftOut) -> Iterator[str]:
    """The work, line by line."""
    place = 0
    for line, kept, cut in _kept(lines):
        if kept is None:
            left_out.add(place, len(line))
            continue
        for at, characters in cut:
            left_out.add(place + at, characters)
        place += len(kept)
        yield kept


def body(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(line with its notes, but nothing of the frame; the same cleaned; empty where nothing but notes stood there)."""
    for line, framed in _framed(lines):
        yield line, "" if framed else plain(line)


def plain(line: str) -> str:
    """A line as it is read; empty if it held nothing but notes."""
    text, _ = _plain(line)
    return text


def _kept(lines: Iterable[str]) -> Iterator[tuple[str, str | None, list[tuple[int, int]]]]:
    """(line, what is kept of it or None, [place in what is kept, characters missing there])."""
    for line, framed in _framed(lines):
        text, cut = _plain(line) if not framed else ("", [])
        yield line, text or None, cut


def _framed(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each belongs to the explanation of signs or the colophon."""
    ruled = 0
    closing = False
    held: list[str] = []  # of what may be the explanation
    for number, line in enumerate(lines):
        closing = closing or (line.lstrip()[:2] == "底本" and bool(_COLOPHON.match(line)))
        if number < 60 and not closing and ruled < 2:
            if line[0] in "- " and _RULE.match(line):
                ruled += 1
                held.append(line)
                if ruled == 2:
                    yield from ((row, True) for row in held)
                    held = []
                continue
            if ruled == 1:
                held.append(line)
                continue
        if held:  # a rule that nothing followed
            yield from ((row, False) for row in held)
            held, ruled = [], 2
        yield line, closing
    yield from ((row, False) for row in held)


def _plain(line: str) -> tuple[str, list[tuple[int, int]]]:
    """(the line without marks, [place in it, characters missing there]); empty if there is nothing else."""
    if not ("［＃" in line or "《" in line or "｜" in line or "／" in line or "〔" in line):
        return line, []
    text = _RUBY.sub("", line) if "《" in line else line
    if "［＃" in text:
        text = _GAIJI.sub(_character, text)
        text = _PLANE_ONE.sub(_character, text)
        text = _NO_GAIJI.sub(UNKNOWN, text)
        while (shorter := _NOTE.sub("", text)) != text:  # notes hold others
            text = shorter
    if "／" in text:
        text = text.replace("／″＼", "〴〵").replace("／＼", "〳〵")
    if "〔" in text:
        text = _ACCENTED.sub(lambda found: _accented(found[1]), text)
    if not text.strip("\n") and line.strip():
        return "", []
    if len(line) == len(text):
        return text, []
    # What begins or ends somewhere is a line: it is enough to know where the first thing is missing.
    first = next((at for at, (sign, old) in enumerate(zip(text, line, strict=False)) if sign != old), len(text))
    return text, [(first, len(line) - len(text))]


def _character(found: re.Match[str]) -> str:
    groups = found.groups()
    if len(groups) == 4 and groups[3]:
        code = int(groups[3], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 and code >= 0x20 else UNKNOWN
    plane, row, cell = (int(part) for part in groups[:3])
    if not (plane in (1, 2) and 1 <= row <= 94 and 1 <= cell <= 94):
        return UNKNOWN
    prefix = b"\x8f" if plane == 2 else b""
    try:
        return (prefix + bytes([row + 0xA0, cell + 0xA0])).decode("euc_jis_2004")
    except UnicodeDecodeError:
        return UNKNOWN


def _accented(text: str) -> str:
    for written, sign in _LIGATURES.items():
        text = text.replace(written, sign)
    return _ACCENT.sub(lambda found: unicodedata.normalize("NFC", found[1] + _MARKS[found[2]]), text)
