"""The commands for help and for leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptbot import config
from scriptbot.commands.registry import COLONS, Command, Quit, Registry, Result, Said, usage
from scriptbot.commands.sampling import explained

if TYPE_CHECKING:
    from scriptbot.session.session import Session


def commands(registry: Registry) -> tuple[Command, ...]:
    """The commands ``:help``, which reads the registry, and ``:quit``."""

    def help(session: Session, arguments: list[str]) -> Result:
        name = arguments[0].lstrip("".join(COLONS)).lower() if arguments else ""
        option = config.option_named(name)
        if option and not any(command.startswith(name) for command in registry.commands):
            return explained(session, option)
        if name:
            command = registry.find(name)
            return Said((usage(command), f"  {command.help}", *([f"  {command.more}"] if command.more else [])))
        # In 24 rows of 80 columns, the prompt and the toolbar included.
        lines = [f"{usage(command):<21}  {command.help}" for command in registry.commands.values()]
        return Said((*lines, "", "All else is said to the characters; ::text says a line starting with a colon."))

    def leave(session: Session, arguments: list[str]) -> Result:
        return Quit()

    return (
        Command(
            "help",
            help,
            "list the commands, or explain one",
            "[COMMAND]",
            most=1,
            completes="command",
            more="It also explains the options of “:set”: “:help contrast”.",
        ),
        Command("quit", leave, "leave"),
    )
