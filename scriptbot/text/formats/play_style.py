"""How a printed play sets the names of speakers: learnt from its beginning, then found at the head of lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from scriptbot.text.labels import MOST_WORDS, word_set

_MOST_KNOWN = 20_000  # names that are counted
_OFTEN = 5  # occurrences from which on a name is recognised even where the stop after it was forgotten
_NOBODY = word_set("""
ACT SCENE SCENES CURTAIN PROLOGUE EPILOGUE ENTER EXIT EXEUNT RE-ENTER END FINIS AIR NOTE NOTES CONTENTS DRAMATIS
CHARACTERS PERSONS CAST INTRODUCTION PREFACE TIME PLACE SETTING LOCATION TITLE AUTHOR GLOSSARY ERRATA
""")
_HONORIFICS = word_set("MR MRS MS DR ST REV HON CAPT COL GEN LT SERGT MLLE MME MESSRS VEN")
_JOINING = word_set("and of the to de von van der du le la &")
_SOME = word_set("a an the some several many most all both two three four five another other few")
_NO_NAMES = word_set("""
yes no oh ah well why good hush never nothing come stop what not nonsense indeed certainly perhaps quite thanks true
there here now then so and but please listen look wait monday tuesday wednesday thursday friday saturday sunday january
february march april may june july august september october november december tip warning note example figure table
chapter article step part
""")
_WORD = re.compile(r"\d{1,3}(?:st|nd|rd|th)?\b|[^\W\d_][\w'’\-]*|&", re.IGNORECASE)
_OPENING = re.compile(r"\s*[\[_(]?_?")
_STOP = re.compile(r",?(?:[.:]_|_?[.:])(?=[\s_\[({\])\-–—\"“'‘]|$)")
_ASIDE = re.compile(r"\s*_?[\[({}]|\s+_(?=[a-z\[(])")
_ASIDE_ENDS = re.compile(r"[\])]_?[.:]?")
_DASH = re.compile(r"\s*[—–]\s*(?=\S)|\s+-\s+(?=\S)")
_GAP = re.compile(r", *| +|/")
_SPACES = frozenset(" \n")
_ENDS = re.compile(r"[ .,/]")
_ROMAN = re.compile(r"[ivxl]+$")
_CAPITAL = r"[^\W\d_a-z]"
_REST_OF_NAME = rf"(?:(?:, *|\. *| +|/)(?:{_CAPITAL}[\w'’\-]*|\d\w*|&|{'|'.join(sorted(_JOINING - {'&'}))}\b))*"


class Kind(Enum):
    """The ways of setting names: in capitals; in small letters with a stop; between underscores; in bare capitals."""

    CAPITALS = 1
    SMALL = 2
    UNDERSCORED = 3
    BARE = 4


# The least that a line must look like, since most lines name nobody: a capital followed by small letters only cannot
# begin a name in capitals, and a name in small letters consists of capitalised or joining words up to its stop.
_IN_CAPITALS = re.compile(rf"\s*\[?(?:\d|{_CAPITAL}(?![a-z]+(?![\w'’\-])))")
_IN_SMALL = re.compile(
    rf"\s*\[?(?:\d\w*|(?![A-Z]{{2,}}(?![\w'’\-])){_CAPITAL}[\w'’\-]*){_REST_OF_NAME},?\s*[.:_\[({{}}\-—–]"
)
_MAY_HEAD = {
    Kind.CAPITALS: _IN_CAPITALS,
    Kind.SMALL: _IN_SMALL,
    Kind.UNDERSCORED: re.compile(r"\s*[\[_(]?_"),
    Kind.BARE: _IN_CAPITALS,
}


class Head(NamedTuple):
    """The head of a line: a name (empty if there is none), the rest, and whether a stop or the like separates them."""

    name: str
    rest: str
    sure: bool = True


def with_starts(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The lines that are not blank, and whether each begins a paragraph."""
    blank = True
    for line in lines:
        if line.isspace():
            blank = True
        else:
            yield line, blank
            blank = False


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """A normal form of a name, in which differences of case and spacing disappear."""
    return " ".join(name.casefold().split())


