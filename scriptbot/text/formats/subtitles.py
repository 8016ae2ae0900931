"""Subtitles: SubRip (``.srt``) and WebVTT (``.vtt``).

::

    12                                     WEBVTT
    00:01:02,500 --> 00:01:04,000
    - Where were you?                      00:01:02.500 --> 00:01:04.000 line:90%
    - ADA: At the kiosk.                   <v Ada>At the kiosk.

A voice tag tells who speaks, or a name before a colon: in capitals, or in any letters if enough cues begin with names
that come back.  What is said by nobody named is a direction, and so are sounds in brackets; a dash on each line makes
it somebody else's.  A sentence that continues in the next subtitle is put together.  Thirty seconds of silence end a
scene.  The notes and the title of a file are kept as notes; style sheets, regions, positions on the screen, and rows
that roll on from the cue before are skipped.

Sources: https://www.w3.org/TR/webvtt1/ ; SubRip has no specification, so this reads what players read.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise

from scriptbot.errors import InputError
from scriptbot.text.clean import tidy
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.labels import Labels
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

_Split = Callable[[str], tuple[str, str, str]]
NAME = "subtitles"
SUFFIXES: tuple[str, ...] = (".srt", ".vtt")
OWN_LINES = False
SILENCE = 30.0  # seconds between subtitles after which another scene begins
_MOST = 10_000  # characters of a subtitle; anything longer is no subtitle, and read in parts
_LONGEST = 400  # characters of a sentence put together, since automatic captions never end one
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>\n]{1,60})>|</v>")  # somebody's words begin, or nobody's
_TAG = re.compile(
    r"</?(?:[biusc]|br|font|ruby|rt|lang|v)(?:[.\s][^<>\n]{0,80})?>|<\d[\d:.]*>"
    r"|\{\\[^{}\n]{0,80}\}|\{/?[ibuyYcC](?::[^{}\n]{0,20})?\}",
    re.IGNORECASE,
)
_TIMED = re.compile(r"<\d[\d:.]*>")  # captions made by a program have the time of each word
_LEARNT = 400  # cues from which is learnt how names are set
_AT_ONCE = 0.1  # seconds between two cues, below which the second may continue with the rows of the first
_BLINK = 0.05  # seconds of a cue that only keeps a row on the screen until the next one
_ROLLING = 0.25  # share of cues with such signs from which on rows are taken to roll on
_LEAST_NAMED, _NAMED = 3, 0.2  # least number and share of the cues with a name in small letters
_NUMBER = re.compile(r"\d{1,7}$")
_AROUND = re.compile(r"[(\[]?([^()\[\]]*)[)\]]?")
_DASH = re.compile(r"[-–—‐]\s*(?=\S)")
_SOUND = re.compile(r"(?:[(\[（［][^()\[\]（）［］\n]*[)\]）］]\s*)+$")
_UNFINISHED = re.compile(r"(?:[\w,;:，、]|\.\.\.|…|-|—)$")


def detect(sample: str) -> float:
    """Whether the text has the header of WebVTT, or enough lines with the times of subtitles."""
    text = sample.removeprefix("\ufeff").lstrip()
    if re.match(r"WEBVTT(?:\s|$)", text):
        return 1.0
    times = sum(1 for line in sample.splitlines() if "-->" in line and _TIMES.match(line))
    lines = sum(1 for line in sample.splitlines() if line.strip())
    return 0.98 if times >= 2 and times > 0.12 * lines else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.by_heading(_scenes(_cues(lines)))


@dataclass
class _Cue:
    """One subtitle, or a note in the file: seconds, rows of text, and its place."""

    begin: float
    end: float
    span: Span
    rows: list[str] = field(default_factory=list)
    note: bool = False


def _cues(lines: Iterable[str]) -> Iterator[_Cue]:
    """The cues of the file, in its order.  A subtitle continues until the number or the times of the next one."""
    cue: _Cue | None = None
    position = 0
    blank, passed_over, named = True, False, False
    number = -1  # of the last subtitle, if the file numbers them
    begun, size = False, 0
    before = ""  # the line before the first times
    for line in lines:
        start, position = position, position + len(line)
        text = line.strip()
        if not text:
            blank, passed_over = True, False
            if cue is not None and cue.note:
                yield cue
                cue = None
            continue
        after_blank, blank = blank, False
        if passed_over:
            continue
        if "-->" in text and (times := _TIMES.match(line)):
            if begun:
                number += number >= 0
                if cue is not None and cue.rows and (named or cue.rows[-1] == str(number)):  # a row of this one
                    cue.rows.pop()
            elif _NUMBER.match(before):
                number = int(before)
            if cue is not None:
                yield cue
            cue = _Cue(_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), Span(start, position))
            begun, size, named = True, 0, False
        elif after_blank and text.startswith("NOTE") and text[4:5].isspace() | (len(text) == 4):
            if cue is not None:
                yield cue
            cue = _Cue(0.0, 0.0, Span(start, position), [text[4:].strip()], note=True)
        elif after_blank and (text in ("STYLE", "REGION") or (not begun and text.startswith("WEBVTT"))):
            passed_over = True
            if text.startswith("WEBVTT") and (title := text[6:].strip(" \t-–")):
                yield _Cue(0.0, 0.0, Span(start, position), [title], note=True)
        elif cue is None:
            before = text
        else:
            if size > _MOST:
                yield cue
                cue, size = _Cue(cue.begin, cue.end, Span(start, position)), 0
            cue.rows.append(text)
            size += len(text)
            named = after_blank  # whether the row may be the name of the next subtitle
            cue.span = Span(cue.span.start, position - line.endswith("\n"))
    if cue is not None:
        yield cue


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + float(f"0.{thousandths or 0}")


@dataclass
class _Sentence:
    """What somebody says, over as many subtitles as it takes."""

    name: str
    parts: list[str]
    span: Span
    size: int = 0

    def goes_on(self, name: str, text: str) -> bool:
        """Whether the words of the next subtitle belong to the sentence."""
        last = self.parts[-1]
        if (name and name != self.name) or self.size > _LONGEST or _SOUND.match(last) or _SOUND.match(text):
            return False
        begins = text.lstrip("….-– ")[:1]
        return bool(_UNFINISHED.search(last[-4:])) and not (begins.isupper() and last[-1].isalnum() and not self.name)

    def add(self, text: str, end: int) -> None:
        """Append the words of the next subtitle."""
        self.parts.append(text)
        self.size += len(text)
        self.span = Span(self.span.start, end)

    def element(self) -> Element:
        """The sentence as a speech or a direction."""
        text = " ".join(self.parts)
        if self.name:
            return Speech(self.name, text, self.span)
        sung = text.startswith(("♪", "♫"))
        return Direction(text.strip("♪♫ ") or text, self.span, Kind.LYRICS if sung else Kind.ACTION)


def _scenes(cues: Iterable[_Cue]) -> Iterator[Element | Heading]:
    """What is said, in order, with an empty heading after each long silence.

    Raises:
        InputError: there is no subtitle.
    """
    split = Labels().split
    pending: _Sentence | None = None  # the last sentence, which may be continued
    heard: float | None = None
    ahead, cues = _ahead(cues)
    names = _in_small_letters(ahead, split)
    for cue in _unrolled(cues) if _rolls(ahead) else cues:
        silent = heard is not None and not cue.note and cue.begin - heard >= SILENCE
        said = list(_said(cue, split, names)) if not cue.note else []
        if pending and (silent or cue.note or (said and (said[0][2] or not pending.goes_on(*said[0][:2])))):
            yield pending.element()
            pending = None
        if cue.note:
            if text := "\n".join(row for row in cue.rows if row):
                yield Direction(text, cue.span, Kind.NOTE)
            continue
        heard = cue.end
        if silent:
            yield Heading("", "", Span(cue.span.start, cue.span.start))
        for number, (name, text, _) in enumerate(said):
            if pending and number == 0:
                pending.add(text, cue.span.end)
                continue
            if pending:
                yield pending.element()
            pending = _Sentence(name, [text], cue.span)
    if pending:
        yield pending.element()
    if heard is None:
        raise InputError("There are no subtitles in the file.", "Save it as SubRip (.srt) or WebVTT (.vtt).")


def _ahead(cues: Iterable[_Cue]) -> tuple[list[_Cue], Iterator[_Cue]]:
    """(the first cues, all of them)."""
    iterator = iter(cues)
    first = list(islice(iterator, _LEARNT))
    return first, chain(first, iterator)


def _in_small_letters(cues: Iterable[_Cue], split: _Split) -> Set[str]:
    """The names before a colon that are not in capitals, as in the minutes of a meeting, and come back.

    There are none unless enough cues have a name, and most of these a name that comes back.
    """
    heads = [split(cue.rows[0])[0] for cue in cues if cue.rows and not cue.note]
    names = Counter(name for name in heads if name and not _speaker(name))
    known = {name for name, count in names.items() if count > 1}
    enough = names.total() >= max(_LEAST_NAMED, _NAMED * len(heads))
    return known if enough and sum(names[name] for name in known) >= 0.5 * names.total() else set()


def _rolls(cues: Sequence[_Cue]) -> bool:
    """Whether rows roll on from cue to cue, as in captions made by a program: with times of words, or with blinks."""
    timed = sum(any(map(_TIMED.search, cue.rows)) for cue in cues)
    blinks = sum(cue.end - cue.begin < _BLINK and cue.rows == before.rows[-1:] for before, cue in pairwise(cues))
    return timed + blinks > _ROLLING * len(cues)


def _unrolled(cues: Iterable[_Cue]) -> Iterator[_Cue]:
    """Cues without the rows that rolled on from the cue before; a cue with no other rows becomes empty."""
    shown, until = list[str](), float("-inf")
    for cue in cues:
        if not cue.note:
            rows, shown = shown, cue.rows
            cue.rows = _fresh(rows, shown) if abs(cue.begin - until) < _AT_ONCE else shown
            until = cue.end
        yield cue


def _fresh(before: list[str], rows: list[str]) -> list[str]:
    """The rows of a cue that were not shown at the end of the cue before, ignoring the times in them."""
    old, new = ([" ".join(_TAG.sub("", row).split()) for row in part] for part in (before, rows))
    for size in range(len(rows), 0, -1):
        if old[-size:] == new[:size]:
            return rows[size:]
    return rows


def _said(cue: _Cue, split: _Split, names: Set[str]) -> Iterator[tuple[str, str, bool]]:
    """(who, what, whether a dash says that it is somebody else) for each part of a subtitle; who is empty for nobody.

    Args:
        names: the names known in small letters; if there are any, a cue may also begin with another one.
    """
    who, rows, dashed = "", list[str](), False
    announced, how = "", ""  # somebody whose name has a row of its own, and how they speak
    for number, row in enumerate(cue.rows):
        parts = _VOICE.split(row)  # words, name, words, name, words…
        for place, (voice, words) in enumerate(zip(("", *parts[1::2]), parts[::2], strict=True)):
            name = " ".join(tidy(html.unescape(voice)).split()) if voice else ""
            words = _TAG.sub(_untagged, words) if "<" in words or "{" in words else words
            text = " ".join(tidy(html.unescape(words)).split())
            dash = _DASH.match(text)
            text = text[dash.end() :] if dash else text
            if not name:
                label, aside, rest = split(text)
                if label and (_speaker(label) or label in names or (names and number == 0)):
                    name, text = _bare(label), (aside + rest).strip()
                    if not rest.strip():
                        announced, how = name, aside
                        continue
            if not text:
                continue
            if announced and not name:
                name, text = announced, f"{how} {text}".strip()
            announced = how = ""
            sound = bool(_SOUND.match(text)) or bool(rows and _SOUND.match(rows[-1]))
            if rows and (place or dash or name or sound):
                yield who, " ".join(rows), dashed
                rows = []
            if not rows:
                who, dashed = name, bool(dash)
            rows.append(text)
    if rows:
        yield who, " ".join(rows), dashed


def _bare(label: str) -> str:
    """A name without brackets around it; those in “JOHN (V.O.)” belong to the name."""
    around = _AROUND.fullmatch(label.strip())
    return around[1].strip() if around else label.strip()


def _untagged(tag: re.Match[str]) -> str:
    return " " if tag[0][1:3].casefold() == "br" else ""


def _speaker(label: str) -> bool:
    """Whether a label is the name of a speaker: in capitals, as in subtitles, or in a script that has none."""
    letters = [sign for sign in label if sign.isalpha()]
    return bool(letters) and not any(sign.islower() for sign in letters)
