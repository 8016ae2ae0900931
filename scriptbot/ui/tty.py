"""The terminal while nobody is asked anything."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """What is typed meanwhile is not shown and waits, Enter included, for the next prompt; Ctrl-C and Ctrl-Z work.

    Nothing is changed where stdin is no terminal, or the system has no termios.
    """
    try:
        import termios
    except ImportError:
        yield
        return
    try:
        before = termios.tcgetattr(sys.stdin)
    except (OSError, ValueError, termios.error):
        yield
        return
    inputs, outputs, control, local, *rest = before
    inputs &= ~termios.ICRNL  # Enter stays Enter: as a line feed it would be read as a new line, not as an end
    local &= ~(termios.ECHO | termios.ICANON)
    quiet = [inputs, outputs, control, local, *rest]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)
