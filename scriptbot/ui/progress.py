"""Training in front of people: one live line on a terminal, plain lines now and then elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

from scriptbot import events
from scriptbot.text.clean import printable

PLAIN_EVERY = 15.0  # seconds of training between two plain lines


class TrainingView:
    """Shows training events on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self._held_out: float | None = None
        self._last = -PLAIN_EVERY
        self._shown = False

    def show(self, event: events.TrainEvent) -> None:
        """Draw one event."""
        if isinstance(event, events.Progress):
            self._progress(event)
        elif isinstance(event, events.Validated):
            self._held_out = event.bits_per_character
        else:
            sentence = describe(event)
            if sentence:
                self._line(sentence)

    def close(self) -> None:
        """Take the live line away."""
        if self._shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._shown = False

    def _progress(self, event: events.Progress) -> None:
        figures = f"{event.bits_per_character:.3f} bits per character"
        if self._held_out is not None:
            figures += f", held out {self._held_out:.3f}"
        left = max(0, round(event.budget - event.seconds))
        figures = f"{left // 60}:{left % 60:02d} left  {figures}"
        if self.live:
            share = min(1.0, event.seconds / event.budget) if event.budget else 1.0
            bar = "#" * round(20 * share)
            text = f"[{bar:<20}] {figures}"[: shutil.get_terminal_size().columns - 1]
            self.stream.write(f"\r\x1b[K{text}")
            self.stream.flush()
            self._shown = True
        elif event.seconds - self._last >= PLAIN_EVERY:
            self._last = event.seconds
            self._line(figures)

    def _line(self, text: str) -> None:
        self.close()
        self.stream.write(printable(text) + "\n")
        self.stream.flush()


def describe(event: events.TrainEvent) -> str:
    """One sentence for the events that happen now and then; empty for the others."""
    if isinstance(event, events.Prepared):
        return f"{event.words:,} words, {event.cast} characters, {event.parameters:,} parameters"
    if isinstance(event, events.Sample):
        return f"  {event.character}: {event.text}" if event.character else f"  {event.text}"
    if isinstance(event, events.Warned):
        return f"warning: {event.sentence}" + (f"\n  {event.hint}" if event.hint else "")
    if isinstance(event, events.Saved):
        stopped = "interrupted, the best so far is kept; " if event.interrupted else ""
        figures = f"{event.bits_per_character:.3f} bits per character held out"
        return f"{stopped}saved {event.path}: {figures}, {event.bits_per_character_cached:.3f} with the cache"
    return ""
