"""Where one scene ends and the next begins, for formats that leave this to blank lines.

A format hands over its elements, each with the number of blank lines before it.  There are four possible rules, and
the beginning of the text (at most 200 speeches or 256 Ki characters, which are held back until then) decides:

* two: there is a gap of two or more blank lines; such gaps separate the scenes, and single blank lines mean nothing;
* one: single blank lines separate groups of at least two speeches on average; each of them separates scenes, but a
  direction in brackets alone between two of them ends the scene before, and what stands above the first speech, a title
  or a cast list, is no scene;
* headings, as in screenplays: they separate scenes, and so do gaps of two or more blank lines;
* none: nothing marks scenes; every 40 speeches make one, about as many as a scene at a bar has, so that training can
  hold some out.  A larger gap farther on still ends a scene.

Two blank lines before the first element settle it for "two": writers put them there when the first scene alone would
be misread.  Whatever the rule, a scene ends at :data:`LARGEST`, so that memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from scriptbot.text.screenplay import (
    Placing,
    is_heading,
    is_part,
    is_transition,
    markdown_heading,
    placing_word,
    unbracketed,
    undecorated,
)
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

BLOCK = 40  # speeches of a scene if nothing marks its end
AHEAD_SPEECHES, AHEAD_CHARACTERS = 200, 1 << 18
LARGEST, MOST_ELEMENTS = 1 << 20, 10_000  # characters of a scene, from end to end; its speeches and directions


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a scene, which begins here."""

    text: str
    number: str
    span: Span


Spaced = tuple[int, Element | Heading]  # (blank lines before the element, the element)
_END: Spaced = (1, Direction("", Span(0, 0)))  # stands behind the last element
_OPENING, _CLOSING = frozenset("([（"), frozenset(")]）")


def apart(line: str, position: int, fresh: bool = True, *, first: bool | None = None) -> Heading | Direction | None:
    """The heading or transition (``CUT TO:``) that stands alone on a line, from the first column on, without what is
    drawn around it; None if neither.

    Args:
        position: where the line begins in the text.
        first: whether it is the first line, where the title stands; None: if it begins at 0.
        fresh: whether the line begins a paragraph, as headings in Markdown do, and ``Epilogue`` without decoration.
    """
    if line[0].isspace():
        return None
    text = line.strip()
    span = Span(position, position + len(text))
    if is_heading(text) and (fresh or not is_part(text)):
        return Heading(undecorated(text), "", span)
    level, words = markdown_heading(text) if fresh else (0, "")
    if level == 1 and (not position if first is None else first):
        return Direction(f"Title: {words}", span, Kind.TITLE_PAGE)
    if level:
        return Heading(words, "", span)
    return Direction(unbracketed(text), span, Kind.TRANSITION) if is_transition(text) else None


def placed(line: str, position: int, placing: Placing) -> Heading | Direction | None:
    """What a line is that tells where or when: ``SCENE: A kitchen.`` is a heading, ``TIME: Night.`` a direction.

    Args:
        position: as in :func:`apart`.
    """
    if not (word := placing.word(line)):
        return None
    text = line.strip()
    span = Span(position, position + len(text))
    return Heading(text, "", span) if word.upper() == "SCENE" and text[len(word) + 1 :] else Direction(text, span)


def cut(items: Iterable[Spaced], *, single: bool) -> Iterator[Scene]:
    """Group elements into scenes.

    Args:
        items: elements with the blank lines before each; an element's span ends where its text ends.
        single: whether the rule "one" is possible; it is not in a format where a blank line ends each speech.
    """
    iterator = iter(items)
    ahead, gap = _look(iterator, single)
    scene = _Gathering()
    spoken = False
    for (blanks, item), (after, _) in pairwise(chain(ahead, iterator, [_END])):
        headed = isinstance(item, Heading)
        within = blanks == 1 and (not spoken or (_is_bracketed(item) and after > 0))
        parted = headed or (blanks >= (gap or 2) and not within)
        spoken |= isinstance(item, Speech)
        long = scene.long or (not gap and scene.speeches >= BLOCK and isinstance(item, Speech))
        if (scene.elements and (parted or long)) or (headed and scene.heading):
            yield scene.taken(parted)
        scene.add(item)
    if scene.begun:
        yield scene.taken(True)


def _is_bracketed(item: Element | Heading) -> bool:
    return isinstance(item, Direction) and item.text[:1] in _OPENING and item.text[-1:] in _CLOSING


def by_heading(items: Iterable[Element | Heading], longest: int | None = None) -> Iterator[Scene]:
    """Group elements into scenes that begin at headings; where there are none, every :data:`BLOCK` speeches make one.

    Args:
        longest: speeches after which even a scene with a heading ends; None: it continues to the next heading.
    """
    scene = _Gathering()
    for item in items:
        headed = isinstance(item, Heading)
        most = BLOCK if scene.heading is None else longest or MOST_ELEMENTS
        long = scene.long or (scene.speeches >= most and isinstance(item, Speech))
        if (headed and scene.begun) or (long and scene.elements):
            yield scene.taken(headed)
        scene.add(item)
    if scene.begun:
        yield scene.taken(True)


