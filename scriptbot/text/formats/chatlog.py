"""Chats as programs export or log them: a time, a name, a message.

::

    [12.03.24, 21:15:02] Ada: Is the kettle on?          2024-03-12 21:15:02 <Ada> Is the kettle on?
    12/03/2024, 9:15 pm - Tom: It was.                   [21:15] * Tom looks at the kettle
    and will be again.                                   21:15 < Tom> It was.
    [12/03/2024 21:10] Mia                               Mia, [12.03.2024 21:10]
    It was.                                              It was.

A line without a time continues the message before.  What a program says (“Tom left”, “image omitted”), without a name
and a colon, and what stands for a picture or a call, is a direction.  Another day is another scene; if there are no
dates, or a day is long, every 40 messages make one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.labels import LONGEST, is_label, word_set
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Scene, Span, Speech

NAME = "chatlog"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
_AHEAD = 500  # lines from which the form of the times is learnt
_INVISIBLE = " \t\n\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2068\u2069\ufeff"  # white space and marks of direction
_LEVELS = word_set("INFO WARN WARNING ERROR DEBUG TRACE FATAL CRITICAL NOTICE")
_ATTACHED = r".{0,80}\((?:file attached|Datei angehängt|archivo adjunto|fichier joint)\)"
# Text in the place of a picture, a call or a deleted message.
_PLACEHOLDER = re.compile(
    r"<[^<>\n]{3,80}>$|POLL:\n.*\nOPTION: |.{0,40}\b(?:omitted|weggelassen|ausgeschlossen|omitid[oa]|omis)$"
    r"|.{0,30}(?:message was deleted|Nachricht wurde gelöscht|deleted this message).{0,3}$"
    rf"|{_ATTACHED}$",
    re.IGNORECASE,
)
_CAPTIONED = re.compile(rf"{_ATTACHED}\n", re.IGNORECASE)  # a caption follows below the picture's name
_EDITED = "<This message was edited>"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?:[\s\u202f]?[AaPp]\.?\s?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?"
_STAMP = re.compile(
    rf"[\u200e\u200f]?(?:(?P<who>[^\n,\[\]]{{1,{LONGEST}}}), (?=\[))?\[?(?:(?P<date>{_DATE})[T,\s]\s*)?"
    rf"(?P<time>{_TIME})\]?(?:\s*[-–]\s+|\s+)"
)
_ANGLED = re.compile(rf"<[@+~&%\s]?([^<>\n]{{1,{LONGEST}}})>\s+")
_NAMED = re.compile(rf"[\u200e\u200f~]*([^:\n<>]{{1,{LONGEST}}}):\s+")


def detect(sample: str) -> float:
    """Whether enough lines have a time and a name, and the names come back."""
    lines = sample.splitlines(keepends=True)
    style = _Style(lines)
    names = [name for line in lines if (stamp := style.stamp(line)) and (name := style.said(stamp)[0])]
    filled = sum(1 for line in lines if not line.isspace())
    again = len(set(names)) <= 0.5 * len(names)
    return 0.98 if len(names) >= 3 and again and len(names) > 0.3 * filled else 0.0


class _Style:
    """How a log writes times and names, learnt from its beginning: whether with dates, in brackets, names on own lines.

    Attributes:
        below: whether the message stands on the lines below the time and the name.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        stamps = [stamp for line in lines if (stamp := _STAMP.match(line))]

        def share(has: Callable[[re.Match[str]], object]) -> float:
            return sum(bool(has(stamp)) for stamp in stamps) / max(len(stamps), 1)

        self._dated = share(lambda stamp: stamp["date"]) > 0.5
        self._bracketed = share(lambda stamp: "[" in stamp[0]) > 0.5
        self._angled = share(lambda stamp: _ANGLED.match(_rest(stamp))) > 0.5
        dashed = share(lambda stamp: stamp[0].rstrip().endswith(("-", "–"))) > 0.5
        # In a telephone's chat there are contacts called Tom (work); in the log of a program, that is a process.
        contacts = self._dated and (self._bracketed or dashed)
        self._nobody = ("]", ">") if contacts else (")", "]", ">")
        self.below = False
        named = share(lambda stamp: self.said(stamp)[0])
        self.below = share(lambda stamp: _alone(_rest(stamp))) > 0.6 > named

    def stamp(self, line: str) -> re.Match[str] | None:
        """The time at the head of a line, if it has the form of this log."""
        stamp = _STAMP.match(line)
        same = stamp and (stamp["date"] is not None) == self._dated and ("[" in stamp[0]) == self._bracketed
        return stamp if same else None

    def said(self, stamp: re.Match[str]) -> tuple[str, str]:
        """(who, what) in a line with a time; who is empty if nobody says it."""
        rest = _rest(stamp)
        if stamp["who"]:
            return stamp["who"].strip(_INVISIBLE), rest
        if self.below and (name := _alone(rest)):
            return name, ""
        found = _ANGLED.match(rest) or (None if self._angled else _NAMED.match(rest))
        name = found[1].strip() if found else ""
        odd = name.endswith(self._nobody) or name.upper() in _LEVELS or " changed the " in name
        if not found or not name or odd:
            return "", rest
        return name, rest[found.end() :]


def _rest(stamp: re.Match[str]) -> str:
    """The rest of a line after its time."""
    return stamp.string[stamp.end() :]


def _alone(rest: str) -> str:
    """The name on a line that contains nothing else; empty if there is more, or no name."""
    name = rest.strip(_INVISIBLE)
    return name if is_label(name) and name.upper() not in _LEVELS else ""


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    ahead, lines = scening.ahead(lines, _AHEAD)
    return scening.by_heading(_elements(lines, _Style(ahead)), longest=scening.BLOCK)


def _elements(lines: Iterable[str], style: _Style) -> Iterator[Element | Heading]:
    name, rows = "", list[str]()
    start = end = position = size = 0
    opened = False  # whether a message has begun that has no words yet
    day: str | None = None
    for line in lines:
        place, position = position, position + len(line)
        text = line.strip(_INVISIBLE)
        if not text:
            continue
        stamp = style.stamp(line)
        if (stamp or size > LONGEST_ELEMENT or text.startswith("--- ")) and rows:
            yield _element(name, rows, Span(start, end))
            rows, size = [], 0
            name = name if not text.startswith("--- ") else ""
        if stamp:
            if stamp["date"] and stamp["date"] != day:
                if day is not None:
                    yield Heading("", "", Span(place, place))
                day = stamp["date"]
            name, text = style.said(stamp)
            text = text.strip(_INVISIBLE)
            opened = True
            start = place
            if not text:
                continue
        if not rows and not opened:  # the rest of a message that was too long
            start = place
        opened = False
        rows.append(text)
        size += len(text)
        end = position - line.endswith("\n")
    if rows:
        yield _element(name, rows, Span(start, end))


def _element(name: str, rows: list[str], span: Span) -> Element:
    text = "\n".join(rows).removesuffix(_EDITED).rstrip(_INVISIBLE) or rows[0]
    text = text[picture.end() :] if (picture := _CAPTIONED.match(text)) else text
    return Speech(name, text, span) if name and not _PLACEHOLDER.match(text) else Direction(text, span)
