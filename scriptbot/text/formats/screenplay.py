"""What screenplays say between the speeches, whatever the rest of the file looks like: headings and transitions."""

from __future__ import annotations

import re

HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]", re.IGNORECASE)  # as Fountain has it
# Where nothing says that it is a screenplay: INT. and EXT. with their stop, or with the dash before the time of day.
_HEADED = re.compile(r"(?:INT|EXT|INT\.?/EXT|EXT\.?/INT|I/E)(?:\.\s*\w| [^:：]* [-–—] )")
_HOW = r"(?:smash|match|jump|hard|slow|quick|time) "
_WHERE = r"(?: (?:in|out|up|to|from|with))(?: (?:black|white|scene|present|the present))?"
_WAY = rf"(?:{_HOW})?(?:cut|fade|dissolve|wipe|intercut|iris|flash(?: ?back)?|back)(?: back)?{_WHERE}"
_WAY = rf"(?:{_WAY}|{_HOW}cut|dissolve|intercut|flash ?back)"
_LABEL = re.compile(rf"(?=[A-Z])(?i:{_WAY})")
_LINE = re.compile(rf"(?=[A-Z])(?i:{_WAY})[.:：]|{_WAY.upper()}[:：].*")


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
    return _LABEL.fullmatch(text) is not None
