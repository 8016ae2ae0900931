"""Record a session as docs/session.svg: the real program on a pseudo-terminal, typed at, and its screen drawn.

python docs/record.py
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

COLUMNS, ROWS = 92, 32
SEED = 1
PATIENCE = 4.0  # seconds; a reply may take as long on a busy machine
LINES = (
    "Hello, anyone here?",
    "When does the next boat go?",
    ":character mabel",
    "Can I get something hot to drink?",
    ":takes",
    ":take 3",
    ":model shakespeare",
    "Who goes there?",
)
NAMES = {"brown": "yellow", "default": None}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_STATE_HOME": folder, "TERM": "xterm-256color"}
        screen = pyte.Screen(COLUMNS, ROWS)
        stream = pyte.Stream(screen)
        child = pexpect.spawn(
            sys.executable,
            ["-m", "scriptbot", "--seed", str(SEED)],
            env=environment,
            dimensions=(ROWS, COLUMNS),
            encoding="utf-8",
        )
        for line in (*LINES, ""):
            _quiet(child, screen, stream)
            child.send(line + "\r" if line else "")
        child.close(force=True)
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    for row in range(ROWS):
        text = Text()
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            colour = NAMES.get(cell.fg, cell.fg)
            colour = (
                f"#{colour}" if colour and len(colour) == 6 and colour.isalnum() and not colour.isalpha() else colour
            )
            if colour and colour.startswith("bright"):
                colour = "bright_" + {"brown": "yellow"}.get(colour[6:], colour[6:])
            text.append(cell.data, Style(color=colour, bold=cell.bold, reverse=cell.reverse))
        console.print(text, end="\n", soft_wrap=True)
    Path(__file__).with_name("session.svg").write_text(console.export_svg(title="scriptbot"), "utf-8")


def _quiet(child: pexpect.spawn, screen: pyte.Screen, stream: pyte.Stream) -> None:
    """Feed the screen until nothing has come for a while."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            text = child.read_nonblocking(65536, 0.1)
        except pexpect.TIMEOUT:
            continue
        except pexpect.EOF:
            return
        stream.feed(text)
        for _ in range(text.count("\x1b[6n")):  # “where is the cursor?”
            child.send(f"\x1b[{screen.cursor.y + 1};{screen.cursor.x + 1}R")
        end = time.monotonic() + PATIENCE


if __name__ == "__main__":
    main()
