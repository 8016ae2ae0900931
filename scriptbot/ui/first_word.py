"""Whether the first word on the command line is a command, was meant to be one, or begins a text."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence

from scriptbot.errors import UsageError
from scriptbot.likeness import alike


def command_first(arguments: Sequence[str], commands: Collection[str]) -> list[str]:
    """The arguments, with any ``--language`` before the name of a command moved behind it, where options belong."""
    args, spoken = list(arguments), list[str]()
    while args and (args[0] == "--language" or args[0].startswith("--language=")):
        width = 2 if args[0] == "--language" else 1
        spoken, args = [*spoken, *args[:width]], args[width:]
    return [args[0], *spoken, *args[1:]] if args and args[0] in commands else list(arguments)


def refuse_commands(text: Sequence[str], commands: Collection[str]) -> None:
    """Raise UsageError if a text on the command line was meant to be a command."""
    if len(text) == 1 and text[0].casefold() == "help":
        raise UsageError("There is no command called “help”.", "See scriptbot --help.")
    if text and text[0] in commands:  # only options can have kept it from being the first argument
        raise UsageError(
            f"Options go after a command, not before it: {text[0]}.",
            f"See scriptbot {text[0]} --help.",
        )
    near = alike(text[0], commands) if text else ""
    alone = len(text) == 1 and sys.stdin is not None and sys.stdin.isatty()
    if near and (alone or (len(text) > 1 and os.path.exists(text[1]))):
        raise UsageError(
            f"There is no command called “{text[0]}”.",
            f"Did you mean “{near}”? Type what you want to say in the conversation."
            if alone
            else f"Did you mean “{near}”?",
        )


def tell_near_commands(text: Sequence[str], commands: Collection[str]) -> None:
    """Warn that a text whose first word looks like a command is taken as text, since it may be meant as one."""
    from scriptbot.ui.view import report

    if text and (near := alike(text[0], commands)):
        report(UsageError(f"There is no command called “{text[0]}”; it is taken as text.", f"Did you mean “{near}”?"))
