"""The LSTM over a chunk of text, with its gradient written out by hand.

Only two of the six matrix products of an LSTM depend on the step before: ``hidden · recurrent_kernel`` on the way
forward and its transpose on the way back.  The other four (``inputs · kernel`` and the gradients of inputs, kernel
and recurrent kernel) are done once per chunk as single big products outside the loop.  The loops run inside
XLA, where the gates of a step are one fused pass over memory.

Equations (Hochreiter & Schmidhuber 1997, forget gate of Gers et al. 2000), gate order input, forget, cell, output::

    z = x · kernel + h · recurrent_kernel + bias
    i, f, g, o = σ(z_i), σ(z_f), tanh(z_g), σ(z_o)
    c' = f ∘ c + i ∘ g
    h' = o ∘ tanh(c')
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Tensor = Any  # TensorFlow ships no types


def matmul(a: Tensor, b: Tensor, dtype: Any, *, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """A product computed in ``dtype`` (float32, or bfloat16 where the processor is fast at it), given back in float32."""
    if dtype == tf.float32:
        return tf.matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    product = tf.matmul(tf.cast(a, dtype), tf.cast(b, dtype), transpose_a=transpose_a, transpose_b=transpose_b)
    return tf.cast(product, tf.float32)


def _gates(z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    i, f, g, o = tf.split(z, 4, axis=-1)
    return tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)


def lstm(dtype: Any) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """The LSTM op whose hoisted products run in ``dtype``.

    The function returned takes ``inputs [T, N, I], kernel [I, 4H], recurrent_kernel [H, 4H], bias [4H], hidden [N, H],
    cell [N, H]`` and gives ``outputs [T, N, H], hidden [N, H], cell [N, H]``.  No gradient flows into the initial
    state: back-propagation is truncated at the chunk.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def op(
        inputs: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Callable[..., tuple[Tensor, ...]]]:
        time, batch, width = inputs.shape
        units = recurrent_kernel.shape[0]
        flat = tf.reshape(inputs, [time * batch, width])
        projected = tf.reshape(matmul(flat, kernel, dtype) + bias, [time, batch, 4 * units])

        def forward(t: Tensor, h: Tensor, c: Tensor, zs: Tensor, hs: Tensor, cs: Tensor) -> tuple[Tensor, ...]:
            z = zs.read(t) + tf.matmul(h, recurrent_kernel)
            i, f, g, o = _gates(z)
            c = f * c + i * g
            h = o * tf.tanh(c)
            return t + 1, h, c, zs.write(t, z), hs.write(t, h), cs.write(t, c)

        def array(width: int) -> Any:
            return tf.TensorArray(tf.float32, size=time, element_shape=[batch, width], clear_after_read=False)

        start = (tf.constant(0), hidden, cell, array(4 * units).unstack(projected), array(units), array(units))
        _, last_hidden, last_cell, zs, hs, cs = tf.while_loop(
            lambda t, *_: t < time, forward, start, maximum_iterations=time
        )
        pre_activations, outputs, cells = zs.stack(), hs.stack(), cs.stack()
        cells_before = tf.concat([cell[None], cells[:-1]], axis=0)
        hiddens_before = tf.concat([hidden[None], outputs[:-1]], axis=0)

        def gradient(d_outputs: Tensor, d_hidden: Tensor, d_cell: Tensor) -> tuple[Tensor, ...]:
            transposed = tf.transpose(recurrent_kernel)

            def backward(step: Tensor, dh: Tensor, dc: Tensor, dzs: Tensor) -> tuple[Tensor, ...]:
                t = time - 1 - step
                i, f, g, o = _gates(tf.gather(pre_activations, t))
                squashed = tf.tanh(tf.gather(cells, t))
                dh = dh + tf.gather(d_outputs, t)
                dc = dc + dh * o * (1 - squashed * squashed)
                dz = tf.concat(
                    [
                        dc * g * i * (1 - i),
                        dc * tf.gather(cells_before, t) * f * (1 - f),
                        dc * i * (1 - g * g),
                        dh * squashed * o * (1 - o),
                    ],
                    axis=-1,
                )
                return step + 1, tf.matmul(dz, transposed), dc * f, dzs.write(t, dz)

            _, _, _, stacked = tf.while_loop(
                lambda step, *_: step < time,
                backward,
                (tf.constant(0), d_hidden, d_cell, array(4 * units)),
                maximum_iterations=time,
            )
            dz = tf.reshape(stacked.stack(), [time * batch, 4 * units])
            before = tf.reshape(hiddens_before, [time * batch, units])
            d_inputs = tf.reshape(matmul(dz, kernel, dtype, transpose_b=True), [time, batch, width])
            return (
                d_inputs,
                matmul(flat, dz, dtype, transpose_a=True),
                matmul(before, dz, dtype, transpose_a=True),
                tf.reduce_sum(dz, axis=0),
                tf.zeros_like(hidden),
                tf.zeros_like(cell),
            )

        return (outputs, last_hidden, last_cell), gradient

    return op
