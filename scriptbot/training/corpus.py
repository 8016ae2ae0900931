"""From a source to two streams of tokens: what is trained on and what is held out."""

from __future__ import annotations

import dataclasses
import itertools
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import TrainConfig
from scriptbot.errors import InputError
from scriptbot.lm.tokens import Reader
from scriptbot.text.cast import Cast, find_cast
from scriptbot.text.load import Source
from scriptbot.text.script import Direction, Scene, Speech
from scriptbot.text.vocabulary import Coder, Token, Vocabulary, build, count
from scriptbot.training.batches import Ints, Stream

LEAST_WORDS = 200  # tokens below which there is nothing to learn from
LEAST_LINES = 3  # speeches that earn a cue and a voice of one's own
BLOCK = 1 << 20  # tokens looked at together
LOCAL = 0.1  # share of the text that a word keeps to
MOST_HELD_OUT = 30_000  # characters; more would cost time and tell little
LEAST_HELD_OUT = 3_000  # characters; fewer would tell nothing, unless that is over a tenth of the text


@dataclass(frozen=True)
class Corpus:
    """A source, laid out for training.

    Attributes:
        cast_lines: speeches of each member of the vocabulary's cast.
        counts: [known] occurrences of every stem in the training part; 0 for specials and cues.
        local: [known] whether all of them lie close together.
        held_out: tokens of ``coder``; the first one sets the stage.
        characters, held_out_characters: what the two parts stand for.
    """

    vocabulary: Vocabulary
    cast_lines: tuple[int, ...]
    counts: NDArray[np.int64]
    local: NDArray[np.bool_]
    train: Stream
    held_out: list[Token]
    coder: Coder
    characters: int
    held_out_characters: int


def lay_out(source: Source, validation: Source | None, config: TrainConfig) -> Corpus:
    """Read a source three times: for its cast, to count its words, to number them.

    Raises:
        InputError: hardly any words.
    """
    as_text = source.format == "text"
    scenes = itertools.count()
    cast = find_cast(scene for scene, _ in zip(source.scenes(), scenes, strict=False))
    share = 0.0 if validation else _share(source, config)
    every = _every(share, next(scenes))
    counts: Counter[str] = Counter()
    for scene, held in _parted(source, cast, share, every):
        if not held:
            counts.update(count(_texts(scene, cast)))
    words = sum(counts.values())
    if words < LEAST_WORDS:
        raise InputError(
            f"There are only {words} words to learn from.",
            f"{LEAST_WORDS} are the least that makes any sense; a few thousand make a character.",
        )
    lines = [] if as_text else [(name, spoken) for name, spoken in cast.lines if spoken >= LEAST_LINES]
    minimum = config.minimum_count or (2 if words < 120_000 else 3)
    vocabulary = build(counts, (name for name, _ in lines), minimum_count=minimum, limit=config.vocabulary)
    coder = Coder(vocabulary)
    train, rest = _Columns(coder, as_text), _Columns(coder, as_text)
    for scene, held in _parted(source, cast, share, every):
        (rest if held else train).add(scene)
    for scene, _ in _parted(validation, cast, 0.0, 0) if validation else ():
        rest.add(scene)
    held_out = [Token(int(s), int(f), int(v)) for s, f, v in zip(*rest.columns, strict=True)]
    stems = (vocabulary.stem(number) for number in range(vocabulary.known))
    stream = train.stream()
    return Corpus(
        vocabulary,
        tuple(spoken for _, spoken in lines),
        np.array([counts[stem] if stem else 0 for stem in stems], np.int64),
        _local(stream.stems, vocabulary),
        stream,
        held_out,
        coder,
        train.reader.characters,
        rest.reader.characters,
    )


def _local(stems: Ints, vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """[known] whether a stem occurs, and only within a tenth of the text."""
    first = np.full(vocabulary.known, len(stems))
    last = np.full(vocabulary.known, -1)
    for begin in range(0, len(stems), BLOCK):
        block = stems[begin : begin + BLOCK]
        found, place = np.unique(block, return_index=True)
        first[found] = np.minimum(first[found], place + begin)
        found, place = np.unique(block[::-1], return_index=True)
        last[found] = begin + len(block) - 1 - place
    local: NDArray[np.bool_] = (last >= 0) & (last - first < LOCAL * len(stems))
    local[: vocabulary.first_stem] = False
    return local


class _Columns:
    """Tokens appended to three flat arrays."""

    def __init__(self, coder: Coder, as_text: bool) -> None:
        self.reader = Reader(coder, as_text=as_text)
        self.columns = array("i"), array("B"), array("H")

    def add(self, scene: Scene) -> None:
        stems, forms, speakers = self.columns
        for token in self.reader.scene(scene):
            stems.append(token.stem)
            forms.append(token.form)
            speakers.append(token.speaker)

    def stream(self) -> Stream:
        stems, forms, speakers = self.columns
        return Stream(*(np.frombuffer(c, c.typecode) for c in (stems, forms, speakers)))


def _share(source: Source, config: TrainConfig) -> float:
    """What share of the text is held out: as configured, but neither uselessly much nor uselessly little."""
    if config.validation_share == 0.0:
        return 0.0
    characters = max(source.characters, 1)
    least = max(config.validation_share, min(LEAST_HELD_OUT / characters, 0.1))
    return min(least, MOST_HELD_OUT / characters)


def _every(share: float, scenes: int) -> int:
    """One in how many scenes is held out; 0: the script has too few for that."""
    every = round(1.0 / share) if share > 0.0 else 0
    return every if every <= scenes else 0


def _texts(scene: Scene, cast: Cast) -> Iterator[str]:
    """What of a scene is written in words: speeches, directions, and the names of those without a cue."""
    known = {name for name, spoken in cast.lines if spoken >= LEAST_LINES}
    for element in scene.elements:
        yield element.text
        if isinstance(element, Speech) and element.character not in known:
            yield element.character


def _parted(source: Source, cast: Cast, share: float, every: int) -> Iterator[tuple[Scene, bool]]:
    """Every scene under its members' proper names, and whether it is held out.

    Scripts hold out whole scenes, evenly spread; those of few scenes the end of each; plain text its end, cut at a
    character.
    """
    if source.format == "text":
        yield from _parted_text(source, share)
        return
    for number, scene in enumerate(source.scenes()):
        elements = tuple(
            element
            if isinstance(element, Direction)
            else dataclasses.replace(element, character=cast.resolve(element.character))
            for element in scene.elements
        )
        scene = dataclasses.replace(scene, elements=elements)
        if every or share == 0.0:
            yield scene, every > 0 and number % every == every // 2
            continue
        border = max(1, len(elements) - max(1, round(share * len(elements))))
        yield dataclasses.replace(scene, elements=elements[:border]), False
        if held := elements[border:]:
            yield dataclasses.replace(scene, elements=held), True


def _parted_text(source: Source, share: float) -> Iterator[tuple[Scene, bool]]:
    border, seen = int(source.characters * (1.0 - share)), 0
    for scene in source.scenes():
        for element in scene.elements:
            cut = min(max(border - seen, 0), len(element.text))
            seen += len(element.text)
            for text, held in ((element.text[:cut], False), (element.text[cut:], True)):
                if text:
                    yield Scene((Direction(text, element.span),), span=scene.span), held
