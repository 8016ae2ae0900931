"""The clock of the budget: it stands still while the training is paused."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Counting(Protocol):
    """What a training counts its budget by: :class:`Clock`, or whatever else goes on as it should."""

    @property
    def seconds(self) -> float:
        """Of the budget that are spent."""

    def wait(self) -> None:
        """Return when the clock is going; asked before every step."""

    def forgive(self, seconds: float) -> None:
        """Leave out so many seconds that have passed."""


class Clock:
    """Counts seconds from ``time.monotonic() == began`` on; may be paused by another thread or a signal's handler."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._paused: float | None = None
        self._lock = threading.RLock()  # a handler may come upon its own thread in the middle of a pause
        self._going = threading.Event()
        self._going.set()

    @property
    def seconds(self) -> float:
        """Since it began, pauses left out."""
        with self._lock:
            return (time.monotonic() if self._paused is None else self._paused) - self._began

    def pause(self) -> None:
        """Stand still; whoever calls :meth:`wait` waits."""
        with self._lock:
            if self._paused is None:
                self._paused = time.monotonic()
                self._going.clear()

    def resume(self) -> None:
        """Go on as if no time had passed."""
        with self._lock:
            if self._paused is not None:
                self._began += time.monotonic() - self._paused
                self._paused = None
                self._going.set()

    def forgive(self, seconds: float) -> None:
        """Leave out so many seconds that have passed; a negative number counts some that passed before it began."""
        with self._lock:
            self._began += seconds

    def wait(self) -> None:
        """Return when the clock is going."""
        self._going.wait()
