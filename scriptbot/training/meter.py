"""What the words that were read lately have cost, told once a second."""

from __future__ import annotations

import math
from dataclasses import dataclass

REPORT_EVERY = 1.0  # seconds


@dataclass
class Meter:
    """Sums up chunks from ``since`` on, in seconds of the budget."""

    since: float
    nats: float = 0.0
    tokens: int = 0

    def add(self, nats: float, tokens: int) -> None:
        """Another chunk, and what it cost altogether."""
        self.nats, self.tokens = self.nats + nats, self.tokens + tokens

    @property
    def sound(self) -> bool:
        """Whether the cost is still a number."""
        return math.isfinite(self.nats)

    def read(self, seconds: float) -> tuple[float, float] | None:
        """(bits a token, tokens a second) since it was read before; None if that is too short a time ago."""
        passed = seconds - self.since
        if passed < REPORT_EVERY:
            return None
        tokens = max(self.tokens, 1)
        found = self.nats / math.log(2.0) / tokens, tokens / passed
        self.since, self.nats, self.tokens = seconds, 0.0, 0
        return found
