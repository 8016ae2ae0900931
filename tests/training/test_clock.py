"""The budget's clock."""

from __future__ import annotations

import threading
import time

from scriptbot.training.clock import Clock


def test_a_pause_does_not_count() -> None:
    clock = Clock(time.monotonic() - 100.0)
    clock.pause()
    first = clock.seconds
    time.sleep(0.05)
    clock.pause()
    assert clock.seconds == first
    clock.resume()
    assert first <= clock.seconds < first + 0.05


def test_waiting_ends_when_it_goes_on() -> None:
    clock = Clock(time.monotonic())
    clock.wait()
    clock.pause()
    waiting = threading.Thread(target=clock.wait, daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    clock.resume()
    waiting.join(5.0)
    assert not waiting.is_alive()
