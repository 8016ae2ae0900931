"""Counting n-grams: interpolated Kneser–Ney smoothing with three discounts.

Chen & Goodman, *An empirical study of smoothing techniques for language modeling* (1999): a discount is taken from
every count and given to the shorter context; and a shorter context counts not how often a symbol followed it, but
behind how many different symbols that happened.
"""

from __future__ import annotations

import itertools
import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.ngrams import Level, Ngrams, Numbers, before
from scriptbot.lm.output import entries
from scriptbot.lm.params import BEGIN, BYTES, END, PAD
from scriptbot.lm.spelling import codes
from scriptbot.text.vocabulary import LONGEST, STRUCTURE

WORDS_BEFORE = 2  # context of the n-grams of words
LETTERS_BEFORE = 4  # context of those of letters
LEAST_TIMES = 2  # that a form and two words must have occurred as a context to be kept; rarer ones gain 0.0003 bits
MOST_ENTRIES = 1_000_000  # successors of two words; of more, those of the most frequent contexts are kept
MOST_WORDS = 2_000_000  # of a text that are counted, at 110 bytes each meanwhile
BLOCK_WORDS = 10_000  # length of a block that is counted of a longer text
MOST_SPELLINGS = 100_000  # words whose letters are counted


def of_words(stems: NDArray[np.integer], forms: NDArray[np.integer], words: int) -> Ngrams:
    """n-grams of a text: how likely each entry of the softmax is, given its form and the two entries before it.

    Args:
        stems, forms: [T] the text; if it is longer than :data:`MOST_WORDS`, evenly spaced blocks of it are counted.
        words: size of the softmax; all stems beyond it count as the same.
    """
    symbols, bases = (column.astype(np.int64) for column in bounded(stems, forms))
    symbols = entries(symbols, words)
    said = bases != STRUCTURE
    past = before(symbols, WORDS_BEFORE)[said]
    return kneser_ney(bases[said], past, symbols[said], words, STRUCTURE, LEAST_TIMES, MOST_ENTRIES)


def bounded(*columns: NDArray[np.integer]) -> list[NDArray[np.integer]]:
    """The columns of a text; if it is longer than :data:`MOST_WORDS`, evenly spaced blocks of it, joined."""
    length, count = len(columns[0]), MOST_WORDS // BLOCK_WORDS
    begins = [number * (length - BLOCK_WORDS) // (count - 1) for number in range(count)] if length > MOST_WORDS else ()
    parts = [slice(begin, begin + BLOCK_WORDS) for begin in begins] or [slice(None)]
    return [np.concatenate([column[part] for part in parts]) for column in columns]


@lru_cache(maxsize=2)
def of_spellings(stems: tuple[str, ...]) -> Ngrams:
    """n-grams of the bytes of words, each word counted once; bytes are numbered as the speller writes them."""
    words = ([BEGIN, *codes(stem[:LONGEST])] for stem in stems[:MOST_SPELLINGS] if stem)
    symbols = np.fromiter(itertools.chain.from_iterable(words), np.int64)
    past = before(symbols, LETTERS_BEFORE)
    past[np.cumsum(past == END, axis=1) > 0] = PAD  # what belongs to another word
    said = symbols != BEGIN
    return kneser_ney(np.zeros(said.sum(), np.int64), past[said], symbols[said], BYTES, 1)


def kneser_ney(
    bases: Numbers,
    past: Numbers,
    targets: Numbers,
    size: int,
    count_bases: int,
    least: int = 1,
    most: int = sys.maxsize,
) -> Ngrams:
    """Count and smooth n-grams.

    Args:
        bases: [T] what is known of each target beforehand, below ``count_bases``; see :mod:`scriptbot.lm.ngrams`.
        past: [T, order] symbols before each target, the latest first, below ``size``.
        targets: [T] below ``size``.
        least: how often a context of full length must have been seen to be kept.
        most: entries of such contexts to keep at most; if there are more, those of the most frequent contexts.
    """
    contexts = [np.arange(count_bases)]
    node, order = bases, past.shape[1]
    for depth in range(order):
        keys, node = np.unique(node * size + past[:, depth], return_inverse=True)
        contexts.append(keys)
    pairs, counts = np.unique(node * size + targets, return_counts=True)
    levels: list[Level] = []
    for depth in range(order, -1, -1):
        levels.append(_level(contexts[depth], pairs, counts, size))
        if depth:
            shorter = contexts[depth][pairs // size] // size  # the context without its oldest symbol
            pairs, counts = np.unique(shorter * size + pairs % size, return_counts=True)
    if order:
        seen = np.bincount(node, minlength=len(contexts[order]))
        lengths = np.diff(levels[0].begins)
        while lengths[seen >= least].sum() > most:
            least += 1
        levels[0] = _kept(levels[0], seen >= least)
    return Ngrams(tuple(reversed(levels)), size)


def _level(contexts: Numbers, pairs: Numbers, counts: Numbers, size: int) -> Level:
    nodes = pairs // size
    lengths = np.bincount(nodes, minlength=len(contexts))
    totals = np.bincount(nodes, counts, minlength=len(contexts))
    shares = (counts - _discounts(counts)[np.minimum(counts, 3)]) / totals[nodes]
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return Level(contexts, begins, pairs % size, shares.astype(np.float32))


def _discounts(counts: Numbers) -> Numbers:
    """[4] the discounts of a count of 0, 1, 2, and 3 or more; a guess where counts are too few to estimate them."""
    once, twice, thrice, often = (int(np.count_nonzero(counts == number)) for number in (1, 2, 3, 4))
    discounts = np.array([0.0, 0.5, 0.75, 0.9])
    if min(once, twice, thrice) > 0:
        ratio = once / (once + 2.0 * twice)
        found = [1 - 2 * ratio * twice / once, 2 - 3 * ratio * thrice / twice, 3 - 4 * ratio * often / thrice]
        discounts[1:] = np.clip(found, 0.1, [0.95, 1.9, 2.85])
    return discounts


def _kept(level: Level, keep: np.ndarray) -> Level:
    """A level with only the contexts to keep."""
    lengths = np.diff(level.begins)
    entries = np.repeat(keep, lengths)
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[keep])])
    return Level(level.keys[keep], begins, level.successors[entries], level.shares[entries])
