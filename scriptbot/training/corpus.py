"""From a source to two streams of tokens: what is trained on and what is held out."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import TrainConfig
from scriptbot.errors import InputError
from scriptbot.lm.sizing import LEAST_TOKENS, rarest
from scriptbot.lm.tokens import Reader
from scriptbot.text.cast import LEAST_LINES, Cast, find_cast
from scriptbot.text.load import Source
from scriptbot.text.script import Scene, Speech
from scriptbot.text.vocabulary import (
    FORMS,
    MOST_COUNTED,
    NOBODY,
    SPELL,
    Coder,
    Token,
    Vocabulary,
    are_unspaced,
    build,
    merge_counts,
    stem_and_form,
    written,
)
from scriptbot.training.batches import Stream
from scriptbot.training.held_out import every, in_parts, share
from scriptbot.training.layout import LARGE, TOKEN, Folder, InMemory, Tokens, folder_for, streamed

BLOCK = 1 << 20  # tokens processed together
SAVE_EVERY = 20.0  # seconds between saves of what has been read of a large text
ENDING = 3  # letters at the end of a word, by which a rare word is chosen to stand for it
MOST_PIECES = 500_000  # kept in a look-up table; some 60 MB
FORM_ROOM = 16  # > FORMS
LOCAL = 0.1  # share of the text to which a local word keeps
MOST_CAST = 20_000  # who have a voice of their own; beyond, those who speak least have that of SOMEBODY


@dataclass(frozen=True)
class Corpus:
    """A source, laid out for training.

    Attributes:
        cast_lines: speeches of each member of the vocabulary's cast.
        counts: [known] occurrences of every stem in the training part; 0 for specials and cues.
        targets: [words] how often each entry of the softmax occurs in the training part; ``<spell>`` for all others.
        local: [known] whether all occurrences of a stem lie close together, so that it may be treated as new; not those
            that are inherited.
        held_out: tokens, numbered by ``coder``; the first one sets the stage.
        rest: the held-out part as training would read it; None if there is none, or if it is a text of its own, of
            which nothing is learnt.
        characters, held_out_characters: how many the two parts stand for.
    """

    vocabulary: Vocabulary
    cast_lines: tuple[int, ...]
    counts: NDArray[np.int64]
    targets: NDArray[np.int64]
    local: NDArray[np.bool_]
    train: Stream
    held_out: list[Token]
    rest: Stream | None
    coder: Coder
    characters: int
    held_out_characters: int

    @property
    def words(self) -> int:
        """How many words and symbols the training part has: its tokens without cues and other structure."""
        return len(self.train) - int(self.targets[SPELL + 1 : self.vocabulary.first_stem].sum())


def lay_out(
    source: Source,
    validation: Source | None,
    config: TrainConfig,
    watch: Callable[[float], None] = lambda share: None,
    inherited: Callable[[Mapping[str, int]], Sequence[str]] = lambda counts: (),
) -> Corpus:
    """Read a source three times: for its cast, to count its words, to number them.

    What has been read of a large source is kept in a folder, see :mod:`scriptbot.training.layout`.

    Args:
        validation: what is held out, instead of a share of the source.
        watch: called after every scene with the share of the reading that is done; it may raise to stop that.
        inherited: called with the counts of the stems; returns those that a model has with which training begins.  They
            all are in the softmax (docs/decisions/base.md), but for a large text, which has enough words of its own,
            and for one whose writing has spaces where theirs has none, or the other way round.

    Raises:
        InputError: there are hardly any words, or another process is reading the same large text.
        OutputError: there is no room for the tokens of a large text.
    """
    as_text = source.format == "text"
    place: InMemory | Folder = InMemory()
    if source.characters >= LARGE:
        where = folder_for(source.sha256, format=source.format, **_dependencies(source, config, validation))
        place = Folder(where, source.characters)
    reading = _Reading(source, place, watch)
    scenes = itertools.count()
    cast = find_cast(scene for scene, _ in zip(source.scenes(), scenes, strict=False))
    held = 0.0 if validation else share(source, config)
    one_in = every(held, next(scenes))

    def parted() -> Iterator[tuple[Scene, bool]]:
        return in_parts(source, cast, held, one_in)

    counts = reading.counts(parted, cast)
    words = sum(counts.values())
    if words < LEAST_TOKENS:
        # The minimum is one of the whole text, as ``inspect`` counts it: what is held out is learnt in the end, too.
        cued = {name for name, _ in _voiced(cast)}
        whole = sum(1 for scene, _ in parted() for text in _texts(scene, cued) for _ in written(text))
        if whole < LEAST_TOKENS:
            raise InputError(
                f"There are only {whole} words to learn from.",
                f"{LEAST_TOKENS} are the minimum; a few thousand make a character.",
            )
        if words < LEAST_TOKENS // 2:  # a scene that is most of the text is rather learnt than held out
            held, one_in = 0.0, 0
            counts, words = reading.counts(parted, cast), whole
    lines = [] if as_text else _voiced(cast)
    stems = inherited(counts)
    if isinstance(place, Folder) or are_unspaced(stems) != are_unspaced(stem for stem, _ in counts.most_common()):
        stems = ()
    minimum = config.minimum_count or rarest(words, inherits=bool(stems))
    names = (name for name, _ in lines)
    vocabulary = build(counts, names, minimum_count=minimum, limit=config.vocabulary, inherited=stems)
    coder = Coder(vocabulary)
    held_out, train_reader, rest_reader, rest = reading.tokens(parted, coder)
    if validation:  # characters go by the names that training has, however they are written in this text
        known = find_cast(validation.scenes()).known_as(cast)
        for scene, _ in in_parts(validation, known, 0.0, 0):
            held_out += rest_reader.scene(scene)
    stream = place.stream()
    targets, local = _occurrences(stream, vocabulary)
    local[[number for stem in stems if (number := vocabulary.number(stem)) is not None]] = False
    return Corpus(
        vocabulary,
        tuple(spoken for _, spoken in lines),
        np.array([counts[vocabulary.stem(number)] for number in range(vocabulary.known)], np.int64),
        targets,
        local,
        stream,
        held_out,
        streamed(rest) if len(rest) else None,
        coder,
        train_reader.characters,
        rest_reader.characters,
    )


def _dependencies(source: Source, config: TrainConfig, validation: Source | None) -> dict[str, Any]:
    """All that the tokens of the training part depend on, besides the text and its format."""
    return {
        **({"columns": source.columns} if source.columns else {}),
        "files": [[file.format, file.encoding, file.edition] for file in source.files],
        "reading": source.reading,
        "minimum_count": config.minimum_count,
        "vocabulary": config.vocabulary,
        "share": None if validation else config.validation_share,
    }


class _Reading:
    """The two long passes through a source, each begun where an earlier training left off."""

    def __init__(self, source: Source, place: InMemory | Folder, watch: Callable[[float], None]) -> None:
        self.source, self.place, self.watch = source, place, watch
        self._saved = time.monotonic()

    def counts(self, parted: Callable[[], Iterator[tuple[Scene, bool]]], cast: Cast) -> Counter[str]:
        """How often every stem of the training part occurs."""
        saved = self.place.saved("counts") or {"scenes": 0, "counts": {}, "done": False}
        stems: Counter[str] = Counter(saved["counts"])
        if saved["done"]:
            return stems
        recent: Counter[str] = Counter()
        seen, known = 0, {name for name, _ in _voiced(cast)}
        for number, (scene, held) in enumerate(parted(), 1):
            seen += _characters(scene)
            if number > saved["scenes"] and not held:
                for text in _texts(scene, known):
                    recent.update(written(text))
            if len(recent) > MOST_COUNTED // 8:
                merge_counts(recent, stems)
            if self._pause(0.5 * min(1.0, seen / self.source.characters)) and number > saved["scenes"]:
                merge_counts(recent, stems)
                self.place.save("counts", {"scenes": number, "counts": stems, "done": False})
        merge_counts(recent, stems)
        self.place.save("counts", {"scenes": 0, "counts": stems, "done": True})
        return stems

    def tokens(
        self, parted: Callable[[], Iterator[tuple[Scene, bool]]], coder: Coder
    ) -> tuple[list[Token], Reader, Reader, Tokens]:
        """(the held-out part, the reader of the training part, that of the held-out part, the held-out part as training
        would read it).  The training part goes to ``place``."""
        as_text = self.source.format == "text"
        train, rest, held_columns = _Columns(coder, as_text), Reader(coder, as_text=as_text), _Columns(coder, as_text)
        held_out: list[Token] = []
        saved = self.place.saved("progress")
        if saved is None or not self.place.holds(saved["tokens"]):
            saved = {"scenes": 0, "tokens": 0, "characters": 0}
        self.place.truncate(saved["tokens"])
        train.resume(saved["tokens"], saved["characters"])
        seen = number = 0
        for number, (scene, held) in enumerate(parted(), 1):
            seen += _characters(scene)
            if held:
                held_out += rest.scene(scene)  # little, and needed whole
                held_columns.add(scene)
            elif number > saved["scenes"]:
                train.add(scene)
            if len(train) > BLOCK:
                self.place.write(train.taken())
            if self._pause(0.5 + 0.5 * min(1.0, seen / self.source.characters)) and number > saved["scenes"]:
                self._note(train, number)
        self._note(train, number)
        return held_out, train.reader, rest, held_columns.taken()

    def _note(self, train: _Columns, scenes: int) -> None:
        self.place.write(train.taken())
        self.place.save("progress", {"scenes": scenes, "tokens": train.written, "characters": train.reader.characters})

    def _pause(self, share: float) -> bool:
        """Tell how far the reading has come; returns whether it is time to save."""
        self.watch(share)
        if time.monotonic() - self._saved < SAVE_EVERY:
            return False
        self._saved = time.monotonic()
        return True


def _characters(scene: Scene) -> int:
    labels = sum(len(speech.character) + 2 for speech in scene.speeches)
    return labels + sum(len(element.text) + 1 for element in scene.elements)


def _occurrences(stream: Stream, vocabulary: Vocabulary) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """([words] how often each entry of the softmax occurs, [known] whether a stem occurs, and only within a share
    :data:`LOCAL` of the text)."""
    targets = np.zeros(vocabulary.words, np.int64)
    first = np.full(vocabulary.known, len(stream))
    last = np.full(vocabulary.known, -1)
    for begin in range(0, len(stream), BLOCK):
        block = stream.stems[begin : begin + BLOCK]
        targets += np.bincount(np.where(block < vocabulary.words, block, SPELL), minlength=vocabulary.words)
        found, place = np.unique(block, return_index=True)
        there = found < vocabulary.known
        first[found[there]] = np.minimum(first[found[there]], place[there] + begin)
        found, place = np.unique(block[::-1], return_index=True)
        last[found[there]] = begin + len(block) - 1 - place[there]
        stream.release()
    local: NDArray[np.bool_] = (last >= 0) & (last - first < LOCAL * len(stream))
    local[: vocabulary.first_stem] = False
    return targets, local


class _Numbers(dict[str, int]):
    """Pieces as they are written → stem and form, packed into one number; one look-up per piece makes it fast.

    A large text has more stems than the vocabulary.  Each of the others is read as a rare stem with the same ending,
    treated as new (see :class:`scriptbot.training.batches.Batcher`), which is as good to practise with.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self._endings: dict[str, list[int]] = {}
        for number in range(vocabulary.words, vocabulary.known):
            self._endings.setdefault(vocabulary.stem(number)[-ENDING:], []).append(number)

    def __missing__(self, piece: str) -> int:
        stem, form = stem_and_form(piece)
        if len(self) > MOST_PIECES:
            self.clear()
        self[piece] = packed = self.number(stem) * FORM_ROOM + form
        return packed

    def number(self, stem: str) -> int:
        """The number of a stem in the vocabulary, or of one that stands for it and is treated as new."""
        number = self.vocabulary.number(stem)
        if number is not None:
            return number
        alike = self._endings.get(stem[-ENDING:]) or range(self.vocabulary.first_stem, self.vocabulary.known)
        return self.vocabulary.known + alike[crc32(stem.encode("utf-8", "surrogatepass")) % len(alike)]


