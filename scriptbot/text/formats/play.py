"""Printed plays: the name at the head of a paragraph, in one of the many ways of printers.

::

    MRS. ALLONBY.  What a comfort it is          NORA.
    to have got rid of the men.                  What do you mean?

    MEGAERA (suddenly). I won't go another       Mrs. Helseth. Hadn't I better lay the table?
    step.
                                                 _Player._ As we live by the Muses…
      SUB [WITHIN]. Come in!                     GUARD 2 — Who goes there?

A play keeps to one way of setting names (``play_style.py``); its beginning, 256 Ki characters which are held back,
shows which one, and who speaks.  The words may stand below the name, after an empty line or not, and names may follow
one another without empty lines.  Lines that braces hold together are said at the same time.

A paragraph without a name is a direction, unless it speaks of *you* and *I* or starts in the middle of a sentence: then
it belongs to the speech before.  Acts and scenes begin scenes; a longer scene is divided after every 40 speeches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.text import acts, labels
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.play_style import Kind, Style, with_starts
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.screenplay import HEADS, undecorated
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Scene, Span, Speech

NAME = "play"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
_HEADING = re.compile(rf"\[?_?(?:{acts.NUMBERED}|{acts.ORDINAL}|prologue|epilogue|induction)[.:]?_?\]?$", re.IGNORECASE)
_TITLED = frozenset("AaSsTtFfNnLlPpEeIi[_")  # characters that a heading may begin with
_TOGETHER = re.compile(r"[^{}]*\}[\s}]*(?:[^{}]*\{)?\s*")
_STOPPED = re.compile(r"^(\s*[\[(][^\[\]()\n]*[\])])[.:](?=\s|$)")  # ADA (to Tom). Words: the stop is that of the name
_YOU_AND_I = re.compile(r"\b(?:I|you|your|yours|me|my|mine|we|us|our|thou|thee|thy)\b|[?!]$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_][\w'’\-]*")
_SPOKEN = re.compile(r"\b(?:I|you|your|me|my|we|us|I'm|you're|it's|don't|yes|no|oh)\b|\?", re.IGNORECASE)


def detect(sample: str) -> float:
    """How large a share of the paragraphs has a name at the head, if names come back."""
    lines = sample.splitlines(keepends=True)
    style = Style(lines)
    found: list[str] = []
    paragraphs = unstopped = coloned = 0
    opened = waiting = False
    for line, first in with_starts(lines):
        if not style.spaced or (first and not (opened and style.below)):
            paragraphs += 1
        head = style.name(line) if first or not style.spaced else None
        opened = head is not None and bool(head.name)
        if head and head.name:
            if waiting:  # nothing was said after the last name: this is a list
                found.pop()
            found.append(head.name.casefold())
            coloned += line.lstrip().startswith(f"{head.name}:")
            unstopped += not head.rest and not line.rstrip().endswith((".", ":", "_"))
        waiting = opened and head is not None and not head.rest.strip()
    # If names follow one another without empty lines, most lines continue a speech.
    share = (1.25 if style.spaced else 2.5) * len(found) / max(paragraphs, 1)
    sure = labels.sureness(found, min(1.0, share))
    if style.kind in (Kind.BARE, Kind.SMALL) and not _speak(lines):  # names alone do not tell a play from a list
        return 0.0
    if 2 * coloned > len(found) and not style.below:  # there is a format for colons, which knows more about them
        return 0.3 * sure
    # Fountain, too, has names alone on a line without a stop, and it is the stricter format.
    return (0.95 if 2 * unstopped < len(found) else 0.5) * sure if len(found) >= 4 else 0.0


def _speak(lines: list[str]) -> bool:
    """Whether a text reads as if people spoke in it: with I and you, and with questions."""
    text = "".join(lines)
    words = max(len(_WORD.findall(text)), 1)
    return len(_SPOKEN.findall(text)) >= 0.015 * words


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    ahead, lines = scening.ahead(lines)
    style = Style(ahead)
    return scening.by_heading(_elements(lines, style), longest=scening.BLOCK)


def _elements(lines: Iterable[str], style: Style) -> Iterator[Element | Heading]:
    """The speeches, directions and headings of a text."""
    told = _Told(style)
    position = start = end = size = 0
    rows: list[str] = []
    spaced = style.spaced
    for line in lines:
        length = len(line)
        if line.isspace():
            if rows:
                yield from told.paragraph(rows, Span(start, end))
                rows = []
        else:
            if rows and (size > LONGEST_ELEMENT or "}" in line or (not spaced and style.name(line).name)):
                yield from told.paragraph(rows, Span(start, end))
                rows = []
            if not rows:
                start, size = position, 0
            rows.append(line)
            size += length
            end = position + length - (line[-1] == "\n")
        position += length
    if rows:
        yield from told.paragraph(rows, Span(start, end))
    yield from told.ended()


class _Told:
    """Combines paragraphs into speeches."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._name, self._start, self._end = "", 0, 0
        self._said: list[str] = []
        self._size = 0
        self._dual = self._together = self._cut = False  # cut: whether the speech continues one that was too long

    def paragraph(self, rows: list[str], span: Span) -> Iterator[Element | Heading]:
        """Take in a paragraph.  Yields the elements that it ends or is."""
        text = "\n".join(row for line in rows if (row := line.strip()))
        if len(rows) == 1:
            titled = text[0] in _TITLED and _HEADING.match(text)
            if titled or (text[0] in HEADS and text[0] != "[" and undecorated(text) != text):
                yield from self.ended()
                yield Heading(text.strip("_[]") if titled else undecorated(text), "", span)
                return
        head = self._style.name(rows[0])
        if head.name:
            yield from self.ended()
            self._style.met(head.name)
            words, together = _spoken_together(_STOPPED.sub(r"\1", head.rest, count=1))
            self._dual, self._together = together and self._together, together
            self._name, self._start, self._end = head.name, span.start, span.end
            self._say([words, *rows[1:]])
        elif self._name and self._goes_on(text):
            self._end = span.end
            self._say(rows)
            if self._size > LONGEST_ELEMENT:
                name = self._name
                yield from self.ended()
                self._name, self._start, self._end, self._cut = name, span.end, span.end, True
        else:
            yield from self.ended()
            yield Direction(text, span)

    def _goes_on(self, text: str) -> bool:
        """Whether a paragraph without a name is said by the last speaker."""
        if not any(self._said) and not self._cut:  # the name stood alone
            return True
        if text[0] in "[(" or text[:2] in ("_[", "_("):
            return False
        if text[0] in "\"“'‘-–—…" or text[0].islower():
            return True
        return bool(_YOU_AND_I.search(text)) and not self._tells_of_somebody(text)

    def _tells_of_somebody(self, text: str) -> bool:
        """Whether a paragraph begins with the name of a character of the play, who is not being addressed."""
        words = list(_WORD.finditer(text, 0, 80))[:3]
        heads = ((" ".join(word[0] for word in words[: count + 1]), words[count].end()) for count in range(len(words)))
        return any(self._style.known[head.casefold()] > 1 and text[end : end + 1] != "," for head, end in heads)

    def _say(self, rows: Iterable[str]) -> None:
        for line in rows:
            if row := line.strip():
                self._said.append(row)
                self._size += len(row)

    def ended(self) -> Iterator[Element]:
        """Yield the speech that has ended, if there is one; a name with nothing after it is a direction."""
        text, span = "\n".join(self._said), Span(self._start, self._end)
        if self._name and (text or self._dual):
            yield Speech(self._name, text, span, self._dual)
        elif self._name and not self._cut:
            yield Direction(self._name, span)
        self._name, self._said, self._size, self._dual, self._cut = "", [], 0, False, False


def _spoken_together(rest: str) -> tuple[str, bool]:
    """(the words, whether braces say that they are spoken together with others)."""
    if "}" not in rest:
        return rest, False
    brace = _TOGETHER.match(rest)
    return (rest[brace.end() :] if brace else rest), True
