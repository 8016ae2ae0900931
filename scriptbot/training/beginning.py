"""Initial weights for training from nothing: what can be counted beforehand.

Adam moves a weight by hardly more than the learning rate per step, and a minute has some six hundred steps: a bias that
belongs at −8 would not get there, and everything else would be bent to make up for it.  So the output biases begin as
log frequencies, and the embeddings of words where their neighbours place them (docs/decisions/beginning.md has what
that is worth).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.output import entries
from scriptbot.lm.params import PAD, Array
from scriptbot.lm.spelling import reading_table
from scriptbot.training.batches import Stream
from scriptbot.training.corpus import Corpus

NEIGHBOURS = 2000  # the most frequent words, which are counted as neighbours
MOST_CELLS = 11_000_000  # of each half of the table of neighbours; 5,400 words have room for all of them
BLOCK, MOST_BLOCKS = 1 << 20, 8  # tokens counted together; of a large text some blocks, evenly spread
SMOOTHED = 0.75  # power of the neighbours' frequencies, without which rare ones count too much (Levy et al. 2015)
SPREAD = 0.05  # deviation of the embedding, the same as of a random one
ROWS = 512  # of the table, computed at a time
MORE = 32  # random directions beyond those that are kept, which make these more accurate (Halko et al. 2011)
PASSES = 2  # more over the table, for the same purpose
SEED = 0  # of the random directions
NOVEL = 0.05, 0.95  # the least and the greatest initial share of new words among those outside the softmax


def counted(corpus: Corpus, arrays: dict[str, Array]) -> dict[str, Array]:
    """The biases of the outputs as log frequencies, by the names of the arrays.

    Args:
        arrays: the weights they are to be among, for their sizes.
    """
    stream, vocabulary = corpus.train, corpus.vocabulary
    forms = sum(np.bincount(stream.forms[part], minlength=len(arrays["form_bias"])) for part in _parts(stream))
    rare = [vocabulary.stem(number) for number in range(vocabulary.words, vocabulary.known)]
    size = len(arrays["speller_output_bias"])
    codes = np.bincount(reading_table(rare)[:, 1:].ravel(), minlength=size) if rare else np.zeros(size, np.int64)
    codes[PAD] = 0
    outside = corpus.counts[vocabulary.words :]
    # Words that occur once are new for certain; about as many again are treated as new.
    share = np.clip(2.0 * (outside == 1).sum() / max(outside.sum(), 1), *NOVEL)
    biases = {
        "output_bias": _frequencies(corpus.targets),
        "form_bias": _frequencies(np.asarray(forms)),
        "speller_output_bias": _frequencies(codes),
        "novel_bias": np.log(share / (1.0 - share)).reshape(1),
    }
    return {name: bias.astype(np.float32) for name, bias in biases.items()}


def _frequencies(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithms of relative frequencies; what never occurs counts half."""
    found: NDArray[np.float64] = np.log(np.maximum(counts, 0.5) / max(int(counts.sum()), 1))
    return found


def company(stream: Stream, words: int, size: int) -> Array:
    """[words, size] embeddings from the words before and behind each word; those with like neighbours are close.

    The positive pointwise mutual information of words and neighbours is factorised by a randomised SVD: in a second,
    what word2vec finds step by step (Levy & Goldberg 2014).  A row is zero where nothing is known.
    """
    table = _table(stream, words)
    rng = np.random.default_rng(SEED)
    image = table @ rng.standard_normal((table.shape[1], min(size + MORE, *table.shape)), np.float32)
    for _ in range(PASSES):
        image = table @ (table.T @ np.linalg.qr(image)[0])
    basis = np.linalg.qr(image)[0]
    left, weights, _ = np.linalg.svd(basis.T @ table, full_matrices=False)
    found = (basis @ left * np.sqrt(weights))[:, :size]
    placed = np.zeros((words, size), np.float32)
    placed[:, : found.shape[1]] = found
    placed[~table.any(axis=1)] = 0.0  # the factors leave rounding errors there
    deviation = float(placed.std())
    return placed * np.float32(SPREAD / deviation) if deviation > 0.0 else placed


def turned(placed: Array, rng: np.random.Generator) -> Array:
    """Embeddings under a random rotation, so that no two networks begin alike; random where nothing is known."""
    turn = np.linalg.qr(rng.standard_normal((placed.shape[1], placed.shape[1])))[0]
    known = (placed != 0.0).any(axis=1, keepdims=True)
    return np.where(known, placed @ turn, rng.normal(0.0, SPREAD, placed.shape)).astype(np.float32)


def _table(stream: Stream, words: int) -> Array:
    """[words, 2 * neighbours] positive pointwise mutual information with the neighbours, before and behind.

    Large, and so counted and computed in place.
    """
    often = np.sum([np.bincount(_inside(stream, part, words), minlength=words) for part in _parts(stream)], axis=0)
    chosen = np.argsort(-often, kind="stable")[: max(1, min(NEIGHBOURS, MOST_CELLS // words))]
    chosen = chosen[often[chosen] > 0]
    place = np.full(words, -1)
    place[chosen] = np.arange(len(chosen))
    table = np.zeros((words, 2 * len(chosen)), np.float32)
    for part in _parts(stream):
        stems = _inside(stream, part, words)
        for side, (of, beside) in enumerate(((stems[1:], stems[:-1]), (stems[:-1], stems[1:]))):
            column = place[beside]
            known = column >= 0
            cells = of[known] * table.shape[1] + side * len(chosen) + column[known]
            np.add.at(table.reshape(-1), cells, np.float32(1.0))
    for side in range(2):
        _inform(table[:, side * len(chosen) : (side + 1) * len(chosen)])
    return table


def _inside(stream: Stream, part: slice, words: int) -> NDArray[np.int64]:
    """The softmax entries of a part of the stems."""
    return entries(stream.stems[part].astype(np.int64), words)


def _inform(found: Array) -> None:
    """Replace counts [words, neighbours] by the positive pointwise mutual information of words and neighbours."""
    expected = found.sum(axis=0) ** SMOOTHED
    expected = np.maximum(expected / max(float(expected.sum()), 1e-9), 1e-12)
    for begin in range(0, len(found), ROWS):
        rows = found[begin : begin + ROWS]
        rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1.0) * expected
        np.log(np.maximum(rows, 1.0, out=rows), out=rows)


def _parts(stream: Stream) -> Iterator[slice]:
    """The blocks of the stream that are counted."""
    blocks = -(-len(stream) // BLOCK)
    for number in range(min(blocks, MOST_BLOCKS)):
        begin = BLOCK * (number * blocks // min(blocks, MOST_BLOCKS))
        yield slice(begin, begin + BLOCK)
        stream.release()