class Style:
    """How one play sets its names.

    Attributes:
        kind: which of the ways.
        known: how often each name was met, by its folded form.
        below: whether most names stand alone on a line, with the words below them.
        spaced: whether names come after empty lines only.
    """

    def __init__(self, lines: list[str]) -> None:
        self.kind, self.known, self.below, self.spaced = Kind.CAPITALS, Counter[str](), True, True
        self._often: dict[str, str] = {}  # beginnings of lines up to the stop → the name that each was found to be
        best = -1
        begun = list(with_starts(lines))
        for kind in Kind:
            may_head, least = _MAY_HEAD[kind].match, best * (2 if kind is Kind.BARE else 1)
            headed = [(line, begins) for line, begins in begun if may_head(line)]
            if len(headed) <= least:
                continue
            names, inner, alone = _names(headed, kind)
            # Small letters and bare capitals prove little by themselves, so only names that come back count.
            cautious = kind in (Kind.SMALL, Kind.BARE)
            score = sum(count for count in names.values() if count > 2) if cautious else names.total()
            if score > least:
                best, self.kind, self.known = score, kind, names
                self.below = alone > 0.5 * names.total()
                self.spaced = inner < 0.5 * max(names.total(), 1)
        self._may_head = _MAY_HEAD[self.kind].match
        self._firsts = {_first(name) for name, count in self.known.items() if count >= _OFTEN}

    def name(self, line: str) -> Head:
        """The name at the head of a line, with the rest of the line."""
        stop = line.find(".", 0, 40)
        if stop > 0 and line[: stop + 1] in self._often and line[stop + 1 : stop + 2] in _SPACES:
            return Head(self._often[line[: stop + 1]], line[stop + 1 :])
        head = _head(line, self.kind) if self._may_head(line) else None
        if not (head and head.name):
            return self._without_stop(line)
        key = folded(head.name)
        count = self.known[key]
        nobody = _ROMAN.match(key) or (count < 3 and len(key) == 1) or (not head.sure and count < 2)
        alone = not head.rest.strip() and not self.below and count < 2
        small = self.kind is Kind.SMALL and count < 2 and not self._may_be_new(key, head.rest)
        if nobody or alone or small:
            return Head("", line)
        if count >= _OFTEN and line.startswith(f"{head.name}.") and stop == len(head.name):
            self._often[line[: stop + 1]] = head.name
        return head

    def met(self, name: str) -> None:
        """Count another occurrence of a name."""
        key = folded(name)
        if key in self.known or len(self.known) < _MOST_KNOWN:
            self.known[key] += 1
            if self.known[key] == _OFTEN:
                self._firsts.add(_first(key))

    def _may_be_new(self, key: str, rest: str) -> bool:
        """Whether words in small letters that are not known well can be a name."""
        parts = all(self.known[part] > 1 for part in re.split(r",? and |, ", key))
        if key in _NO_NAMES or (_ASIDE.match(rest) and not (_aside_ends(rest) or parts)):
            return False
        return " " not in key or self.known[key] > 0 or parts or key.split()[0] in _SOME

    def _without_stop(self, line: str) -> Head:
        """The same if the stop was forgotten, or is a comma; only for somebody who speaks often."""
        opening = _OPENING.match(line)
        place = start = opening.end() if opening else 0
        found = Head("", line)
        first = _WORD.match(line, place)
        if first is None or _first(first[0].casefold()) not in self._firsts:
            return found
        for _ in range(4):
            word = _WORD.match(line, place)
            if word is None or not _fits(word[0], self.kind, place > start):
                break
            end = word.end()
            rest = line[end:].removeprefix(".").removeprefix(",")
            after = _WORD.match(rest.lstrip())
            begins = rest[:1] == " " and after and after[0][0].isupper()
            another = after and len(after[0]) > 1 and _fits(after[0], Kind.CAPITALS, False)
            if self.known[folded(line[start:end])] >= _OFTEN and begins and not another:
                found = Head(line[start:end], rest)
            place = end + len(line[end:]) - len(line[end:].lstrip(". "))
        return found


def _first(name: str) -> str:
    """The first word of a folded name."""
    return _ENDS.split(name, maxsplit=1)[0]


def _names(lines: list[tuple[str, bool]], kind: Kind) -> tuple[Counter[str], int, int]:
    """(counts of names at heads of paragraphs or lines, how many are within paragraphs, how many alone on a line)."""
    first, inner = Counter[str](), Counter[str]()
    alone = 0
    for line, begins in lines:
        head = _head(line, kind)
        key = folded(head.name)
        if not key or (kind is Kind.SMALL and key in _NO_NAMES) or _ROMAN.match(key):
            continue
        if begins or kind is Kind.UNDERSCORED:
            first[key] += 1
            alone += not head.rest.strip()
        elif head.sure and kind in (Kind.CAPITALS, Kind.SMALL) and head.rest.strip():
            inner[key] += 1
    if inner.total() > 2 * first.total():
        return first + inner, inner.total(), alone
    return first, 0, alone


