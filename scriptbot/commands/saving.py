"""The command that saves the conversation as a script."""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from scriptbot.commands.registry import Command, Result, Said
from scriptbot.errors import OutputError, UsageError
from scriptbot.text.clean import printable

if TYPE_CHECKING:
    from scriptbot.session.session import Session
    from scriptbot.text.script import Scene

USAGE = "Name a file: :save scene.fountain, .fdx, .jsonl or .txt."


def _save(session: Session, arguments: list[str]) -> Result:
    path, place = _target(session, arguments[0] if arguments else "")
    said = [(printable(line.character), printable(line.text)) for line in session.transcript if line.text.strip()]
    if not said:
        raise UsageError("Nothing has been said yet.", "Say something first.")
    _check(session, path, place)
    lost = _write(said, path)
    session.history.note_saved(place)
    return Said(
        (
            f"Saved one line to “{path}”; a plain :save saves there again."
            if len(said) == 1
            else f"Saved {len(said):,} lines to “{path}”; a plain :save saves there again.",
            *lost,
        )
    )


def _target(session: Session, typed: str) -> tuple[Path, Path]:
    """(the file to save in as a person would write it, the same in one form): the one typed, or the one saved in last.

    Raises:
        UsageError: nothing was typed, and the conversation was not saved before.
        OutputError: the file would be in the current folder, which is gone.
    """
    if not typed and not session.history.saved:
        raise UsageError("This conversation has not been saved yet.", USAGE)
    path = Path(os.path.expanduser(typed)) if typed else _from_here(list(session.history.saved)[-1])
    try:
        return path, Path(os.path.normpath(path.absolute()))
    except OSError as error:
        raise OutputError(
            f"“{path}” could not be written: {error.strerror}.", "Choose another place for it."
        ) from error


def _check(session: Session, path: Path, place: Path) -> None:
    """Raise OutputError if it is a folder, or if the file exists and this conversation was not saved in it, or it has
    changed since then."""
    if not os.path.lexists(path):
        return
    if os.path.isdir(path):
        raise OutputError(f"“{path}” is a folder.", USAGE)
    if place not in session.history.saved:
        raise OutputError(f"“{path}” already exists.", "Choose another name.")
    if not session.history.is_as_saved(place):
        raise OutputError(f"“{path}” has changed since it was saved.", "Choose another name, or move that file away.")


def _write(said: list[tuple[str, str]], path: Path) -> list[str]:
    """Write what was said, in the format of the file's ending.  Returns what the format could not hold, in sentences.

    Raises:
        UsageError: no format that can be written has this ending.
        OutputError: the file cannot be written.
    """
    from scriptbot.text.atomic_write import write_whole
    from scriptbot.text.convert import format_for, written

    if not any(name for name, _ in said):  # plain text
        if path.suffix.lower() != ".txt":
            raise UsageError("Plain text is not a script.", "Choose a name that ends in .txt.")
        write_whole(path, ("".join(text for _, text in said).strip() + "\n").encode("utf-8", "replace"))
        return []
    try:
        return written(lambda: [_scene(said)], format_for(path.suffix, None), path)[1]
    except UsageError as error:
        raise UsageError(error.sentence, USAGE) from None


def _from_here(place: Path) -> Path:
    """A path as a person would write it in the current folder."""
    try:
        here = Path.cwd()
    except OSError:  # it is gone
        return place
    return place.relative_to(here) if place.is_relative_to(here) else place


def _scene(said: list[tuple[str, str]]) -> Scene:
    """What was said as a scene; consecutive pieces of plain text make one direction."""
    from scriptbot.text.script import Direction, Element, Scene, Span, Speech

    nowhere = Span(0, 0)
    elements: list[Element] = []
    for name, lines in groupby(said, key=itemgetter(0)):
        if name:
            elements += [Speech(name, text.strip(), nowhere) for _, text in lines]
        else:
            elements.append(Direction("".join(text for _, text in lines).strip(), nowhere))
    return Scene(tuple(elements), nowhere)


COMMANDS = (
    Command(
        "save",
        _save,
        "save the conversation as a script",
        "[FILE]",
        most=1,
        completes="path",
        rest=True,
        more=(
            "The ending sets the format: .fountain, .fdx (Final Draft), .jsonl or .txt. Only files that this "
            "conversation was saved to are overwritten, as long as nobody else has changed them; without FILE, it "
            "saves to the last one."
        ),
    ),
)
