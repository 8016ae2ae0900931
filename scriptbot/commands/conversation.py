"""Who speaks, and what has been said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from scriptbot.commands.columns import padded, widest
from scriptbot.commands.registry import Command, Reply, Result, Said, Typed, Verbatim
from scriptbot.errors import UsageError
from scriptbot.text.cast import fold, nearest
from scriptbot.text.labels import labelled

if TYPE_CHECKING:
    from scriptbot.session.conversation import Take
    from scriptbot.session.session import Session
    from scriptbot.session.typed import Line


MOST_SHOWN = 20  # members of the cast that are listed, unless all are asked for
MOST_QUOTED = 60  # characters that are quoted of what was taken back
MOST_TAKES = 20  # takes that can be drawn at a time
_WHOLE = re.compile(r"-?[0-9]{1,9}")
HANGING = 8  # columns by which the list of takes indents the second line of a long one


def _character(session: Session, arguments: list[str]) -> Result:
    if not arguments:
        return Said((Verbatim(session.character) if session.character else "anyone",))
    session.set_answering(arguments[0])
    return Said((f"{session.character} answers now." if session.character else "Anyone may answer now.",))


def _cast(session: Session, arguments: list[str]) -> Result:
    if not session.is_script:
        return Said(("This model knows no characters: it was trained on plain text.",))
    wanted = " ".join(arguments)
    cast = session.engine.cast
    rows = list(zip(cast, [*session.model.cast_lines, *[0] * len(cast)], strict=False))
    if wanted and wanted != "all":
        rows = [row for row in rows if fold(wanted) in fold(row[0])]
    shown = rows if wanted else rows[:MOST_SHOWN]
    if not shown:
        raise UsageError(f"Nobody in the cast is called anything like “{wanted}”.", ":cast all lists everybody.")
    width = widest(name for name, _ in shown)
    lines = list[str]()
    lines.append("Cast, and how many of their speeches the model learnt from")
    lines += [Verbatim(f"  {padded(name, width)}  {spoken:>6,}") for name, spoken in shown]
    if len(shown) < len(rows):
        lines.append(f"and {len(rows) - len(shown):,} more; :cast all lists everybody, :cast NAME looks for one.")
    return Said(tuple(lines))


def _me(session: Session, arguments: list[str]) -> Result:
    answering = session.character
    if arguments:
        session.set_person(arguments[0])
    lines = list[str]()
    lines.append(f"You are “{session.me}”.")
    if answering and not session.character:
        lines.append("Anyone may answer now.")
    return Said(tuple(lines))


def _continue(session: Session, arguments: list[str]) -> Result:
    return Reply(session.proceed())


def _retry(session: Session, arguments: list[str]) -> Result:
    return Reply(session.retry())


def _takes(session: Session, arguments: list[str]) -> Result:
    from scriptbot.session.session import TAKES

    count = _number(arguments[0], 0, MOST_TAKES) if arguments else None
    takes = session.takes(count)
    there = len(session.history.last.takes)
    return Said(_listed(session, takes, there + count if count is not None else max(there, TAKES)))


def _listed(session: Session, takes: Iterable[Take], promised: int) -> Iterator[str]:
    """The lines of a list of numbered replies; the current one has a star.

    Args:
        promised: how many there are to be; if fewer come, that is told.
    """
    number, others = 0, list[int]()
    for number, take in enumerate(takes, 1):
        stands = session.stands(take)
        others += [] if stands else [number]
        mark = f"{number:>3}{'*' if stands else ' '}  "
        for line in take:
            text = " ".join(line.text.split())
            yield Verbatim(mark + labelled(line.character, text), HANGING)
            mark = " " * len(mark)
    other = next((number for number in others if number > 1), others[0] if others else None)
    if number < promised:
        if other:
            yield f":take {other} replaces the reply with that one."
        yield "Nothing else came up; a higher temperature finds more."
    elif other:
        yield f":take {other} replaces the reply with that one; :takes 4 draws four more."
    else:
        yield ":takes 4 draws four more."


def _take(session: Session, arguments: list[str]) -> Result:
    typed = arguments[0]
    takes = session.history.turns[-1].takes if session.history.turns else []
    if _WHOLE.fullmatch(typed):
        number = int(typed)
    else:
        number = _number(typed, 1, len(takes)) if takes else 1  # without any, that is told
    if 1 <= number <= len(takes) and session.stands(takes[number - 1]):
        return Said(("That is the current reply.",))
    return Reply(session.take(number))


def _number(typed: str, least: int, most: int) -> int:
    """A whole number as typed.

    Raises:
        UsageError: it is no whole number, or not between ``least`` and ``most``.
    """
    if not typed.isdecimal() or len(typed) > len(str(most)) or not least <= int(typed) <= most:
        raise UsageError(
            f"“{typed}” is not a number from {least} to {most:,}.", ":help takes explains how to choose a reply."
        )
    return int(typed)


def _edit(session: Session, arguments: list[str]) -> Result:
    last = session.last_speech
    if arguments:
        notices = list[str]()
        for name in session.no_names(arguments[0]):
            notices.append(f"Nobody in the cast is called “{name}”; the name stays part of the words.")
            if near := nearest(name, session.engine.cast):
                notices.append(f"Did you mean {near}?  :undo brings back the previous speech.")
        return Reply(session.edit(arguments[0]), tuple(notices))
    return Typed(f":edit {labelled(last.character, last.text.strip())}")


def _undo(session: Session, arguments: list[str]) -> Result:
    before = session.transcript
    replaced = list(session.history.turns[-1].said) if session.history.turns else []
    brought_back = session.revert()
    if worded := _worded(brought_back or ()):
        anew = [line for line in worded if line not in replaced]  # “:edit” has kept all but the last
        return Said((f"The reply is restored: “{_quoted((anew or worded)[0].text)}”",))
    if brought_back is not None and (gone := _worded(before[len(session.transcript) - len(brought_back) :])):
        return _taken_back((), gone)  # nothing was said before
    taken = session.undo()
    if taken is None and session.restore():
        return Said(("The conversation is back.",))
    if taken is None:
        return Said(("Nothing earlier can be taken back." if session.transcript else "There is nothing to take back.",))
    return _taken_back(taken.read, taken.said)


def _taken_back(read: Sequence[Line], said: Sequence[Line]) -> Result:
    """What was taken back, of what a person said and the reply to it; not both are empty."""
    heard, answered = _worded(read), _worded(said)
    count = len(heard) + len(answered)
    first, *_ = heard or answered or read or said
    words = _quoted(first.text if heard else labelled(first.character, first.text))
    if len(heard) == len(answered) == 1:
        return Said((f"Taken back: “{words}” and the reply to it.",))
    if count > 1:
        return Said((f"Taken back: “{words}” and what followed; {count:,} speeches in all.",))
    return Said((f"Taken back: “{words}”",))


def _worded(lines: Iterable[Line]) -> list[Line]:
    """The lines in which anything is said; a reply may have been stopped right after a cue."""
    return [line for line in lines if line.text.strip()]


def _quoted(text: str) -> str:
    """The beginning of what was said, as a single line."""
    said = " ".join(text.split())
    return said if len(said) <= MOST_QUOTED else f"{said[:MOST_QUOTED].rstrip()}…"


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
        more="Any unambiguous spelling of the name will do, or just its beginning. Without NAME, it shows who answers.",
    ),
    Command(
        "cast",
        _cast,
        "list whom the model knows; “all” lists everybody",
        "[NAME]",
        most=1,
        completes="member",
        rest=True,
        more="With NAME, it lists the characters whose names contain it.",
    ),
    Command(
        "me",
        _me,
        "choose who you are",
        "[NAME]",
        most=1,
        completes="character",
        rest=True,
        more=(
            "Your lines are read as this character’s, and nobody else speaks for it. “any” makes you the script’s own "
            "visitor again. Without NAME, it shows who you are."
        ),
    ),
    Command(
        "continue",
        _continue,
        "let them go on without you",
        more="They hear nothing from you; the next of them speaks.",
        instead="One of them speaks at a time; after “:lines 3”, it is three.",
    ),
    Command(
        "retry",
        _retry,
        "take the last reply back and draw another",
        more="What you said stays; the words are drawn anew, so it is hardly ever the same reply.",
        instead="It draws one other reply; “:takes 3” draws three, to choose from.",
    ),
    Command(
        "takes",
        _takes,
        "list other replies to choose from",
        "[N]",
        most=1,
        more=(
            "There are up to five; with N, up to that many more are drawn. The current one has a star, and those that "
            "“:retry” took back are among them. They last as long as the session and its model."
        ),
    ),
    Command(
        "take",
        _take,
        "replace the reply with one of the takes",
        "N",
        least=1,
        most=1,
        more="The conversation goes on from there; “:undo” brings back the previous reply.",
    ),
    Command(
        "edit",
        _edit,
        "change what was said last",
        "[TEXT]",
        most=1,
        words=True,
        more=(
            "TEXT replaces the last speech, and what is said next follows from it; “OTTO: text” is said by Otto, and "
            "“OTTO:” gives him the existing words; only names of the cast and your own count. Without TEXT, the "
            "speech appears at the prompt, to be changed there; Ctrl-C leaves it as it is. “:undo” brings back the "
            "previous speech."
        ),
    ),
    Command(
        "undo",
        _undo,
        "take the last turn back",
        more=(
            "Your line goes with the reply. Up to fifty turns can be taken back, one by one; changes by “:edit” and "
            "“:take” go first."
        ),
        instead="It takes back one turn at a time.",
    ),
    Command(
        "reset",
        _reset,
        "forget the conversation",
        more=(
            "What stays: who answers, the settings, the random numbers, and a conversation that waits for another "
            "model. “:undo” brings the forgotten one back, as long as nothing new has been said."
        ),
    ),
)
