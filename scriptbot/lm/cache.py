"""A cache of the words of this conversation, so that they can come back.

It is a window of past (key, next word) pairs.  A pair whose key resembles the present key votes for its word
(Grave, Joulin & Usunier, *Improving neural language models with a continuous cache*, 2017)::

    p_cache(stem | form) ∝ Σ_i [form_i = form] · [stem_i = stem] · exp(θ · k · k_i − age_i / reach + behind · b_i)

The votes' share of the probability grows with their number n, as n / (n + :data:`DOUBT_VOTES`): a single word says
little about a conversation.

The network predicts white space and capitals well enough, so a pair votes only for its stem, and only if its form is
the chosen one.  Old votes count less, and votes behind the same word as now count more (b is 1 there, 2 behind the
same two words, else 0).  Keys are queries along the few directions in which the embeddings of the softmax vary most,
see :attr:`scriptbot.lm.network.Network.key_kernel`: a tenth of the work for the same votes.

Words outside the vocabulary are held as well, so names that the model has never seen can come back, too.  What the
model itself has said is held without a vote (:data:`SAID`), or it would repeat its own odd words for ever.

A :class:`Cache` is immutable from outside: :meth:`Cache.add` returns a new one.  Snapshots share one growing buffer,
so that keeping one costs nothing; the buffer is copied when it is full or when two snapshots go different ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.model import CacheConfig
from scriptbot.lm.params import Array

Count = TypeVar("Count", float, NDArray[np.float64])
DOUBT_VOTES = 10.0  # imaginary votes for no word at all, beside the real ones of a form
_ONE = np.float32(1.0)
SAID = 255  # stands in the place of the form where a word has no vote


class _Buffer:
    """The words of a conversation in order, and a list of the different ones among them that the softmax lacks."""

    def __init__(self, room: int, width: int, words: int) -> None:
        self.words = words
        self.keys = np.zeros((room, width), np.float32)
        self.places = np.zeros(room, np.int32)
        self.forms = np.zeros(room, np.uint8)
        self.outside: list[int] = []
        self._place_of: dict[int, int] = {}
        self.used = 0

    def place(self, stem: int) -> int:
        """The index of a stem among the probabilities: its number, or one behind the softmax (a new one if need be)."""
        if stem < self.words:
            return stem
        found = self._place_of.get(stem)
        if found is None:
            found = self.words + len(self.outside)
            self.outside.append(stem)  # first: an interrupt in between must not give one place to two stems
            self._place_of[stem] = found
        return found

    def found(self, stem: int) -> int:
        """The index of a stem as of :meth:`place`; -1 if it has none."""
        return stem if stem < self.words else self._place_of.get(stem, -1)

    def copy(self, begin: int, end: int) -> _Buffer:
        """A new buffer with the words from ``begin`` to ``end``, which lists only what of them the softmax lacks."""
        fresh = _Buffer(len(self.keys), self.keys.shape[1], self.words)
        fresh.used = end - begin
        fresh.keys[: fresh.used] = self.keys[begin:end]
        fresh.forms[: fresh.used] = self.forms[begin:end]
        # In the order that they have here, so that the same random number chooses the same word from both.
        for place in np.unique(self.places[begin:end]).tolist():
            fresh.place(self.stem(place))
        fresh.places[: fresh.used] = [fresh.place(self.stem(place)) for place in self.places[begin:end].tolist()]
        return fresh

    def twin(self, begin: int, end: int) -> _Buffer:
        """The same as :meth:`copy`, but with the whole list of what the softmax lacks, which is faster."""
        fresh = _Buffer(len(self.keys), self.keys.shape[1], self.words)
        fresh.used = end - begin
        for mine, its in ((self.keys, fresh.keys), (self.places, fresh.places), (self.forms, fresh.forms)):
            its[: fresh.used] = mine[begin:end]
        fresh.outside, fresh._place_of = list(self.outside), dict(self._place_of)
        return fresh

    def stem(self, place: int) -> int:
        """The inverse of :meth:`place`."""
        return place if place < self.words else self.outside[place - self.words]


@dataclass(frozen=True, slots=True)
class Cache:
    """The last ``window`` words of a conversation; use :func:`empty` for a fresh one."""

    window: int
    _buffer: _Buffer
    _end: int = 0

    def __len__(self) -> int:
        return min(self._end, self.window)

    def add(self, key: Array, stem: int, form: int) -> Cache:
        """A cache with one more pair: the key [Q] and the word that followed it."""
        buffer, end = self._buffer, self._end
        if buffer.used != end or end == len(buffer.keys):
            buffer = buffer.copy(end - len(self), end)
            end = buffer.used
        buffer.keys[end] = key
        buffer.places[end], buffer.forms[end] = buffer.place(stem), form
        buffer.used = end + 1
        return Cache(self.window, buffer, end + 1)

    def apart(self) -> Cache:
        """The same words in a buffer of their own, for a continuation that may be given up."""
        buffer = self._buffer.twin(self._end - len(self), self._end)
        return Cache(self.window, buffer, buffer.used)

    @property
    def outside(self) -> Sequence[int]:
        """Stems whose places in :meth:`votes` lie behind the softmax, in the order of those; some may have no vote."""
        return self._buffer.outside

    def latest(self, count: int) -> list[int]:
        """The last ``count`` stems, the latest last."""
        places = self._buffer.places[max(0, self._end - min(count, self.window)) : self._end]
        return [self._buffer.stem(place) for place in places.tolist()]

    def heard(self, stem: int) -> list[tuple[int, int]]:
        """(form, the stem before it) for every time that a stem was heard, not said by the model itself."""
        buffer, begin = self._buffer, self._end - len(self)
        found = begin + np.flatnonzero(buffer.places[begin : self._end] == buffer.found(stem))
        rows = ((int(buffer.forms[at]), buffer.stem(int(buffer.places[at - 1]))) for at in found.tolist() if at > begin)
        return [(form, before) for form, before in rows if form != SAID]

    def said(self, count: int) -> NDArray[np.int32]:
        """The places, as in :meth:`votes`, of those among the last ``count`` words that the model has said itself."""
        recent = slice(max(0, self._end - min(count, self.window)), self._end)
        found: NDArray[np.int32] = self._buffer.places[recent][self._buffer.forms[recent] == SAID]
        return found

    def votes(self, key: Array, form: int, config: CacheConfig, share: float = 1.0) -> tuple[NDArray[np.int32], Array]:
        """([votes] places, [votes] weights), one for every past word of that form; the weights sum to ``share`` times
        :func:`trust`.

        A place is the number of a stem of the softmax, or the size of the softmax plus an index into :attr:`outside`.
        """
        buffer, begin, end = self._buffer, self._end - len(self), self._end
        here = (buffer.forms[begin:end] == form).nonzero()[0]
        here += begin
        places = buffer.places[:end]
        if not len(here):
            return places[:0], np.zeros(0, np.float32)
        # Only keys with a vote are compared: most of a long conversation was said by the model and has none.
        loudness: Array = buffer.keys.take(here, axis=0) @ (key * np.float32(config.sharpness))
        loudness += (here - end).astype(np.float32) * np.float32(1.0 / config.reach)
        if config.behind and end - begin > 1:
            same = (places.take(here - 1, mode="wrap") == places[-1]).nonzero()[0]
            if len(same) and here[same[0]] == begin:  # the word before it is no longer in the window
                same = same[1:]
            if len(same):
                before = here[same] - 1
                twice = (places.take(before - 1, mode="wrap") == places[-2]) & (before > begin)
                loudness[same] += np.float32(config.behind) * (twice + _ONE)
        loudness -= loudness.max()
        weights: Array = np.exp(loudness, out=loudness)
        weights *= np.float32(share * trust(len(here))) / weights.sum()
        return places.take(here), weights


def trust(votes: Count) -> Count:
    """The fraction of its share that the cache gets with this many votes, 0 to 1."""
    return votes / (votes + DOUBT_VOTES)


def empty(window: int, width: int, words: int) -> Cache:
    """A cache for ``window`` words with keys of ``width`` numbers, beside a softmax of ``words``."""
    return Cache(window, _Buffer(2 * window, width, words))
