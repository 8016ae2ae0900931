"""What a text of a length is worth: how rare a word of its softmax may be, how wide a network, how many minutes."""

from __future__ import annotations

import math

LEAST_TOKENS = 200  # of a text, below which there is nothing to learn from
TINY_TOKENS = 20_000  # of a text that is too short for a wide network
SHORT_TOKENS = 120_000  # of a text whose words are few, so that rarer ones are taken into the softmax
WIDEST = ((TINY_TOKENS, 256), (SHORT_TOKENS, 512), (math.inf, 768))  # hidden units for a text of fewer tokens
# Of a training step, per token: seconds that do not depend on the width, and how much longer the products take than
# those of the probe, which are larger.
OVERHEAD, SLOWER = 30e-6, 1.7
WORTH_READINGS = 15.0  # up to which another reading pays
LAPTOP = 400e9  # floating-point operations a second of two cores of a laptop, at the products of a training step


def widest(tokens: int) -> int:
    """Hidden units beyond which a text of so many tokens does not gain."""
    return next(size for most, size in WIDEST if tokens < most)


def rarest(tokens: int) -> int:
    """How often a word must occur in a text of so many tokens for the softmax to hold it."""
    return 2 if tokens < SHORT_TOKENS else 3


def seconds_a_token(hidden: int, speed: float, *, embedding: int = 256, layers: int = 1) -> float:
    """Of training, as a guess; docs/decisions/pace.md has the steps it was made from.

    Args:
        speed: floating-point operations per second of the machine at the products of a training step.
    """
    return OVERHEAD + SLOWER * _operations(hidden, embedding, layers) / speed


def advised(tokens: int) -> tuple[int, int]:
    """(minutes, hidden units) that a text of so many tokens is worth on a laptop: it is read WORTH_READINGS times.

    Longer trainings gain less and less; docs/decisions/pace.md has the figures.
    """
    hidden = widest(tokens)
    return max(1, round(tokens * WORTH_READINGS * seconds_a_token(hidden, LAPTOP) / 60)), hidden


def _operations(hidden: int, embedding: int, layers: int) -> float:
    """Floating-point operations of a training step per token, for a softmax of 5,000 words: two for each weight on the
    way forward and four on the way back."""
    recurrent = embedding * 4 * hidden + 4 * hidden * hidden + (layers - 1) * 8 * hidden * hidden
    return 6.0 * (recurrent + embedding * hidden + embedding * 5000)
