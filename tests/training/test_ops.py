"""The ops with gradients of their own, against what TensorFlow would make of the plain equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scriptbot.lm.params import BYTES, PAD
from scriptbot.lm.spelling import READ, reading_table

pytest.importorskip("tensorflow")

import tensorflow as tf

from scriptbot.training.dropout_op import dropped
from scriptbot.training.lstm_op import column_sums, lstm
from scriptbot.training.optimiser import LARGEST_NORM, Adam
from scriptbot.training.reading_op import convolution, windows
from scriptbot.training.softmax_op import cross_entropy, rows

RNG = np.random.default_rng(5)
WORDS = ["", "a", "moon", "banana", "夜", "incomprehensibilities"]
WIDTH, LETTERS, FILTERS = 3, 4, 7


def normal(*shape: int) -> Any:
    return tf.Variable(RNG.normal(0.0, 0.5, shape).astype(np.float32))


def plainly(table: Any, byte_embedding: Any, kernel: Any, bias: Any) -> Any:
    filled = tf.cast(table != PAD, tf.float32)[..., None]
    embedded = tf.pad(tf.gather(byte_embedding, table) * filled, [[0, 0], [1, 1], [0, 0]])
    seen = tf.concat([embedded[:, k : k + READ] for k in range(WIDTH)], axis=2)
    return tf.reduce_max(tf.nn.relu(tf.tensordot(seen, kernel, 1) + bias) * filled, axis=1)


def test_reading_words_by_their_letters_and_its_gradient() -> None:
    table = reading_table(WORDS)
    variables = [normal(BYTES, LETTERS), normal(WIDTH * LETTERS, FILTERS), normal(FILTERS)]
    upstream = tf.constant(RNG.normal(size=(len(WORDS), FILTERS)).astype(np.float32))
    op = convolution(tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        ours = op(tf.constant(windows(table, WIDTH)), *variables)
        theirs = plainly(tf.constant(table), *variables)
        both = [tf.reduce_sum(ours * upstream), tf.reduce_sum(theirs * upstream)]
    assert np.allclose(ours, theirs, atol=1e-5)
    assert np.all(ours[0] == 0.0)  # structure has no letters
    for variable in variables:
        mine, plain = (tf.convert_to_tensor(tape.gradient(one, variable)).numpy() for one in both)
        assert np.allclose(mine, plain, atol=1e-5)
        assert np.abs(mine).max() > 0.01


def test_windows_are_padded_at_both_ends() -> None:
    (row,) = windows(reading_table(["ab"]), 3)
    begin, a, b, end = reading_table(["ab"])[0][:4]
    assert row[:5].tolist() == [[PAD, begin, a], [begin, a, b], [a, b, end], [b, end, PAD], [end, PAD, PAD]]


def close(mine: Any, plain: Any, dtype: Any) -> bool:
    """Whether figures are those of the plain equations but for the rounding of a type."""
    mine, plain = np.asarray(mine), np.asarray(plain)
    error = 0.02 if dtype == tf.bfloat16 else 1e-5
    return np.allclose(mine, plain, rtol=error, atol=error * np.abs(plain).max())


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
@pytest.mark.parametrize("certain", [1.0, 40.0])
def test_cross_entropy_and_its_gradients(certain: float, dtype: Any) -> None:
    hidden, table, bias = normal(6, 5), normal(11, 5), normal(11)
    hidden.assign(hidden * certain)
    targets, upstream = tf.constant([0, 10, 3, 3, 7, 1]), tf.constant(RNG.normal(size=6).astype(np.float32))
    with tf.GradientTape(persistent=True) as tape:
        ours = cross_entropy(dtype)(hidden, table, bias, targets)
        logits = tf.matmul(tf.cast(hidden, dtype), tf.cast(table, dtype), transpose_b=True)  # rounded alike
        theirs = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, tf.cast(logits, tf.float32) + bias)
        both = [tf.reduce_sum(ours * upstream), tf.reduce_sum(theirs * upstream)]
    assert np.allclose(ours, theirs, atol=1e-4)
    for variable in (hidden, table, bias):
        assert close(tape.gradient(both[0], variable), tape.gradient(both[1], variable), dtype)


def test_a_word_that_is_as_good_as_certain_has_next_to_no_gradient_in_bfloat16() -> None:
    table = tf.Variable(np.eye(3, dtype=np.float32))
    hidden = tf.Variable([[9.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = cross_entropy(tf.bfloat16)(hidden, table, tf.zeros(3), tf.constant([0]))
    wrong = 2 / (2 + np.exp(9.0))
    assert np.allclose(tape.gradient(loss, hidden)[0, 0], -wrong, rtol=0.02)


def test_rows_of_a_table_and_their_gradient() -> None:
    table, indices = normal(4, 3), tf.constant([2, 0, 2])
    upstream = tf.constant(RNG.normal(size=(3, 3)).astype(np.float32))
    with tf.GradientTape(persistent=True) as tape:
        ours, theirs = rows(table, indices), tf.gather(table, indices)
        both = [tf.reduce_sum(ours * upstream), tf.reduce_sum(theirs * upstream)]
    assert np.allclose(ours, theirs)
    assert np.allclose(tape.gradient(both[0], table), tf.convert_to_tensor(tape.gradient(both[1], table)))


STEPS, STREAMS, WIDE, UNITS = 4, 3, 5, 6


def recurrent_arrays() -> list[Any]:
    """Inputs, kernel, recurrent kernel, bias, and a state from before."""
    shapes = ((STEPS, STREAMS, WIDE), (WIDE, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), *((STREAMS, UNITS),) * 2)
    return [normal(*shape) for shape in shapes]


def unrolled(inputs: Any, kernel: Any, recurrent_kernel: Any, bias: Any, hidden: Any, cell: Any) -> tuple[Any, ...]:
    """The equations of the LSTM as they stand."""
    outputs = []
    for x in tf.unstack(tf.convert_to_tensor(inputs)):
        z = x @ tf.convert_to_tensor(kernel) + hidden @ tf.convert_to_tensor(recurrent_kernel) + bias
        i, f, g, o = tf.split(z, 4, axis=1)
        cell = tf.sigmoid(f) * cell + tf.sigmoid(i) * tf.tanh(g)
        hidden = tf.sigmoid(o) * tf.tanh(cell)
        outputs.append(hidden)
    return tf.stack(outputs), hidden, cell


@pytest.mark.parametrize("upstream", [(1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_the_lstm_and_its_gradients(upstream: tuple[float, float, float]) -> None:
    arrays = recurrent_arrays()
    of = [
        tf.constant(RNG.normal(size=shape).astype(np.float32))
        for shape in ((STEPS, STREAMS, UNITS), *((STREAMS, UNITS),) * 2)
    ]
    with tf.GradientTape(persistent=True) as tape:
        ours, theirs = lstm(tf.float32)(*arrays), unrolled(*arrays)
        both = [
            sum(weight * tf.reduce_sum(a * b) for weight, a, b in zip(upstream, results, of, strict=True))
            for results in (ours, theirs)
        ]
    for mine, plain in zip(ours, theirs, strict=True):
        assert np.allclose(mine, plain, atol=1e-5)
    for array in arrays:
        mine, plain = (tape.gradient(one, array).numpy() for one in both)
        assert np.allclose(mine, plain, atol=1e-5)
        assert np.abs(plain).max() > 0.01  # and there was something to agree on


def test_the_gradients_in_bfloat16_are_those_in_float32_but_for_rounding() -> None:
    arrays = recurrent_arrays()
    with tf.GradientTape(persistent=True) as tape:
        both = [tf.reduce_sum(tf.cast(lstm(dtype)(*arrays)[0], tf.float32) ** 2) for dtype in (tf.bfloat16, tf.float32)]
    for array in arrays:
        rounded, exact = (tape.gradient(one, array).numpy() for one in both)
        assert np.abs(rounded - exact).max() < 0.05 * np.abs(exact).max()


@pytest.mark.parametrize("size", [0.01, 10.0])
def test_adam_by_its_formulas(size: float) -> None:
    """Three steps, with gradients below the largest norm and above it."""
    variables = [normal(3, 2), normal(4)]
    values = [variable.numpy().astype(np.float64) for variable in variables]
    first, second = ([np.zeros_like(value) for value in values] for _ in range(2))
    adam, rate = Adam(variables), 0.01
    for step in (1, 2, 3):
        gradients = [(size * RNG.normal(size=value.shape)).astype(np.float32) for value in values]
        adam.apply([tf.constant(gradient) for gradient in gradients], tf.constant(rate))
        norm = np.sqrt(sum((gradient.astype(np.float64) ** 2).sum() for gradient in gradients))
        assert (norm > LARGEST_NORM) == (size > 1.0)
        for value, gradient, mean, square in zip(values, gradients, first, second, strict=True):
            clipped = gradient * min(1.0, 1.0 / norm)
            mean[:] = 0.9 * mean + 0.1 * clipped
            square[:] = 0.99 * square + 0.01 * clipped**2
            paced = rate * np.sqrt(1.0 - 0.99**step) / (1.0 - 0.9**step)  # ε is beside what is not corrected
            value -= paced * mean / (np.sqrt(square) + 1e-8)
    for variable, value in zip(variables, values, strict=True):
        assert np.allclose(variable.numpy(), value, atol=1e-5)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_sums_of_columns(dtype: Any) -> None:
    matrix = tf.cast(normal(50, 9), dtype)
    exact, weights = tf.cast(matrix, tf.float32), tf.constant(RNG.normal(size=50).astype(np.float32))
    plain, weighted = tf.reduce_sum(exact, axis=0), tf.reduce_sum(exact * weights[:, None], axis=0)
    for mine, sums in ((column_sums(matrix), plain), (column_sums(matrix, weights), weighted)):
        assert mine.dtype == tf.float32 and close(mine, sums, dtype)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    x = tf.ones([200, 300])
    thin = dropped(x, rate, [1, 2]).numpy()
    assert np.unique(thin).tolist() == pytest.approx([0.0, 1.0 / (1.0 - rate)])
    for axis in (0, 1):  # and no row or column more than another
        assert np.mean(thin == 0.0, axis=axis) == pytest.approx(rate, abs=0.2)
    assert np.mean(thin == 0.0) == pytest.approx(rate, abs=0.01)


def test_dropout_by_seed() -> None:
    x = tf.ones([40, 50])
    masks = [dropped(x, tf.constant(0.5), seed).numpy() for seed in ([1, 2], [1, 2], [1, 3], [2, 2])]
    assert np.array_equal(masks[0], masks[1])
    for i, j in ((0, 2), (0, 3), (2, 3)):
        assert np.mean(masks[i] == masks[j]) == pytest.approx(0.5, abs=0.06)


def test_locked_dropout_drops_the_same_at_every_step() -> None:
    thin = dropped(tf.ones([5, 20, 30]), 0.5, [3, 4], locked=True).numpy()
    assert all(np.array_equal(thin[0], one) for one in thin)
    free = dropped(tf.ones([5, 20, 30]), 0.5, [3, 4]).numpy()
    assert not np.array_equal(free[0], free[1])


def test_the_gradient_passes_where_something_was_kept() -> None:
    x = tf.Variable(tf.ones([30, 40]))
    for locked in (False, True):
        with tf.GradientTape() as tape:
            thin = dropped(x, 0.3, [5, 6], locked=locked)
            loss = tf.reduce_sum(thin * 2.0)
        assert np.allclose(tape.gradient(loss, x), 2.0 * thin.numpy())


def test_nothing_is_dropped_at_rate_0() -> None:
    x = tf.ones([3, 4])
    assert dropped(x, 0.0, [0, 0]) is x
    assert np.array_equal(dropped(x, tf.constant(0.0), [0, 0]), x)
