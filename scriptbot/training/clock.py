"""The clock of the budget: it stands still while the training is paused."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Counting(Protocol):
    """What training measures its budget by: a :class:`Clock`, or in tests and trials something that counts steps."""

    @property
    def seconds(self) -> float:
        """Seconds of the budget that are spent."""

    def wait(self) -> None:
        """Return as soon as the clock is not paused; called before every step."""

    def forgive(self, seconds: float) -> None:
        """Take back so many of the seconds that have been counted."""


class Clock:
    """Counts seconds from ``time.monotonic() == began`` on; may be paused by another thread or a signal's handler."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._paused: float | None = None
        self._lock = threading.RLock()  # a handler may interrupt its own thread in the middle of a pause
        self._going = threading.Event()
        self._going.set()

    @property
    def seconds(self) -> float:
        """Seconds since it began, without pauses and what was forgiven."""
        with self._lock:
            return (time.monotonic() if self._paused is None else self._paused) - self._began

    def pause(self) -> None:
        """Stand still; :meth:`wait` blocks until :meth:`resume`."""
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
        """Take back so many of the seconds counted; a negative number adds some that passed before it began."""
        with self._lock:
            self._began += seconds

    def wait(self) -> None:
        """Return as soon as the clock is not paused."""
        self._going.wait()
