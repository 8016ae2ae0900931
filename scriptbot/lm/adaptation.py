"""The softmax gets used to a conversation: dynamic evaluation of its last layer.

Whoever reads on in a text can learn from every word that came: a step down the gradient of its surprise (Krause et
al., *Dynamic evaluation of neural sequence models*, 2018).  Of the whole network only the softmax learns here, in the
few directions in which its words are widest spread, and once in :data:`WORDS_A_STEP` words; that gains nearly as much
as all of its directions at every word would, for a twentieth of the work (docs/decisions/adaptation.md)::

    s = asked · widest directions of the embedding                          [E]
    logits = asked · embeddingᵀ + output_bias + weights · s                 [V]
    weights ← weights − rate · Σ (p − true word) sᵀ                         [V, E]

What is asked is that of :mod:`scriptbot.lm.output`.  The sum is over the words of a step; the weights begin as 0, and
no row of them becomes longer than :data:`LONGEST_ROW`.

An :class:`Adaptation` is immutable: :meth:`Adapter.after` returns a new one.  Two of them share what they can.
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
WORDS_A_STEP = 16  # that are learnt from at once
LONGEST_ROW = 0.5  # of the weights, what is learnt for one word: a word said over and over must not drown all others


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What the softmax has learnt from a conversation.

    Attributes:
        weights: [V, E]; None before the first step.
        queries: of the words since the last step, each [D], the form not yet added.
        stems, forms: those words.
    """

    weights: Array | None = None
    queries: tuple[Array, ...] = ()
    stems: tuple[int, ...] = ()
    forms: tuple[int, ...] = ()


NOTHING = Adaptation()


class Adapter:
    """The equations over one model's parameters.

    Args:
        directions: [D, E] those in which the words of the softmax are widest spread, their mean included.
    """

    def __init__(self, parameters: Parameters, directions: Array) -> None:
        self.parameters, self.directions = parameters, directions
        self._form_slants = parameters.query_form @ directions

    def after(self, past: Adaptation, query: Array, stem: int, form: int, rate: float) -> Adaptation:
        """What is known after one more word: ``query`` [D] asked for it, and it came."""
        queries, stems, forms = (*past.queries, query), (*past.stems, stem), (*past.forms, form)
        if len(queries) < WORDS_A_STEP:
            return Adaptation(past.weights, queries, stems, forms)
        ids, kinds = np.array(stems), np.array(forms)
        asked = output.asked(self.parameters, np.stack(queries), kinds)
        logits = output.logits_of_many(self.parameters, asked)
        targets = output.entries(ids, logits.shape[1])
        return Adaptation(self.learn(past.weights, logits, asked, targets, rate)[1])

    def shift(self, past: Adaptation, slant: Array, form: int) -> Array | None:
        """[V] what to add to the logits of a form; None for nothing.

        Args:
            slant: [E] the query in the directions, the form not yet added.
        """
        if past.weights is None:
            return None
        shift: Array = past.weights @ (slant + self._form_slants[form])
        return shift

    def learn(
        self, weights: Array | None, logits: Array, asked: Array, targets: NDArray[np.int64], rate: float
    ) -> tuple[Array, Array]:
        """One step.

        Args:
            weights: [V, E] before it, or None.
            logits: [T, V] of the network alone.
            asked: [T, D] what the softmax was asked, forms included.
            targets: [T] entries of the softmax that came.

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
    """Read a stretch of text at several rates, see :meth:`Adapter.learn`; it begins where a step is due.

    Returns:
        [rates, T] log-probabilities of the targets, and the weights after the last whole step of each.
    """
    found, after = np.empty((len(rates), len(targets)), np.float32), list(weights)
    for number, rate in enumerate(rates):
        for begin in range(0, len(targets), WORDS_A_STEP):
            part = slice(begin, begin + WORDS_A_STEP)
            found[number, part], step = adapter.learn(after[number], logits[part], asked[part], targets[part], rate)
            if begin + WORDS_A_STEP <= len(targets):
                after[number] = step
    return found, after
