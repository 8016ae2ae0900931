"""The output layer: the logits of the next word, once its form is known.

Input and output share the embedding (Press & Wolf, *Using the output embedding to improve language models*, 2017)::

    asked  = query + query_form[form]                  [D]
    logits = asked · embeddingᵀ + output_bias          [V]

Entry :data:`SPELL` stands for every word outside the softmax.  There are three functions for the same logits, each the
fastest for a certain number of rows; their results differ by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.params import Array, Parameters
from scriptbot.lm.pooling import products
from scriptbot.text.vocabulary import SPELL


def asked(parameters: Parameters, queries: Array, forms: NDArray[np.int64]) -> Array:
    """[T, D] what the softmax is asked: queries [T, D], each in its form [T]."""
    result: Array = queries + parameters.query_form[forms]
    return result


def logits_of_one(parameters: Parameters, query: Array, form: int) -> Array:
    """[V] logits for one query [D] in a form."""
    logits: Array = parameters.embedding @ (query + parameters.query_form[form])
    logits += parameters.output_bias
    return logits


def logits_of_few(parameters: Parameters, queries: Array, forms: Sequence[int]) -> Array:
    """[N, V] logits for a few queries [N, D], each in a form of its own."""
    rows = asked(parameters, queries, np.array(forms))
    return products(rows, parameters.embedding[None])[:, 0] + parameters.output_bias


def logits_of_many(parameters: Parameters, asked: Array) -> Array:
    """[T, V] logits for a stretch of text, from the result of :func:`asked` for it, [T, D]."""
    logits: Array = asked @ parameters.embedding.T
    logits += parameters.output_bias
    return logits


def entry(stem: int, words: int) -> int:
    """The entry of a stem in a softmax of so many words."""
    return stem if stem < words else SPELL


def entries(stems: NDArray[np.int64], words: int) -> NDArray[np.int64]:
    """The entries of many stems, see :func:`entry`."""
    return np.where(stems < words, stems, SPELL)
