"""Tells whether a text is English, by its commonest words."""

from __future__ import annotations

from collections.abc import Sequence

from scriptbot.text.vocabulary import Vocabulary

_COMMONEST = ("the", "and", "to", "of", "a", "i", "you", "it", "is", "in", "that", "not", "my", "me")
_LEAST_SHARE = 0.1  # of the words of an English text are these; half as many as in a play


def is_english(vocabulary: Vocabulary, counts: Sequence[int]) -> bool:
    """Whether a text with these words is English.

    Args:
        counts: [known] how often each stem of the vocabulary occurs.
    """
    numbers = [number for word in _COMMONEST if (number := vocabulary.number(word)) is not None]
    return sum(counts[number] for number in numbers) >= _LEAST_SHARE * max(sum(counts), 1)
