"""What was said in answer to what: the words of every speech of a script, kept to look up which go together.

Nothing is counted beforehand: words are counted when a conversation needs their counts
(:mod:`scriptbot.lm.relevance`).  A word is identified by its first letters here, which takes care of inflection in most
languages; punctuation is left out, except question and exclamation marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.counting import bounded
from scriptbot.text.vocabulary import SAYS, SCENE, STRUCTURE, Vocabulary

NAME_LETTERS = 4  # that identify a word: “arrive” and “arrived” are one
STRETCH_SPEECHES = 20  # of a long scene that are taken to be about the same
MOST_SPEECHES = 50_000  # kept, 1 MB; of a longer script, evenly spaced stretches
COLUMNS = ("words", "speeches", "stretches")  # the arrays of Exchanges
_ASKING = frozenset("?!？！")

Numbers = NDArray[np.integer]


@dataclass(frozen=True)
class Exchanges:
    """The words of the speeches of a script, each once per speech, in the order in which they were first said.

    Attributes:
        words: [words] speech after speech, as numbered in ``places``.
        speeches: [speeches] where each speech ends in ``words``; rising.
        stretches: [stretches] where each scene, or part of a long one, ends in ``speeches``; rising.
        vocabulary: of the script; it says what the numbers stand for.

    Raises:
        ValueError: the arrays do not fit together like that.
    """

    words: Numbers
    speeches: Numbers
    stretches: Numbers
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        numbers = self.words, self.speeches, self.stretches
        unsigned = all(column.ndim == 1 and column.dtype in (np.uint16, np.uint32) for column in numbers)
        ends = ((self.speeches, self.words), (self.stretches, self.speeches))
        if not unsigned or not all(_parts(end, column) for end, column in ends):
            raise ValueError("exchanges must be words in speeches in scenes")
        if (self.words >= len(self.places)).any():
            raise ValueError("exchanges of words that do not exist")

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each name, see :func:`name`, in the order of the vocabulary."""
        known = map(self.vocabulary.stem, range(self.vocabulary.first_stem, self.vocabulary.known))
        return {word: place for place, word in enumerate(bag(known))}

    @cached_property
    def stretch(self) -> Numbers:
        """[speeches] which stretch each speech is in."""
        return np.repeat(np.arange(len(self.stretches)), _lengths(self.stretches))

    @cached_property
    def answers(self) -> NDArray[np.bool_]:
        """[speeches] whether each speech follows another one in its stretch."""
        found: NDArray[np.bool_] = np.diff(self.stretch, prepend=-1) == 0
        return found

    @cached_property
    def _postings(self) -> tuple[Numbers, Numbers]:
        """The inverted index: (speeches, word by word, [2 * places + 1] where those of each word begin); behind the
        words come the same words as those that open a speech."""
        words = self.words.astype(np.int64)
        speeches = np.repeat(np.arange(len(self.speeches)), _lengths(self.speeches))
        first = np.diff(speeches, prepend=-1) > 0
        words = np.concatenate([words, words[first] + len(self.places)])
        speeches = np.concatenate([speeches, speeches[first]])
        order = np.argsort(words, kind="stable")
        return speeches[order], np.searchsorted(words[order], np.arange(2 * len(self.places) + 1))

    def having(self, place: int) -> Numbers:
        """The speeches that have the word at ``place``; with ``len(places)`` added to it, those that open with it."""
        speeches, begins = self._postings
        return speeches[begins[place] : begins[place + 1]]


def _parts(ends: Numbers, column: Numbers) -> bool:
    """Whether ``ends`` can be the ends of the parts of a column, all of it."""
    rising = bool((ends[1:] >= ends[:-1]).all())
    return rising and (int(ends[-1]) if len(ends) else 0) == len(column)


def _lengths(ends: Numbers) -> NDArray[np.int64]:
    """[parts] lengths of the parts that end there."""
    lengths = ends.astype(np.int64)
    lengths[1:] -= ends[:-1].astype(np.int64)
    return lengths


def name(stem: str) -> str:
    """What identifies a word; empty if it does not count."""
    return stem[:NAME_LETTERS] if stem[:1].isalnum() or stem in _ASKING else ""


def bag(stems: Iterable[str]) -> list[str]:
    """The names of the words of a speech, each once, in the order in which they were first said."""
    return list(dict.fromkeys(filter(None, map(name, stems))))


def cut(numbers: Sequence[int], vocabulary: Vocabulary) -> list[list[int]]:
    """The speeches in a run of stems, without cues and directions; what stands before the first cue is left out, since
    it may be the end of anything."""
    speeches: list[list[int]] = []
    speaking = False
    for number in numbers:
        if number < vocabulary.first_stem:
            speaking = _opens(number)
            if speaking:
                speeches.append([])
        elif speaking:
            speeches[-1].append(number)
    return [speech for speech in speeches if speech]


def _opens(structure: int) -> bool:
    """Whether a speech begins behind a structural stem: a cast member's cue, or what ends the cue of anybody else."""
    return structure == SAYS or structure > SCENE


def of_text(stems: Numbers, forms: Numbers, vocabulary: Vocabulary) -> Exchanges:
    """The speeches of a script, without stems outside the vocabulary.

    Args:
        stems, forms: [T] the text; a long one is not read whole, see :func:`scriptbot.lm.counting.bounded`.
    """
    nothing = Exchanges(np.zeros(0, np.uint16), np.zeros(0, np.uint32), np.zeros(0, np.uint32), vocabulary)
    places = nothing.places
    known = np.array([places.get(name(vocabulary.stem(number)), -1) for number in range(vocabulary.known)], np.int64)
    stems, forms = bounded(stems, forms)
    structure = np.flatnonzero(forms == STRUCTURE)
    kinds = stems[structure]
    opens = (kinds == SAYS) | (kinds > SCENE)
    begins, ends = structure[opens] + 1, np.append(structure[1:], len(stems))[opens]
    scenes = np.cumsum(kinds == SCENE)[opens]
    within = np.arange(len(scenes)) - np.searchsorted(scenes, scenes)
    stretches = np.cumsum(within % STRETCH_SPEECHES == 0) - 1
    kept = stretches % max(1, -(-len(stretches) // MOST_SPEECHES)) == 0
    words, lengths = list[int](), list[int]()
    for begin, end in zip(begins[kept].tolist(), ends[kept].tolist(), strict=True):
        said = stems[begin:end]
        said = known[said[said < len(known)]]
        once = dict.fromkeys(said[said >= 0].tolist())
        words += once
        lengths.append(len(once))
    _, sizes = np.unique(stretches[kept], return_counts=True)
    return replace(
        nothing,
        words=np.array(words, np.uint16 if len(places) <= 1 << 16 else np.uint32),
        speeches=np.cumsum(lengths).astype(np.uint32),
        stretches=np.cumsum(sizes).astype(np.uint32),
    )
