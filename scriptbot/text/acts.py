"""What the heading of a numbered act or scene looks like: ``ACT ONE``, ``Scene 3: A kitchen``, ``第二場　庭``."""

from __future__ import annotations

import re

_UNITS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
_ROMAN = r"(?=[ivxl])(?:xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty"
)
_NUMBER = rf"(?:{_ROMAN}|\d+[a-z]?|{_WORDS}|(?:the\s+)?(?:{_UNITS}))(?!\w)"
# Behind the number: a title, unless it is somebody who talks about the scene: “Scene one, I thought, was dull.”
_SAID = r"(?!\s*(?:I|you|we|my|your|our)\b(?!\.))"
_TITLE = (
    rf"\s*(?:[.:：;—–-]|,(?!\s*(?:and|but|or|which|when|where|though|it|he|she|they)\b)){_SAID}[^!?]{{0,70}}"
    rf"|\s*\([^!?]{{0,70}}|\s+(?:act|scene)[\s.]+{_NUMBER}[^!?]{{0,70}}|(?-i:\s+[^!?a-z]{{0,70}})"
)
# For any case: “Act 2, Scene 1. A garden”, and “The third act”.
NUMBERED = rf"(?:act|scene)[\s.]+#?{_NUMBER}(?:{_TITLE})?"
ORDINAL = rf"(?:the\s+)?(?:{_UNITS})\s+(?:act|scene)(?:[.:,—–-][^!?]{{0,40}})?"
_EAST = r"[〇零一二三四五六七八九十百\d]{1,4}"
_EASTERN = (
    rf"(?:第\s?{_EAST}\s?[幕場场景折出齣]|(?:シーン|場面|场景|場景)\s?{_EAST})"  # two of them: 第一幕　第二場
    rf"(?:[\s：:・]?第\s?{_EAST}\s?[幕場场景折出齣])?(?:[\s：:．.・—–―-][^。！？!?]{{0,40}}|[（(「【][^。]{{0,40}}[）)」】])?。?"
)
_LINE = re.compile(
    rf"(?=[AS])(?i:{NUMBERED})[.:]?|(?=[^a-z]+$)(?i:{ORDINAL})[.:]?|{_EASTERN}"  # “THE THIRD ACT” only in capitals
)
# In small letters, nothing may stand behind the number but a colon or a dash and a title: “scene 3: the kitchen”.
# “scene 3.” on a line of its own may be the end of somebody's sentence.
_SMALL_UNIT = rf"(?:act|scene)[ ]#?(?:{_ROMAN}|\d+[a-z]?|{_WORDS})(?!\w)"
_SMALL = re.compile(
    rf"{_SMALL_UNIT}(?:,? {_SMALL_UNIT})?(?:[:：]|(?:[:：]| [—–-] ){_SAID}[^!?]{{1,70}})?", re.IGNORECASE
)
_LONGEST = 200  # characters of a heading
OPENINGS = frozenset("ASTFENL第シ場场as")  # characters that such a line may begin with


def is_numbered(line: str) -> bool:
    """Whether a line that begins in the first column is the heading of a numbered act or scene.

    In small letters, only a title behind a colon or a spaced dash may follow the number: ``scene 3: the kitchen``.
    """
    if line[:1] not in OPENINGS or len(line) > _LONGEST:
        return False
    return (_SMALL if line[0].islower() else _LINE).fullmatch(line) is not None
