"""Tells whether a text is English, by its commonest words."""

from __future__ import annotations

from collections.abc import Mapping

_COMMONEST = ("the", "and", "to", "of", "a", "i", "you", "it", "is", "in", "that", "not", "my", "me")
_LEAST_SHARE = 0.1  # of the words of an English text are these; half as many as in a play


def is_english(counts: Mapping[str, int]) -> bool:
    """Whether a text with these words is English.

    Args:
        counts: how often each stem occurs.
    """
    return sum(counts.get(word, 0) for word in _COMMONEST) >= _LEAST_SHARE * max(sum(counts.values()), 1)
