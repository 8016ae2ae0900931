"""Learning the held-out text as well, once nothing is left to be chosen by it.

The best weights, and the shares of the cache and the n-grams, are chosen by a part of the text that training does not
read.  Once that is done, this part is learnt, too: in some rounds at a low learning rate, each together with at least
as much of the training part from a random place, so that nothing is forgotten meanwhile (docs/decisions/held-out.md).
The figures of a model's quality were measured before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from scriptbot.training.batches import Batcher, Chunk, Stream

ROUNDS = 16
SHARE = 0.04  # of the budget, at most
GENTLY = 0.1  # of the learning rate at its peak
LEAST = 0.002  # of the training part; learning less than that is not worth it
BESIDE = 4  # chunks of the training part in a round, at least


def worth(rest: Stream, train: Stream) -> bool:
    """Whether the held-out part is large enough to be worth learning."""
    return len(rest) > LEAST * len(train)


def joined(one: Stream, other: Stream, begin: int, end: int) -> Stream:
    """One stream, followed by a part of another one."""
    part = slice(begin, end)
    return Stream(
        np.concatenate([one.stems, other.stems[part]]),
        np.concatenate([one.forms, other.forms[part]]),
        np.concatenate([one.speakers, other.speakers[part]]),
    )


def steps(batcher: Batcher, rest: Stream, train: Stream) -> int:
    """How many chunks all rounds have together."""
    return ROUNDS * _round(batcher, len(rest) + _beside(batcher, rest, train))


def chunks(batcher: Batcher, rest: Stream, train: Stream, seed: Sequence[int]) -> Iterator[Chunk]:
    """The chunks of round after round, without end.

    Args:
        rest: the held-out part.
        train: the training part.
        seed: of the random numbers.
    """
    beside = _beside(batcher, rest, train)
    for number in itertools.count():
        begin = int(np.random.default_rng([*seed, number]).integers(0, len(train) - beside + 1))
        stream = joined(rest, train, begin, begin + beside)
        yield from itertools.islice(batcher.chunks(stream, [*seed, number]), _round(batcher, len(stream)))


def _beside(batcher: Batcher, rest: Stream, train: Stream) -> int:
    return min(max(len(rest), BESIDE * batcher.batch * batcher.steps), len(train))


def _round(batcher: Batcher, tokens: int) -> int:
    """Chunks that a stream of so many tokens is cut into."""
    return -(-((tokens - 1) // batcher.batch) // batcher.steps)