class _Trained(Coder):
    """A coder of the training part: every stem has a number below twice the known ones."""

    def __init__(self, vocabulary: Vocabulary, numbers: _Numbers) -> None:
        super().__init__(vocabulary)
        self._table = numbers

    def encode(self, text: str, speaker: int = NOBODY) -> list[Token]:
        return [Token(*divmod(self._table[piece], FORM_ROOM), speaker) for piece in written(text)]


class _Columns:
    """Collects the tokens of scenes until they are taken."""

    def __init__(self, coder: Coder, as_text: bool) -> None:
        self.numbers = _Numbers(coder.vocabulary)
        self.reader = Reader(_Trained(coder.vocabulary, self.numbers), as_text=as_text)
        self.written = 0
        self._parts: list[Tokens] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def resume(self, tokens: int, characters: int) -> None:
        """Go on after so many tokens that stood for so many characters."""
        self.written = tokens
        self.reader.resume(characters)

    def add(self, scene: Scene) -> None:
        """Add the tokens of one more scene."""
        if self.reader.as_text and self.reader.begun:
            for element in scene.elements:
                self.reader.characters += len(element.text)
                packed = np.fromiter(map(self.numbers.__getitem__, written(element.text)), np.int64)
                self._append(packed // FORM_ROOM, packed % FORM_ROOM, NOBODY)
            return
        tokens = list(self.reader.scene(scene))
        self._append([t.stem for t in tokens], [t.form for t in tokens], [t.speaker for t in tokens])

    def _append(self, stems: Any, forms: Any, speakers: Any) -> None:
        part = np.empty(len(stems), TOKEN)
        part["stem"], part["form"], part["speaker"] = stems, forms, speakers
        self._parts.append(part)
        self._length += len(part)

    def taken(self) -> Tokens:
        """Take out the tokens that were added since the last time."""
        tokens: Tokens = np.concatenate([np.zeros(0, TOKEN), *self._parts])
        self._parts.clear()
        self._length = 0
        self.written += len(tokens)
        return tokens


def _voiced(cast: Cast) -> list[tuple[str, int]]:
    """(name, speeches) of everybody who has a cue of their own."""
    return [(name, spoken) for name, spoken in cast.lines if spoken >= LEAST_LINES][:MOST_CAST]


def _texts(scene: Scene, known: Collection[str]) -> Iterator[str]:
    """What of a scene is written in words: speeches, directions, and the names of those without a cue.

    Args:
        known: the names of those with a cue.
    """
    for element in scene.played:
        yield element.text
        if isinstance(element, Speech) and element.character not in known:
            yield element.character


assert FORM_ROOM > FORMS
