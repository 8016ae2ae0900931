"""What scripts have between the speeches, whatever the rest of the file looks like: headings and transitions."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from scriptbot.text.acts import OPENINGS, is_numbered

HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]", re.IGNORECASE)  # as Fountain has it
# For text that may be no screenplay: INT. and EXT. with their stop, or with the dash before the time of day.
_HEADED = re.compile(r"(?:INT|EXT|INT\.?/EXT|EXT\.?/INT|I/E)(?:\.\s*[\"'“‘«(\[#]?\w| [^:：]* [-–—] )")
_HOW = r"(?:smash|match|jump|hard|slow|quick|fast|rapid|time|lap|flash|ripple|cross)[ -]"
_MOVES = r"(?:cut|fade|crossfade|dissolve|wipe|smash|iris|intercut|flash ?(?:back|forward)?|return|back)s?"
_WHERE = r"(?:(?:up|in) on|in|out|up|to|from|with)(?: (?:black|white|scene|(?:the )?present|commercial|credits))?"
_WAY = (
    rf"(?:{_HOW})?{_MOVES}(?: (?:back|forward|ahead))? {_WHERE}|{_HOW}cuts?|dissolve|intercut|flash ?(?:back|forward)"
)
_NAME = re.compile(_WAY, re.IGNORECASE)
_FIRST = ("I", "i", "E", "e", "İ", "ı")  # what the pattern accepts as I and E when it ignores case
_CAPITALS = r"(?=[A-Z' -]+[.:：])"
_PLAIN = r"fades? (?:in|out|up)\.|(?:fade|cut|smash cut|dissolve)s? to (?:black|white)\."  # and no order that is given
_LINE = re.compile(
    rf"(?=[A-Z])(?i:(?:{_WAY})[:：]|{_PLAIN})|{_CAPITALS}(?i:(?:{_WAY})(?:\.|[:：].*))",
)
_BRACKETED = re.compile(r"\[\s*([^\[\]\s][^\[\]]*)\]")
# What stands before a colon at the head of a scene and is nobody's name, unless it speaks.
_PLACED = re.compile(r"(SCENE|Scene|SETTING|Setting|TIME|Time|PLACE|Place|LOCATION|Location)[:：](?:\s|$)")
# “the US”, “World War I” and “Act I, a kitchen” tell where or when: case matters, and so does what stands behind an I.
_SPOKEN = re.compile(
    r"\b(?:[Yy]ou|[Yy]our|[Mm]e|[Mm]y|[Ww]e|[Uu]s|[Tt]hou|[Tt]hee)\b|^\s*I\b|\bI(?=['’]|\s+[a-z])|[?!]"
)
_HELD = 1 << 18  # characters
_ROUND = re.compile(r"[(（]\s*([^\s()（）][^()（）]*)[)）]")
_PART = re.compile(r"(?:Prologue|PROLOGUE|Epilogue|EPILOGUE)\.?")
_LEVELS = 6  # of headings in Markdown
_STARS = re.compile(r"[*_][(（]")
_STARRED = re.compile(r"(?<![*_\w])([*_]{1,3})([(（][^()（）\n]*[)）])\1(?![*_\w])")
_RULES = "-–—*=#~_"  # what people draw around a heading: *** SCENE 6 ***
HEADS = OPENINGS | {"I", "E", "P", "[", "(", "（", *_RULES}  # characters that a heading may begin with


def is_heading(line: str) -> bool:
    """Whether a line that begins in the first column is a scene heading: of a numbered act or scene
    (``acts.py``), a prologue or an epilogue, or of a screenplay in capitals, as is customary, but for Mc.  It may be
    decorated, as :func:`undecorated` says."""
    if line[:1] not in HEADS:
        return False
    line = undecorated(line)
    if is_part(line):
        return True
    if line[0] in ("I", "E") and _HEADED.match(line):
        return line.upper() == line.replace("Mc", "MC")
    return is_numbered(line)


class Placing:
    """Hands on the lines of a text, and finds those that tell where and when a scene is: ``SCENE: A kitchen.``

    Somebody may have such a name, as Time has in The Winter's Tale.  Then some of what it says sounds spoken: it has
    *I* or *you* in it, or a question.  The first of these lines and the 256 Ki characters below it, which are held
    back, decide; about a word that is not among them, its first line.

    Args:
        lines: the text line by line; without any, each line is judged by itself.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._held: deque[str] = deque()
        self._somebody: dict[str, bool] = {}

    def __iter__(self) -> Iterator[str]:
        while True:
            if self._held:
                yield self._held.popleft()
            elif (line := next(self._lines, None)) is not None:
                yield line
            else:
                return

    def word(self, line: str, below: str = "") -> str:
        """The word before the colon, ``SCENE``, of a line that tells where or when; empty for any other line.

        Args:
            line: the last one that was handed on, unless it is to be judged by itself.
            below: what is said, if the word stands alone on its line.
        """
        if line[:1] not in _PLACES or not (found := _PLACED.match(line)):
            return ""
        if not self._somebody:
            self._look(f"{line}\n{below}")
        spoken = _sounds_spoken(line[found.end() :].strip() or below)
        return "" if self._somebody.setdefault(found[1], spoken) else found[1]

    def _look(self, line: str) -> None:
        size = 0
        for more in self._lines:
            self._held.append(more)
            if (size := size + len(more)) >= _HELD:
                break
        said: dict[str, list[bool]] = {}
        for row, below in pairwise(chain([line], self._held, [""])):
            if row[:1] in _PLACES and (found := _PLACED.match(row)):
                said.setdefault(found[1], []).append(_sounds_spoken(row[found.end() :].strip() or below))
        self._somebody = {word: 3 * sum(spoken) >= len(spoken) for word, spoken in said.items()}


