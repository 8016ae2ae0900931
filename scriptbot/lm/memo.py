"""Computed arrays that are kept for another time, as many as there is room for."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from scriptbot.lm.params import Array


class Memo(dict[int, Array]):
    """Computes an array for a number and keeps it; when there are too many, the older half is dropped.

    Args:
        compute: a number → its array.
        most: entries to keep.
    """

    def __init__(self, compute: Callable[[int], Array], most: int) -> None:
        self._compute, self._most = compute, most

    def __missing__(self, number: int) -> Array:
        if len(self) >= self._most:
            for old in list(itertools.islice(self, self._most // 2)):
                del self[old]
        found = self[number] = self._compute(number)
        return found
