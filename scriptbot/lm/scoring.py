"""The exact probability of a text under the model, token by token, without and with the cache.

The same equations as :mod:`scriptbot.lm.network`, over chunks of text at once: all products but the recurrent one
are done for a whole chunk.  The state is carried through from the first token to the last, and nothing is dropped:
white space and capitals are in the forms, words outside the vocabulary in the spellings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import spelling
from scriptbot.lm.lstm import advance, log_softmax
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.network import Network
from scriptbot.lm.params import Array
from scriptbot.text.vocabulary import SPELL, STRUCTURE, Token

CHUNK = 256


@dataclass(frozen=True, slots=True)
class Scores:
    """Natural log-probabilities of the tokens of a chunk, each [T]; their sum is the model without the cache."""

    forms: Array
    stems: Array  # of the softmax: the stem itself, or that it stands outside
    spellings: Array  # of a stem outside the softmax, given that it is; else 0
    queries: Array  # [T, D] for the cache
    targets: NDArray[np.int64]  # [T, 2] stem and form

    @property
    def static(self) -> Array:
        """[T] log-probability without the cache."""
        return self.forms + self.stems + self.spellings


def score(network: Network, tokens: Sequence[Token]) -> Iterator[Scores]:
    """Score ``tokens[1:]``, each given all before it, in chunks; ``tokens[0]`` only sets the stage."""
    p = network.parameters
    state = network.start()
    hidden, cell = list(state.hidden), list(state.cell)
    for begin in range(0, len(tokens) - 1, CHUNK):
        part = tokens[begin : begin + CHUNK + 1]
        x = _read(network, part[:-1])
        for number, layer in enumerate(p.layers):
            projected = x @ layer.kernel + layer.bias
            outputs = np.empty((len(x), layer.recurrent_kernel.shape[0]), np.float32)
            h, c = hidden[number], cell[number]
            for t in range(len(x)):
                h, c = advance(projected[t] + h @ layer.recurrent_kernel, c)
                outputs[t] = h
            hidden[number], cell[number] = h, c
            x = outputs
        yield _judge(network, x, part[1:])


def _read(network: Network, tokens: Sequence[Token]) -> Array:
    return np.stack([network.read(token) for token in tokens])


def _judge(network: Network, hidden: Array, tokens: Sequence[Token]) -> Scores:
    p = network.parameters
    stems = np.array([token.stem for token in tokens], np.int64)
    forms = np.array([token.form for token in tokens], np.int64)
    rows = np.arange(len(tokens))
    queries = network.query(hidden)
    logits = log_softmax((queries + p.query_form[forms]) @ p.embedding.T + p.output_bias)
    spelled = np.zeros(len(tokens), np.float32)
    outside = np.flatnonzero(stems >= network.words)
    if len(outside):
        spelled[outside] = outside_softmax(network, hidden[outside], [tokens[i] for i in outside])
    return Scores(
        network.forms(hidden)[rows, forms],
        logits[rows, np.where(stems < network.words, stems, SPELL)],
        spelled,
        queries,
        np.stack([stems, forms], axis=1),
    )


def outside_softmax(network: Network, hidden: Array, tokens: Sequence[Token]) -> Array:
    """[N] log-probability of stems outside the softmax, given that they are: as a rare stem, or spelled, or both."""
    forms = np.array([token.form for token in tokens], np.int64)
    words = [network._stem(token.stem) for token in tokens]
    novelty = network.novelty(hidden)
    spelled = np.log(novelty) + spelling.log_probabilities(network.parameters, words, hidden, forms)
    rare = np.full(len(tokens), -np.inf, np.float32)
    for i, token in enumerate(tokens):
        number = token.stem - network.words
        if number < len(network.model.vocabulary.rare):
            rare[i] = np.log(np.float32(1.0) - novelty[i]) + network.rare(hidden[i], token.form)[number]
    result: Array = np.logaddexp(spelled, rare).astype(np.float32)
    return result


class CacheScorer:
    """Mixes the votes of a sliding window into the scores of consecutive chunks."""

    def __init__(self, config: CacheConfig) -> None:
        self.config = config
        self._keys: Array | None = None
        self._words = np.zeros((0, 2), np.int64)

    def votes(self, scores: Scores) -> tuple[Array, NDArray[np.bool_]]:
        """([T] the cache's probability of each target, [T] whether there was anything to vote)."""
        window, count = self.config.window, len(scores.targets)
        past = self._keys if self._keys is not None else np.zeros((0, scores.queries.shape[1]), np.float32)
        keys = np.concatenate([past, scores.queries])
        words = np.concatenate([self._words, scores.targets])
        age = (np.arange(count)[:, None] + len(past)) - np.arange(len(keys))[None, :]
        seen = (age >= 1) & (age <= window)
        similarity = np.where(seen, np.float32(self.config.sharpness) * (scores.queries @ keys.T), -np.inf)
        any_seen: NDArray[np.bool_] = seen.any(axis=1)
        top = np.where(any_seen, similarity.max(axis=1, initial=-np.inf), 0.0)
        weights = np.exp(similarity - top[:, None])
        same = (words[None, :, 0] == scores.targets[:, None, 0]) & (words[None, :, 1] == scores.targets[:, None, 1])
        total = np.maximum(weights.sum(axis=1), 1e-30)
        self._keys, self._words = keys[-window:], words[-window:]
        return ((weights * same).sum(axis=1) / total).astype(np.float32), any_seen

    def mix(self, scores: Scores) -> Array:
        """[T] log-probabilities with the cache's share mixed in."""
        votes, any_seen = self.votes(scores)
        share = np.where(any_seen, np.float32(self.config.weight), np.float32(0.0))
        with np.errstate(divide="ignore"):
            return np.logaddexp(np.log1p(-share) + scores.static, np.log(share) + np.log(votes)).astype(np.float32)


def structural(scores: Scores) -> NDArray[np.bool_]:
    """[T] which targets are structure and not text."""
    return scores.targets[:, 1] == STRUCTURE
