"""What words cost under a softmax, from the hidden states on, and the rows of a table, with gradients by hand.

The matrix of logits is the largest array of a step, so passes over it are what is saved here.  One pass turns logits
into the gradient of the loss by them, up to a factor per row.  The factor is not multiplied in: of the three products
on the way back, two take it with their other operand, and the third has it on its result, all of which are small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from scriptbot.training.lstm_op import Tensor, column_sums, pocket


def cross_entropy(dtype: Any) -> Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]:
    """The op ``hidden [M, D], table [V, D], bias [V], targets [M] → −log softmax(hidden · tableᵀ + bias)[targets]``.

    Products run in ``dtype``; the result [M] and the gradients of table and bias are float32.
    """

    @pocket
    def forward(logits: Tensor, bias: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = tf.cast(logits, tf.float32) + bias
        top = tf.reduce_max(logits, axis=1, keepdims=True)
        exponentials = tf.exp(logits - top)
        total = tf.reduce_sum(exponentials, axis=1)
        hit = tf.range(logits.shape[1])[None, :] == targets[:, None]
        slope = tf.cast(tf.where(hit, exponentials - total[:, None], exponentials), dtype)  # total · (softmax − hit)
        true = tf.gather(logits, targets, batch_dims=1)
        return tf.math.log(total) + top[:, 0] - true, slope, total

    @pocket
    def scaled(matrix: Tensor, factor: Tensor) -> Tensor:
        return tf.cast(tf.cast(matrix, tf.float32) * factor[:, None], dtype)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def op(hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor) -> Any:
        query, words = tf.cast(hidden, dtype), tf.cast(table, dtype)
        losses, slope, total = forward(tf.matmul(query, words, transpose_b=True), bias, targets)

        def gradient(upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
            factor = upstream / total
            d_hidden = tf.cast(scaled(tf.matmul(slope, words), factor), hidden.dtype)
            d_table = tf.matmul(slope, scaled(query, factor), transpose_a=True)
            return d_hidden, tf.cast(d_table, tf.float32), column_sums(slope, factor), None

        return losses, gradient

    return op  # type: ignore[no-any-return]


@tf.custom_gradient  # type: ignore[untyped-decorator]
def rows(table: Tensor, indices: Tensor) -> Any:
    """The rows [N, D] of a table [V, D] at indices [N], with a gradient that is a whole table.

    That of ``tf.gather`` is a list of rows.  Where the table has another gradient as well, as with a softmax that
    shares it, TensorFlow would turn that one into a list first.
    """
    count = table.shape[0]
    return tf.gather(table, indices), lambda upstream: (tf.math.unsorted_segment_sum(upstream, indices, count), None)
