"""What was held out is learnt, too, when there is nothing left to be chosen by it.

Weights, and how the cache and the counts weigh, are chosen by a share of the text that the training does not read.
Once that is done the text is read whole: some gentle rounds over what was held out, each beside as much of the rest
from somewhere else, so that nothing is forgotten meanwhile (docs/decisions/held-out.md).  What is said of a model's
quality was measured before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from scriptbot.training.batches import Batcher, Chunk, Stream

ROUNDS = 16
SHARE = 0.04  # of the budget, at most
GENTLY = 0.1  # of the learning rate at its peak
LEAST = 0.002  # of the training part; less of it would not be missed
BESIDE = 4  # chunks of the training part in a round, at least


def worth(rest: Stream, train: Stream) -> bool:
    """Whether what was held out is enough of the text to be learnt."""
    return len(rest) > LEAST * len(train)


def joined(one: Stream, other: Stream, begin: int, end: int) -> Stream:
    """A stream, and a part of another one behind it."""
    part = slice(begin, end)
    return Stream(
        np.concatenate([one.stems, other.stems[part]]),
        np.concatenate([one.forms, other.forms[part]]),
        np.concatenate([one.speakers, other.speakers[part]]),
    )


def steps(batcher: Batcher, rest: Stream, train: Stream) -> int:
    """How many chunks all rounds have."""
    return ROUNDS * _round(batcher, len(rest) + _beside(batcher, rest, train))


def chunks(batcher: Batcher, rest: Stream, train: Stream, seed: Sequence[int]) -> Iterator[Chunk]:
    """Round after round, without end.

    Args:
        rest: what was held out.
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
