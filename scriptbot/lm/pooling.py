"""Several networks that decide together, combined into the parameters of one.

Networks that were trained apart make different mistakes.  Averaging their logits gives the geometric mean of their
probabilities (log-linear pooling, Hinton 2002), which is as good here as the arithmetic one (docs/decisions/members.md)
and makes them one wide network, whose matrices are zero between the members.  So whatever uses parameters need not know
how many members there are.  Only the products with the hidden state, by far the largest, are done member by member: the
word LSTM's, and those for the query, the form and the key; see :class:`scriptbot.lm.network.Network`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scriptbot.lm.params import Array, Parameters


def pooled(members: Sequence[Parameters]) -> Parameters:
    """The parameters of one network made of several of the same shape, except for the word LSTM, which it lacks.

    A single member is returned as it is.  Shapes are those of :mod:`scriptbot.lm.params`, with H, D, F, G, B and C
    times the number of members.
    """
    if len(members) == 1:
        return members[0]
    share = np.float32(1.0 / len(members))

    def side(name: str) -> list[Array]:
        return [getattr(member, name) for member in members]

    def across(name: str) -> Array:  # side by side
        result: Array = np.concatenate(side(name), axis=-1)
        return result

    def below(name: str) -> Array:  # stacked, so that their results are averaged
        result: Array = share * np.concatenate(side(name), axis=0)
        return result

    def mean(name: str) -> Array:
        result: Array = np.mean(side(name), axis=0, dtype=np.float32)
        return result

    return Parameters(
        embedding=across("embedding"),
        form_embedding=across("form_embedding"),
        speaker_embedding=across("speaker_embedding"),
        byte_embedding=across("byte_embedding"),
        spelling_kernel=_windows(side("spelling_kernel"), members[0].byte_embedding.shape[1]),
        spelling_bias=across("spelling_bias"),
        spelling_projection=apart(side("spelling_projection")),
        layers=(),
        form_kernel=below("form_kernel"),
        form_bias=mean("form_bias"),
        query_kernel=share * apart(side("query_kernel")),
        query_form=share * across("query_form"),
        output_bias=mean("output_bias"),
        recall_kernel=share * apart(side("recall_kernel")),
        recall_form=share * across("recall_form"),
        recall_bias=mean("recall_bias"),
        sentinel_kernel=below("sentinel_kernel"),
        sentinel_bias=mean("sentinel_bias"),
        novel_kernel=below("novel_kernel"),
        novel_bias=mean("novel_bias"),
        rare_kernel=share * apart(side("rare_kernel")),
        rare_form=share * across("rare_form"),
        speller_start=apart(side("speller_start")),
        speller_form=across("speller_form"),
        speller_embedding=across("speller_embedding"),
        speller_kernel=_gates(side("speller_kernel")),
        speller_recurrent_kernel=_gates(side("speller_recurrent_kernel")),
        speller_bias=_side_by_side([bias[None] for bias in side("speller_bias")])[0],
        speller_output=below("speller_output"),
        speller_output_bias=mean("speller_output_bias"),
    )


def products(rows: Array, kernels: Array) -> Array:
    """[N, n, O] the products of rows [N, n * I] with the kernels [n, O, I] of n members.

    The kernels come first, the few rows as columns: the other way round takes twice as long.
    """
    columns = rows.reshape(len(rows), len(kernels), -1).transpose(1, 2, 0)
    return np.ascontiguousarray(np.matmul(kernels, columns).transpose(2, 0, 1))


def apart(blocks: Sequence[Array]) -> Array:
    """The blocks [I, O] along the diagonal of [n * I, n * O], zero elsewhere."""
    rows, columns = blocks[0].shape
    result = np.zeros((len(blocks) * rows, len(blocks) * columns), np.float32)
    for number, block in enumerate(blocks):
        result[number * rows : (number + 1) * rows, number * columns : (number + 1) * columns] = block
    return result


def _gates(kernels: Sequence[Array]) -> Array:
    """The kernels [I, 4G] of n LSTMs as that of one, [n * I, 4 * n * G], with the gates in their usual order."""
    return np.concatenate([apart(blocks) for blocks in _by_gate(kernels)], axis=1)


def _side_by_side(biases: Sequence[Array]) -> Array:
    """The biases [1, 4G] of n LSTMs as that of one, [1, 4 * n * G]."""
    return np.concatenate([np.concatenate(blocks, axis=1) for blocks in _by_gate(biases)], axis=1)


def _by_gate(kernels: Sequence[Array]) -> list[tuple[Array, ...]]:
    return list(zip(*(np.split(kernel, 4, axis=1) for kernel in kernels), strict=True))


def _windows(kernels: Sequence[Array], letters: int) -> Array:
    """Kernels [W * C, F] over windows of bytes, as one over the bytes of all members, [W * n * C, n * F]."""
    width = kernels[0].shape[0] // letters
    places = [[kernel[k * letters : (k + 1) * letters] for kernel in kernels] for k in range(width)]
    return np.concatenate([apart(blocks) for blocks in places], axis=0)
