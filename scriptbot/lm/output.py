"""The output layer: what the softmax says of the next word, once its form is known.

The embedding is that of the words that are read (Press & Wolf, *Using the output embedding to improve language
models*, 2017)::

    asked  = query + query_form[form]                  [D]
    logits = asked · embeddingᵀ + output_bias          [V]

Entry :data:`SPELL` stands for every word outside the softmax.  There are three ways to the same logits, each the
fastest for so many rows; they differ by rounding.
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
    """[V] for one query [D] in a form."""
    logits: Array = parameters.embedding @ (query + parameters.query_form[form])
    logits += parameters.output_bias
    return logits


def logits_of_few(parameters: Parameters, queries: Array, forms: Sequence[int]) -> Array:
    """[N, V] for some queries [N, D], each in a form."""
    rows = asked(parameters, queries, np.array(forms))
    return products(rows, parameters.embedding[None])[:, 0] + parameters.output_bias


def logits_of_many(parameters: Parameters, asked: Array) -> Array:
    """[T, V] for a stretch of text, of which :func:`asked` said what is asked, [T, D]."""
    logits: Array = asked @ parameters.embedding.T
    logits += parameters.output_bias
    return logits


def entry(stem: int, words: int) -> int:
    """The entry of a softmax of so many words that a stem has."""
    return stem if stem < words else SPELL


def entries(stems: NDArray[np.int64], words: int) -> NDArray[np.int64]:
    """The same of many stems."""
    return np.where(stems < words, stems, SPELL)