def _head(line: str, kind: Kind) -> Head:
    """The name at the head of a line, by its looks alone."""
    none = Head("", line)
    opening = _OPENING.match(line)
    place = start = opening.end() if opening else 0
    mark = line[start - 1 : start] if start else ""
    bracketed = line[:start].strip() == "["
    if (kind is Kind.UNDERSCORED) != (mark == "_") or mark == "(":
        return none
    for number in range(MOST_WORDS + 2):
        word = _WORD.match(line, place)
        if word is None or not _fits(word[0], kind, number > 0) or (number < 2 and word[0].upper() in _NOBODY):
            return none
        end = word.end()
        if after := _after_abbreviation(line, word, kind):
            place = after
            continue
        if ended := _ended(line, start, end, kind, bracketed):
            return ended if any(map(str.isalpha, ended.name)) else none
        gap = _GAP.match(line, end)
        following = _WORD.match(line, gap.end()) if gap else None
        word_alone = following is not None and kind is Kind.BARE and following[0] in ("I", "A", "O")
        if following is None or word_alone or not _fits(following[0], kind, True):
            return _bare(line, start, end, following) if kind is Kind.BARE else none
        place = following.start()
    return none


def _after_abbreviation(line: str, word: re.Match[str], kind: Kind) -> int:
    """Where a name continues after ``MRS.``, or after the ``J.`` of ``J.P.``; 0 if the word is no abbreviation."""
    end = word.end()
    if line[end : end + 1] != ".":
        return 0
    if len(word[0]) == 1 and line[end + 1 : end + 2].isupper():
        return end + 1
    initial = len(word[0]) == 1 and word[0].isupper() and kind is not Kind.SMALL  # M. JOURDAIN
    if word[0].upper() not in _HONORIFICS and not initial:
        return 0
    space = len(line[end + 1 :]) - len(line[end + 1 :].lstrip(" "))
    following = _WORD.match(line, end + 1 + space) if space else None
    if following is None or not _fits(following[0], kind, True) or (initial and len(following[0]) < 3):
        return 0
    return following.start()


def _ended(line: str, start: int, end: int, kind: Kind, bracketed: bool) -> Head | None:
    """The head of the line if the name ends with the last word read; else None."""
    name, rest = line[start:end], line[end:]
    if stop := _STOP.match(line, end):
        rest = line[stop.end() :]
        return Head(name, rest.lstrip("]") if bracketed else rest)
    if bracketed or kind is Kind.BARE:
        return None
    if _ASIDE.match(line, end):
        return Head(name, rest)
    if not rest.strip():
        return Head(name, "") if kind is Kind.CAPITALS and len(name.split()) <= 4 else None
    dash = _DASH.match(line, end) if kind in (Kind.CAPITALS, Kind.SMALL) else None
    return Head(name, line[dash.end() :], sure=False) if dash else None


def _bare(line: str, start: int, end: int, following: re.Match[str] | None) -> Head:
    """The head of the line if nothing but capitals distinguishes the name from the words."""
    spoken = following is not None and following[0][0].isupper() and line[end : end + 1] == " "
    if not spoken and not re.match(r" +[\"“‘'(\[]", line[end:]):
        return Head("", line)
    return Head(line[start:end], line[end:], sure=False) if end - start > 1 else Head("", line)


def _fits(word: str, kind: Kind, inner: bool) -> bool:
    """Whether a word can belong to a name that is set in this way; ``inner``: as any word but its first."""
    if kind in (Kind.CAPITALS, Kind.BARE):
        if (word.isupper() and word[0].isalpha()) or word[0].isdecimal():
            return True
        capitals, letters = sum(map(str.isupper, word)), sum(map(str.isalpha, word))
        return (2 * capitals > letters and word[0].isupper()) or (inner and word in ("&", "and"))
    small = word[0].isupper() and not (len(word) > 1 and word.isupper())
    return small or word[0].isdecimal() or (inner and word in _JOINING)


def _aside_ends(rest: str) -> bool:
    """Whether a direction in brackets after a name in small letters is followed by a stop, or does not end here."""
    end = _ASIDE_ENDS.search(rest)
    return end is None or end[0][-1] in ".:"
