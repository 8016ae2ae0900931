"""How replies are drawn."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from scriptbot import config
from scriptbot.commands.registry import Command, Result, Said

if TYPE_CHECKING:
    from scriptbot.session.session import Session


def _put(session: Session, name: str, value: str) -> Result:
    session.settings = config.replace(session.settings, name, value)
    return Said((f"{name.replace('_', '-')} is {value} now.",))


def _one(name: str, session: Session, arguments: list[str]) -> Result:
    return _put(session, name, arguments[0]) if arguments else Said((f"{getattr(session.settings, name)}",))


def _temperature(session: Session, arguments: list[str]) -> Result:
    return _one("temperature", session, arguments)


def _lines(session: Session, arguments: list[str]) -> Result:
    return _one("lines", session, arguments)


def _set(session: Session, arguments: list[str]) -> Result:
    if len(arguments) == 2:
        return _put(session, *arguments)
    rows = list(dataclasses.fields(session.settings))
    if arguments:
        wanted = arguments[0].replace("-", "_")
        rows = [field for field in rows if field.name == wanted]
        if not rows:
            return _put(session, arguments[0], "")
    shown = (
        f"{f.name.replace('_', '-'):<20}{getattr(session.settings, f.name)!s:<8}{f.metadata['help']}" for f in rows
    )
    return Said(tuple(shown))


COMMANDS = (
    Command("temperature", _temperature, "low repeats the likely, high invents", "[X]", most=1),
    Command("set", _set, "show or change how words are drawn", "[OPTION [VALUE]]", most=2, completes="option"),
    Command("lines", _lines, "speeches per reply", "[N]", most=1),
)
