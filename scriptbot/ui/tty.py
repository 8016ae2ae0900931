"""The terminal while no prompt is shown."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """A context in which typed keys are not shown but wait for the next prompt, Enter included; Ctrl-C and Ctrl-Z work.

    Nothing is changed if stdin is no terminal, or the system has no termios.
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
    inputs &= ~termios.ICRNL  # Enter stays Enter: the prompt would read a line feed as a new line, not as the end
    local &= ~(termios.ECHO | termios.ICANON)
    quiet = [inputs, outputs, control, local, *rest]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)
