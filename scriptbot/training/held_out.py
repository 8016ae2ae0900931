"""Which part of a text is held out, and which is trained on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from scriptbot.config import TrainConfig
from scriptbot.text.cast import Cast, find_cast
from scriptbot.text.load import Source
from scriptbot.text.script import Direction, Scene

MOST_HELD_OUT = 30_000  # characters; more would cost time and tell little
AT_ONCE = 3  # times what is to be held out in all: the longest speech that may be held out on its own
LEAST_HELD_OUT = 3_000  # characters; fewer would tell nothing, unless that is over a tenth of the text


def split(source: Source, config: TrainConfig) -> Iterator[tuple[Scene, bool]]:
    """Every scene of a source, and whether a training on it would hold it out."""
    scenes = list(source.scenes())
    held = share(source, config)
    return in_parts(source, find_cast(scenes), held, every(held, len(scenes)))


def share(source: Source, config: TrainConfig) -> float:
    """What share of the text is held out: as configured, but neither uselessly much nor uselessly little."""
    if config.validation_share == 0.0:
        return 0.0
    characters = max(source.characters, 1)
    least = max(config.validation_share, min(LEAST_HELD_OUT / characters, 0.1))
    return min(least, MOST_HELD_OUT / characters)


def every(share: float, scenes: int) -> int:
    """One in how many scenes is held out; 0 if none is, or the script has too few scenes for that."""
    every = round(1.0 / share) if share > 0.0 else 0
    return every if every <= scenes else 0


def in_parts(source: Source, cast: Cast, share: float, every: int) -> Iterator[tuple[Scene, bool]]:
    """Every scene, or part of one, with the characters under their proper names, and whether it is held out.

    Of a script whole scenes are held out, evenly spread; of a script of few scenes, the ends of scenes; of plain text,
    the end, cut at any character.
    """
    if source.format == "text":
        yield from _text_in_parts(source, share)
        return
    due, held_any, held_before = 0.0, False, False  # due: characters that should be held out by now but are not
    quota = share * source.characters
    for number, scene in enumerate(cast.proper(source.scenes())):
        elements = tuple(scene.played)
        scene = dataclasses.replace(scene, elements=elements)
        if every or share == 0.0:
            yield scene, every > 0 and number % every == every // 2
            continue
        sizes = [len(element.text) for element in elements]
        due += share * sum(sizes)
        most = len(sizes) // 3 if held_before else max(1, len(sizes) // 2)  # so that much of every scene is left
        border = _border(sizes, due, min(most, len(sizes) - (number == 0)))
        if not held_any and most and border == len(sizes) > 1 and sizes[-1] <= AT_ONCE * quota:
            border -= 1  # rather too early than never
        due -= sum(sizes[border:])
        held_before = border < len(sizes)
        held_any |= held_before
        for part, is_held in ((elements[:border], False), (elements[border:], True)):
            if part:
                yield dataclasses.replace(scene, elements=part), is_held


def _border(sizes: Sequence[int], due: float, most: int) -> int:
    """How many elements of a scene come before those that are held out, which have about ``due`` characters.

    Args:
        most: elements that may be held out at most.
    """
    border = len(sizes)
    while border > max(len(sizes) - most, 0) and sizes[border - 1] / 2 <= due:
        border -= 1
        due -= sizes[border]
    return border


def _text_in_parts(source: Source, share: float) -> Iterator[tuple[Scene, bool]]:
    border, seen = int(source.characters * (1.0 - share)), 0
    for scene in source.scenes():
        for element in scene.elements:
            cut = min(max(border - seen, 0), len(element.text))
            seen += len(element.text)
            for text, held in ((element.text[:cut], False), (element.text[cut:], True)):
                if text:
                    yield Scene((Direction(text, element.span),), span=scene.span), held
