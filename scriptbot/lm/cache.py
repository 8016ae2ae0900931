"""The words of this conversation, ready to come back.

A window of past (key, next word) pairs.  Places whose key resembles the present one vote for the word that
followed them (Grave, Joulin & Usunier, *Improving neural language models with a continuous cache*, 2017)::

    p_cache(stem | form) ∝ Σ_i [form_i = form] · [stem_i = stem] · exp(θ · k · k_i − age_i / reach + behind · b_i)

White space and capitals are foretold well enough by the network, so places vote only for the stem, and only those of
the form that was chosen; older ones are heard less, those behind the same word as now more (b is 1 there, 2 behind the
same two words, else 0).  Queries are compared in the few directions in which they differ
most, see :attr:`scriptbot.lm.network.Network.key_kernel`: a tenth of the work, the same votes.

It works on words as they are written, so it also repeats names that the model has never seen.

A :class:`Cache` is immutable from outside: :meth:`Cache.add` returns a new one.  Snapshots share one growing buffer,
so that keeping one costs nothing; the buffer is left behind when it is full or when two futures part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.model import CacheConfig
from scriptbot.lm.params import Array


class _Buffer:
    def __init__(self, room: int, width: int) -> None:
        self.keys = np.zeros((room, width), np.float32)
        self.stems = np.zeros(room, np.int64)
        self.forms = np.zeros(room, np.int64)
        self.used = 0


@dataclass(frozen=True, slots=True)
class Cache:
    """The last ``window`` words; use :func:`empty` for a fresh one."""

    window: int
    _buffer: _Buffer
    _end: int = 0

    def __len__(self) -> int:
        return min(self._end, self.window)

    def add(self, key: Array, stem: int, form: int) -> Cache:
        """With one more pair: the key [K] and the word that followed it."""
        buffer, end = self._buffer, self._end
        if buffer.used != end or end == len(buffer.keys):
            keep = min(end, self.window)
            fresh = _Buffer(len(buffer.keys), buffer.keys.shape[1])
            fresh.keys[:keep] = buffer.keys[end - keep : end]
            fresh.stems[:keep] = buffer.stems[end - keep : end]
            fresh.forms[:keep] = buffer.forms[end - keep : end]
            buffer, end = fresh, keep
        buffer.keys[end] = key
        buffer.stems[end], buffer.forms[end] = stem, form
        buffer.used = end + 1
        return Cache(self.window, buffer, end + 1)

    @property
    def keys(self) -> Array:
        """[n, K] past keys, oldest first."""
        return self._buffer.keys[self._end - len(self) : self._end]

    @property
    def stems(self) -> NDArray[np.int64]:
        """[n] the stem that followed each."""
        return self._buffer.stems[self._end - len(self) : self._end]

    @property
    def forms(self) -> NDArray[np.int64]:
        """[n] and its form."""
        return self._buffer.forms[self._end - len(self) : self._end]

    def votes(self, key: Array, form: int, config: CacheConfig, share: float = 1.0) -> tuple[NDArray[np.int64], Array]:
        """([m] stems, [m] votes that sum to ``share``): one for every past word of that form, if there was any."""
        here = (self.forms == form).nonzero()[0]
        if not len(here):
            return here, np.zeros(0, np.float32)
        stems = self.stems
        loudness: Array = self.keys @ key
        loudness *= np.float32(config.sharpness)
        if config.behind and len(stems) > 1:
            follow = (stems[1:-1] == stems[-1]).nonzero()[0] + 2
            loudness[follow] += np.float32(config.behind)
            loudness[follow[stems[follow - 2] == stems[-2]]] += np.float32(config.behind)
            if stems[0] == stems[-1]:
                loudness[1] += np.float32(config.behind)
        weights: Array = loudness.take(here)
        weights += here.astype(np.float32) * np.float32(1.0 / config.reach)
        weights -= weights.max()
        np.exp(weights, out=weights)
        weights *= np.float32(share) / weights.sum()
        return stems.take(here), weights


def empty(window: int, width: int) -> Cache:
    """A cache for ``window`` words with keys of ``width`` numbers."""
    return Cache(window, _Buffer(2 * window, width))
