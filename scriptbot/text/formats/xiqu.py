"""Old Chinese plays: the speaker stands between brackets, within the text.

::

    〔卜儿云〕媳妇儿，你在我家…〔正旦做悲科，云〕爹爹…〔唱〕【混江龙】则问那黄昏白昼…
    【瑞烟浓】〔生上〕春回帝里。〔末〕圣朝天子重英贤。
    （净） 两名吏同十二名皁隶打水路来。

A bracket names somebody, or says what somebody does before speaking (云, 唱, 白, 念, 曰), or is a direction within a
speech.  A bracket that is never closed ends with its line.  Titles of tunes stay in the words, lines broken within a
sentence are joined, and acts (楔子, 第一折, 第二出) begin scenes; a longer scene is divided after every 40 speeches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptbot.text import labels
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import LONGEST_ELEMENT, Direction, Element, Scene, Span, Speech

NAME = "xiqu"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
_BRACKET = re.compile(r"〔([^〔〕\n]{1,60})(?:〕|$)|^[ \t\u3000]*（([^（）\n]{1,12})）[ \u3000]*", re.MULTILINE)
_SPEAKS = re.compile(r"(?:(?:[诗詞词又再带帶背问問惊驚忙怒悲叹歎哭笑叫答低]|大(?=[叫笑哭怒])){0,3})(?:云|唱|白|念|曰)$")
_TOWARDS = re.compile(r"[对對向与與](?=.)")  # 卜儿对正旦云: she speaks to 正旦
_ROLES = "生旦净淨丑末外贴貼小老大正副冲卜孛孤儿兒众眾杂雜占合魂驾駕梢侠倈"
_ROLE = re.compile(rf"[{_ROLES}]{{1,6}}$")
_GOES_ON = re.compile(rf"[对對与與].|向[{_ROLES}]")  # 对正旦云: the same speaker continues; but 向敏中 is a name
_DOING = re.compile(
    r"(?:同|随|再|又|虚|做|上|下|扮|引|持|慌|哭|跪|望|拜|叩|不礼|見|见|行|叫|醒|谢|怒|叱|惊|忙|问|背|冠带|吆喝|打|弄|相|科|介)"
)
_PLAYED_BY = re.compile(rf"^[{_ROLES}]{{1,4}}扮")
_ACT = re.compile(
    r"[\s\u3000]*[《【]?(楔子|第[一二三四五六七八九十百]+[折出齣场幕](?:[\s\u3000][^。，]{0,20})?)[》】]?[\s\u3000]*$"
)
_JOINED = re.compile(r"(?<=[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]) (?=[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef])")


def detect(sample: str) -> float:
    """How certain it is that a text is such a play: enough brackets name speakers, and the speakers come back."""
    found = [name for _, name, _ in _cues(sample) if name]
    dense = 1.5 * 120 * len(found) / max(len(sample), 1)  # a speech of 120 characters is a long one
    return 0.9 * labels.sureness(found, min(1.0, max(dense, 0.5))) if len(found) >= 6 and dense > 0.15 else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded."""
    return scening.by_heading(_elements(lines), longest=scening.BLOCK)


def _cues(text: str) -> Iterator[tuple[re.Match[str], str, bool]]:
    """(bracket, who begins to speak with it, whether a speech begins or continues after it)."""
    for bracket in _BRACKET.finditer(text):
        if bracket[2] is not None:
            name, speaks = _round(_JOINED.sub("", bracket[2].strip()))
        else:
            name, speaks = _cue(_JOINED.sub("", bracket[1].strip()))
        yield bracket, name, speaks


def _round(inside: str) -> tuple[str, bool]:
    """(the role named by a round bracket at the head of a line or empty, whether it speaks)."""
    role = inside.removesuffix("介").removesuffix("白").removesuffix("唱")
    return (role, True) if _ROLE.match(role) else ("", False)


def _cue(inside: str) -> tuple[str, bool]:
    """(who is named to speak, if anybody; whether somebody speaks after the bracket)."""
    clauses = re.split("[，,、]", inside)
    verb = _SPEAKS.search(clauses[-1])
    if verb is None:
        role = clauses[0].removesuffix("上") if len(clauses) == 1 else ""
        return (role, True) if role and _ROLE.match(role) else ("", False)
    return _actor(clauses[-1][: verb.start()]) or _actor(clauses[0] if len(clauses) > 1 else ""), True


def _actor(clause: str) -> str:
    """Who does what a clause says: 冲末扮窦天章引… is 窦天章, 卜儿上 is 卜儿, 做悲科 is nobody in particular."""
    clause = _PLAYED_BY.sub("", clause)
    if _GOES_ON.match(clause):
        return ""
    ends = [found.start() for found in (_DOING.search(clause), _TOWARDS.search(clause, 1)) if found]
    actor = clause[: min(ends, default=None)]
    return actor if len(actor) <= 8 else ""


def _elements(lines: Iterable[str]) -> Iterator[Element | Heading]:
    name, said, cued = "", "", ""  # cued: the bracket that named the speaker, until an element is made of it
    start = end = position = 0
    for line in lines:
        place, position = position, position + len(line)
        span = Span(place, position - line.endswith("\n"))
        text = line.strip()
        if not text:
            continue
        if act := _ACT.match(line):
            if said or cued:
                yield _told(name, said, cued, Span(start, end))
            name, said, cued = "", "", ""
            yield Heading(" ".join(act[1].split()), "", span)
            continue
        done = 0
        for bracket, cue, speaks in _cues(line):
            if speaks and cue and (cue != name or bracket[2] is not None):
                before = said + line[done : bracket.start()]
                if cued or before.strip():
                    span_before = Span(start if said or name else place, place + bracket.start())
                    yield _told(name, before, cued, span_before)
                name, said, start, cued = cue, "", place + bracket.start(), bracket[0].strip()
                done = bracket.end()
        if not name and not said:
            start = place
        said += ("" if not said or _unbroken(said) else "\n") + line[done:].strip("\n\u3000 ")
        end = span.end
        if not name or len(said) > LONGEST_ELEMENT:
            yield _told(name, said, cued, Span(start, end))
            said, cued, start = "", "", position
    if said or cued:
        yield _told(name, said, cued, Span(start, end))


def _unbroken(said: str) -> bool:
    """Whether a text ends within a sentence, so that the line end behind it is only the printer's."""
    return said[-1] not in "。！？；」』）〕】：.!?"


def _told(name: str, said: str, cued: str, span: Span) -> Element:
    """A speech; if somebody was named and says nothing, the bracket that names them, as a direction."""
    text = _JOINED.sub("", said).strip()
    return Speech(name, text, span) if name and text else Direction(text or cued, span)
