"""A word LSTM in Keras as the classic TV-script tutorials build it: two layers of 256 units over random windows.

    python benchmarks/peers/keras_word_lstm.py TRAIN TEST --minutes 5

Better than they: Adam's rate falls with the time, dropout, the best weights kept; words it does not know are spelled
by n-grams.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from units import Words

LAYERS, WIDTH, BATCH, STEPS, DROPOUT, RATE = 2, 256, 64, 24, 0.3, 3e-3
LOOKS = (0.4, 0.6, 0.75, 0.9, 1.0)
STREAMS = 64  # in which the held-out text is read side by side in a look, so that looking takes no time worth telling


def network(size: int, batch: int, *, stateful: bool) -> keras.Model:
    """ids [N, T] to logits [N, T, V]."""
    ids = keras.Input(batch_shape=(batch, None), dtype="int32")
    x = keras.layers.Embedding(size, WIDTH)(ids)
    for _ in range(LAYERS):
        x = keras.layers.LSTM(WIDTH, return_sequences=True, stateful=stateful)(keras.layers.Dropout(DROPOUT)(x))
    return keras.Model(ids, keras.layers.Dense(size)(keras.layers.Dropout(DROPOUT)(x)))


def bits(scorer: keras.Model, weights: list[np.ndarray], ids: np.ndarray, parts: int) -> float:
    """Bits of ``ids[1:]``, the state carried through each of so many parts, which are read side by side."""
    scorer.set_weights(weights)
    for layer in scorer.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()
    total, length = 0.0, -(-(len(ids) - 1) // parts)
    padded = np.full(parts * length + 1, -1, np.int32)
    padded[: len(ids)] = ids
    inputs, targets = padded[:-1].reshape(parts, length), padded[1:].reshape(parts, length)
    for begin in range(0, length, 256):
        given, told = inputs[:, begin : begin + 256], targets[:, begin : begin + 256]
        logits = np.asarray(scorer(np.maximum(given, 0), training=False))
        top = logits.max(axis=2, keepdims=True)
        lse = np.log(np.exp(logits - top).sum(axis=2)) + top[:, :, 0]
        chosen = np.take_along_axis(logits, np.maximum(told, 0)[:, :, None], axis=2)[:, :, 0]
        total += float((lse - chosen)[told >= 0].sum())
    return total / math.log(2.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    keras.utils.set_random_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    train, test = (path.read_text("utf-8") for path in (given.train, given.test))
    began, budget = time.monotonic(), given.minutes * 60.0
    border = len(train) - min(len(train) * 3 // 100, 30_000)
    units = Words(train)
    ids, held = (np.array(units.encode(text), np.int32) for text in (train[:border], train[border:]))
    model = network(units.size, BATCH, stateful=False)
    looker, scorer = (network(units.size, parts, stateful=True) for parts in (STREAMS, 1))
    optimiser = keras.optimizers.Adam(RATE, clipnorm=1.0)
    model.compile(optimiser, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    best, kept, looks, steps, look_seconds = math.inf, model.get_weights(), list(LOOKS), 0, 0.0
    while True:
        share = min(1.0, (time.monotonic() - began) / max(budget - look_seconds, 1e-9))
        if share >= looks[0]:
            looked = time.monotonic()
            looks.pop(0)
            found = bits(looker, model.get_weights(), held, STREAMS)
            if found < best:
                best, kept = found, model.get_weights()
            look_seconds = time.monotonic() - looked
        if share >= 1.0 or not looks:
            break
        optimiser.learning_rate.assign(RATE * (1.0 - share) + 1e-5)
        starts = rng.integers(0, len(ids) - STEPS - 1, BATCH)
        windows = ids[starts[:, None] + np.arange(STEPS + 1)]
        model.train_on_batch(windows[:, :-1], windows[:, 1:])
        steps += 1
    seconds = time.monotonic() - began
    line_end = units.encode("\n")[0]
    total = bits(scorer, kept, np.array([line_end, *units.encode(test)], np.int32), 1) + units.spelled_bits(test)
    record = {"bits_per_character": total / len(test), "characters": len(test), "seconds": seconds, "steps": steps}
    print(json.dumps({**record, "keras": keras.__version__}))


if __name__ == "__main__":
    main()
