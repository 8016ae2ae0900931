"""Japanese plays as Aozora Bunko sets them: the name, a wide space, the speech.

::

    ［＃ここから２字下げ］
    窓のないガランとした室。
    ［＃ここから改行天付き、折り返して１字下げ］
    人見　（立って）は。
    伴　　三十四歳。……独身か。

The notes on the layout distinguish speeches (set from the first column) from directions (indented); without such
notes, a name has to come back.  Readings, notes and the colophon are removed on the way (``text/editions/aozora.py``),
and plays of this kind without any such marks are read, too.  Headings separate scenes; a longer scene is divided after
every 40 speeches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from scriptbot.text import labels
from scriptbot.text.editions import aozora
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Scene, Span, Speech

NAME = "aozora"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
_NAME = r"[^\s\u3000○●◎■□△▽※＊*┐┘├┤│（）()「」『』〈〉《》…―─。．，！？!?:：]{1,14}?"
_CUE = re.compile(rf"({_NAME}(?:（[^（）\n]{{1,8}}）)?)[、，]?\u3000{{1,10}}(?=[^\s\u3000])")
_PADDED = re.compile(r"([々ぁ-ヿ一-鿿]\u3000[々ぁ-ヿ一-鿿])\u3000{1,10}(?=[^\s\u3000])")  # 花　子　: as wide as three
_CLOSE = re.compile(  # no wide space: 柳、…  義一（…）…  北村……  西原┐
    r"([^\s\u3000（）()「」『』…―。、！？┐┘├┤│]{1,12})"
    r"(?:、(?=[^（])|(?=（[^（）\n]*(?:）[^（）\s]|$))|(?=……)|[┐┘├┤│][\s\u3000└┌]*)"
)
_REGION = re.compile("［＃ここから([^［］\n]{0,60})］")
_ENDED = re.compile("［＃(?:ここで[^［］\n]{0,60}終わり|改ページ|改丁)")
_INDENTED = re.compile("［＃([０-９]+|[地天][^］]{0,3})[^］]*(?:字下げ|字上げ|付き)[^］]*］")
_HEADED = re.compile("［＃(?:「[^［］\n]{0,200}」は)?[大中小]見出し")
_HEADING = re.compile(
    r"[\s\u3000]*(?:第[〇一二三四五六七八九十０-９\d]{1,3}[幕場景齣部][^。]{0,20}|序幕|大詰|終幕|幕間|[一二三四五六七八九十０-９\d]{1,3}"
    r"|[０-９\d]{1,3}[\s\u3000][^。「」（）]{1,30}|その[一二三四五六七八九十])[\s\u3000]*$"
)
_SURE = 6  # occurrences that make a name certain even among directions
_SPOKEN, _TOLD, _OPEN = "spoken", "told", "open"  # what a region of the layout holds: speeches, directions, or either


def detect(sample: str) -> float:
    """The share of lines that are speeches, if names come back."""
    known, regions, lines = _learnt(sample.splitlines(keepends=True))
    # Lines without any mark of the edition may be anything with wide spaces in it: a table, a list.
    if not regions and known.total() < 8:
        return 0.0
    found = list(known.elements())
    return labels.sureness(found, min(1.0, 1.4 * len(found) / max(lines, 1)))


def _learnt(lines: Iterable[str]) -> tuple[Counter[str], bool, int]:
    """(how often each name heads a line, whether regions of speeches are marked, lines that could be speeches)."""
    known: Counter[str] = Counter()
    region, regions, possible = _OPEN, False, 0
    for note, line in aozora.body(lines):
        if "［＃" in note:
            region, _ = _region(note, region)
            regions |= region == _SPOKEN
        if line.strip() and (region == _SPOKEN or (region == _OPEN and not regions)):
            possible += 1
        if line and region != _TOLD and (cue := _PADDED.match(line) or _CUE.match(line)):
            known[_joined(cue)] += 1
    return known, regions, possible


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    ahead, lines = scening.ahead(lines)
    known, regions, _ = _learnt(ahead)
    elements = _elements(lines, known, regions)
    return scening.by_heading(elements, longest=scening.BLOCK)


def _region(line: str, before: str) -> tuple[str, bool]:
    """(the kind of region after a line with notes, whether this line alone is indented)."""
    region = before
    if opened := _REGION.search(line):
        layout = opened[1]
        if "天付き" in layout:
            region = _SPOKEN
        elif "字下げ" in layout or "地付き" in layout:
            region = _TOLD if not layout.startswith(("１字", "一字")) else before
    elif _ENDED.search(line):
        region = _OPEN
    return region, bool(_INDENTED.match(line))


class _Speaking:
    """The speech that is being read, if there is one."""

    def __init__(self) -> None:
        self.name, self.start, self.end = "", 0, 0
        self.said: list[str] = []
        self.size = 0

    def ended(self) -> Iterator[Speech]:
        """Yield the speech, if there is one, and clear it."""
        if self.name:
            yield Speech(self.name, "\n".join(self.said), Span(self.start, self.end))
        self.name, self.said, self.size = "", [], 0


def _elements(lines: Iterable[str], known: Counter[str], regions: bool) -> Iterator[Element | Heading]:
    speaking, region, position = _Speaking(), _OPEN, 0
    for note, line in aozora.body(lines):
        start, position = position, position + len(note)
        indented = headed = False
        if "［＃" in note:
            region, indented = _region(note, region)
            headed = bool(_HEADED.search(note))
        text = line.strip()
        if not text:
            continue
        span = Span(start, position - note.endswith("\n"))
        if headed or (len(text) <= 36 and region != _SPOKEN and _HEADING.match(line)):
            yield from speaking.ended()
            yield Heading(text, "", span)
            continue
        if region == _TOLD:  # perhaps its end was forgotten
            least = _SURE
        else:  # among speeches, even a name seen nowhere else is one
            least = 1 if region == _SPOKEN or speaking.name else 2 + regions
        name, rest = _cue(line, known, least) if not indented else ("", line)
        if name:
            yield from speaking.ended()
            speaking.name, speaking.start, speaking.end = name, start, span.end
            speaking.said, speaking.size = [rest.strip()], len(rest)
            known[name] += 1
        elif speaking.name and not indented and _goes_on(line, region):
            if speaking.size > LONGEST_ELEMENT:
                name = speaking.name
                yield from speaking.ended()
                speaking.name, speaking.start = name, start
            speaking.said.append(text)
            speaking.size += len(text)
            speaking.end = span.end
        else:
            yield from speaking.ended()
            yield Direction(text, span)
    yield from speaking.ended()


def _cue(line: str, known: Counter[str], least: int) -> tuple[str, str]:
    """(who begins to speak in a line, what they say); the name is empty if nobody does.

    Args:
        known: how often each name was found at the head of a line, in the beginning of the text and since.
        least: how often a name must have been found.
    """
    if (padded := _PADDED.match(line)) and known[_joined(padded)] >= max(least, 2):
        return _joined(padded), line[padded.end() :]
    if cue := _CUE.match(line):
        return (cue[1], line[cue.end() :]) if max(known[cue[1]], 1) >= least else ("", line)
    if least < _SURE and (close := _CLOSE.match(line)) and known[close[1]] > least:
        return close[1], line[close.end() :]
    return "", line


def _joined(cue: re.Match[str]) -> str:
    """The name in a cue, without the spaces that pad it."""
    return cue[1].replace("\u3000", "")


def _goes_on(line: str, region: str) -> bool:
    """Whether a line without a name continues the speech before it."""
    return region == _SPOKEN and line[0] not in "（(\u3000 "
