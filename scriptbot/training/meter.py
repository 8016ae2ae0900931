"""What is measured as the training goes on: the loss on the words that were read lately, and how long steps take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

REPORT_EVERY = 1.0  # seconds
FIRST_LAPS = 12  # steps that are timed together at first


@dataclass
class Meter:
    """Sums up the losses of chunks from ``since`` on, in seconds of the budget."""

    since: float
    nats: float = 0.0
    tokens: int = 0

    def add(self, nats: float, tokens: int) -> None:
        """Add a chunk, by its total loss in nats."""
        self.nats, self.tokens = self.nats + nats, self.tokens + tokens

    @property
    def sound(self) -> bool:
        """Whether the loss is still finite."""
        return math.isfinite(self.nats)

    def read(self, seconds: float) -> tuple[float, float] | None:
        """(bits per token, tokens per second) since the last reading; None if that is too short a time ago."""
        passed = seconds - self.since
        if passed < REPORT_EVERY:
            return None
        tokens = max(self.tokens, 1)
        found = self.nats / math.log(2.0) / tokens, tokens / passed
        self.since, self.nats, self.tokens = seconds, 0.0, 0
        return found


@dataclass
class Laps:
    """Times steps that follow each other: :data:`FIRST_LAPS` of them, then twice as many, and so on.

    So the first figure is there soon, and what held up the machine meanwhile is forgotten later.

    Args:
        since: when the first of them begins, in seconds of the budget.
    """

    since: float
    _ends: list[float] = field(init=False, default_factory=list)
    _wanted: int = field(init=False, default=FIRST_LAPS)

    def add(self, seconds: float) -> float | None:
        """A step is over; returns the median of the seconds that they took, if as many are timed as are wanted.

        With a median, one step that compiles, or is held up, does not count.
        """
        self._ends.append(seconds)
        if len(self._ends) < self._wanted:
            return None
        median = float(np.median(np.diff([self.since, *self._ends])))
        self.since, self._ends, self._wanted = seconds, [], 2 * self._wanted
        return median
