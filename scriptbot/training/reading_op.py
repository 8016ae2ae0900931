"""Reading words by their letters: the character CNN over the different words of a chunk, with its gradient by hand.

The equations are those of :func:`scriptbot.lm.spelling.features`.  TensorFlow's own operations would cut the windows
out of padded text and pass over them a dozen times; here the bytes are gathered as windows, multiplied once, and pooled
in one pocket (see :mod:`scriptbot.training.lstm_op`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from scriptbot.lm.params import BYTES, PAD
from scriptbot.training.lstm_op import Tensor, pocket, product


def windows(table: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """[N, READ, W] the codes under the window at every position of words [N, READ], padding beyond their ends."""
    left = (width - 1) // 2
    padded = np.pad(table, ((0, 0), (left, width - 1 - left)), constant_values=PAD)
    return np.stack([padded[:, k : k + table.shape[1]] for k in range(width)], axis=2)


def convolution(dtype: Any) -> Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]:
    """The op ``codes [U, READ, W], byte_embedding [Y, C], kernel [W * C, F], bias [F] → features [U, F]``.

    Convolution, bias, ReLU, and the maximum over all positions that are not padding (Kim et al. 2016).  Where several
    positions have the maximum, they share the gradient.
    """

    @pocket
    def pool(activations: Tensor, bias: Tensor, filled: Tensor) -> Tensor:
        return tf.reduce_max(tf.nn.relu(tf.cast(activations, tf.float32) + bias) * filled, axis=1)

    @pocket
    def spread(activations: Tensor, bias: Tensor, filled: Tensor, pooled: Tensor, upstream: Tensor) -> Tensor:
        reached = tf.nn.relu(tf.cast(activations, tf.float32) + bias) * filled
        greatest = tf.cast((reached == pooled[:, None]) & (reached > 0.0), tf.float32)
        shared = upstream / tf.maximum(tf.reduce_sum(greatest, axis=1), 1.0)
        return tf.cast(greatest * shared[:, None], dtype)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def op(codes: Tensor, byte_embedding: Tensor, kernel: Tensor, bias: Tensor) -> Any:
        _, positions, width = codes.shape
        letters, filters = byte_embedding.shape[1], kernel.shape[1]
        filled = tf.cast(codes[:, :, (width - 1) // 2] != PAD, tf.float32)[..., None]
        is_letter = tf.cast(tf.range(BYTES) != PAD, tf.float32)[:, None]
        seen = tf.gather(tf.cast(byte_embedding * is_letter, dtype), tf.reshape(codes, [-1]))
        flat = tf.reshape(seen, [-1, width * letters])
        activations = tf.reshape(product(flat, kernel, dtype), [-1, positions, filters])
        pooled = pool(activations, bias, filled)

        def gradient(upstream: Tensor) -> tuple[None, Tensor, Tensor, Tensor]:
            d_activations = tf.reshape(spread(activations, bias, filled, pooled, upstream), [-1, filters])
            d_seen = tf.reshape(product(d_activations, kernel, dtype, transpose_b=True), [-1, letters])
            letters_only = tf.where(codes == PAD, -1, codes)  # rows of −1 are skipped
            d_bytes = tf.math.unsorted_segment_sum(tf.cast(d_seen, tf.float32), tf.reshape(letters_only, [-1]), BYTES)
            d_kernel = tf.cast(tf.matmul(flat, d_activations, transpose_a=True), tf.float32)
            d_bias = tf.reduce_sum(tf.where(pooled > 0.0, upstream, 0.0), axis=0)
            return None, d_bytes, d_kernel, d_bias

        return pooled, gradient

    return op  # type: ignore[no-any-return]
