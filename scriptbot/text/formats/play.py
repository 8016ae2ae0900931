"""Printed plays: the name at the head of a paragraph, in one of the many ways of printers.

::

    MRS. ALLONBY.  What a comfort it is          NORA.
    to have got rid of the men.                  What do you mean?

    MEGAERA (suddenly). I won't go another       Mrs. Helseth. Hadn't I better lay the table?
    step.
                                                 _Player._ As we live by the Muses…
      SUB [WITHIN]. Come in!

A play keeps to one way of setting names, in capitals, in small letters with a stop, or between underscores; its
beginning (256 Ki characters, which are held back) tells which, and who speaks.  Words may stand below the name, with
an empty line between or without.  Lines that braces hold together are said at the same time.

A paragraph without a name is a direction, unless it speaks of *you* and *I* or goes on in the middle of a sentence:
then it belongs to the speech before.  Acts and scenes begin scenes; of longer ones, 40 speeches make one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from scriptbot.text.formats import labels
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Scene, Span, Speech

NAME = "play"
_LONGEST = 1 << 18  # characters of a paragraph; what goes on longer goes on in another one
_CAPITALS, _SMALL, _UNDERSCORED = "capitals", "small", "underscored"

_HEADING = re.compile(
    r"(?:\[?_?(?:the )?(?:(?:act|scene)\b[\s.:]*(?:the\s+)?(?:[ivxl]+|\d+|first|second|third|fourth|fifth|last)"
    r"\b.{0,60}|(?:first|second|third|fourth|fifth|last) act\b.{0,20}|prologue|epilogue|induction)[.:]?_?\]?)$",
    re.IGNORECASE,
)
_NOBODY = labels.word_set("""
ACT SCENE SCENES CURTAIN PROLOGUE EPILOGUE ENTER EXIT EXEUNT RE-ENTER END FINIS AIR NOTE NOTES CONTENTS DRAMATIS
CHARACTERS PERSONS CAST INTRODUCTION PREFACE TIME PLACE TITLE AUTHOR GLOSSARY ERRATA
""")
_HONORIFICS = labels.word_set("""
MR MRS MS DR ST REV HON CAPT COL GEN LT SERGT MLLE MME MESSRS VEN
""")
_JOINING = frozenset(("and", "of", "the", "to", "de", "von", "van", "der", "du", "le", "la", "&"))
_WORD = re.compile(r"[^\W_][\w'’\-]*|&")
_STOPPED = re.compile(r",?(?:[.:]_|_?[.:])(?=[\s_\[({\])\-–—\"“'‘]|$)")
_ASIDE = re.compile(r"\s*_?[\[({}]|\s+_(?=[a-z\[(])")
_ASIDE_END = re.compile(r"[\])]_?[.:]?")
_OPEN = re.compile(r"\s*[\[_(]?_?")
_TOGETHER = re.compile(r"[^{}]*\}[\s}]*(?:[^{}]*\{)?\s*")
_SOME = labels.word_set("""
a an the some several many most all both two three four five another other few
""")
_EXCLAIMED = labels.word_set("""
yes no oh ah well why good hush never nothing come stop what not nonsense indeed certainly perhaps quite thanks true
there here now then so and but please listen look wait
""")
_NUMBER = re.compile(r"[ivxl]+$")
_YOU_AND_I = re.compile(r"\b(?:I|you|your|yours|me|my|mine|we|us|our|thou|thee|thy)\b|[?!]$", re.IGNORECASE)


def detect(sample: str) -> float:
    """The share of paragraphs with a name at their head, if names come back."""
    lines = sample.splitlines(keepends=True)
    style = _Style(lines)
    found: list[str] = []
    paragraphs = unstopped = 0
    opened = waiting = False
    for line, first in _with_starts(lines):
        if first and not (opened and style.below):
            paragraphs += 1
        name, rest = style.name(line) if first else ("", "")
        opened = bool(name)
        if name:
            if waiting:  # nothing was said: a list
                found.pop()
            found.append(name.casefold())
            unstopped += not rest and not line.rstrip().endswith((".", ":", "_"))
        waiting = bool(name) and not rest.strip()
    sure = labels.sureness(found, min(1.0, 1.25 * len(found) / max(paragraphs, 1)))
    # Names without a stop alone on their lines are how Fountain has them, too, and it is the stricter one.
    return (0.95 if 2 * unstopped < len(found) else 0.5) * sure if len(found) >= 4 else 0.0


def _with_starts(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines that hold something, and whether each begins a paragraph."""
    blank = True
    for line in lines:
        if line.isspace():
            blank = True
        else:
            yield line, blank
            blank = False


