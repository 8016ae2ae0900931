"""The keys of the prompt, on a pseudo-terminal."""

from __future__ import annotations

from terminal import Terminal


def test_colour_codes_that_come_as_if_they_were_typed_are_left_out(terminal: Terminal) -> None:
    answer = terminal.say("\x1b[31mWhat\x1b[0m \x1b[1;32mlight?\x1b[m")
    assert answer[0].startswith(("ROMEO:", "JULIET:")) and "Exception" not in terminal.shown, terminal.shown
    assert "> What light?" in terminal.lines
    terminal.say("\x1b[<0;1;1MSoft!")
    assert "> Soft!" in terminal.lines and "Exception" not in terminal.shown
