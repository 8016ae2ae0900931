"""The LSTM over a chunk of text, with its gradient written out by hand.

Only two of the six matrix products of an LSTM depend on the step before: ``hidden · recurrent_kernel`` on the way
forward and its transpose on the way back.  The other four (``inputs · kernel`` and the gradients of inputs, kernel
and recurrent kernel) are done once per chunk as single big products.  All six run as TensorFlow's own products, in
bfloat16 where the processor is fast at it; everything between two products is a *pocket*, a small function compiled
by XLA into one pass over memory.  docs/decisions/training-step.md has the measurements behind this division.

Equations (Hochreiter & Schmidhuber 1997, forget gate of Gers et al. 2000), gate order input, forget, cell, output::

    z = x · kernel + h · recurrent_kernel + bias
    i, f, g, o = σ(z_i), σ(z_f), tanh(z_g), σ(z_o)
    c' = f ∘ c + i ∘ g
    h' = o ∘ tanh(c')
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

Tensor = Any  # TensorFlow ships no types


def pocket(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that runs between two products: one pass over memory instead of one per operation."""
    compiled: Callable[..., Any] = tf.function(function, jit_compile=True, autograph=False)
    return compiled


def product(a: Tensor, b: Tensor, dtype: Any, *, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """A matrix product computed and returned in ``dtype``: float32, or bfloat16 (accumulated in float32)."""
    return tf.matmul(tf.cast(a, dtype), tf.cast(b, dtype), transpose_a=transpose_a, transpose_b=transpose_b)


def column_sums(matrix: Tensor, weights: Tensor | None = None) -> Tensor:
    """[N] sums of the columns of [M, N], float32; each row may have a weight, [M].

    They are a product: that accumulates in float32 and reads the matrix once.  Of a matrix in bfloat16 its result is
    rounded to bfloat16, so the sums (the gradients of biases) have 8 significant bits.
    """
    row = tf.ones([tf.shape(matrix)[0]]) if weights is None else weights
    rows = tf.tile(tf.cast(row, matrix.dtype)[None, :], [8, 1])  # eight cost no more than one
    return tf.cast(tf.matmul(rows, matrix)[0], tf.float32)


def speed(dtype: Any, *, seconds: float = 0.3) -> float:
    """Floating-point operations per second at a product like those of a training step, the best within a short time."""
    a, b = tf.ones([1280, 512], dtype), tf.ones([512, 2048], dtype)

    def product_seconds() -> float:
        began = time.perf_counter()
        tf.matmul(a, b).numpy()
        return time.perf_counter() - began

    end, best = time.perf_counter() + seconds, math.inf
    while time.perf_counter() < end:
        best = min(best, product_seconds())
    return 2.0 * 1280 * 512 * 2048 / best


def _gates(z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    i, f, g, o = tf.split(tf.cast(z, tf.float32), 4, axis=-1)
    return tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)


def lstm(dtype: Any) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """The LSTM op whose products run in ``dtype``; state and gates are float32 throughout.

    The function returned takes ``inputs [T, N, I], kernel [I, 4H], recurrent_kernel [H, 4H], bias [4H], hidden [N, H],
    cell [N, H]``, all float32, but that ``inputs`` may be in ``dtype``.  It gives ``outputs [T, N, H]`` in ``dtype``
    and the last ``hidden [N, H]`` and ``cell [N, H]`` in float32.
    """

    @pocket
    def advance(from_input: Tensor, from_hidden: Tensor, bias: Tensor, cell: Tensor) -> tuple[Tensor, ...]:
        z = tf.cast(from_input, tf.float32) + tf.cast(from_hidden, tf.float32) + bias
        i, f, g, o = _gates(z)
        cell = f * cell + i * g
        hidden = o * tf.tanh(cell)
        return tf.cast(z, dtype), cell, hidden, tf.cast(hidden, dtype)

    @pocket
    def retreat(
        d_output: Tensor, d_recurrent: Tensor, d_cell: Tensor, z: Tensor, cell: Tensor, cell_before: Tensor
    ) -> tuple[Tensor, Tensor]:
        i, f, g, o = _gates(z)
        squashed = tf.tanh(cell)
        d_hidden = tf.cast(d_output, tf.float32) + tf.cast(d_recurrent, tf.float32)
        d_cell = d_cell + d_hidden * o * (1 - squashed * squashed)
        d_z = tf.concat(
            [
                d_cell * g * i * (1 - i),
                d_cell * cell_before * f * (1 - f),
                d_cell * i * (1 - g * g),
                d_hidden * squashed * o * (1 - o),
            ],
            axis=-1,
        )
        return tf.cast(d_z, dtype), d_cell * f

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def op(
        inputs: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Callable[..., tuple[Tensor, ...]]]:
        time, batch, width = inputs.shape
        units = recurrent_kernel.shape[0]
        flat = tf.reshape(tf.cast(inputs, dtype), [time * batch, width])
        recurrent = tf.cast(recurrent_kernel, dtype)
        columns = tf.transpose(recurrent)  # the product is faster with them than with rows
        projected = tf.unstack(tf.reshape(product(flat, kernel, dtype), [time, batch, 4 * units]))
        outputs, pre_activations, cells = [tf.cast(hidden, dtype)], [], [cell]
        for from_input in projected:
            z, cell, hidden, output = advance(
                from_input, tf.matmul(outputs[-1], columns, transpose_b=True), bias, cells[-1]
            )
            pre_activations.append(z)
            cells.append(cell)
            outputs.append(output)

        def gradient(d_outputs: Tensor, d_hidden: Tensor, d_cell: Tensor) -> tuple[Tensor, ...]:
            d_zs: list[Tensor] = []
            d_recurrent = tf.cast(d_hidden, dtype)
            for t, d_output in reversed(list(enumerate(tf.unstack(d_outputs)))):
                d_z, d_cell = retreat(d_output, d_recurrent, d_cell, pre_activations[t], cells[t + 1], cells[t])
                d_recurrent = tf.matmul(d_z, recurrent, transpose_b=True)
                d_zs.append(d_z)
            d_z = tf.concat(d_zs[::-1], axis=0)
            before = tf.concat(outputs[:-1], axis=0)
            d_inputs = product(d_z, kernel, dtype, transpose_b=True)
            return (
                tf.cast(tf.reshape(d_inputs, [time, batch, width]), inputs.dtype),
                tf.cast(tf.matmul(flat, d_z, transpose_a=True), tf.float32),
                tf.cast(tf.matmul(before, d_z, transpose_a=True), tf.float32),
                column_sums(d_z),
                tf.cast(d_recurrent, tf.float32),
                d_cell,
            )

        return (tf.stack(outputs[1:]), hidden, cell), gradient

    return op  # type: ignore[no-any-return]
