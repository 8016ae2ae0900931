"""What the peers read: characters, or words with a way to pay for those they do not know.

Every character of a text is paid for, as scriptbot pays for it: a character or word outside the vocabulary costs the
bits of ``<unk>``, and then those of saying which one it is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

BYTES_OF_UNICODE = 0x110000  # characters there could be
UNKNOWN = 0
_WORD = re.compile(r" ?\w+|\s|[^\w\s]")


class Characters:
    """The characters of a training text, numbered; 0 is any other."""

    def __init__(self, train: str) -> None:
        self.numbers = {sign: number for number, sign in enumerate(sorted(set(train)), 1)}
        self.size = len(self.numbers) + 1

    def encode(self, text: str) -> list[int]:
        """One number per character."""
        return [self.numbers.get(sign, UNKNOWN) for sign in text]

    def spelled_bits(self, text: str) -> float:
        """Bits for saying which characters those outside the vocabulary are."""
        return math.log2(BYTES_OF_UNICODE) * sum(sign not in self.numbers for sign in text)


class Words:
    """The words of a training text that occur at least twice, numbered; 0 is any other, and spelled by a character
    n-gram model of the training text's rare words."""

    def __init__(self, train: str, minimum: int = 2) -> None:
        counts = Counter(_WORD.findall(train))
        kept = [word for word, count in counts.most_common() if count >= minimum]
        self.rare = [word for word, count in counts.items() if count < minimum]
        self.numbers = {word: number for number, word in enumerate(kept, 1)}
        self.size = len(kept) + 1

    def encode(self, text: str) -> list[int]:
        """One number per word, space or sign."""
        return [self.numbers.get(word, UNKNOWN) for word in _WORD.findall(text)]

    @cached_property
    def _speller(self) -> tuple[object, int]:
        from kneser_ney import KneserNey

        order = 5
        signs: list[str] = []
        for word in self.rare or ["a"]:
            signs += [*word, "\n"]
        return KneserNey(signs, order, BYTES_OF_UNICODE), order

    def spelled_bits(self, text: str) -> float:
        """Bits for spelling the words outside the vocabulary."""
        model, order = self._speller
        total = 0.0
        for word in _WORD.findall(text):
            if word not in self.numbers:
                signs: Sequence[str] = ["\n", *word, "\n"]
                for i in range(1, len(signs)):
                    total -= math.log2(model.probability(tuple(signs[max(0, i - order + 1) : i]), signs[i]))  # type: ignore[attr-defined]
        return total
