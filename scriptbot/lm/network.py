"""The network, step by step: a token and a state in, a hidden vector and a state out; a hidden vector in, odds out.

One conversation is one stream, so everything here works on vectors; :mod:`scriptbot.lm.scoring` does whole texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import recall
from scriptbot.lm.lstm import log_softmax, sigmoid, softmax
from scriptbot.lm.model import Model
from scriptbot.lm.params import Array, LstmLayer
from scriptbot.lm.spelling import chunks, features, reading_table
from scriptbot.text.vocabulary import SPELL, Token

MOST_READ = 3_000  # words whose reading is kept
_HALF, _ONE = np.float32(0.5), np.float32(1.0)


@dataclass(frozen=True, slots=True)
class Recurrent:
    """What the word LSTM carries from step to step."""

    hidden: Array  # [layers, H]
    cell: Array  # [layers, H]


def _fused(layer: LstmLayer) -> tuple[Array, Array]:
    """(kernel [4H, I + H], bias [4H]) of a layer for one product and one tanh per step.

    A vector behind the rows of a matrix is faster than one in front of its columns.  The gates stand in the order
    input, forget, output, cell; the first three are halved, see :meth:`Network.step`.
    """
    arrays = (np.concatenate([layer.kernel, layer.recurrent_kernel], axis=0), layer.bias[None])
    kernel, bias = (
        np.concatenate([_HALF * i, _HALF * f, _HALF * o, g], axis=1)
        for i, f, g, o in (np.split(array, 4, axis=1) for array in arrays)
    )
    return np.ascontiguousarray(kernel.T), bias[0]


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
        self._remembered: tuple[tuple[int, ...], Array] = ((), np.zeros((0, 0), np.float32))
        self._places: dict[tuple[int, int], Array] = {}
        self._layers = [_fused(layer) for layer in self.parameters.layers]
        # one product for the query and the forms
        p = self.parameters
        self._ahead = np.ascontiguousarray(np.concatenate([p.query_kernel, p.form_kernel], axis=1).T)
        self._width = p.query_kernel.shape[1]

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
        place = self._places.get((token.form, token.speaker))
        if place is None:
            p = self.parameters
            place = self._places[token.form, token.speaker] = (
                p.form_embedding[token.form] + p.speaker_embedding[token.speaker]
            )
        return self.word(token.stem) + place

    def step(self, token: Token, state: Recurrent) -> tuple[Array, Recurrent]:
        """(top hidden [H], new state) after one token."""
        x = self.read(token)
        hidden, cell = np.empty_like(state.hidden), np.empty_like(state.cell)
        units = hidden.shape[1]
        for number, (kernel, bias) in enumerate(self._layers):
            z = kernel @ np.concatenate((x, state.hidden[number]))
            z += bias
            np.tanh(z, out=z)
            gates = z[: 3 * units]  # σ(x) = ½ tanh(½ x) + ½, and the kernel holds the inner half
            gates += _ONE
            gates *= _HALF
            c, x = cell[number], hidden[number]
            np.multiply(gates[units : 2 * units], state.cell[number], out=c)
            c += gates[:units] * z[3 * units :]
            np.tanh(c, out=x)
            x *= gates[2 * units :]
        return x, Recurrent(hidden, cell)

    def ahead(self, hidden: Array) -> tuple[Array, Array]:
        """(query [D], form logits [X]) after one hidden state [H], in one product."""
        both = self._ahead @ hidden
        return both[: self._width], both[self._width :] + self.parameters.form_bias

    def query(self, hidden: Array) -> Array:
        """[..., D] what the cache compares and the softmax asks with, before the form is known."""
        return hidden @ self.parameters.query_kernel

    def forms(self, hidden: Array) -> Array:
        """[..., X] log-probabilities of the next form."""
        return log_softmax(hidden @ self.parameters.form_kernel + self.parameters.form_bias)

    def stem_odds(self, query: Array, form: int, share: float = 1.0) -> Array:
        """[V] probabilities of the next stem in a form, times ``share``; entry 0 is everything outside the softmax."""
        p = self.parameters
        logits: Array = p.embedding @ (query + p.query_form[form])
        logits += p.output_bias
        return softmax(logits, share)

    def recall(self, hidden: Array, forms: NDArray[np.int64], memory: recall.Stems) -> tuple[Array, Array]:
        """[M] and [M, K] log-probabilities that the next word is none of those spelled lately, or which one.

        Args:
            hidden: [M, H].
            forms: [M].
            memory: [M, K] stems, see :func:`scriptbot.lm.recall.lately`.
        """
        different, which = np.unique(memory, return_inverse=True)
        spread = self._spellings(different.tolist())[which.reshape(memory.shape)]
        return recall.log_probabilities(self.parameters, hidden, forms, memory, spread)

    def recall_odds(self, hidden: Array, form: int, memory: tuple[int, ...]) -> Array:
        """[1 + K] the same as probabilities after one hidden state [H]: of the sentinel, then of the words remembered,
        as many as there are, the latest last."""
        p = self.parameters
        if self._remembered[0] != memory:
            self._remembered = memory, self._spellings(memory)
        logits = np.empty(1 + len(memory), np.float32)
        logits[0] = hidden @ p.sentinel_kernel + p.sentinel_bias[0]
        np.dot(self._remembered[1], hidden @ p.recall_kernel + p.recall_form[form], out=logits[1:])
        logits[1:] += p.recall_bias[len(memory) - 1 :: -1]
        return softmax(logits)

    def _spellings(self, stems: Sequence[int]) -> Array:
        """[N, F] the CNN's view of stems; nothing of an empty place."""
        blank = np.zeros(self.parameters.spelling_bias.shape[0], np.float32)
        return np.stack([blank if stem == recall.NONE else self.features(stem) for stem in stems])

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
        return log_softmax(self._rare_logits(hidden, form))

    def rare_odds(self, hidden: Array, form: int) -> Array:
        """[R] the same as probabilities."""
        return softmax(self._rare_logits(hidden, form))

    def _rare_logits(self, hidden: Array, form: int) -> Array:
        p = self.parameters
        logits: Array = self.rare_features @ (hidden @ p.rare_kernel + p.rare_form[form])
        return logits
