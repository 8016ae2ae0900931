"""Whether the first word on the command line is a command, was meant to be one, or begins a text."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence

import click

from scriptbot.errors import UsageError
from scriptbot.likeness import alike

_EXTENSION = re.compile(r"\w\.\w")  # my.txt
_ENDS = (",", ".", "!", "?", "…", ":", ";", "，", "。", "！", "？", "：")


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


def refuse_commands(text: Sequence[str], commands: Collection[str], *, told: bool) -> None:
    """Raise UsageError if a text on the command line was meant to be a command; a sentence is only reported.

    Args:
        text: the words as the shell parted them, without those behind “--”, which are text in any case.
        told: whether nothing else is said, so that the text may be a command even if no file is named.
    """
    if len(text) == 1 and text[0].casefold() == "help":
        raise UsageError("There is no command called “help”.", "See scriptbot --help.")
    near = _near(text, commands)
    if not near or not (told or _names_a_file(text)):
        return
    if _is_sentence(text):
        from scriptbot.ui.view import report

        report(UsageError(f"There is no command called “{text[0]}”; it is taken as text.", f"Did you mean “{near}”?"))
        return
    if len(text) == 1 and sys.stdin is not None and sys.stdin.isatty():
        hint = f"Did you mean “{near}”? Type what you want to say in the conversation."
    else:
        hint = f"Did you mean “{near}”? Text that looks like a command goes behind two hyphens: scriptbot -- TEXT"
    raise UsageError(f"There is no command called “{text[0]}”.", hint)


def _names_a_file(text: Sequence[str]) -> bool:
    """Whether a file is named behind the first word, or a folder by a path: many a word is the name of a folder."""
    return any(os.path.isfile(word) or (os.sep in word and os.path.exists(word)) for word in text[1:])


def _is_sentence(text: Sequence[str]) -> bool:
    """Whether words are a sentence rather than a command and what it works on: there are at least three, or one that
    ends as in a sentence; and none is, or looks like, the path of a file."""
    paths = any(os.sep in word or _EXTENSION.search(word) for word in text[1:])
    ended = any(word.endswith(_ENDS) for word in text)
    return (len(text) > 2 or ended) and not paths and not any(os.path.exists(word) for word in text[1:])


def _near(text: Sequence[str], commands: Collection[str]) -> str:
    """The command that the first word of a text looks like; empty if none."""
    return alike(text[0].casefold(), commands) if text else ""