class _Gathering:
    """The scene that is being read; once it is taken, the next one.

    Attributes:
        heading, elements: its content so far.
        speeches: how many of the elements are speeches.
        long: whether it has to end because of its length.
    """

    __slots__ = ("_continued", "_end", "_start", "elements", "heading", "long", "speeches")

    def __init__(self) -> None:
        self._continued = False
        self._start = self._end = 0
        self._clear()

    def _clear(self) -> None:
        self.heading: Heading | None = None
        self.elements: list[Element] = []
        self.speeches, self.long = 0, False

    @property
    def begun(self) -> bool:
        """Whether the scene has anything in it yet."""
        return bool(self.elements) or self.heading is not None

    def add(self, item: Element | Heading) -> None:
        """Add the next item; a heading only before all others."""
        span, elements = item.span, self.elements
        if not elements and self.heading is None:
            self._start = span.start
        if isinstance(item, Heading):
            self.heading = item
        else:
            elements.append(item)
            self.speeches += type(item) is Speech
        self._end = end = span.end
        self.long = end - self._start >= LARGEST or len(elements) >= MOST_ELEMENTS

    def taken(self, ended: bool) -> Scene:
        """Return the scene; what is added from here on belongs to the next one.

        Args:
            ended: whether something in the text ends the scene; if not, it had only become too long.
        """
        title, number = (self.heading.text, self.heading.number) if self.heading else ("", "")
        scene = Scene(tuple(self.elements), Span(self._start, self._end), title, number, self._continued)
        self._continued = not ended
        self._clear()
        return scene


def _look(iterator: Iterator[Spaced], single: bool) -> tuple[list[Spaced], int]:
    """(elements read to decide, the number of blank lines that separate scenes or 0 if none do)."""
    ahead: list[Spaced] = []
    speeches = groups = gaps = headings = above = 0
    spoken_before = False
    for item in iterator:
        ahead.append(item)
        blanks, element = item
        if blanks >= 2:
            return ahead, 2
        if blanks and len(ahead) > 1:
            gaps += 1
            spoken_before = False
        if isinstance(element, Heading):
            headings += 1
            above += not speeches
        if isinstance(element, Speech):
            speeches += 1
            groups += not spoken_before
            spoken_before = True
        if speeches >= AHEAD_SPEECHES or element.span.end >= AHEAD_CHARACTERS or len(ahead) >= MOST_ELEMENTS:
            break
    grouped = single and gaps > 0 and speeches >= 2 * groups
    if above or headings > 1 or (headings and not grouped):  # a single one in the middle may not be a heading
        return ahead, 2
    return ahead, 1 if grouped else 0


def ahead(lines: Iterable[str], most: int = 1 << 30) -> tuple[list[str], Iterator[str]]:
    """(the beginning of a text, to learn from: at most 256 Ki characters or ``most`` lines; all of its lines)."""
    iterator = iter(lines)
    begin: list[str] = []
    size = 0
    for line in iterator:
        begin.append(line)
        size += len(line)
        if size >= AHEAD_CHARACTERS or len(begin) >= most:
            break
    return begin, chain(begin, iterator)


def opening(first: Scene, *, alone: bool, gapped: bool) -> str:
    """What a writer puts before the first scene: two blank lines if its beginning alone would mislead the reader.

    Args:
        alone: whether no other scene follows.
        gapped: whether single blank lines inside the scene could be taken for its end.
    """
    speeches = sum(1 for _ in first.speeches)
    characters = sum(len(element.text) for element in first.elements)
    long = characters > AHEAD_CHARACTERS // 4 or len(first.elements) > AHEAD_SPEECHES // 2
    misread = gapped or speeches > BLOCK
    return "\n\n" if long or (alone and misread) else ""


def pairs(scenes: Iterable[Scene]) -> Iterator[tuple[Scene, Scene | None]]:
    """Each scene that has anything in it, and the one after it."""
    before: Scene | None = None
    for scene in scenes:
        if not scene.elements and not scene.heading:
            continue
        if before is not None:
            yield before, scene
        before = scene
    if before is not None:
        yield before, None


def is_kept(scene: Scene, after: Scene | None) -> bool:
    """Whether the heading of a scene reads as one again: it looks like one, and is not taken for that of the scene
    after it, as it would be with nothing below it but elements of the other scene."""
    heading = " ".join(scene.heading.split())
    looks = is_heading(heading) or placing_word(heading).upper() == "SCENE"
    return looks and bool(scene.elements or (after and is_kept(after, None)))
