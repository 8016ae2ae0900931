"""What scripts have between the speeches, whatever the rest of the file looks like: headings and transitions."""

from __future__ import annotations

import re

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
HEADS = OPENINGS | {"I", "E", "["}  # characters that a heading may begin with


def is_heading(line: str) -> bool:
    """Whether a line that begins in the first column is a scene heading: of a numbered act or scene
    (``acts.py``), or of a screenplay in capitals, as is customary, but for Mc.  It may stand in square brackets:
    ``[SCENE 2]``."""
    if line[:1] not in HEADS:
        return False
    line = unbracketed(line)
    if line[0] in ("I", "E") and _HEADED.match(line):
        return line.upper() == line.replace("Mc", "MC")
    return is_numbered(line)


def is_transition(line: str) -> bool:
    """Whether a line that begins in the first column is a transition to the next scene: ``CUT TO:``, ``Fade out.``, or
    in capitals with more behind it, ``CUT TO: THE KITCHEN``.  It may stand in square brackets: ``[CUT TO:]``."""
    line = unbracketed(line)
    return line[:1].isupper() and _LINE.fullmatch(line) is not None


def unbracketed(line: str) -> str:
    """A heading or a transition without the square brackets around it, if there are any."""
    inner = _BRACKETED.fullmatch(line) if line[:1] == "[" else None
    return inner[1].rstrip() if inner else line


def is_way(text: str) -> bool:
    """Whether words that could stand before a colon, such as ``CUT TO``, are a transition and no name."""
    return _NAME.fullmatch(text) is not None


def opens_scene(text: str) -> bool:
    """Whether Fountain takes a line for a heading, in capitals or not: ``int. bar``."""
    return text[:1] in _FIRST and HEADING.match(text) is not None
