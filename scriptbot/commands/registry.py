"""The table of ``:`` commands, from which dispatch, help, completion, argument checks and documentation are derived.

A command never prints: it returns a result, and the terminal decides how that looks.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scriptbot import config
from scriptbot.errors import UsageError
from scriptbot.likeness import meant

if TYPE_CHECKING:
    from scriptbot.lm.state import Piece
    from scriptbot.session.session import Session


class Verbatim(str):
    """A line that is not the program's own words: it is shown as it is, in every language of the interface.

    Attributes:
        hanging: columns by which the rows below the first are indented; None: as with any other line.
    """

    hanging: int | None

    def __new__(cls, text: str, hanging: int | None = None) -> Verbatim:
        line = super().__new__(cls, text)
        line.hanging = hanging
        return line


class Copied(Verbatim):
    """A command to copy: it is never folded into several lines, so that a terminal copies it in one piece."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: a name, padded and never translated, and what is said about it, which is."""

    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Said:
    """Lines to show, without styles.  They may take a while to come, and each is shown as soon as it does."""

    lines: Iterable[str | Row]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to stream, and lines to show before it."""

    pieces: Iterator[Piece]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A line that is already typed at the next prompt, to be edited."""

    line: str


@dataclass(frozen=True, slots=True)
class Retrain:
    """A model to train and then talk with; ``arguments`` as ``scriptbot train`` takes them."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


Result = Said | Reply | Typed | Retrain | Quit
Action = Callable[["Session", list[str]], Result]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        usage: its arguments as help shows them.
        least, most: how many arguments it takes; ``most`` None = any number.
        completes: what its arguments are: "character", "member" of the cast, "model", "path", "option", "command" or
            nothing.
        more: what “:help NAME” says besides ``help``.
        instead: for a command without arguments, what to do for what somebody may have meant who gives it one.
        rest: whether everything after the name is a single argument, spaces included.
        words: whether everything after the name is something to be said, quotation marks included.
    """

    name: str
    action: Action
    help: str
    usage: str = ""
    least: int = 0
    most: int | None = 0
    completes: str = ""
    rest: bool = False
    words: bool = False
    more: str = ""
    instead: str = ""


COLONS = (":", "：")  # a command begins with one of them; a line with two of them is said, less the first

# Names that other programs have for our commands; a hint tells ours.
MEANT = {
    "exit": "quit",
    "bye": "quit",
    "clear": "reset",
    "new": "reset",
    "train": "retrain",
    "speak": "character",
    "temp": "temperature",
}


@dataclass(slots=True)
class Registry:
    """Commands by name, in the order in which help lists them."""

    commands: dict[str, Command] = field(default_factory=dict)

    def add(self, *commands: Command) -> None:
        """Add commands; adding a name twice is a bug."""
        for command in commands:
            assert command.name not in self.commands, command.name
            self.commands[command.name] = command

    def find(self, word: str, *, begins: bool = False) -> Command:
        """The command with a name, or the only one whose name begins so.

        Args:
            begins: whether the word begins a line, which may be no command at all.

        Raises:
            UsageError: there is none, or more than one; the hint names the nearest.
        """
        word = word.lower()
        if word in self.commands:
            return self.commands[word]
        found = [name for name in self.commands if word and name.startswith(word)]
        if len(found) == 1:
            return self.commands[found[0]]
        if found:
            raise UsageError(f":{word} could be {_listed(found)}.", "Type a few more letters.")
        if option := config.option_named(word):
            raise UsageError(
                f"“{option}” is an option, not a command.",
                f"“:set {option} X” changes it, “:help {option}” explains it.",
            )
        near = MEANT.get(word) or meant(word, self.commands)
        hint = f"Did you mean :{near}?" if near else ":help lists the commands."
        otherwise = " To say a line that starts with a colon, begin it with ::" if begins else ""
        raise UsageError(f"There is no command :{word}.", hint + otherwise)

    def run(self, session: Session, line: str) -> Result:
        """Run a line that starts with a colon.

        Raises:
            ScriptbotError: the command or its arguments made no sense, or it failed.
        """
        word, rest = [*line[1:].split(None, 1), "", ""][:2]
        command = self.find(word, begins=True)
        arguments = arguments_of(command, rest.strip())
        if len(arguments) < command.least or (command.most is not None and len(arguments) > command.most):
            count = "too few" if len(arguments) < command.least else "too many"
            hint = command.instead or f"Usage: {usage(command)}"
            raise UsageError(f":{command.name} was given {count} arguments.", hint)
        return command.action(session, arguments)


def is_command(line: str) -> bool:
    """Whether a line is a command; one that begins with two colons is said."""
    return line.startswith(COLONS) and not line[1:].startswith(COLONS)


def arguments_of(command: Command, rest: str) -> list[str]:
    """The arguments in the text that follows a command's name.

    Raises:
        UsageError: a quotation mark is not closed.
    """
    if command.rest or command.words:
        return [rest if command.words else _unquoted(rest)] if rest else []
    if command.completes == "path" and rest and os.path.exists(os.path.expanduser(rest)):
        return [rest]  # one name, whatever spaces and quotation marks are in it
    words = shlex.shlex(rest, posix=True)
    words.whitespace += "\u3000"  # the wide space of East-Asian scripts
    words.whitespace_split, words.commenters = True, ""
    try:
        return list(words)
    except ValueError:
        raise UsageError("A quotation mark is not closed.", f"Usage: {usage(command)}") from None


def _unquoted(typed: str) -> str:
    """One argument without the quotation marks around it or the backslashes before spaces that a shell would want.

    Marks within it stay.
    """
    mark, name = typed[0], typed[1:-1]
    if mark in "'\"" and typed.endswith(mark) and name and mark not in name:
        return name
    return typed.replace("\\ ", " ")


def options_of(command: str, arguments: Sequence[str], names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """(the arguments that are no options, the values of the options); both ``--format play`` and ``--format=play`` do.

    Raises:
        UsageError: there is no such option, or it has no value.
    """
    rest, values, words = list[str](), dict[str, str](), iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        name = option.removeprefix("--")
        if name == option:
            rest.append(word)
            continue
        if name not in names:
            raise UsageError(f":{command} has no option {option}.", f":help {command} lists its options.")
        values[name] = value if equals else next(words, "")
        if not values[name]:
            raise UsageError(f"“{option}” needs a value.", f":help {command} lists its options.")
    return rest, values


def paths_of(arguments: Sequence[str]) -> tuple[Path, ...]:
    """The paths in some arguments; several may together be the name of one file with spaces in it."""
    paths = tuple(Path(os.path.expanduser(argument)) for argument in arguments)
    whole = Path(os.path.expanduser(" ".join(arguments)))
    return (whole,) if _missing(paths) and os.path.exists(whole) else paths


def path_hints(hint: str, paths: Sequence[Path]) -> str:
    """The hint of an error about some paths, with another one if a part of a name with spaces may be among them."""
    hints = [hint] if hint else []
    if _missing(paths):
        hints.append("Put names with spaces in quotes.")
    return "\n".join(hints)


def _missing(paths: Sequence[Path]) -> bool:
    """Whether any of several paths leads nowhere."""
    return len(paths) > 1 and not all(map(os.path.exists, paths))


def usage(command: Command) -> str:
    """``:name ARGUMENTS``."""
    return f":{command.name} {command.usage}".strip()


def _listed(names: Sequence[str]) -> str:
    """Two commands or more, of which one is meant: ``:takes, :take or :temperature``."""
    *others, last = (f":{name}" for name in names)
    return f"{', '.join(others)} or {last}"
