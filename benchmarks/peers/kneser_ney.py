"""An interpolated modified Kneser–Ney n-gram model (Chen & Goodman 1999), over characters or words.

    python benchmarks/peers/kneser_ney.py TRAIN TEST --unit char

It needs no training time to speak of, so it takes none of the budget; the order is chosen on the last 3 % of TRAIN,
which is counted in the end as well.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from pathlib import Path

ORDERS = {"char": (5, 6, 7, 8), "word": (2, 3, 4)}


class KneserNey:
    """p(unit | the ``order`` − 1 before it).

    Args:
        units: the training text.
        order: longest n-gram.
        vocabulary: how many different units there could be; the unigram level is mixed with a uniform one.
    """

    def __init__(self, units: Sequence[Hashable], order: int, vocabulary: int) -> None:
        self.order, self.vocabulary = order, vocabulary
        raw: Counter[tuple[Hashable, ...]] = Counter(
            tuple(units[i : i + order]) for i in range(max(len(units) - order + 1, 0))
        )
        for length in range(1, order):  # n-grams at the very beginning have no longer history
            raw[tuple(units[:length])] += 1
        levels: dict[int, Counter[tuple[Hashable, ...]]] = {n: Counter() for n in range(1, order + 1)}
        for gram, count in raw.items():
            levels[len(gram)][gram] += count
        for n in range(order, 1, -1):  # below the top: in how many different contexts does it occur?
            for gram in levels[n]:
                levels[n - 1][gram[1:]] += 1
        self.levels = levels
        self.totals: dict[int, Counter[tuple[Hashable, ...]]] = {}
        self.kinds: dict[int, dict[tuple[Hashable, ...], list[int]]] = {}
        self.discounts: dict[int, tuple[float, float, float]] = {}
        for n, counts in levels.items():
            total: Counter[tuple[Hashable, ...]] = Counter()
            kinds: dict[tuple[Hashable, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
            for gram, count in counts.items():
                total[gram[:-1]] += count
                kinds[gram[:-1]][min(count, 3) - 1] += 1
            of = Counter(counts.values())
            y = of[1] / max(of[1] + 2 * of[2], 1)
            self.discounts[n] = (
                min(max(1 - 2 * y * of[2] / max(of[1], 1), 0.05), 1.0),
                min(max(2 - 3 * y * of[3] / max(of[2], 1), 0.05), 2.0),
                min(max(3 - 4 * y * of[4] / max(of[3], 1), 0.05), 3.0),
            )
            self.totals[n], self.kinds[n] = total, dict(kinds)

    def probability(self, context: tuple[Hashable, ...], unit: Hashable) -> float:
        """Of one unit behind a context of any length."""
        p = 1.0 / self.vocabulary
        for n in range(1, self.order + 1):
            if len(context) < n - 1:
                break
            before = context[len(context) - n + 1 :]
            total = self.totals[n].get(before, 0)
            if not total:
                break
            count = self.levels[n].get((*before, unit), 0)
            discounts = self.discounts[n]
            kinds = self.kinds[n][before]
            left = sum(d * k for d, k in zip(discounts, kinds, strict=True)) / total
            p = max(count - (discounts[min(count, 3) - 1] if count else 0.0), 0.0) / total + left * p
        return p

    def bits(self, units: Sequence[Hashable]) -> float:
        """−log2 p of a text."""
        return -sum(
            math.log2(self.probability(tuple(units[max(0, i - self.order + 1) : i]), unit))
            for i, unit in enumerate(units)
        )


def main() -> None:
    from units import BYTES_OF_UNICODE, Words

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--unit", choices=["char", "word"], default="char")
    parser.add_argument("--minutes", type=float, default=0.0, help="taken for the other peers' sake, and not used")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    train, test = (path.read_text("utf-8") for path in (given.train, given.test))
    border = len(train) - min(len(train) * 3 // 100, 30_000)
    words = Words(train) if given.unit == "word" else None

    def scored(order: int, learnt: str, text: str) -> float:
        if words is None:  # the uniform distribution is over all characters there are, so none has to be spelled
            return KneserNey(learnt, order, BYTES_OF_UNICODE).bits(text)
        model = KneserNey(words.encode(learnt), order, words.size)
        return model.bits(words.encode(text)) + words.spelled_bits(text)

    order = min(ORDERS[given.unit], key=lambda order: scored(order, train[:border], train[border:]))
    bits = scored(order, train, test)
    record = {"bits_per_character": bits / len(test), "characters": len(test), "order": order}
    print(json.dumps({**record, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
