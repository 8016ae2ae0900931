"""Interpolated n-grams, and looking up their probabilities.

A network learns slowly what can simply be counted.  Counts are there after one reading, they know the rare turns of
phrase of a text by heart, and they make other mistakes than a network; so the two are mixed
(docs/decisions/ngrams.md)::

    p(w | base, past) = share(w; past) + rest(past) · p(w | base, past without its oldest symbol)
    p(w | base)       = share(w; base) + rest(base) / size,      rest = 1 − Σ share

The *base* is what is known of ``w`` beforehand: of a word its form, of a byte nothing.  The shares are relative
frequencies after discounting, see :mod:`scriptbot.lm.counting`.  The contexts are a tree: base, the symbol before, the
one before that; a :class:`Level` is all of one depth, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.params import Array

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """Contexts of one length, and an entry for each symbol that followed one.

    Attributes:
        keys: [contexts] number of the shorter context (in the level above) times ``size``, plus the symbol before it;
            rising.
        begins: [contexts + 1] where the successors of each begin.
        successors: [entries] rising within each context.
        shares: [entries] see the docstring of this module.
    """

    keys: Numbers
    begins: Numbers
    successors: Numbers
    shares: Array

    @cached_property
    def rest(self) -> Array:
        """[contexts] the probability that is left to the shorter context."""
        total = np.concatenate([[0.0], np.cumsum(self.shares, dtype=np.float64)])
        left = 1.0 - (total[self.begins[1:]] - total[self.begins[:-1]])
        result: Array = np.maximum(left, 0.0).astype(np.float32)
        return result

    def find(self, keys: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """(number of the context with each key, whether there is one)."""
        return _found(self.keys, keys)


@dataclass(frozen=True)
class Ngrams:
    """Levels of rising length; the first one has a context for every base, in their order.

    Args:
        levels: at least one.
        size: number of symbols, and of successors.
    """

    levels: tuple[Level, ...]
    size: int

    @property
    def order(self) -> int:
        """How many symbols of the past make up the longest context."""
        return len(self.levels) - 1

    def add(self, probabilities: Array, base: int, past: Sequence[int], weight: float) -> None:
        """Add ``weight`` times the probability of every successor to ``probabilities`` [size].

        Args:
            past: [order] symbols before, the latest first.
        """
        node, nodes = base, []
        for level, symbol in zip(self.levels[1:], past, strict=True):
            key = node * self.size + symbol
            node = int(level.keys.searchsorted(key))
            if node == len(level.keys) or level.keys[node] != key:
                break
            nodes.append((level, node))
        for level, node in reversed(nodes):
            part = slice(level.begins[node], level.begins[node + 1])
            probabilities[level.successors[part]] += np.float32(weight) * level.shares[part]
            weight *= float(level.rest[node])
        probabilities += np.float32(weight) * self._of_base(base)

    def _of_base(self, base: int) -> Array:
        """[size] probabilities given a base alone."""
        found = self._bases.get(base)
        if found is None:
            level = self.levels[0]
            found = np.full(self.size, level.rest[base] / self.size, np.float32)
            part = slice(level.begins[base], level.begins[base + 1])
            found[level.successors[part]] += level.shares[part]
            self._bases[base] = found
        return found

    @cached_property
    def _bases(self) -> dict[int, Array]:
        return {}

    @cached_property
    def _pairs(self) -> list[Numbers]:
        """For every level and entry, the context times ``size`` plus the successor; rising."""
        return [
            np.repeat(np.arange(len(level.keys)), np.diff(level.begins)) * self.size + level.successors
            for level in self.levels
        ]

    def log_probabilities(self, bases: Numbers, past: Numbers, targets: Numbers) -> Array:
        """[T] natural log-probabilities of the targets [T].

        Args:
            bases: [T].
            past: [T, order] the latest symbol first.
        """
        p = np.full(len(targets), 1.0 / self.size)
        nodes, there = bases, np.ones(len(targets), np.bool_)
        for depth, (level, pairs) in enumerate(zip(self.levels, self._pairs, strict=True)):
            if depth:
                nodes, known = level.find(nodes * self.size + past[:, depth - 1])
                there &= known
                nodes = np.where(there, nodes, 0)
            place, said = _found(pairs, nodes * self.size + targets)
            share = np.where(said, level.shares[place], 0.0) if len(pairs) else 0.0
            p = np.where(there, share + level.rest[nodes] * p, p) if len(level.keys) else p
        with np.errstate(divide="ignore"):
            result: Array = np.log(p).astype(np.float32)
        return result


def _found(rising: Numbers, wanted: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """(a place in ``rising`` for each number wanted, whether that stands there)."""
    if not len(rising):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(rising.searchsorted(wanted), len(rising) - 1)
    return place, rising[place] == wanted


def before(symbols: Numbers, count: int) -> Numbers:
    """[T, count] the symbols before each of [T], the latest first; 0 where there are none."""
    padded = np.concatenate([np.zeros(count, np.int64), symbols])
    return np.stack([padded[count - back : len(padded) - back] for back in range(1, count + 1)], axis=1)


def compact(ngrams: Ngrams) -> dict[str, NDArray[np.generic]]:
    """The arrays for a file: integers as small as may be, and shares as float16; the first level needs no keys."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for depth, level in enumerate(ngrams.levels):
        if depth:
            above = len(ngrams.levels[depth - 1].keys)
            arrays[f"{depth}.children"] = _small(np.bincount(level.keys // ngrams.size, minlength=above))
            arrays[f"{depth}.symbols"] = _small(level.keys % ngrams.size)
        arrays[f"{depth}.lengths"] = _small(np.diff(level.begins))
        arrays[f"{depth}.successors"] = _small(level.successors)
        arrays[f"{depth}.shares"] = level.shares.astype(np.float16)
    return arrays


def restored(arrays: Mapping[str, NDArray[np.generic]], size: int, bases: int, order: int) -> Ngrams:
    """The inverse of :func:`compact`, for n-grams of ``size`` symbols, so many bases and that order.

    Raises:
        KeyError, ValueError: the arrays are not those of such n-grams.
    """
    levels: list[Level] = []
    for depth in range(order + 1):
        lengths, successors = _whole(arrays[f"{depth}.lengths"], size), _whole(arrays[f"{depth}.successors"], size - 1)
        keys = np.arange(bases)
        if depth:
            children, symbols = _whole(arrays[f"{depth}.children"], size), _whole(arrays[f"{depth}.symbols"], size - 1)
            _agree(len(children) == len(levels[-1].keys) and children.sum() == len(symbols))
            keys = np.repeat(np.arange(len(children)), children) * size + symbols
        shares = np.nan_to_num(arrays[f"{depth}.shares"].astype(np.float32), nan=-1.0)
        _agree(len(keys) == len(lengths) and lengths.sum() == len(successors) == len(shares))
        level = Level(keys, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]), successors, shares)
        said = np.repeat(np.arange(len(keys)), lengths)
        _agree((np.diff(keys) > 0).all() and (np.diff(said * size + successors) > 0).all())
        _agree((shares >= 0.0).all() and (np.bincount(said, shares, minlength=1) < 1.01).all())
        levels.append(level)
    return Ngrams(tuple(levels), size)


def _agree(fits: bool | np.bool_) -> None:
    if not fits:
        raise ValueError("n-grams do not fit together")


def _whole(array: NDArray[np.generic], most: int) -> Numbers:
    """Unsigned integers from a file, after checking that none is larger than ``most``."""
    _agree(array.ndim == 1 and array.dtype.kind == "u")
    _agree(int(array.max(initial=0)) <= most)  # before the cast, which could make them negative
    return array.astype(np.int64)


def _small(numbers: Numbers) -> NDArray[np.generic]:
    """The same numbers in as few bytes as they need."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
