"""What suits a text of some length: how rare words the softmax may have, how wide a network, how many minutes."""

from __future__ import annotations

import math

LEAST_TOKENS = 200  # of a text, below which there is nothing to learn from
TINY_TOKENS = 20_000  # below which a text is too short for a wide network, or to have rare words beside those of a base
SHORT_TOKENS = 120_000  # below which a text has few words, so that rarer ones are taken into the softmax
WIDEST = ((TINY_TOKENS, 256), (SHORT_TOKENS, 512), (math.inf, 768))  # hidden units for a text of fewer tokens
# Of a training step, per token: seconds that do not depend on the width, and how many times as long as by the probe's
# speed the products take; those of the probe are larger.
OVERHEAD, SLOWER = 30e-6, 1.7
WORTH_READINGS = 15.0  # passes over the text up to which another one pays
LAPTOP = 400e9  # floating-point operations per second of two cores of a laptop, at the products of a training step


def widest(tokens: int) -> int:
    """The number of hidden units beyond which a text of so many tokens does not gain."""
    return next(size for most, size in WIDEST if tokens < most)


def rarest(tokens: int, *, inherits: bool = False) -> int:
    """How often a word must occur in a text of so many tokens for the softmax to hold it.

    Args:
        inherits: whether the softmax has all words of a base as well.  The words of a tiny text that it lacks then are
            so few that each of them would be said far too often as one of the rare.
    """
    if inherits and tokens < TINY_TOKENS:
        return 1
    return 2 if tokens < SHORT_TOKENS else 3


def seconds_a_token(hidden: int, speed: float, *, embedding: int = 256, layers: int = 1) -> float:
    """The seconds that training takes per token, as a guess; docs/decisions/pace.md has the steps it was made from.

    Args:
        speed: floating-point operations per second of the machine at the products of a training step.
    """
    return OVERHEAD + SLOWER * _operations(hidden, embedding, layers) / speed


def advised(tokens: int) -> tuple[int, int]:
    """(minutes, hidden units) that suit a training from nothing on a text of so many tokens on a laptop: it is read
    :data:`WORTH_READINGS` times.

    Longer trainings gain less and less; docs/decisions/pace.md has the figures.  A training from a base has the base's
    size and ends by itself, nearly always sooner.
    """
    hidden = widest(tokens)
    return max(1, round(tokens * WORTH_READINGS * seconds_a_token(hidden, LAPTOP) / 60)), hidden


def _operations(hidden: int, embedding: int, layers: int) -> float:
    """Floating-point operations of a training step per token, for a softmax of 5,000 words: two for each weight on the
    way forward and four on the way back."""
    recurrent = embedding * 4 * hidden + 4 * hidden * hidden + (layers - 1) * 8 * hidden * hidden
    return 6.0 * (recurrent + embedding * hidden + embedding * 5000)
