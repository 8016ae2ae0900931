"""What screenplays write in capitals, whatever the rest of the file looks like: scene headings and transitions."""

from __future__ import annotations

import re

HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]", re.IGNORECASE)
_CUT = r"(?i:(?:\w+ )?(?:cut|fade|dissolve|wipe)s? (?:back )?(?:in|out|to)(?: black| white)?)"
_WAY = re.compile(rf"{_CUT}|[A-Z'][A-Z' ]* TO")
_TRANSITION = re.compile(rf"(?:{_CUT}[.:]|[A-Z'][A-Z' ]* TO:)(?:\s|$)")


def is_heading(line: str) -> bool:
    """Whether a line that begins in the first column is a scene's heading, in capitals as the custom is."""
    return line[0] in "IE" and HEADING.match(line) is not None and line.upper() == line


def is_transition(line: str) -> bool:
    """Whether a line that begins in the first column leads from one scene to the next: ``CUT TO:``, ``Fade out.``"""
    return ("." in line or ":" in line) and _TRANSITION.match(line) is not None


def is_way(text: str) -> bool:
    """Whether such words as ``CUT TO``, which could stand before a colon, are no name but the way to another scene."""
    return _WAY.fullmatch(text) is not None
