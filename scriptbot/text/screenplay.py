"""What screenplays say between the speeches, whatever the rest of the file looks like: headings and transitions."""

from __future__ import annotations

import re

HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]", re.IGNORECASE)  # as Fountain has it
# Where nothing says that it is a screenplay: INT. and EXT. with their stop, or with the dash before the time of day.
_HEADED = re.compile(r"(?:INT|EXT|INT\.?/EXT|EXT\.?/INT|I/E)(?:\.\s*[\"'“‘«(\[#]?\w| [^:：]* [-–—] )")
_HOW = r"(?:smash|match|jump|hard|slow|quick|fast|rapid|time|lap|flash|ripple|cross)[ -]"
_MOVES = r"(?:cut|fade|crossfade|dissolve|wipe|smash|iris|intercut|flash ?(?:back|forward)?|return|back)s?"
_WHERE = r"(?:(?:up|in) on|in|out|up|to|from|with)(?: (?:black|white|scene|(?:the )?present|commercial|credits))?"
_WAY = (
    rf"(?:{_HOW})?{_MOVES}(?: (?:back|forward|ahead))? {_WHERE}|{_HOW}cuts?|dissolve|intercut|flash ?(?:back|forward)"
)
_NAME = re.compile(_WAY, re.IGNORECASE)
_FIRST = ("I", "i", "E", "e", "İ", "ı")  # what the pattern takes for I and E, case apart
_CAPITALS = r"(?=[A-Z' -]+[.:：])"
_PLAIN = r"fades? (?:in|out|up)\.|(?:fade|cut|smash cut|dissolve)s? to (?:black|white)\."  # and no order that is given
_LINE = re.compile(
    rf"(?=[A-Z])(?i:(?:{_WAY})[:：]|{_PLAIN})|{_CAPITALS}(?i:(?:{_WAY})(?:\.|[:：].*))",
)


def is_heading(line: str) -> bool:
    """Whether a line that begins in the first column is a scene's heading: in capitals as is the custom, but for Mc."""
    if line[:1] not in ("I", "E") or not _HEADED.match(line):
        return False
    return line.upper() == line.replace("Mc", "MC")


def is_transition(line: str) -> bool:
    """Whether a line that begins in the first column leads to the next scene: ``CUT TO:``, ``Fade out.``, or in
    capitals with what comes behind it, ``CUT TO: THE KITCHEN``."""
    return line[:1].isupper() and _LINE.fullmatch(line) is not None


def is_way(text: str) -> bool:
    """Whether such words as ``CUT TO``, which could stand before a colon, are no name but the way to another scene."""
    return _NAME.fullmatch(text) is not None


def opens_scene(text: str) -> bool:
    """Whether Fountain takes a line for a heading, in any letters: ``int. bar``."""
    return text[:1] in _FIRST and HEADING.match(text) is not None
