"""A character LSTM in plain PyTorch: one layer of 512 units, as the char-rnn tutorials grew up to.

    python benchmarks/peers/char_lstm.py TRAIN TEST --minutes 5

Two minutes of tinyshakespeare: batch 64, 100 steps, dropout 0.2 about 2.5 bits; 32 and 64 with it 2.46, without dropout
2.37; smaller batches and other rates no better (2.36 to 2.39), nor is float32.  Five minutes: 2.47 without, 2.35 with
0.3.  So there is dropout only where the time is enough to read the text often.
"""

from __future__ import annotations

from loop import Recurrent, arguments, readings, recurrent_bits, run, streams
from units import Characters

SPEED = 35_000  # characters per second that are read about, on the machines with bfloat16
DROPOUT = ((10, 0.0), (40, 0.3), (float("inf"), 0.5))  # up to so many readings, so much


def network(size: int, dropout: float = 0.0) -> Recurrent:
    """The model for so many different characters."""
    return Recurrent(size, 128, 512, 1, dropout, tied=False)


def main() -> None:
    given = arguments(__doc__)
    units = Characters(given.train.read_text("utf-8"))
    dropout = next(share for most, share in DROPOUT if readings(given, SPEED) < most)
    run(given, units, lambda size: network(size, dropout), streams(32, 64), recurrent_bits, rate=4e-3)


if __name__ == "__main__":
    main()
