"""What would be copied: every run of eight words of the training text (of twenty characters, in scripts written without
spaces), as a number.

A small network that is trained for long knows lines by heart.  Which ones it is saying cannot be told from its weights,
so a model of a script remembers its runs of words as hashes: enough to recognise one, not to say it.  Signs between the
words do not count, and no run goes from one speech into the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.text.vocabulary import STRUCTURE, Vocabulary

RUN_WORDS, RUN_CHARACTERS = 8, 20  # the latter where those are the pieces
MOST_RUNS = 250_000  # whose numbers are kept, 1 MB; of a longer text's only some are known, one in so many
BLOCK_TOKENS = 1 << 20  # looked at together
_BASE, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)  # odd numbers that stir well


@dataclass(frozen=True)
class Copies:
    """Runs of a text.

    Attributes:
        numbers: rising, each once.
        one_in: of all runs those are kept whose number is divisible by it.
        length: of a run, in pieces.
    """

    numbers: NDArray[np.uint32]
    one_in: int
    length: int = RUN_WORDS

    def among(self, words: Sequence[int]) -> int:
        """How many runs of these words are in the text.

        Args:
            words: their stems, signs left out; of one that the text did not have, any number that no stem has.
        """
        asked = _hashes(np.array(words, np.int64), self.length)
        asked = asked[asked % self.one_in == 0]
        if not len(asked) or not len(self.numbers):
            return 0
        places = np.minimum(self.numbers.searchsorted(asked), len(self.numbers) - 1)
        return int((self.numbers[places] == asked).sum())


def run_length(vocabulary: Vocabulary) -> int:
    """Pieces in a row that make a copy: so many that people hardly ever say them twice."""
    return RUN_CHARACTERS if vocabulary.unspaced else RUN_WORDS


def are_words(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """[known] whether a stem is a word, and neither a sign nor an ending like ’s."""
    stems = (vocabulary.stem(number) for number in range(vocabulary.known))
    return np.fromiter((stem[:1].isalnum() for stem in stems), np.bool_, vocabulary.known)


def of_text(stems: NDArray[np.integer], forms: NDArray[np.integer], vocabulary: Vocabulary) -> Copies:
    """The runs of a text; of a stem beyond the known ones nothing is remembered.

    Args:
        stems, forms: [T] the text.
    """
    words, one_in, length = are_words(vocabulary), 1, run_length(vocabulary)
    kept = np.zeros(0, np.uint32)
    for begin in range(0, len(stems), BLOCK_TOKENS):
        part = slice(begin, begin + BLOCK_TOKENS)
        kept = np.union1d(kept, _runs(stems[part], forms[part], words, length))
        while len(kept) > MOST_RUNS:
            one_in *= 2
            kept = kept[kept % one_in == 0]
        kept = kept[kept % one_in == 0]
    return Copies(kept, one_in, length)


def _runs(
    stems: NDArray[np.integer], forms: NDArray[np.integer], words: NDArray[np.bool_], length: int
) -> NDArray[np.uint32]:
    """The numbers of all runs within speeches."""
    structure = forms == STRUCTURE
    known = stems < len(words)
    spoken = ~structure & known & words[np.where(known, stems, 0)]
    speeches = np.cumsum(structure | ~known)[spoken]
    found = _hashes(stems[spoken].astype(np.int64), length)
    within: NDArray[np.uint32] = found[speeches[: len(found)] == speeches[length - 1 :]]
    return within


def _hashes(words: NDArray[np.int64], length: int) -> NDArray[np.uint32]:
    """[T - length + 1] a number for every run."""
    count = max(len(words) - length + 1, 0)
    total = np.zeros(count, np.uint64)
    for place in range(length):
        total = total * _BASE + words[place : place + count].astype(np.uint64) + np.uint64(1)
    total ^= total >> np.uint64(29)
    total *= _MIX
    return (total >> np.uint64(32)).astype(np.uint32)
