"""Recognising copies of the training text, by hashes of all its runs of eight words (or of twenty characters, in
scripts written without spaces).

A small network that is trained for long knows lines by heart, and its weights do not tell when it is saying one.  So a
model of a script remembers the script's runs of words as hashes: enough to recognise a run, not to say it.  Punctuation
between the words does not count, and no run goes from one speech into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.text.vocabulary import STRUCTURE, Vocabulary

RUN_WORDS, RUN_CHARACTERS = 8, 20  # the latter where characters are the pieces
MOST_RUNS = 250_000  # hashes kept, 1 MB; of a longer text only some runs are known, one in ``one_in``
BLOCK_TOKENS = 1 << 20  # processed together
_BASE, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)  # odd multipliers that mix well


@dataclass(frozen=True)
class Copies:
    """The runs of a text, hashed.

    Attributes:
        numbers: the hashes, rising, each once.
        one_in: only hashes that are divisible by it are kept.
        length: pieces in a run.
    """

    numbers: NDArray[np.uint32]
    one_in: int
    length: int = RUN_WORDS

    def among(self, words: Sequence[int]) -> int:
        """How many runs of some words are in the text, as far as their hashes are kept.

        Args:
            words: their stems, without punctuation; for a word that the text lacks, any number that no stem has.
        """
        asked = _hashes(np.array(words, np.int64), self.length)
        asked = asked[asked % self.one_in == 0]
        if not len(asked) or not len(self.numbers):
            return 0
        places = np.minimum(self.numbers.searchsorted(asked), len(self.numbers) - 1)
        return int((self.numbers[places] == asked).sum())


def run_length(vocabulary: Vocabulary) -> int:
    """How many pieces in a row make a copy: so many that people hardly ever say the same ones by chance."""
    return RUN_CHARACTERS if vocabulary.unspaced else RUN_WORDS


def are_words(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """[known] whether a stem is a word, rather than punctuation or an ending like ’s."""
    stems = (vocabulary.stem(number) for number in range(vocabulary.known))
    return np.fromiter((stem[:1].isalnum() for stem in stems), np.bool_, vocabulary.known)


def of_text(
    stems: NDArray[np.integer],
    forms: NDArray[np.integer],
    vocabulary: Vocabulary,
    release: Callable[[], None] = lambda: None,
) -> Copies:
    """The runs of a text; a stem outside the vocabulary is in none.

    Args:
        stems, forms: [T] the text.
        release: called after every block that was read, for a text that is mapped from a file.
    """
    words, one_in, length = are_words(vocabulary), 1, run_length(vocabulary)
    kept = np.zeros(0, np.uint32)
    for begin in range(0, len(stems), BLOCK_TOKENS):
        part = slice(begin, begin + BLOCK_TOKENS)
        found = _runs(stems[part], forms[part], words, length)
        kept = np.union1d(kept, found[found % one_in == 0])  # as thin as those before, so that they are not too many
        while len(kept) > MOST_RUNS:
            one_in *= 2
            kept = kept[kept % one_in == 0]
        release()
    return Copies(kept, one_in, length)


def _runs(
    stems: NDArray[np.integer], forms: NDArray[np.integer], words: NDArray[np.bool_], length: int
) -> NDArray[np.uint32]:
    """The hashes of all runs that lie within one speech, direction, or name of somebody outside the cast."""
    structure = forms == STRUCTURE
    known = stems < len(words)
    spoken = ~structure & known & words[np.where(known, stems, 0)]
    parts = np.cumsum(structure | ~known)[spoken]
    found = _hashes(stems[spoken].astype(np.int64), length)
    within: NDArray[np.uint32] = found[parts[: len(found)] == parts[length - 1 :]]
    return within


def _hashes(words: NDArray[np.int64], length: int) -> NDArray[np.uint32]:
    """[T - length + 1] a hash of every run of ``length`` words."""
    count = max(len(words) - length + 1, 0)
    total = np.zeros(count, np.uint64)
    for place in range(length):
        total = total * _BASE + words[place : place + count].astype(np.uint64) + np.uint64(1)
    total ^= total >> np.uint64(29)
    total *= _MIX
    return (total >> np.uint64(32)).astype(np.uint32)
