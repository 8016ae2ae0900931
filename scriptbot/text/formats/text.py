"""Any text: a novel, a list of sentences, a play in a style that no other format here knows.

There is one scene for each block of at most 65,536 characters, cut after a line end where there is one; each scene has
one direction, the block verbatim.  The blocks one after the other are exactly the text, and they depend on the text
alone, not on the pieces in which it arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptbot.text.script import Direction, Scene, Span

NAME = "text"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
BLOCK = 65_536  # characters


def detect(sample: str) -> float:
    """Any text will do; a format that recognises something is more certain than this."""
    return 0.1


def blocks(pieces: Iterable[str], size: int = BLOCK) -> Iterator[str]:
    """A text in blocks of at most ``size`` characters, cut after a line end where there is one.

    The pieces may be of any length, even longer than a block.
    """
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length < size:
            continue
        text = "".join(waiting)
        start = 0
        while len(text) - start >= size:
            end = text.rfind("\n", start, start + size) + 1 or start + size
            yield text[start:end]
            start = end
        waiting = [text[start:]]
        length = len(text) - start
    if length:
        yield "".join(waiting)


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """One scene per block."""
    start = 0
    for block in blocks(lines):
        span = Span(start, start + len(block))
        yield Scene((Direction(block, span),), span)
        start = span.end


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """The text of the scenes, exactly as it was read."""
    for scene in scenes:
        for element in scene.elements:
            yield element.text
