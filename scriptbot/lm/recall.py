"""A pointer to the words spelled lately, so that they can be said again.

A name that the vocabulary lacks is expensive to spell and cheap to repeat.  The network keeps the last K words from
outside its softmax and points at them (Vinyals et al., *Pointer networks*, 2015; the sentinel of Merity et al.,
*Pointer sentinel mixture models*, 2017)::

    q = h · recall_kernel + recall_form[form]
    p = softmax([h · sentinel_kernel + sentinel_bias,  q · features(word_k) + recall_bias[k]  for k = 0 … K-1])

The first entry, the sentinel, stands for every word that is none of these.  The words are represented by their
character-CNN features; k counts back from the latest.  Unlike the cache, this is part of the network and trained with
it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.lstm import log_softmax
from scriptbot.lm.params import Array, Parameters

NONE = -1  # an empty place
_IMPOSSIBLE = np.float32(-1e9)

Stems = NDArray[np.int32]


def nothing(streams: int, places: int) -> Stems:
    """[N, K] the memory before any word was spelled."""
    return np.full((streams, places), NONE, np.int32)


def lately(stems: NDArray[np.integer], past: Stems, words: int) -> tuple[Stems, Stems]:
    """Which spelled words each stream remembers after each step.

    Args:
        stems: [T, N] what is read.
        past: [N, K] the memory before that, the latest word last.
        words: size of the softmax; stems from there on are spelled and so remembered.

    Returns:
        [T, N, K] the memory after each step, and [N, K] that after the last one.
    """
    steps, streams = stems.shape
    spelled = stems >= words
    count = np.cumsum(spelled, axis=0)
    line = np.concatenate([past, nothing(streams, steps)], axis=1)
    t, n = np.nonzero(spelled)
    line[n, past.shape[1] + count[t, n] - 1] = stems[t, n]
    places = count[:, :, None] + np.arange(past.shape[1])
    memory: Stems = line[np.arange(streams)[None, :, None], places]
    return memory, memory[-1] if steps else past


def log_probabilities(
    parameters: Parameters, hidden: Array, forms: NDArray[np.int64], memory: Stems, features: Array
) -> tuple[Array, Array]:
    """Natural log-probabilities of the sentinel and of every place, given that the next word is spelled.

    Args:
        hidden: [P, H].
        forms: [P].
        memory: [P, K] the latest word last.
        features: [P, K, F] of the words in ``memory``, anything where there is none.

    Returns:
        [P] of the sentinel and [P, K] of the places.
    """
    query = hidden @ parameters.recall_kernel + parameters.recall_form[forms]
    scores = np.einsum("pf,pkf->pk", query, features) + parameters.recall_bias[::-1]
    sentinel = hidden @ parameters.sentinel_kernel + parameters.sentinel_bias
    logs = log_softmax(np.concatenate([sentinel[:, None], np.where(memory == NONE, _IMPOSSIBLE, scores)], axis=1))
    return logs[:, 0], logs[:, 1:]