def placing_word(line: str) -> str:
    """The word before the colon, ``SCENE``, of a line that looks as if it told where or when, and not spoken."""
    return Placing(()).word(line)


_PLACES = frozenset("STPL")  # characters that such a line begins with


def _sounds_spoken(text: str) -> bool:
    return _SPOKEN.search(text) is not None


def is_transition(line: str) -> bool:
    """Whether a line that begins in the first column is a transition to the next scene: ``CUT TO:``, ``Fade out.``, or
    in capitals with more behind it, ``CUT TO: THE KITCHEN``.  It may stand in square brackets: ``[CUT TO:]``."""
    line = unbracketed(line)
    return line[:1].isupper() and _LINE.fullmatch(line) is not None


def unbracketed(line: str) -> str:
    """A heading or a transition without the square brackets around it, if there are any."""
    inner = _BRACKETED.fullmatch(line) if line[:1] == "[" else None
    return inner[1].rstrip() if inner else line


def undecorated(line: str) -> str:
    """A heading without what is around it: square brackets; of numbered acts and scenes, and of prologues, also round
    ones, or what is drawn: ``--- Act II, Scene 1 ---``, ``## Scene 2``."""
    first = line[:1]
    if first == "[":
        return unbracketed(line)
    inner = ""
    if first in ("(", "（") and (bracketed := _ROUND.fullmatch(line)):
        inner = bracketed[1].rstrip()
    elif first in _RULES and (first == "#" or line[-1:] in _RULES):  # a dash alone may begin what somebody says
        inner = line.strip(f"{_RULES} \t")
    headed = inner and not inner[0].islower() and (is_part(inner) or is_numbered(inner))
    return inner if headed else line


def markdown_heading(line: str) -> tuple[int, str]:
    """(the level, the words) of a heading in Markdown, ``## The garden``; the level of any other line is 0."""
    if line[:1] != "#":
        return 0, ""
    words = line.lstrip("#")
    level = len(line) - len(words)
    text = words.strip().rstrip("#").rstrip()
    return (level, text) if level <= _LEVELS and words[:1].isspace() and text else (0, "")


def without_stars(line: str) -> str:
    """A line whose directions in brackets are no longer emphasised, as they may be in Markdown: ``*(softly)*``."""
    return _STARRED.sub(r"\2", line) if _STARS.search(line) else line


def rows(text: str) -> list[str]:
    """The lines of a speech or a direction as they are read from a script: without what is around them, or empty."""
    return [without_stars(line) for raw in text.split("\n") if (line := raw.strip())]


def is_part(line: str) -> bool:
    """Whether a line says ``Prologue`` or ``Epilogue``, which may be a name as well: of who speaks it."""
    return line[:1] in ("P", "E") and _PART.fullmatch(line) is not None


def is_way(text: str) -> bool:
    """Whether words that could stand before a colon, such as ``CUT TO``, are a transition and no name."""
    return _NAME.fullmatch(text) is not None


def opens_scene(text: str) -> bool:
    """Whether Fountain takes a line for a heading, in capitals or not: ``int. bar``."""
    return text[:1] in _FIRST and HEADING.match(text) is not None
