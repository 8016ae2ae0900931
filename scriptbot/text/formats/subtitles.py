"""Subtitles: SubRip (``.srt``) and WebVTT (``.vtt``).

::

    12                                     WEBVTT
    00:01:02,500 --> 00:01:04,000
    - Where were you?                      00:01:02.500 --> 00:01:04.000 line:90%
    - ADA: At the kiosk.                   <v Ada>At the kiosk.

Who speaks is told by a voice tag or a name before a colon.  What nobody is named for is a direction, and so are
sounds in brackets; with a dash each line is somebody else's.  A sentence that goes on in the next subtitle is put
together.  Thirty seconds of silence end a scene.  Notes in a file are kept as notes; style sheets, regions and places
on the screen are not text and are passed over.

Sources: https://www.w3.org/TR/webvtt1/ ; SubRip has no specification, this reads what players read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.labels import Labels
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

NAME = "subtitles"
SUFFIXES = (".srt", ".vtt")
SILENCE = 30.0  # seconds between subtitles after which another scene begins
_LONGEST = 1 << 16  # characters of what is put together
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>\n]{1,60})>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,80}>|<\d[\d:.]*>|\{\\[^{}\n]{0,80}\}|\{/?[ibuyYcC]:?[^{}\n]{0,20}\}")
_DASH = re.compile(r"[-–—‐]\s*(?=\S)")
_SOUND = re.compile(r"(?:[(\[（［][^()\[\]（）［］\n]*[)\]）］]\s*)+$")
_UNFINISHED = re.compile(r"(?:[\w,;:，、]|\.\.\.|…|-|—)$")


def detect(sample: str) -> float:
    """The header of WebVTT, or times where they belong."""
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
    """One subtitle, or a note of the file: seconds, rows of text, and where it stands."""

    begin: float
    end: float
    span: Span
    rows: list[str] = field(default_factory=list)
    note: bool = False


def _cues(lines: Iterable[str]) -> Iterator[_Cue]:
    cue: _Cue | None = None
    position = 0
    passed_over = False
    for line in lines:
        start, position = position, position + len(line)
        text = line.strip()
        if not text:
            if cue is not None and (cue.rows or cue.note):
                yield cue
            cue, passed_over = None, False
            continue
        if passed_over:
            continue
        if "-->" in text and (times := _TIMES.match(line)):
            if cue is not None and cue.rows:  # no blank line between two subtitles: the number belongs to this one
                if cue.rows[-1].isdigit():
                    cue.rows.pop()
                yield cue
            cue = _Cue(_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), Span(start, position))
        elif cue is not None:
            cue.rows.append(text)
            cue.span = Span(cue.span.start, position - line.endswith("\n"))
        elif text.startswith("NOTE") and (len(text) == 4 or text[4] in " \t"):
            cue = _Cue(0.0, 0.0, Span(start, position), [text[4:].strip()], note=True)
        elif text in ("STYLE", "REGION") or text.startswith("WEBVTT"):
            passed_over = True
    if cue is not None and (cue.rows or cue.note):
        yield cue


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + float(f"0.{thousandths or 0}")


def _scenes(cues: Iterable[_Cue]) -> Iterator[Element | Heading]:
    """What is said, in order, with a heading without words where there was silence before."""
    split = Labels().split
    pending: tuple[str, str, Span] | None = None  # who, what so far, where: a sentence that may go on
    heard: float | None = None
    for cue in cues:
        if cue.note:
            yield Direction("\n".join(row for row in cue.rows if row), cue.span, Kind.NOTE)
            continue
        silent = heard is not None and cue.begin - heard >= SILENCE
        heard = cue.end
        said = list(_said(cue, split))
        if pending and (silent or not said or not _continues(pending, said[0])):
            yield _element(*pending)
            pending = None
        if silent:
            yield Heading("", "", Span(cue.span.start, cue.span.start))
        for name, text in said:
            if pending:
                before, words, span = pending
                if text is said[0][1] and _continues(pending, (name, text)):
                    pending = (before, f"{words} {text}", Span(span.start, cue.span.end))
                    continue
                yield _element(*pending)
            pending = (name, text, cue.span)
    if pending:
        yield _element(*pending)


def _continues(pending: tuple[str, str, Span], following: tuple[str, str]) -> bool:
    """Whether a sentence goes on in the next subtitle."""
    name, words, _ = pending
    after, text = following
    if (after and after != name) or len(words) > _LONGEST or _SOUND.match(words) or _SOUND.match(text):
        return False
    begins = text.lstrip("….-– ")[:1]
    return bool(_UNFINISHED.search(words)) and not (begins.isupper() and words[-1].isalnum() and not name)


def _said(cue: _Cue, split: object) -> Iterator[tuple[str, str]]:
    """(who, what) of one subtitle; nobody's name is empty."""
    rows: list[tuple[str, str]] = []
    for row in cue.rows:
        voice = _VOICE.search(row)
        text = " ".join(html.unescape(_TAG.sub("", row)).split())
        dashed = _DASH.match(text)
        if dashed:
            text = text[dashed.end() :]
        name = html.unescape(voice[1]).strip() if voice else ""
        if not name:
            label, rest = split(text)  # type: ignore[operator]
            if label and rest.strip() and _speaker(label):
                name, text = label.strip("[]() "), rest.strip()
        if not text:
            continue
        if rows and not (voice or dashed or name) and not _SOUND.match(text) and not _SOUND.match(rows[-1][1]):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {text}")
        else:
            rows.append((name, text))
    yield from rows


def _speaker(label: str) -> bool:
    """Whether a label is the name of somebody: in capitals, as subtitles set them, or in a script without them."""
    letters = [sign for sign in label if sign.isalpha()]
    return bool(letters) and not any(sign.islower() for sign in letters)


def _element(name: str, text: str, span: Span) -> Element:
    if name and not _SOUND.match(text):
        return Speech(name, text, span)
    sung = text.startswith(("♪", "♫", "#"))
    return Direction(text.strip("♪♫# ") or text if sung else text, span, Kind.LYRICS if sung else Kind.ACTION)
