"""The commands for the settings by which replies are drawn."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from scriptbot import config
from scriptbot.commands.registry import Command, Result, Said
from scriptbot.errors import UsageError

if TYPE_CHECKING:
    from scriptbot.session.session import Session


_ELSEWHERE = ("model", "character", "me")  # no options here: each has a command of its own, and a flag in the shell


def _put(session: Session, name: str, value: str) -> Result:
    if better := _meant(name, value):
        raise UsageError(f"There is no option called “{name}”.", f"Did you mean “{better}”?")
    session.put(name, value)
    name = config.key(name)
    if name == "seed":  # choosing the same one again restarts it
        session.reseed(session.settings.seed)
    return Said((f"{config.shown(name)} is now {_value(session, name)}.",))


def _meant(typed: str, value: str) -> str:
    """The command that was meant by “:set” with ``temperature=1`` or ``model soseki`` behind it; empty if none was."""
    name, equals, behind = typed.partition("=")
    option = config.option_named(name) if equals else None
    command = f":{name.lower()}" if name.lower() in _ELSEWHERE else f":set {option}" if option else ""
    return " ".join(filter(None, [command, behind, value])) if command else ""


def _one(name: str, session: Session, arguments: list[str]) -> Result:
    return _put(session, name, arguments[0]) if arguments else Said((_value(session, name),))


def _value(session: Session, name: str) -> str:
    """The value of an option as a person would type it; of the seed, the one in use even if nobody chose it."""
    value = session.seed if name == "seed" else getattr(session.settings, name)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def explained(session: Session, option: str) -> Result:
    """What an option does, the values it may have, and the one it has now."""
    (field,) = (field for field in dataclasses.fields(session.settings) if config.shown(field.name) == option)
    value = _value(session, field.name)
    return Said(
        (
            f":set {option} [VALUE]",
            f"  {field.metadata['help']}",
            f"  {config.describe_range(field) or 'It can be on or off.'}",
            f"  It is now {value}; “:set {option} default” restores what suits the model."
            if field.name in config.SUITED
            else f"  It is now {value}.",
        )
    )


def _set(session: Session, arguments: list[str]) -> Result:
    if len(arguments) == 2:
        return _put(session, *arguments)
    rows = list(dataclasses.fields(session.settings))
    if arguments:
        wanted = config.key(arguments[0])
        rows = [field for field in rows if field.name == wanted]
        if not rows:
            return _put(session, arguments[0], "")
    shown = (f"{config.shown(f.name):<18}  {_value(session, f.name):<10}  {f.metadata['help']}" for f in rows)
    return Said(tuple(shown))


COMMANDS = (
    Command(
        "temperature",
        partial(_one, "temperature"),
        "low repeats the likely, high invents",
        "[X]",
        most=1,
        more=(
            "0.5 is careful, 1 is like the script, 1.3 is wild; “default” is what suits the model. Without X, it shows "
            "the value."
        ),
    ),
    Command(
        "set",
        _set,
        "show or change how words are drawn",
        "[OPTION [VALUE]]",
        most=2,
        completes="option",
        more=(
            "Without OPTION, it lists them all with their values. “:set seed 7” makes what follows repeatable; “:set "
            "candidates 1” takes the first reply that is drawn; “default” is what suits the model."
        ),
    ),
    Command(
        "lines",
        partial(_one, "lines"),
        "speeches per reply",
        "[N]",
        most=1,
        more="With more than one, they talk among themselves before it is your turn.",
    ),
)
