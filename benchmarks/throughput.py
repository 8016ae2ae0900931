"""Training steps per second against PyTorch's ``nn.LSTM``: the same shapes, the same loss, Adam, alternately.

    python benchmarks/throughput.py            # needs torch in the same environment; PEER_PYTHON names another one

One layer, H 512, batch 64, 35 steps, 5,376 words, embedding tied with the softmax: a plain word LSTM.  Ours is made of
the operations of scriptbot's training, without the spelling and all else that a whole step of it does besides.  GFLOP/s
counts six operations per parameter of a product and token.  Beside them the rate of bare products in the step's own
type (bfloat16 where the processor is fast at it), best of a short time, and the share of it that our step keeps.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from common import keep, spread

H, BATCH, STEPS, WORDS = 512, 64, 35, 5376
ROUNDS, WARM, TIMED = 5, 3, 12


def timed(step: Callable[[], Any]) -> float:
    """The seconds of one step: the median of a few."""
    for _ in range(WARM):
        step()
    times = []
    for _ in range(TIMED):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


def ours(embedding: int) -> float:
    """The seconds of a step of a plain word LSTM made of the training's own ops."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np
    import tensorflow as tf

    from scriptbot.training.lstm_op import lstm, product
    from scriptbot.training.optimiser import Adam
    from scriptbot.training.processor import has_fast_bfloat16
    from scriptbot.training.softmax_op import cross_entropy, rows

    dtype = tf.bfloat16 if has_fast_bfloat16() else tf.float32
    layer, losses = lstm(dtype), cross_entropy(dtype)
    rng = np.random.default_rng(0)
    shapes = {
        "table": (WORDS, embedding),
        "kernel": (embedding, 4 * H),
        "recurrent": (H, 4 * H),
        "bias": (4 * H,),
        "query": (H, embedding),
        "output_bias": (WORDS,),
    }
    v = {name: tf.Variable(rng.normal(0.0, 0.04, shape).astype(np.float32)) for name, shape in shapes.items()}
    if embedding == H:
        del v["query"]
    variables = list(v.values())
    optimiser = Adam(variables)
    words = tf.constant(rng.integers(0, WORDS, (STEPS, BATCH)), tf.int32)
    state = tf.zeros((BATCH, H))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step() -> Any:
        with tf.GradientTape() as tape:
            x = tf.reshape(rows(v["table"], tf.reshape(words, [-1])), [STEPS, BATCH, embedding])
            outputs, _, _ = layer(x, v["kernel"], v["recurrent"], v["bias"], state, state)
            query = tf.reshape(outputs, [STEPS * BATCH, H])
            if "query" in v:
                query = product(query, v["query"], dtype)
            loss = tf.reduce_mean(losses(query, v["table"], v["output_bias"], tf.reshape(words, [-1])))
        optimiser.apply(tape.gradient(loss, variables), tf.constant(1e-3))
        return loss

    return timed(lambda: float(step()))


def torch(embedding: int, *, bfloat16: bool) -> float:
    """The seconds of the same step in PyTorch."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    from torch import nn

    torch.set_num_threads(os.cpu_count() or 1)
    table, layer, output = nn.Embedding(WORDS, embedding), nn.LSTM(embedding, H), nn.Linear(embedding, WORDS)
    query = nn.Identity() if embedding == H else nn.Linear(H, embedding, bias=False)
    output.weight = table.weight
    parameters = {id(p): p for part in (table, layer, query, output) for p in part.parameters()}
    optimiser = torch.optim.Adam(parameters.values(), 1e-3)
    words = torch.randint(0, WORDS, (STEPS, BATCH))

    def step() -> float:
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            outputs, _ = layer(table(words))
            loss = nn.functional.cross_entropy(output(query(outputs)).view(-1, WORDS), words.view(-1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return float(loss)

    return timed(step)


def bare() -> float:
    """Floating-point operations per second of products alone, measured as for the plan of a training."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    from scriptbot.training.lstm_op import speed
    from scriptbot.training.processor import has_fast_bfloat16

    return speed(tf.bfloat16 if has_fast_bfloat16() else tf.float32, seconds=2.0)


def operations(embedding: int) -> float:
    """Floating-point operations in a step."""
    weights = embedding * 4 * H + H * 4 * H + embedding * WORDS + (0 if embedding == H else H * embedding)
    return 6.0 * weights * BATCH * STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sides = ["ours", "torch", "torch-bfloat16", "products"]
    parser.add_argument("--side", choices=sides, help="one side, as a child process")
    parser.add_argument("--embedding", type=int, default=512)
    given = parser.parse_args()
    if given.side == "products":
        print(json.dumps(bare()))
        return
    if given.side:
        bfloat16 = given.side == "torch-bfloat16"
        seconds = ours(given.embedding) if given.side == "ours" else torch(given.embedding, bfloat16=bfloat16)
        print(json.dumps(seconds))
        return
    results: dict[str, Any] = {}
    for embedding in (512, 256):
        times: dict[str, list[float]] = {"ours": [], "torch": [], "torch-bfloat16": [], "products": []}
        for _ in range(ROUNDS):
            for side, found in times.items():
                python = os.environ.get("PEER_PYTHON", sys.executable) if "torch" in side else sys.executable
                command = [python, __file__, "--side", side, "--embedding", str(embedding)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found.append(json.loads(done.stdout.splitlines()[-1]))
        products = [rate / 1e9 for rate in times.pop("products")]
        ours_gflops = [operations(embedding) / t / 1e9 for t in times["ours"]]
        rates = {side: spread([operations(embedding) / t / 1e9 for t in found]) for side, found in times.items()}
        ratios = {
            f"ours over {side}": spread(
                [theirs / ours for theirs, ours in zip(times[side], times["ours"], strict=True)]
            )
            for side in ("torch", "torch-bfloat16")
        }
        shares = spread([step / product for step, product in zip(ours_gflops, products, strict=True)])
        results[f"embedding {embedding}"] = {
            "gflops": {**rates, "products alone": spread(products)},
            **ratios,
            "ours over products alone": shares,
        }
    keep("throughput", results)


if __name__ == "__main__":
    main()
