"""Chats as programs export or log them: a time, a name, a message.

::

    [12.03.24, 21:15:02] Ada: Is the kettle on?          2024-03-12 21:15:02 <Ada> Is the kettle on?
    12/03/2024, 9:15 pm - Tom: It was.                   [21:15] * Tom looks at the kettle
    and will be again.                                   21:15 < Tom> It was.

What has no time goes on with the message before.  What a program says (“Tom left”, “image omitted”), without a name
and a colon, is a direction.  Another day is another scene; where no dates are given, or a day goes on, 40 messages make
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.labels import LONGEST
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Scene, Span, Speech

NAME = "chatlog"
_LONGEST = 1 << 18  # characters of a message; what goes on longer goes on in another one
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?:[\s\u202f]?[AaPp]\.?\s?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?"
_STAMP = re.compile(rf"[\u200e\u200f]?\[?(?:(?P<date>{_DATE})[T,\s]\s*)?(?P<time>{_TIME})\]?(?:\s*[-–]\s+|\s+)")
_ANGLED = re.compile(rf"<[@+~&%\s]?([^<>\n]{{1,{LONGEST}}})>\s+")
_NAMED = re.compile(rf"[\u200e\u200f~]*([^:\n<>]{{1,{LONGEST}}}):\s+")


def detect(sample: str) -> float:
    """The share of lines with a time and a name."""
    lines = 0
    names: list[str] = []
    for line in sample.splitlines():
        if line.strip():
            lines += 1
            if stamp := _STAMP.match(line):
                name, _ = _speaker(line[stamp.end() :])
                if name:
                    names.append(name)
    again = len(set(names)) <= 0.5 * len(names)
    return 0.98 if len(names) >= 3 and again and len(names) > 0.3 * lines else 0.0


def _speaker(rest: str) -> tuple[str, str]:
    """(who, what) of what follows a time; nobody's name is empty."""
    found = _ANGLED.match(rest) or _NAMED.match(rest)
    return (found[1].strip(), rest[found.end() :]) if found else ("", rest)


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.by_heading(_elements(lines), longest=scening.BLOCK)


def _elements(lines: Iterable[str]) -> Iterator[Element | Heading]:
    name, rows = "", list[str]()
    start = end = position = size = 0
    day: str | None = None
    for line in lines:
        place, position = position, position + len(line)
        text = line.strip()
        if not text:
            continue
        stamp = _STAMP.match(line)
        if (stamp or size > _LONGEST) and rows:
            yield _element(name, rows, Span(start, end))
            rows, size = [], 0
        if stamp:
            if stamp["date"] and stamp["date"] != day:
                if day is not None:
                    yield Heading("", "", Span(place, place))
                day = stamp["date"]
            name, text = _speaker(line[stamp.end() :])
        if not rows:
            start = place
        rows.append(text.strip())
        size += len(text)
        end = position - line.endswith("\n")
    if rows:
        yield _element(name, rows, Span(start, end))


def _element(name: str, rows: list[str], span: Span) -> Element:
    text = "\n".join(row for row in rows if row)
    return Speech(name, text, span) if name else Direction(text, span)
