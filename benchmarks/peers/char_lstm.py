"""A character LSTM in plain PyTorch: one layer of 512 units, as the char-rnn tutorials grew up to.

    python benchmarks/peers/char_lstm.py TRAIN TEST --minutes 5

Its settings are the best of some twenty that were tried on tinyshakespeare, see docs/decisions/peers.md.  PyTorch's own
start of the embedding, and no dropout between it and the LSTM, are worth more than most of them.
"""

from __future__ import annotations

from typing import Any

import torch
from loop import Recurrent, arguments, readings, recurrent_bits, run, streams
from torch import nn
from units import Characters

SPEED = 35_000  # characters per second that are read about, on the machines with bfloat16
SETTINGS = ((10, 4e-3, 0.0), (float("inf"), 2e-3, 0.5))  # up to so many readings: learning rate, dropout


class Network(Recurrent):
    """The model for so many different characters."""

    def __init__(self, size: int, dropout: float = 0.0) -> None:
        super().__init__(size, 128, 512, 1, dropout, tied=False)
        nn.init.normal_(self.embedding.weight)

    def forward(self, ids: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Logits [T, N, V] and the state after ids [T, N]."""
        out, state = self.lstm(self.embedding(ids), state)
        return self.output(self.drop(out)), state


def main() -> None:
    given = arguments(__doc__)
    units = Characters(given.train.read_text("utf-8"))
    rate, dropout = next(known[1:] for known in SETTINGS if readings(given, SPEED) < known[0])
    run(given, units, lambda size: Network(size, dropout), streams(32, 64), recurrent_bits, rate=rate)


if __name__ == "__main__":
    main()
