"""The network, step by step: from a token and a state to a hidden vector and a new state, and on to probabilities.

One conversation is one stream, so most of this works on vectors; :meth:`Network.steps`, :meth:`Network.aheads` and
:meth:`Network.stem_logits_each` do the same for several states at once.  :mod:`scriptbot.lm.scoring` does whole texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import recall
from scriptbot.lm.adaptation import ADAPTED_DIRECTIONS, Adaptation, Adapter
from scriptbot.lm.lstm import log_softmax, sigmoid, softmax
from scriptbot.lm.memo import Memo
from scriptbot.lm.model import Model
from scriptbot.lm.output import entry, logits_of_few, logits_of_one
from scriptbot.lm.params import Array, Parameters
from scriptbot.lm.pooling import apart, pooled, products
from scriptbot.lm.speller import Speller
from scriptbot.lm.spelling import features, features_of, reading_table
from scriptbot.text.vocabulary import FORMS, SPELL, Token

MOST_READINGS = 1_500  # inputs of words that are kept, and as many features
KEY_DIRECTIONS = 32  # in which the cache compares queries
LEAST_PROBABILITY = np.float32(1e-9)  # of a stem regardless of context
MOST_PRODUCTS = 500  # of words with the kernel of the first layer that are kept
Past: TypeAlias = tuple[int, int]  # the last two stems as entries of the softmax, the latest first
NO_PAST: Past = (SPELL, SPELL)
_HALF, _ONE = np.float32(0.5), np.float32(1.0)


@dataclass(frozen=True, slots=True)
class Recurrent:
    """What the word LSTM carries from step to step."""

    hidden: Array  # [layers, H]; of several members, one after the other
    cell: Array  # [layers, H]


def _arranged(kernel: Array) -> Array:
    """A kernel [I, 4H] transposed to [4H, I], which is faster, and arranged so that one tanh per step does.

    The gates stand in the order input, forget, output, cell; the first three are halved, see :func:`_advance`.
    """
    i, f, g, o = np.split(kernel, 4, axis=1)
    return np.ascontiguousarray(np.concatenate([_HALF * i, _HALF * f, _HALF * o, g], axis=1).T)


def _advance(z: Array, past: Array, cell: Array, hidden: Array) -> None:
    """Write the new cell and hidden, [..., H], into ``cell`` and ``hidden``; ``z`` [..., 4H] is overwritten.

    Args:
        z: pre-activations, arranged as :func:`_arranged` says: σ(x) = ½ tanh(½ x) + ½, and the kernels hold the inner
            factor ½.
        past: [..., H] the previous cell.
    """
    units = cell.shape[-1]
    np.tanh(z, out=z)
    gates = z[..., : 3 * units]
    gates += _ONE
    gates *= _HALF
    np.multiply(gates[..., units : 2 * units], past, out=cell)
    cell += gates[..., :units] * z[..., 3 * units :]
    np.tanh(cell, out=hidden)
    hidden *= gates[..., 2 * units :]


def _widest(members: Sequence[Parameters]) -> tuple[Array, int]:
    """([D, Q] the directions in which the embeddings of the softmax vary most, as columns; in how many of them, the
    last ones, the softmax adapts).

    Each of several members has half as many as a single network would; they are scaled so that products of two keys are
    as large as those of a single network.
    """
    count = len(members)
    keys, slants = (-(-most // min(count, 2)) for most in (KEY_DIRECTIONS, ADAPTED_DIRECTIONS))
    spreads = [np.linalg.eigh(member.embedding.T @ member.embedding)[1][:, -keys:] for member in members]
    wide: Array = np.concatenate(
        [apart([d[:, :-slants] for d in spreads]), apart([d[:, -slants:] for d in spreads])], 1
    )
    return wide * np.float32(np.sqrt(count)), count * slants


class Network:
    """The equations over one model's parameters; keeps what is worth computing only once.

    Args:
        model: the model; its arrays are not changed.
        stem: the number of a stem → its text, for novel ones as well.
    """

    def __init__(self, model: Model, stem: Callable[[int], str]) -> None:
        self.model = model
        self.parameters = pooled(model.members)
        self.words = model.vocabulary.words
        self.stem = stem
        p = self.parameters
        self.word = Memo(self._word, MOST_READINGS)
        self.features = Memo(self._spelled, MOST_READINGS)
        self._remembered: tuple[tuple[int, ...], Array] = ((), np.zeros((0, 0), np.float32))
        # of every layer, the members one after the other: [n, 4H, I], [n, 4H, H], [n, 4H]
        self.layers = list(zip(*(member.layers for member in model.members), strict=True))
        self._kernels = [np.stack([_arranged(one.kernel) for one in layer]) for layer in self.layers]
        self._recurrent_kernels = [
            np.stack([_arranged(one.recurrent_kernel) for one in layer]) for layer in self.layers
        ]
        self._biases = [np.stack([_arranged(one.bias[None])[:, 0] for one in layer]) for layer in self.layers]
        # The first layer's product with its input is a sum of products that come again and again.
        self._of_word = Memo(lambda stem: self._product(0, self.word[stem]), MOST_PRODUCTS)
        self._of_form = Memo(lambda form: self._product(0, p.form_embedding[form]) + self._biases[0], MOST_PRODUCTS)
        self._of_speaker = Memo(lambda speaker: self._product(0, p.speaker_embedding[speaker]), MOST_PRODUCTS)
        widest, slants = _widest(model.members)
        self.key_kernel = p.query_kernel @ widest  # [H, Q] what the cache compares
        # of every member, one product for the query, the forms and the key: [n, D + X + Q, H]
        count, keys = len(model.members), self.key_kernel.shape[1]
        blocks = zip(
            *(np.split(p.query_kernel, count), np.split(p.form_kernel, count), np.split(self.key_kernel, count)),
            strict=True,
        )
        width = p.query_kernel.shape[1] // count
        low, high = np.split(np.arange(keys), [keys - slants])
        self._ahead = np.stack(
            [
                np.concatenate(
                    [
                        query[:, number * width : (number + 1) * width],
                        forms,
                        key[:, np.split(low, count)[number]],
                        key[:, np.split(high, count)[number]],
                    ],
                    axis=1,
                ).T
                for number, (query, forms, key) in enumerate(blocks)
            ]
        )
        self._borders = width, width + FORMS, width + FORMS + len(low) // count
        self._slants = slants
        self.adapter = Adapter(p, widest[:, -slants:])
        vocabulary = model.vocabulary
        self.speller = Speller(p, (*vocabulary.frequent, *vocabulary.rare), model.counts.spellings)

    def start(self) -> Recurrent:
        """The state before anything was read."""
        shape = (self.model.config.layers, len(self.model.members) * self.model.config.hidden)
        return Recurrent(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def _product(self, layer: int, x: Array) -> Array:
        """[n, 4H] the product of a layer's kernels with its input [n * I]."""
        kernels = self._kernels[layer]
        result: Array = np.matmul(kernels, x.reshape(len(kernels), -1, 1))[..., 0]
        return result

    def _word(self, stem: int) -> Array:
        """[D] a stem as it is read: its embedding and what the character CNN makes of it."""
        p = self.parameters
        read = p.embedding[entry(stem, self.words)]
        if self.stem(stem):  # structure has no letters
            read = read + self.features[stem] @ p.spelling_projection
        result: Array = read
        return result

    def _spelled(self, stem: int) -> Array:
        """[F] the character CNN's features of a stem."""
        result: Array = features(self.parameters, reading_table([self.stem(stem)]))[0]
        return result

    def read(self, token: Token) -> Array:
        """[D] the input of one token: word, spelling, form and speaker together."""
        p = self.parameters
        vector: Array = self.word[token.stem] + p.form_embedding[token.form]
        vector += p.speaker_embedding[token.speaker]
        return vector

    def recurrence(self, state: Recurrent) -> list[Array]:
        """[n, 4H] for every layer, the product of its recurrent kernels with a state: most of the next step, and
        independent of the token."""
        return [
            np.matmul(kernels, hidden.reshape(len(kernels), -1, 1))[..., 0]
            for kernels, hidden in zip(self._recurrent_kernels, state.hidden, strict=True)
        ]

    def step(self, token: Token, state: Recurrent, recurrence: list[Array] | None = None) -> tuple[Array, Recurrent]:
        """(top hidden [H], new state) after one token.

        Args:
            recurrence: the result of :meth:`recurrence` for the state, if already computed; overwritten.
        """
        hidden, cell = np.empty_like(state.hidden), np.empty_like(state.cell)
        count = len(self._biases[0])
        units = hidden.shape[1] // count
        x = hidden[0]
        for number, z in enumerate(self.recurrence(state) if recurrence is None else recurrence):
            if number == 0:
                z += self._of_word[token.stem]
                z += self._of_form[token.form]
                z += self._of_speaker[token.speaker]
            else:
                z += self._product(number, x)
                z += self._biases[number]
            x = hidden[number]
            parted = count, units
            _advance(z, state.cell[number].reshape(parted), cell[number].reshape(parted), x.reshape(parted))
        return x, Recurrent(hidden, cell)

    def recurrences(self, states: Sequence[Recurrent]) -> list[Array]:
        """[N, n, 4H] for every layer and N states, see :meth:`recurrence`."""
        pasts = (np.stack([state.hidden[number] for state in states]) for number in range(len(self._recurrent_kernels)))
        return [products(past, kernels) for past, kernels in zip(pasts, self._recurrent_kernels, strict=True)]

    def steps(
        self, tokens: Sequence[Token], states: Sequence[Recurrent], recurrences: list[Array] | None = None
    ) -> list[Recurrent]:
        """The new states after one token each; see :meth:`step`.

        They share arrays: to keep one without the others, copy it.

        Args:
            tokens, states: [N] each.
            recurrences: the result of :meth:`recurrences` for the states, if already computed; overwritten.
        """
        rows, (layers, width) = len(states), states[0].hidden.shape
        hidden, cell = np.empty((2, layers, rows, width), np.float32)
        count = len(self._biases[0])
        parted = rows, count, width // count
        for number, z in enumerate(self.recurrences(states) if recurrences is None else recurrences):
            if number == 0:
                z += np.stack([self._of_word[token.stem] for token in tokens])
                z += np.stack([self._of_form[token.form] + self._of_speaker[token.speaker] for token in tokens])
            else:
                z += products(hidden[number - 1], self._kernels[number])
                z += self._biases[number]
            cells = np.stack([state.cell[number] for state in states]).reshape(parted)
            _advance(z, cells, cell[number].reshape(parted), hidden[number].reshape(parted))
        return [Recurrent(hidden[:, row], cell[:, row]) for row in range(rows)]

    def ahead(self, hidden: Array) -> tuple[Array, Array, Array]:
        """(query [D], form logits [X], key [Q]) after one hidden state [H], in one product."""
        query, forms, low = self._borders
        if len(self._ahead) == 1:
            one = self._ahead[0] @ hidden
            return one[:query], one[query:forms] + self.parameters.form_bias, one[forms:]
        all_three = np.matmul(self._ahead, hidden.reshape(len(self._ahead), -1, 1))[..., 0]
        logits = all_three[:, query:forms].sum(axis=0) + self.parameters.form_bias
        key = np.concatenate([all_three[:, forms:low].reshape(-1), all_three[:, low:].reshape(-1)])
        return all_three[:, :query].reshape(-1), logits, key

    def aheads(self, hidden: Array) -> tuple[Array, Array, Array]:
        """(queries [N, D], form logits [N, X], keys [N, Q]) after N hidden states [N, H]; see :meth:`ahead`."""
        query, forms, low = self._borders
        rows, all_three = len(hidden), products(hidden, self._ahead)
        logits = all_three[..., query:forms].sum(axis=1) + self.parameters.form_bias
        key = [all_three[..., forms:low].reshape(rows, -1), all_three[..., low:].reshape(rows, -1)]
        return all_three[..., :query].reshape(rows, -1), logits, np.concatenate(key, axis=1)

    def query(self, hidden: Array) -> Array:
        """[..., D] the queries to the softmax, without their forms."""
        return hidden @ self.parameters.query_kernel

    def form_log_probabilities(self, hidden: Array) -> Array:
        """[..., X] log-probabilities of the next form."""
        return log_softmax(hidden @ self.parameters.form_kernel + self.parameters.form_bias)

    def adapted(self, past: Adaptation, key: Array, form: int) -> Array | None:
        """[V] what a conversation adds to the logits in a form, if anything; see :mod:`scriptbot.lm.adaptation`."""
        return self.adapter.shift(past, key[-self._slants :], form)  # the last ones are those of the widest directions

    def stem_logits(self, query: Array, form: int) -> Array:
        """[V] logits of the next stem in a form, for a query [D]; see :mod:`scriptbot.lm.output`."""
        return logits_of_one(self.parameters, query, form)

    def stem_logits_each(self, queries: Array, forms: Sequence[int]) -> Array:
        """[N, V] logits for N queries [N, D], each in a form of its own."""
        return logits_of_few(self.parameters, queries, forms)

    def stem_probabilities(
        self, logits: Array, form: int, past: Past, share: float = 1.0, shift: Array | None = None, room: int = 0
    ) -> Array:
        """[V + room] probabilities of the next stem in a form, n-grams mixed in, times ``share``.  Entry 0 is
        everything outside the softmax; those from V on are 0.

        Args:
            logits: [V] see :meth:`stem_logits`.
            past: the last two stems, for the n-grams.
            share: what all of them sum to.
            shift: [V] what to add to the logits, see :meth:`adapted`.
            room: entries to add behind those of the softmax.
        """
        whole = np.empty(self.words + room, np.float32)
        inside, whole[self.words :] = whole[: self.words], 0.0
        np.add(logits, np.float32(0.0) if shift is None else shift, out=inside)
        counted, ngrams = self.model.counts.words[form], self.model.ngrams
        if ngrams is None or not counted:
            softmax(inside, share)
        else:
            softmax(inside, share * (1.0 - counted))
            ngrams.add(inside, form, past, share * counted)
        return whole

    @cached_property
    def anywhere(self) -> Array:
        """[V + 1] probabilities of the stems regardless of context, from the biases of the softmax, which training
        starts at log frequencies.  The last is for stems outside the softmax, taken to be as rare as the rarest in it.
        """
        bias = self.parameters.output_bias
        inside = np.exp(log_softmax(bias))
        rarest = inside[self.model.vocabulary.first_stem :].min(initial=1.0)
        result: Array = np.maximum(np.append(inside, rarest), LEAST_PROBABILITY)
        return result

    def recall(self, hidden: Array, forms: NDArray[np.int64], memory: recall.Stems) -> tuple[Array, Array]:
        """[P] log-probabilities that the next word is none of those spelled lately, and [P, K] that it is each of them.

        Args:
            hidden: [P, H].
            forms: [P].
            memory: [P, K] stems, see :func:`scriptbot.lm.recall.lately`.
        """
        different, which = np.unique(memory, return_inverse=True)
        spread = self._spellings(different.tolist())[which.reshape(memory.shape)]
        return recall.log_probabilities(self.parameters, hidden, forms, memory, spread)

    def recall_probabilities(self, hidden: Array, form: int, memory: tuple[int, ...]) -> Array:
        """[1 + K] the same as probabilities after one hidden state [H]: of none of them, then of the words in
        ``memory``, as many as there are, the latest last."""
        p = self.parameters
        if self._remembered[0] != memory:
            self._remembered = memory, self._spellings(memory)
        logits = np.empty(1 + len(memory), np.float32)
        logits[0] = hidden @ p.sentinel_kernel + p.sentinel_bias[0]
        np.dot(self._remembered[1], hidden @ p.recall_kernel + p.recall_form[form], out=logits[1:])
        logits[1:] += p.recall_bias[len(memory) - 1 :: -1]
        return softmax(logits)

    def _spellings(self, stems: Sequence[int]) -> Array:
        """[N, F] the character CNN's features of stems; zeros for an empty place."""
        blank = np.zeros(self.parameters.spelling_bias.shape[0], np.float32)
        return np.stack([blank if stem == recall.NONE else self.features[stem] for stem in stems])

    def novelty(self, hidden: Array) -> Array:
        """[...] probability that a word outside the softmax is new, and not one of the rare ones."""
        return sigmoid(self.newness(hidden))

    def newness(self, hidden: Array) -> Array:
        """[...] the log-odds of :meth:`novelty`."""
        if not self.model.vocabulary.rare:
            return np.full(hidden.shape[:-1], 80.0, np.float32)  # certainly
        result: Array = hidden @ self.parameters.novel_kernel + self.parameters.novel_bias[0]
        return result

    @cached_property
    def rare_features(self) -> Array:
        """[R, F] the character CNN's features of every rare stem."""
        return features_of(self.parameters, self.model.vocabulary.rare)

    def rare(self, hidden: Array, forms: NDArray[np.int64]) -> Array:
        """[P, R] log-probabilities of the rare stems after hidden states [P, H], in forms [P], given that the next word
        is one of them."""
        return log_softmax(self._rare_asked(hidden, forms) @ self.rare_features.T)

    def rare_probabilities(self, hidden: Array, form: int, share: float = 1.0) -> Array:
        """[R] the same as probabilities after one hidden state [H], which sum to ``share``."""
        return softmax(self.rare_features @ self._rare_asked(hidden, form), share)

    def _rare_asked(self, hidden: Array, form: NDArray[np.int64] | int) -> Array:
        asked: Array = hidden @ self.parameters.rare_kernel + self.parameters.rare_form[form]
        return asked
