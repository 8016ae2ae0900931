"""The commands that show, list, change and train models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scriptbot.commands.columns import padded, widest
from scriptbot.commands.registry import Command, Result, Retrain, Row, Said, Verbatim
from scriptbot.errors import ModelFileError
from scriptbot.text.cast import fold

if TYPE_CHECKING:
    from scriptbot.lm.model import Model
    from scriptbot.session.model_facts import Installed
    from scriptbot.session.session import Session


_OF_THE_SHELL = re.compile("“scriptbot (?:train|models)”(?![?])")  # with a question mark it is a name that may be meant
WAITS = "It writes differently, so the conversation waits for a model of its kind; a new one begins."


def swapped(session: Session, model: Model, place: Path) -> list[str]:
    """Continue with another model.  Returns what the person should know about the change, in sentences."""
    from scriptbot.session.session import Swap

    before, spoken, lines = session.character, bool(session.transcript), list[str]()
    swap = session.swap(model, place.stem, place)
    if swap is Swap.BEGINS_ANEW:
        lines.append(WAITS)
    elif swap is Swap.TAKEN_UP:
        lines.append("The conversation that waited for a model of its kind resumes.")
        if spoken:
            lines.append("The previous one waits.")
    others = {fold(line.character) for line in session.transcript} - {fold(session.me), ""}
    if others and others.isdisjoint(map(fold, session.engine.cast)):
        lines.append("Nobody in the conversation is in its cast; it goes on all the same.  :reset begins a fresh one.")
    if before and not session.character and fold(before) == fold(session.me):  # nobody else speaks for the person
        lines.append(f"You are “{session.me}”.")
        lines.append("Anyone may answer now.")
    elif before and not session.character:
        lines.append(f"It does not know {before}; anyone answers.")
    return lines


def _model(session: Session, arguments: list[str]) -> Result:
    if not arguments:
        return Said((Verbatim(session.name),))
    from scriptbot.lm.model_file import load_model
    from scriptbot.session import library

    try:
        path = library.resolve(arguments[0])
        model = load_model(path)
    except ModelFileError as error:
        raise ModelFileError(error.sentence, "\n".join(_here(line) for line in error.hint.split("\n"))) from error
    lines = swapped(session, model, path)
    return Said((f"Now talking with “{session.name}”.", *lines))


def _here(line: str) -> str:
    """A line of a hint; if it names a command of the shell, commands of the session instead."""
    return ":models lists the installed models, :retrain makes a new one." if _OF_THE_SHELL.search(line) else line


def listed(models: Sequence[Installed], usual: Callable[[Installed], bool]) -> list[Row]:
    """A row for each model; those that are ``usual`` have a star."""
    from scriptbot.session import library, model_facts

    width, base = widest(model.name for model in models) if models else 0, library.base()
    return [
        Row(
            f"{'*' if usual(model) else ' '} {padded(model.name, width)}  ",
            "  ".join(_facts(model, is_base=model_facts.is_same(base, model.path))),
        )
        for model in models
    ]


def _facts(model: Installed, *, is_base: bool) -> Iterator[str]:
    from scriptbot.session.model_facts import CACHED

    if model.info is None:
        yield f"damaged: {model.path}"
        return
    bits = model.info.provenance.get(CACHED)
    figure = f"{bits:.2f} bits/char" if isinstance(bits, float) else ""
    yield f"{model.info.bytes / 1e6:5.1f} MB"
    yield f"{figure:<14}"
    if is_base:  # its cast is from plays that nobody asked for
        yield "trainings on English start here"
    else:
        yield f"{len(model.info.cast)} characters: {model.info.cast[0][0]}, …" if model.info.cast else "plain text"


def _models(session: Session, arguments: list[str]) -> Result:
    from scriptbot.session import library, model_facts

    faults = [fault.sentence for fault in library.unreadable()]
    models = model_facts.described(session.place)
    if rows := listed(models, lambda model: model_facts.is_same(session.place, model.path)):
        return Said((*rows, *faults))
    return Said(("There are no models.", *faults))


def _retrain(session: Session, arguments: list[str]) -> Result:
    return Retrain(tuple(arguments))


COMMANDS = (
    Command(
        "model",
        _model,
        "show or change the model",
        "[NAME]",
        most=1,
        completes="model",
        rest=True,
        more=(
            "The beginning of the name, or of a word in it, will do. The model reads the conversation first and goes "
            "on with it. One that writes without spaces has its own conversation; the other one waits."
        ),
    ),
    Command(
        "models",
        _models,
        "list the installed models",
        more="Yours are listed before those that came with the program; the one in use has a star.",
    ),
    Command(
        "retrain",
        _retrain,
        "train a model and talk with it",
        "[PATH...] [OPTION...]",
        most=None,
        completes="path",
        more=(
            "Without PATH, it reads the bundled scripts. It takes the options of “scriptbot train”: --minutes 2, "
            "--from scratch, --format text. Ctrl-C ends it early and keeps the best so far; the new model is kept "
            "among yours and takes over the conversation."
        ),
    ),
)
