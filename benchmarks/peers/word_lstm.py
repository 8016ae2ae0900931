"""A word LSTM in plain PyTorch with tied weights (Inan et al. 2017); words it does not know are spelled by n-grams.

    python benchmarks/peers/word_lstm.py TRAIN TEST --minutes 5

It soon knows a small text by heart.  So it stops after some readings, as its users would, however much time there is.
"""

from __future__ import annotations

import time

import torch
from loop import Recurrent, arguments, recurrent_bits, run, streams
from torch import nn
from units import Words

READINGS = 12.0  # with dropout 0.5 about the best between 5 and 100, docs/decisions/peers.md
BATCH, STEPS = 32, 35
PROBE = 20  # steps that tell how long a reading takes here


def network(size: int) -> Recurrent:
    """The model for so many different words."""
    return Recurrent(size, 256, 512, 1, 0.5, tied=True)


def seconds_a_reading(size: int, words: int, *, bfloat16: bool) -> float:
    """How long it takes on this machine to learn from so many words once."""
    model, ids = network(size), torch.randint(size, (STEPS, BATCH))
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    began = 0.0
    for step in range(-3, PROBE):  # the first ones take longer
        began = began if step > 0 else time.monotonic()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits, _ = model(ids, None)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1).float(), ids.flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return (time.monotonic() - began) / (PROBE - 1) * words / (BATCH * STEPS)


def main() -> None:
    given = arguments(__doc__)
    train = given.train.read_text("utf-8")
    units = Words(train)
    enough = READINGS * seconds_a_reading(units.size, len(units.encode(train)), bfloat16=given.bfloat16)
    given.minutes = min(given.minutes, enough / 60.0)
    run(given, units, network, streams(BATCH, STEPS), recurrent_bits, rate=3e-3)


if __name__ == "__main__":
    main()
