"""Characters per second that a character peer writes, one conversation, one character after the other.

    python benchmarks/peers/talking.py lstm
    python benchmarks/peers/talking.py gpt

The speed does not depend on what the weights have learnt, so they are random.  The LSTM carries its state; the GPT
looks at its last block anew for every character, as nanoGPT's sampling does.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

import torch

SIGNS, WARM, COUNT, ROUNDS = 66, 200, 600, 5


def lstm() -> Callable[[int], int]:
    """The character LSTM: a character in, the next one out."""
    from char_lstm import Network

    model, state = Network(SIGNS).eval(), None

    def following(sign: int) -> int:
        nonlocal state
        logits, state = model(torch.tensor([[sign]]), state)
        return int(torch.multinomial(torch.softmax(logits[0, 0] / 0.8, 0), 1))

    return following


def gpt() -> Callable[[int], int]:
    """The same with the small GPT."""
    from gpt import Gpt, Shape

    shape = Shape()
    model, seen = Gpt(SIGNS, shape).eval(), list[int]()

    def following(sign: int) -> int:
        seen.append(sign)
        logits: Any = model(torch.tensor(seen[-shape.block :])[:, None])[0]
        return int(torch.multinomial(torch.softmax(logits[-1, 0] / 0.8, 0), 1))

    return following


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=["lstm", "gpt"])
    given = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(1)
    following, sign, rates = {"lstm": lstm, "gpt": gpt}[given.peer](), 1, list[float]()
    for count in [WARM, *[COUNT] * ROUNDS]:
        began = time.perf_counter()
        for _ in range(count):
            sign = following(sign)
        rates.append(count / (time.perf_counter() - began))
    print(json.dumps({"characters per second": sorted(rates[1:])[ROUNDS // 2]}))


if __name__ == "__main__":
    main()
