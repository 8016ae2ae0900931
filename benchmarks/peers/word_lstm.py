"""A word LSTM in plain PyTorch with tied weights (Inan et al. 2017); words it does not know are spelled by n-grams.

python benchmarks/peers/word_lstm.py TRAIN TEST --minutes 5
"""

from __future__ import annotations

from loop import Recurrent, arguments, recurrent_bits, run, streams
from units import Words


def main() -> None:
    given = arguments(__doc__)
    units = Words(given.train.read_text("utf-8"))
    run(
        given,
        units,
        lambda size: Recurrent(size, 256, 512, 1, 0.5, tied=True),
        streams(32, 35),
        recurrent_bits,
        rate=3e-3,
    )


if __name__ == "__main__":
    main()
