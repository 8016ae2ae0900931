"""The softmax adapts to a conversation: dynamic evaluation of the last layer.

A model can go on learning as it reads, by a gradient step on the loss of every word that came (Krause et al., *Dynamic
evaluation of neural sequence models*, 2018).  Here only the softmax learns, only in the few directions in which the
embeddings of its words vary most, and only once in :data:`WORDS_A_STEP` words; that gains nearly as much as learning in
all directions at every word, for a twentieth of the work (docs/decisions/adaptation.md)::

    s = asked · widest directions of the embedding                          [E]
    logits = asked · embeddingᵀ + output_bias + weights · s                 [V]
    weights ← weights − rate · Σ (p − true word) sᵀ                         [V, E]

``asked`` is the query with its form added, see :mod:`scriptbot.lm.output`.  The sum is over the words of a step; the
weights start at 0, and the norm of no row grows beyond :data:`LONGEST_ROW`.

An :class:`Adaptation` is immutable: :meth:`Adapter.after` returns a new one, which shares with the old what it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import output
from scriptbot.lm.lstm import log_softmax
from scriptbot.lm.params import Array, Parameters

ADAPTED_DIRECTIONS = 16  # E
WORDS_A_STEP = 16  # words per gradient step
LONGEST_ROW = 0.5  # norm of what is learnt about one word: a word said over and over must not drown all others


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What the softmax has learnt from a conversation.

    Attributes:
        weights: [V, E]; None before the first step.
        queries: of the words since the last step, each [D], without their forms.
        stems, forms: of those words.
    """

    weights: Array | None = None
    queries: tuple[Array, ...] = ()
    stems: tuple[int, ...] = ()
    forms: tuple[int, ...] = ()


NOTHING = Adaptation()


class Adapter:
    """The equations of this module over one model's parameters.

    Args:
        directions: [D, E] as columns, those in which the embeddings of the softmax vary most, without centring.
    """

    def __init__(self, parameters: Parameters, directions: Array) -> None:
        self.parameters, self.directions = parameters, directions
        self._form_slants = parameters.query_form @ directions

    def after(self, past: Adaptation, query: Array, stem: int, form: int, rate: float) -> Adaptation:
        """The adaptation after one more word, which ``query`` [D] was to predict; a step is taken when one is due."""
        queries, stems, forms = (*past.queries, query), (*past.stems, stem), (*past.forms, form)
        if len(queries) < WORDS_A_STEP:
            return Adaptation(past.weights, queries, stems, forms)
        ids, kinds = np.array(stems), np.array(forms)
        asked = output.asked(self.parameters, np.stack(queries), kinds)
        logits = output.logits_of_many(self.parameters, asked)
        targets = output.entries(ids, logits.shape[1])
        return Adaptation(self.learn(past.weights, logits, asked, targets, rate)[1])

    def shift(self, past: Adaptation, slant: Array, form: int) -> Array | None:
        """[V] what to add to the logits in a form; None before the first step.

        Args:
            slant: [E] the query along the directions, without its form.
        """
        if past.weights is None:
            return None
        shift: Array = past.weights @ (slant + self._form_slants[form])
        return shift

    def learn(
        self, weights: Array | None, logits: Array, asked: Array, targets: NDArray[np.int64], rate: float
    ) -> tuple[Array, Array]:
        """Score some words, and take one gradient step on them.

        Args:
            weights: [V, E] before the step; None before the first one.
            logits: [T, V] of the network alone.
            asked: [T, D] the queries with their forms added.
            targets: [T] the softmax entries of the words that came.

        Returns:
            [T] log-probabilities of the targets under the weights before the step, and the weights [V, E] after it.
        """
        slants: Array = asked @ self.directions
        if weights is not None:
            logits = logits + slants @ weights.T
        logs = log_softmax(logits)
        rows = np.arange(len(targets))
        found = logs[rows, targets]
        errors: Array = np.exp(logs)
        errors[rows, targets] -= np.float32(1.0)
        step: Array = np.float32(-rate) * np.asarray(errors.T @ slants, np.float32)
        after = step if weights is None else weights + step
        length: Array = np.sqrt(np.einsum("ve,ve->v", after, after))
        shorter: Array = np.asarray(LONGEST_ROW / np.maximum(length, LONGEST_ROW), np.float32)
        return found, after * shorter[:, None]


def along(
    adapter: Adapter,
    weights: Sequence[Array | None],
    rates: Sequence[float],
    logits: Array,
    asked: Array,
    targets: NDArray[np.int64],
) -> tuple[Array, list[Array | None]]:
    """Adapt to a stretch of text at several rates, see :meth:`Adapter.learn`.  It must begin where a step is due.

    Returns:
        [rates, T] log-probabilities of the targets, and for each rate the weights after the last whole step.
    """
    found, after = np.empty((len(rates), len(targets)), np.float32), list(weights)
    for number, rate in enumerate(rates):
        for begin in range(0, len(targets), WORDS_A_STEP):
            part = slice(begin, begin + WORDS_A_STEP)
            found[number, part], step = adapter.learn(after[number], logits[part], asked[part], targets[part], rate)
            if begin + WORDS_A_STEP <= len(targets):
                after[number] = step
    return found, after
