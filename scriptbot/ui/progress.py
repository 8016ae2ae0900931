"""The progress of a training: a live bar on a terminal, plain lines every now and then elsewhere."""

from __future__ import annotations

import contextlib
import os
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.table import Column
from rich.text import Text

from scriptbot import events
from scriptbot.text.clean import printable
from scriptbot.text.labels import labelled
from scriptbot.ui.language import tr
from scriptbot.ui.view import fitted

PLAIN_EVERY = 15.0  # seconds of training between two plain lines


class _Console(Console):
    """A console that falls silent when nobody reads its output any more; Rich's own would end the process."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class TrainingView:
    """Shows training events on a stream; use it as a context manager.

    A training continues and is saved whether or not anybody watches, so whatever cannot be written is left out.
    """

    def __init__(self, stream: TextIO) -> None:
        self.live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.console, self._stream = _Console(file=stream, highlight=False), stream
        self._held_out: float | None = None
        self._last = -PLAIN_EVERY
        self._bar = Progress(
            _Column("left", whole=True),
            BarColumn(bar_width=24),
            _Column("figures"),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=1.0, left="", figures="Reading the script")

    def __enter__(self) -> TrainingView:
        if self.live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.hide()

    def hide(self) -> None:
        """Take the bar off the screen for a while."""
        if self.live:
            with contextlib.suppress(OSError):
                self._bar.stop()

    def unhide(self) -> None:
        """Put the bar back on the screen."""
        if self.live:
            self._bar.start()

    def show(self, event: events.TrainEvent) -> None:
        """Show one event."""
        if isinstance(event, events.Progress):
            self._progress(event)
        elif isinstance(event, events.Reading):
            self._reading(event)
        elif isinstance(event, events.Validated):
            self._held_out = event.bits_per_character
        if sentence := describe(event):
            self.say(sentence, dim=isinstance(event, events.Sample))
        if isinstance(event, events.Prepared):
            self._bar.update(self._task, completed=0.0, figures="Laying out the network")

    def say(self, text: str, *, dim: bool = False) -> None:
        """Print one sentence above the bar; nothing in it is interpreted as Rich's markup."""
        with contextlib.suppress(OSError):
            shown = fitted(printable(tr(text)), self._stream)
            self.console.print(Text(shown, style="dim" if dim else ""), soft_wrap=True)

    def _reading(self, event: events.Reading) -> None:
        figures = f"Reading the script, {event.share:.0%}"
        if self.live:
            self._bar.update(self._task, completed=event.share, figures=figures)
        elif event.seconds - self._last >= PLAIN_EVERY:
            self._last = event.seconds
            self.say(figures)

    def _progress(self, event: events.Progress) -> None:
        bits, held_out = event.bits_per_character, self._held_out
        figures = f"{bits:.3f} bits per character"
        if held_out is not None:
            figures = f"held out {held_out:.3f}, training {bits:.3f} bits per character"
        seconds = max(0, round(event.budget - event.seconds))
        left = f"{seconds // 60}:{seconds % 60:02d} left"
        if self.live:
            share = min(1.0, event.seconds / event.budget) if event.budget else 1.0
            self._bar.update(self._task, completed=share, left=left, figures=figures)
        elif event.seconds - self._last >= PLAIN_EVERY:
            self._last = event.seconds
            self.say(f"{left}  {figures}")


class _Column(ProgressColumn):
    """A column with one of the task's fields as plain text on one row, cut if there is no room, unless kept whole."""

    def __init__(self, name: str, *, whole: bool = False) -> None:
        super().__init__(Column(no_wrap=whole))
        self._name = name

    def render(self, task: Task) -> Text:
        return Text(tr(str(task.fields[self._name])), no_wrap=True, overflow="ellipsis")


def _figures(event: events.Saved) -> str:
    if event.bits_per_character is None or event.bits_per_character_cached is None:
        return "nothing was held out to measure it by"
    static, cached = event.bits_per_character, event.bits_per_character_cached
    return f"{static:.3f} bits per character on held-out text, {cached:.3f} with the cache"


def describe(event: events.TrainEvent) -> str:
    """A sentence about an event, if it is one of the rarer ones; empty for the others."""
    if isinstance(event, events.Prepared):
        words, numbers = f"{event.words:,}", f"{event.parameters:,}"
        if event.cast:
            return f"{words} words and symbols, {event.cast} characters; a network of {numbers} parameters"
        return f"{words} words and symbols; a network of {numbers} parameters"
    if isinstance(event, events.Shortened):
        if event.seconds < 60.0:
            seconds = f"{event.seconds:.0f}"
            return f"About {seconds} seconds are enough; then the script would only be learnt by heart."
        minutes, budget = f"{event.seconds / 60.0:.1f}", f"{event.budget / 60.0:g}"
        return f"About {minutes} of the {budget} minutes are enough; then the script would only be learnt by heart."
    if isinstance(event, events.Sample):
        return f"  {labelled(event.character, event.text)}"
    if isinstance(event, events.Warned):
        return f"warning: {event.sentence}" + (f"\n  {event.hint}" if event.hint else "")
    if isinstance(event, events.Saved):
        saved = f"Saved {event.path}: {_figures(event)}."
        return f"Interrupted; the best so far is kept. {saved}" if event.interrupted else saved
    return ""
