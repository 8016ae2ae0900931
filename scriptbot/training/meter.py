"""The mean loss on the words that were read lately, for a report once a second."""

from __future__ import annotations

import math
from dataclasses import dataclass

REPORT_EVERY = 1.0  # seconds


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
