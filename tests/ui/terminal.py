"""A pseudo-terminal, and the screen that a person would look at."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pexpect
import pyte

COLUMNS, ROWS = 80, 30
PATIENCE = 20.0  # seconds
TOOLBAR = re.compile(r"  temperature [\d.]+$|\(still loading\)$")


class Terminal:
    """A child on a pseudo-terminal, and the screen it would show."""

    def __init__(
        self, *arguments: str, redirect: Path | None = None, shell: bool = False, kind: str = "xterm-256color"
    ) -> None:
        environment = {**os.environ, "TERM": kind}
        for name in ("COLUMNS", "LINES"):  # the terminal says how large it is
            environment.pop(name, None)
        command = [sys.executable, "-m", "scriptbot", *arguments]
        if redirect:
            command = ["bash", "-c", 'exec "$@" > "$0"', str(redirect), *command]
        if shell:
            command = ["bash", "--norc", "--noediting"]
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            env=environment,
            dimensions=(ROWS, COLUMNS),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=5000)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the child has written."""
        try:
            text = self.child.read_nonblocking(65536, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += text
        for part in text.split("\x1b[6n")[:-1]:  # “where is the cursor?”, which a terminal answers
            self._stream.feed(part)
            self.child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        self._stream.feed(text.rpartition("\x1b[6n")[2])

    @property
    def shown(self) -> str:
        """Everything on the screen and above it."""
        above = ["".join(line[x].data for x in range(COLUMNS)) for line in self.screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self.screen.display])

    def wait(self, *words: str) -> None:
        """Until all of them have been seen."""
        end = time.monotonic() + PATIENCE
        while not all(word in self.shown for word in words):
            assert time.monotonic() < end, f"{words} not seen in:\n{self.shown}"
            self.read()

    def ready(self) -> None:
        """Until the prompt stands below everything else, waiting."""
        end = time.monotonic() + PATIENCE
        while self.lines[-1:] != [">"]:
            assert time.monotonic() < end, f"no prompt in:\n{self.shown}"
            self.read()

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty, the toolbar at the bottom left out."""
        return [line for line in self.shown.split("\n") if line.strip() and not TOOLBAR.search(line)]

    def say(self, line: str) -> list[str]:
        """Type a line; the lines that have come by the next prompt."""
        self.ready()
        before = len(self.lines) - 1
        self.child.send(line + "\r")
        end = time.monotonic() + PATIENCE
        while len(self.lines) < before + 2 or self.lines[-1] != ">":
            assert time.monotonic() < end, f"no answer to {line!r} in:\n{self.shown}"
            self.read()
        return self.lines[before + 1 : -1]

    def close(self) -> int | None:
        """Wait for the end; the exit status."""
        end = time.monotonic() + PATIENCE
        while self.child.isalive():
            assert time.monotonic() < end, f"still there:\n{self.shown}"
            self.read()
        self.child.close()
        return self.child.exitstatus
