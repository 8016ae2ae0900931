"""A character LSTM in plain PyTorch: one layer of 512 units, as the char-rnn tutorials grew up to.

python benchmarks/peers/char_lstm.py TRAIN TEST --minutes 5
"""

from __future__ import annotations

from loop import Recurrent, arguments, recurrent_bits, run, streams
from units import Characters


def network(size: int) -> Recurrent:
    """The model for so many different characters."""
    return Recurrent(size, 128, 512, 1, 0.2, tied=False)


def main() -> None:
    given = arguments(__doc__)
    units = Characters(given.train.read_text("utf-8"))
    run(given, units, network, streams(64, 100), recurrent_bits, rate=4e-3)


if __name__ == "__main__":
    main()