class _Style:
    """How a play sets the names of those who speak, learnt from its beginning.

    Attributes:
        kind: capitals, small letters or underscores.
        known: folded names → how often they head a paragraph of the beginning.
        below: whether most names stand alone on a line.
        spaced: whether names stand behind empty lines only.
    """

    def __init__(self, lines: list[str]) -> None:
        self.known: Counter[str] = Counter()
        self.below, self.spaced, self.kind = True, True, _CAPITALS
        best: tuple[int, Counter[str], int, int, str] = (-1, Counter(), 0, 0, _CAPITALS)
        for kind in (_CAPITALS, _SMALL, _UNDERSCORED):
            names: Counter[str] = Counter()
            alone = inner = 0
            for line, first in _with_starts(lines):
                if not first and kind is not _UNDERSCORED:
                    continue
                name, rest = _head(line, kind)
                if name and not (kind is _SMALL and name.casefold() in _EXCLAIMED):
                    names[folded(name)] += 1
                    alone += not rest.strip()
                    inner += not first
            # Small letters say little by themselves: only what comes back counts.
            score = sum(count for count in names.values() if count > 2) if kind is _SMALL else names.total()
            if score > best[0]:
                best = (score, names, alone, inner, kind)
        _, self.known, alone, inner, self.kind = best
        self.below = alone > 0.5 * self.known.total()
        self.spaced = inner < 0.05 * max(self.known.total(), 1)

    def name(self, line: str) -> tuple[str, str]:
        """(name, rest of the line); the name is empty if the line is headed by none."""
        name, rest = _head(line, self.kind)
        if not name:
            return self._without_stop(line)
        key = folded(name)
        count = self.known[key]
        if _NUMBER.match(key) or (count < 3 and len(key) == 1):
            return "", line
        if self.kind is _SMALL and count < 2:
            if key in _EXCLAIMED or (_ASIDE.match(rest) and not (_aside_ends(rest, 0) or self._all_known(key))):
                return "", line
            if " " in key and not count and not self._all_known(key) and key.split()[0] not in _SOME:
                return "", line
        if not rest.strip() and not self.below and count < 2:
            return "", line
        return name, rest

    def _all_known(self, key: str) -> bool:
        """Whether a name is made of others: ``jack and algernon``."""
        return all(self.known[part] > 1 for part in re.split(r",? and |, ", key))

    def _without_stop(self, line: str) -> tuple[str, str]:
        """The same where the stop was forgotten, or is a comma: only for somebody who speaks often."""
        opening = _OPEN.match(line)
        place = start = opening.end() if opening else 0
        found = ("", line)
        for _ in range(4):
            word = _WORD.match(line, place)
            if word is None or not _fits(word[0], self.kind, place - start):
                break
            end = word.end()
            rest = line[end:].removeprefix(".").removeprefix(",")
            after = _WORD.match(rest.lstrip())
            begins = rest[:1] == " " and after and after[0][0].isupper()
            another = after and len(after[0]) > 1 and _fits(after[0], _CAPITALS, 0)
            if self.known[folded(line[start:end])] >= 5 and begins and not another:
                found = (line[start:end], rest)
            place = end + len(line[end:]) - len(line[end:].lstrip(". "))
        return found


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """A name so that spellings of it that differ in case or padding fall together."""
    return " ".join(name.casefold().split())


def _head(line: str, kind: str) -> tuple[str, str]:
    """The name at the head of a line, by its looks alone, and what follows it."""
    opening = _OPEN.match(line)
    place = start = opening.end() if opening else 0
    bracketed = line[:start].strip() == "["
    if (kind is _UNDERSCORED) != (line[start - 1 : start] == "_") or line[start - 1 : start] == "(":
        return "", line
    words = 0
    while True:
        word = _WORD.match(line, place)
        if not word or words == labels.MOST_WORDS + 2 or not (_fits(word[0], kind, words)):
            return "", line
        words += 1
        end = word.end()
        if words <= 2 and word[0].upper() in _NOBODY:
            return "", line
        following = (
            _WORD.match(line, end + 2 + (line[end + 1 : end + 3].isspace())) if line[end : end + 2] == ". " else None
        )
        short = word[0].upper() in _HONORIFICS and following and _fits(following[0], kind, words)
        if short or (len(word[0]) == 1 and line[end : end + 1] == "." and line[end + 1 : end + 2].isupper()):
            place = following.start() if following and short else end + 1
            continue
        if stop := _STOPPED.match(line, end):
            rest = line[stop.end() :]
            rest = rest.lstrip("]") if bracketed else rest
            return (line[start:end], rest) if not line[start:end].isdigit() else ("", line)
        rest = line[end:]
        if bracketed and not rest.startswith((" ", ", ")):
            return "", line
        if _ASIDE.match(line, end):
            return line[start:end], rest
        if not rest.strip():
            return (line[start:end], "") if kind is _CAPITALS and words <= 4 else ("", line)
        comma = rest.startswith(",")
        gap = _WORD.match(line, end + 1 + comma)
        if not rest.startswith((" ", ", ")) or gap is None or not (_fits(gap[0], kind, words) and len(gap[0]) > 1):
            if kind is _CAPITALS and gap and len(gap[0]) == 1 and gap[0].isupper() and rest.startswith(" "):
                place = gap.start()
                continue
            return "", line
        place = gap.start()


