"""Aozora Bunko: keeps the Japanese text, without readings, the editors' notes and the colophon.

===========================  =====================================================================
``漢字《かんじ》``, ``｜``      readings are removed, and so is the stroke that says where they begin
``［＃…］``                   notes on the layout and the copy are removed, with the line if it has nothing else
``※［＃…、第3水準1-84-31］``  characters beyond the old tables (JIS X 0213 or Unicode) are put in, others become 〓
``／＼``, ``／″＼``            repetition marks become 〳〵 and 〴〵
``〔e'tude〕``                 accents written beside letters are put on them
``-----``                     the explanation of these signs at the beginning is removed
``底本：``                     the colophon is removed, to the end
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
# A reading is kana after something that can be read, or anything after a stroke; any other 《》 belongs to the text.
_KANA = "[ぁ-ゖァ-ヺー゛゜・ヽヾゝゞ／＼″〳〴〵\u3000 …、]"
_RUBY = re.compile(
    f"(?<=[々〆ヶ\u2e80-\u9fffぁ-ヿA-Za-zＡ-Ｚａ-ｚ０-９］〓])《{_KANA}{{1,60}}》|｜([^｜《》\n]{{1,60}})《[^《》\n]{{1,60}}》"
)
_READING = re.compile("[々\u4e00-\u9fff]《[ぁ-んァ-ヶー]+》")
_NOTE = re.compile(r"(※?)［＃([^［］\n]{0,400})］")
_DEEPEST = 8  # notes within notes
_KUTEN = re.compile(r"(?:第[34]水準|、)(\d)-(\d{1,3})-(\d{1,3})$")
_UNICODE = re.compile(r"、U\+([0-9A-Fa-f]{4,6})")
_BRACKETED = re.compile(r"〔([^〔〕\n]{1,120})〕")
_ACCENTED = re.compile(r"[A-Za-z][`'^~:&,_]|[?!]@")
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
_LONGEST_EXPLANATION = 80  # lines
_THANKS = "ボランティアの皆さんです"  # in the last line of a colophon
_COLOPHON = re.compile(r"\s*底本(?:の親本)?[：:]")
UNKNOWN = "〓"


def detect(sample: str) -> bool:
    """Whether the text has Aozora's explanation of signs, or several of the signs themselves."""
    return _SIGNS in sample or sample.count("［＃") > 3 or len(_READING.findall(sample)) > 20


def clean(lines: Iterable[str], left_out: LeftOut) -> Iterator[str]:
    """The lines of the work."""
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
    """(line with its notes, the same cleaned), one by one; the latter is empty for notes alone, and for the frame."""
    for line, framed in _framed(lines):
        yield line, "" if framed else plain(line)


def plain(line: str) -> str:
    """A line as a format reads it; empty if it held nothing but notes."""
    text, _ = _plain(line)
    return text


def _kept(lines: Iterable[str]) -> Iterator[tuple[str, str | None, list[tuple[int, int]]]]:
    """(line, what is kept of it or None, [place in what is kept, number of characters missing there])."""
    for line, framed in _framed(lines):
        text, cut = _plain(line) if not framed else ("", [])
        yield line, text or None, cut


def _framed(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each belongs to the explanation of signs or the colophon of a work."""
    held: list[str] = []  # lines since a rule, which may turn out to be the explanation
    closing = False
    for line in lines:
        if closing:
            yield line, True
            closing = _THANKS not in line  # another work may follow
        elif line.lstrip()[:2] == "底本" and _COLOPHON.match(line):
            yield from ((row, False) for row in held)
            held, closing = [], True
            yield line, True
        elif line[0] in "- " and _RULE.match(line):
            held.append(line)
            if len(held) > 1:
                explained = any(_SIGNS in row for row in held)
                yield from ((row, explained) for row in (held if explained else held[:-1]))
                held = [] if explained else [line]
        elif held:
            held.append(line)
            if len(held) > _LONGEST_EXPLANATION:
                yield from ((row, False) for row in held)
                held = []
        else:
            yield line, False
    yield from ((row, False) for row in held)


def _plain(line: str) -> tuple[str, list[tuple[int, int]]]:
    """(the line without marks, [place in it, number of characters missing there]); empty if there is nothing else."""
    if not ("［＃" in line or "《" in line or "｜" in line or "／" in line or "〔" in line):
        return line, []
    text = _RUBY.sub(lambda found: found[1] or "", line) if "《" in line else line
    for _ in range(_DEEPEST if "［＃" in text else 0):
        shorter = _NOTE.sub(_noted, text)
        if shorter == text:
            break
        text = shorter
    if "／" in text:
        text = text.replace("／″＼", "〴〵").replace("／＼", "〳〵")
    if "〔" in text:
        text = _BRACKETED.sub(_accented, text)
    if not text.strip("\n") and line.strip():
        return "", []
    if len(line) == len(text):
        return text, []
    # Elements begin and end with lines, so it is enough to know the first place where something is missing.
    first = next((at for at, (sign, old) in enumerate(zip(text, line, strict=False)) if sign != old), len(text))
    return text, [(first, len(line) - len(text))]


def _noted(found: re.Match[str]) -> str:
    """What a note is replaced by: a character beyond the old tables, or nothing."""
    if not found[1]:
        return ""
    if unicode := _UNICODE.search(found[2]):
        sign = chr(min(int(unicode[1], 16), 0x10FFFF))
        return sign if sign.isprintable() else UNKNOWN
    kuten = _KUTEN.search(found[2])
    return _character(*map(int, kuten.groups())) if kuten else UNKNOWN


def _character(plane: int, row: int, cell: int) -> str:
    """The character at a place in JIS X 0213."""
    if not (plane in (1, 2) and 1 <= row <= 94 and 1 <= cell <= 94):
        return UNKNOWN
    prefix = b"\x8f" if plane == 2 else b""
    try:
        return (prefix + bytes([row + 0xA0, cell + 0xA0])).decode("euc_jis_2004")
    except UnicodeDecodeError:
        return UNKNOWN


def _accented(found: re.Match[str]) -> str:
    """Words in brackets with their accents put on; brackets around anything else stay."""
    text = found[1]
    if not _ACCENTED.search(text):
        return found[0]
    for written, sign in _LIGATURES.items():
        text = text.replace(written, sign)
    return _ACCENT.sub(lambda part: unicodedata.normalize("NFC", part[1] + _MARKS[part[2]]), text)
