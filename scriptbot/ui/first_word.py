"""Whether the first word on the command line is a command, was meant to be one, or begins a text."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence

import click

from scriptbot.errors import UsageError
from scriptbot.likeness import alike


def command_first(arguments: Sequence[str], talk: click.Command, commands: Mapping[str, click.Command]) -> list[str]:
    """The arguments, with any options before the name of a command moved behind it, where they belong.

    Args:
        talk: the session, whose options a text may follow.
        commands: every command by its name.
    """
    options = [option for command in (talk, *commands.values()) for option in command.params]
    valued = {name for option in options if not getattr(option, "is_flag", False) for name in option.opts}
    place = 0
    while place < len(arguments) and arguments[place].startswith("-") and arguments[place].strip("-"):
        place += 2 if arguments[place] in valued else 1
    if place < len(arguments) and (name := arguments[place]) in commands:
        return [name, *arguments[:place], *arguments[place + 1 :]]
    return list(arguments)


def refuse_commands(text: Sequence[str], commands: Collection[str]) -> None:
    """Raise UsageError if a text on the command line was meant to be a command."""
    if len(text) == 1 and text[0].casefold() == "help":
        raise UsageError("There is no command called “help”.", "See scriptbot --help.")
    near = _near(text, commands)
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

    if near := _near(text, commands):
        report(UsageError(f"There is no command called “{text[0]}”; it is taken as text.", f"Did you mean “{near}”?"))


def _near(text: Sequence[str], commands: Collection[str]) -> str:
    """The command that the first word of a text looks like; empty if none, or if it is one, kept as text by “--”."""
    return alike(text[0], commands) if text and text[0] not in commands else ""
