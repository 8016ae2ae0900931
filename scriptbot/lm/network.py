"""The network, step by step: a token and a state in, a hidden vector and a state out; a hidden vector in, odds out.

One conversation is one stream, so everything here works on vectors; :mod:`scriptbot.lm.scoring` does whole texts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import recall
from scriptbot.lm.lstm import advance, log_softmax, sigmoid, softmax
from scriptbot.lm.model import Model
from scriptbot.lm.params import Array
from scriptbot.lm.spelling import chunks, features, reading_table
from scriptbot.text.vocabulary import SPELL, Token

MOST_READ = 10_000  # words whose reading is kept


@dataclass(frozen=True, slots=True)
class Recurrent:
    """What the word LSTM carries from step to step."""

    hidden: Array  # [layers, H]
    cell: Array  # [layers, H]


class Network:
    """The equations over one model's parameters, with what is worth computing once.

    Args:
        model: the model; its arrays are not changed.
        stem: text of any stem number, novel ones included.
    """

    def __init__(self, model: Model, stem: Callable[[int], str]) -> None:
        self.model = model
        self.parameters = model.parameters
        self.words = model.vocabulary.words
        self._stem = stem
        self._read: dict[int, Array] = {}
        self._features: dict[int, Array] = {}
        # one product per layer and step instead of two
        self._kernels = [
            np.concatenate([layer.kernel, layer.recurrent_kernel], axis=0) for layer in self.parameters.layers
        ]

    def start(self) -> Recurrent:
        """The state before anything was read."""
        shape = (self.model.config.layers, self.model.config.hidden)
        return Recurrent(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def word(self, stem: int) -> Array:
        """[D] a stem as it is read: its embedding and what the character CNN makes of it.

        Known after the first time, in a table of bounded size.
        """
        found = self._read.get(stem)
        if found is None:
            if len(self._read) > MOST_READ:
                self._read.clear()
            p = self.parameters
            found = p.embedding[stem if stem < self.words else SPELL]
            if self._stem(stem):  # structure has no letters
                found = found + self.features(stem) @ p.spelling_projection
            self._read[stem] = found
        return found

    def features(self, stem: int) -> Array:
        """[F] what the character CNN makes of a stem outside the softmax; known after the first time."""
        found = self._features.get(stem)
        if found is None:
            if len(self._features) > MOST_READ:
                self._features.clear()
            found = features(self.parameters, reading_table([self._stem(stem)]))[0]
            if stem >= self.words:
                self._features[stem] = found
        return found

    def read(self, token: Token) -> Array:
        """[D] the input of one token: word, spelling, form and speaker together."""
        p = self.parameters
        vector: Array = self.word(token.stem) + p.form_embedding[token.form]
        vector += p.speaker_embedding[token.speaker]
        return vector

    def step(self, token: Token, state: Recurrent) -> tuple[Array, Recurrent]:
        """(top hidden [H], new state) after one token."""
        x = self.read(token)
        hidden, cell = np.empty_like(state.hidden), np.empty_like(state.cell)
        for number, layer in enumerate(self.parameters.layers):
            z = np.concatenate([x, state.hidden[number]]) @ self._kernels[number] + layer.bias
            hidden[number], cell[number] = advance(z, state.cell[number])
            x = hidden[number]
        return hidden[-1], Recurrent(hidden, cell)

    def query(self, hidden: Array) -> Array:
        """[..., D] what the cache compares and the softmax asks with, before the form is known."""
        return hidden @ self.parameters.query_kernel

    def forms(self, hidden: Array) -> Array:
        """[..., X] log-probabilities of the next form."""
        return log_softmax(hidden @ self.parameters.form_kernel + self.parameters.form_bias)

    def form_odds(self, hidden: Array) -> Array:
        """[X] probabilities of the next form after one hidden state [H]."""
        return softmax(hidden @ self.parameters.form_kernel + self.parameters.form_bias)

    def stem_odds(self, query: Array, form: int) -> Array:
        """[V] probabilities of the next stem in a form; entry 0 is everything outside the softmax."""
        p = self.parameters
        return softmax(p.embedding @ (query + p.query_form[form]) + p.output_bias)

    def recall(self, hidden: Array, forms: NDArray[np.int64], memory: recall.Stems) -> tuple[Array, Array]:
        """[M] and [M, K] log-probabilities that the next word is none of those spelled lately, or which one.

        Args:
            hidden: [M, H].
            forms: [M].
            memory: [M, K] stems, see :func:`scriptbot.lm.recall.lately`.
        """
        different, which = np.unique(memory, return_inverse=True)
        zero = np.zeros(self.parameters.spelling_bias.shape[0], np.float32)
        seen = np.stack([zero if stem == recall.NONE else self.features(int(stem)) for stem in different])
        spread = seen[which.reshape(memory.shape)]
        return recall.log_probabilities(self.parameters, hidden, forms, memory, spread)

    def novelty(self, hidden: Array) -> Array:
        """[...] probability that a word outside the softmax is new, and not one of the rare ones."""
        if not self.model.vocabulary.rare:
            return np.ones(hidden.shape[:-1], np.float32)
        return sigmoid(hidden @ self.parameters.novel_kernel + self.parameters.novel_bias[0])

    @cached_property
    def rare_features(self) -> Array:
        """[R, F] the CNN's view of every rare stem."""
        rare = self.model.vocabulary.rare
        result = np.empty((len(rare), self.parameters.spelling_bias.shape[0]), np.float32)
        for part in chunks(len(rare), 1024):
            result[part] = features(self.parameters, reading_table(rare[part]))
        return result

    def rare(self, hidden: Array, form: int) -> Array:
        """[R] log-probabilities of the rare stems, given that the next word is one of them."""
        p = self.parameters
        return log_softmax(self.rare_features @ (hidden @ p.rare_kernel + p.rare_form[form]))
