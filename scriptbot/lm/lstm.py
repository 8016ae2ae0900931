"""One step of a long short-term memory, and the softmax that goes with it."""

from __future__ import annotations

import numpy as np

from scriptbot.lm.params import Array


def sigmoid(x: Array) -> Array:
    """Logistic function, written with tanh so that it never overflows."""
    result: Array = np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5)
    return result


def advance(z: Array, cell: Array) -> tuple[Array, Array]:
    """The new (hidden, cell), both [..., H], from pre-activations ``z`` [..., 4H] and the old cell [..., H].

    Gate order input, forget, cell, output (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000)::

        c' = σ(z_f) ∘ c + σ(z_i) ∘ tanh(z_g)        h' = σ(z_o) ∘ tanh(c')
    """
    units = cell.shape[-1]
    gates = sigmoid(z[..., : 2 * units])
    cell = gates[..., units:] * cell + gates[..., :units] * np.tanh(z[..., 2 * units : 3 * units])
    return sigmoid(z[..., 3 * units :]) * np.tanh(cell), cell


def log_softmax(logits: Array) -> Array:
    """Log-probabilities along the last axis, in float32, shifted so that nothing overflows."""
    result: Array = logits - logits.max(axis=-1, keepdims=True)
    result -= np.log(np.exp(result).sum(axis=-1, keepdims=True))
    return result


def softmax(logits: Array, share: float = 1.0) -> Array:
    """Probabilities of a vector of logits, times ``share``, in float32; the logits are overwritten by them."""
    logits -= logits.max()
    np.exp(logits, out=logits)
    logits *= np.float32(share) / logits.sum()
    return logits