def _fits(word: str, kind: str, before: int) -> bool:
    """Whether a word can belong to a name that is set in this way."""
    if kind is _CAPITALS:
        if word.isupper():  # nearly always
            return True
        capitals = sum(map(str.isupper, word))
        letters = sum(map(str.isalpha, word))
        return (
            (2 * capitals > letters and word[0].isupper())
            or word.isdigit()
            or (before > 0 and (word == "&" or word == "and"))
        )
    small = word[0].isupper() and not (len(word) > 1 and word.isupper())
    return small or (word in _JOINING if before else word[0].isdigit())


def _aside_ends(line: str, start: int) -> bool:
    """Whether a direction in brackets behind a name in small letters is followed by a stop, or not over yet."""
    end = _ASIDE_END.search(line, start)
    return end is None or end[0][-1] in ".:"


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    iterator = iter(lines)
    ahead: list[str] = []
    size = 0
    for line in iterator:
        ahead.append(line)
        size += len(line)
        if size >= scening.AHEAD_CHARACTERS:
            break
    style = _Style(ahead)
    return scening.by_heading(_elements(chain(ahead, iterator), style), longest=scening.BLOCK)


def _elements(lines: Iterable[str], style: _Style) -> Iterator[Element | Heading]:
    """Speeches, directions and headings."""
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
            if rows and (size > _LONGEST or "}" in line or (not spaced and style.name(line)[0])):
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
    """Puts paragraphs together to speeches."""

    def __init__(self, style: _Style) -> None:
        self._style = style
        self._name, self._start, self._end = "", 0, 0
        self._said: list[str] = []
        self._size = 0
        self._dual = self._together = False

    def paragraph(self, rows: list[str], span: Span) -> Iterator[Element | Heading]:
        """Take in a paragraph.  Yields what it ends."""
        title = len(rows) == 1 and _HEADING.match(rows[0].strip())
        name, rest = self._style.name(rows[0]) if not title else ("", "")
        if name:
            yield from self.ended()
            self._style.known[folded(name)] += 1
            head, together = _together(rest)
            self._dual = together and self._together
            self._together = together
            self._name, self._start, self._end = name, span.start, span.end
            self._say([head, *rows[1:]])
            return
        text = "\n".join(row for line in rows if (row := line.strip()))
        if title:
            yield from self.ended()
            yield Heading(text.strip("_[]"), "", span)
            return
        if self._name and self._goes_on(text):
            self._end = span.end
            self._say(rows)
            if self._size > _LONGEST:
                name = self._name
                yield from self.ended()
                self._name, self._start, self._end = name, span.end, span.end
            return
        yield from self.ended()
        yield Direction(text, span)

    def _goes_on(self, text: str) -> bool:
        """Whether a paragraph without a name is said by who spoke last."""
        if not any(self._said):  # the name stood alone
            return True
        if text[0] in "[(" or text[:2] in ("_[", "_("):
            return False
        if text[0] in "\"“'‘-–—…" or text[0].islower():
            return True
        return bool(_YOU_AND_I.search(text)) and not self._tells_of_somebody(text)

    def _tells_of_somebody(self, text: str) -> bool:
        """Whether a paragraph begins with the name of somebody who speaks in the play."""
        words = _WORD.findall(text[:80].casefold())
        return any(self._style.known[" ".join(words[:count])] > 1 for count in (1, 2, 3))

    def _say(self, rows: Iterable[str]) -> None:
        for line in rows:
            if row := line.strip():
                self._said.append(row)
                self._size += len(row)

    def ended(self) -> Iterator[Element]:
        """The speech that is over now, if there is one."""
        text, span = "\n".join(self._said), Span(self._start, self._end)
        if self._name:  # alone and nothing after it: a title
            yield Speech(self._name, text, span, self._dual) if text or self._dual else Direction(self._name, span)
        self._name, self._said, self._size, self._dual = "", [], 0, False


def _together(rest: str) -> tuple[str, bool]:
    """(the words, whether braces say that they are spoken together with others)."""
    if "}" not in rest:
        return rest, False
    brace = _TOGETHER.match(rest)
    return (rest[brace.end() :] if brace else rest), True
