"""The clock of the budget: it stands still while the training is paused."""

from __future__ import annotations

import threading
import time


class Clock:
    """Counts seconds from ``time.monotonic() == began`` on; may be paused from another thread."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._paused: float | None = None
        self._going = threading.Event()
        self._going.set()

    @property
    def seconds(self) -> float:
        """Since it began, pauses left out."""
        return (time.monotonic() if self._paused is None else self._paused) - self._began

    def pause(self) -> None:
        """Stand still; whoever calls :meth:`wait` waits."""
        if self._paused is None:
            self._paused = time.monotonic()
            self._going.clear()

    def resume(self) -> None:
        """Go on as if no time had passed."""
        if self._paused is not None:
            self._began += time.monotonic() - self._paused
            self._paused = None
            self._going.set()

    def forgive(self, seconds: float) -> None:
        """Leave out so many seconds that have passed."""
        self._began += seconds

    def wait(self) -> None:
        """Return when the clock is going."""
        self._going.wait()
