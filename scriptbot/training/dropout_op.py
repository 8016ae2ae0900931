"""Dropout in one pass: a hash of its place and the seed says whether an entry is kept, forward and backward.

Where a whole kernel is dropped out, TensorFlow's random numbers would take longer than the products they are for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from scriptbot.training.lstm_op import Tensor, pocket


def _kept(count: int, rate: Tensor, seed: Tensor) -> Tensor:
    """[count] booleans, true for a share 1 − ``rate``: the low-bias hash “lowbias32” (Wellons 2018)."""
    first, second = tf.unstack(tf.cast(seed, tf.uint32))
    x = tf.range(count, dtype=tf.int32)
    x = tf.cast(x, tf.uint32) + first * tf.constant(0x9E3779B9, tf.uint32)
    for word in (second, None):
        if word is not None:
            x = tf.bitwise.bitwise_xor(x, word * tf.constant(0x85EBCA6B, tf.uint32))
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(16, tf.uint32)))
        x *= tf.constant(0x7FEB352D, tf.uint32)
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(15, tf.uint32)))
        x *= tf.constant(0x846CA68B, tf.uint32)
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(16, tf.uint32)))
    share = tf.cast(tf.cast(tf.bitwise.right_shift(x, tf.constant(8, tf.uint32)), tf.int32), tf.float32)
    return share >= rate * 2.0**24


@pocket
def _thinned(x: Tensor, rate: Tensor, seed: Tensor) -> Tensor:
    kept = tf.reshape(_kept(math.prod(x.shape), rate, seed), x.shape)
    return tf.where(kept, x * tf.cast(1.0 / (1.0 - rate), x.dtype), tf.cast(0.0, x.dtype))


@pocket
def _thinned_alike(x: Tensor, rate: Tensor, seed: Tensor) -> Tensor:
    kept = tf.reshape(_kept(math.prod(x.shape[1:]), rate, seed), [1, *x.shape[1:]])
    return tf.where(kept, x * tf.cast(1.0 / (1.0 - rate), x.dtype), tf.cast(0.0, x.dtype))


def dropped(x: Tensor, rate: Tensor, seed: Tensor, *, locked: bool = False) -> Tensor:
    """``x`` with a share ``rate`` of its entries zeroed and the others scaled up (Srivastava et al. 2014).

    Args:
        rate: a number below 1, or a scalar tensor; with the number 0, ``x`` itself is returned.
        seed: two integers.
        locked: drop the same entries at every step of the first axis, time (Gal & Ghahramani 2016).
    """
    if isinstance(rate, (int, float)) and rate <= 0.0:
        return x
    thin: Callable[..., Any] = _thinned_alike if locked else _thinned
    rate, seed = tf.convert_to_tensor(rate, tf.float32), tf.convert_to_tensor(seed, tf.int32)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def op(x: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        return thin(x, rate, seed), lambda upstream: thin(upstream, rate, seed)

    return op(x)
