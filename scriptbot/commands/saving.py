"""The conversation as a script in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scriptbot.commands.registry import Command, Result, Said
from scriptbot.errors import OutputError, UsageError
from scriptbot.text.clean import printable

if TYPE_CHECKING:
    from scriptbot.session.session import Session

USAGE = "Say where: :save scene.fountain, .fdx, .jsonl or .txt."


def _save(session: Session, arguments: list[str]) -> Result:
    from scriptbot.text.convert import format_for, written
    from scriptbot.text.script import Direction, Element, Scene, Span, Speech
    from scriptbot.text.whole import write_whole

    path = Path(os.path.expanduser(arguments[0])) if arguments else session.saved
    if path is None:
        raise UsageError("Nothing has been saved yet that could be saved again.", USAGE)
    said = [(printable(line.character), printable(line.text)) for line in session.transcript if line.text.strip()]
    if not said:
        raise UsageError("Nothing has been said yet.", "Say something first.")
    if path != session.saved and (path.exists() or path.is_symlink()):
        raise OutputError(f"“{path}” is there already.", "Choose another name.")
    if session.is_script:
        nowhere = Span(0, 0)
        elements: tuple[Element, ...] = tuple(
            Speech(name, text.strip(), nowhere) if name else Direction(text.strip(), nowhere) for name, text in said
        )
        target = format_for(path.suffix, None)
        lost = written(lambda: [Scene(elements, nowhere)], target, path)[1]
    else:
        if path.suffix.lower() not in (".txt", ""):
            raise UsageError("Plain text is no script.", "Choose a name that ends in .txt.")
        lost = []
        write_whole(path, ("".join(text for _, text in said).strip() + "\n").encode("utf-8", "replace"))
    session.saved = path
    return Said((f"{len(said):,} lines are in “{path}” now; :save alone saves there again.", *lost))


COMMANDS = (
    Command(
        "save",
        _save,
        "write the conversation down as a script",
        "[FILE]",
        most=1,
        completes="path",
        rest=True,
        more=(
            "Its ending says how: .fountain, .fdx (Final Draft), .jsonl or .txt. No file is written over but the one "
            "that was saved before; without FILE that is meant."
        ),
    ),
)
