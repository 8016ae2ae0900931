"""Who speaks, and what has been said."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from scriptbot.commands.registry import Command, Reply, Result, Said

if TYPE_CHECKING:
    from scriptbot.session.session import Session


def _character(session: Session, arguments: list[str]) -> Result:
    if not arguments:
        return Said((session.character or "anyone",))
    session.choose(arguments[0])
    return Said((f"{session.character or 'Anyone'} answers now.",))


def _cast(session: Session, arguments: list[str]) -> Result:
    if not session.is_script:
        return Said(("This model knows no characters: it was trained on plain text.",))
    width = max(map(len, session.engine.cast))
    rows = zip_longest(session.engine.cast, session.model.cast_lines, fillvalue=0)
    return Said(tuple(f"{name:<{width}}  {lines:>6,} lines" for name, lines in rows))


def _me(session: Session, arguments: list[str]) -> Result:
    if arguments:
        session.be(arguments[0])
    return Said((f"You are {session.me}.",))


def _continue(session: Session, arguments: list[str]) -> Result:
    return Reply(session.proceed())


def _retry(session: Session, arguments: list[str]) -> Result:
    return Reply(session.retry())


def _undo(session: Session, arguments: list[str]) -> Result:
    taken = session.undo()
    return Said(("There is nothing to take back." if taken is None else "The last turn is taken back.",))


def _reset(session: Session, arguments: list[str]) -> Result:
    session.reset()
    return Said(("A fresh conversation.",))


COMMANDS = (
    Command(
        "character",
        _character,
        "choose who answers; “any” leaves it to the model",
        "[NAME]",
        most=1,
        completes="character",
        rest=True,
    ),
    Command("cast", _cast, "list the characters the model knows"),
    Command("me", _me, "choose who you are", "[NAME]", most=1, completes="character", rest=True),
    Command("continue", _continue, "let them go on without you"),
    Command("retry", _retry, "take the last reply back and draw another"),
    Command("undo", _undo, "take the last turn back"),
    Command("reset", _reset, "forget the conversation"),
)
