"""Project Gutenberg: keeps the work, without header, footer, small print and licence.

Files of all periods are recognised: those with ``*** START OF THIS PROJECT GUTENBERG EBOOK``, those from before 2000,
whose small print comes first and ends with ``*END*``, and several books in one file.  What the volunteers say about
themselves right after the header (``Produced by …``) is removed with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.text.editions.places import LeftOut

NAME = "gutenberg"
TITLE = "Project Gutenberg"
_START = re.compile(
    r"\s*\*{3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG|\s*\*END\s?\*?\s?THE SMALL PRINT", re.IGNORECASE
)
_END = re.compile(
    r"\s*\*{3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG"
    r"|\s*End of (?:the |this )?Project Gutenberg(?:['’]s|\s+e-?(?:book|text))",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\s*(?:this e-?(?:book|text) was )?(?:produced|prepared|transcribed|e-?text prepared|html version|scanned|"
    r"proofread|credits|updated|with special thanks|thanks to)\b",
    re.IGNORECASE,
)
_CREDITED = 60  # lines after the header in which a line like a credit is taken for one


def detect(sample: str) -> bool:
    """Whether the text has a start mark and the name of the project."""
    return "PROJECT GUTENBERG" in sample.upper() and any(map(_START.match, sample.splitlines()))


def clean(lines: Iterable[str], left_out: LeftOut) -> Iterator[str]:
    """The lines of the works, one work after the other."""
    place = 0
    within = marking = False
    since = _CREDITED  # lines since the header
    crediting = begun = False  # whether within a paragraph of credits; whether the work has begun
    for line in lines:
        blank = line.isspace()
        if not within:
            if _START.match(line):
                within, since, crediting, begun = True, 0, False, False
                marking = "***" in line[:8] and not line.rstrip().endswith("*")  # the mark goes on in the next line
            kept = False
        elif line[0] in "*E \t" and _END.match(line):
            within = kept = False
        elif marking:
            marking = not (blank or line.rstrip().endswith("*"))
            kept = False
        elif begun:
            kept = True
        else:
            since += 1
            crediting = not blank and (crediting or (since < _CREDITED and bool(_CREDIT.match(line))))
            begun = not blank and not crediting
            kept = begun
        if kept:
            place += len(line)
            yield line
        else:
            left_out.add(place, len(line))
