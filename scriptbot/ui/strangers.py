"""What is told of names before a colon that the model does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptbot.text.cast import each_known, nearest
from scriptbot.text.clean import printable
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.session.session import Session

MOST_TOLD = 3  # names in one text that are told one by one


def notices(session: Session, text: str, *, undoable: bool) -> list[str]:
    """Lines about those who would speak in a text and are nobody so far, in the language of the interface.

    Args:
        text: what is about to be said.
        undoable: whether it can be taken back.
    """
    lines: list[str] = []
    names = session.strangers(text)
    for name in names[:MOST_TOLD]:
        told, near = printable(name), nearest(name, session.engine.cast)
        if each_known(name, (session.me, *session.engine.cast)):
            lines.append(f"“{told}” is read as one speaker; the model knows each of them alone.")
            continue
        lines.append(f"The model does not know “{told}”; the line is read as said by {told}.")
        if near and undoable:
            lines.append(f"Did you mean {printable(near)}?  :undo takes the turn back.")
        elif near:
            lines.append(f"Did you mean {printable(near)}?")
        elif len(names) == 1:  # “Listen: I have a plan.”; with several, a scene was pasted
            yours = f"If it is your own line, begin it with “{printable(session.me)}:”."
            lines.append(f"{yours}  :undo takes the turn back." if undoable else yours)
    if more := len(names[MOST_TOLD:]):
        lines.append(f"The model does not know others who speak in this text either ({more:,}).")
    return list(map(tr, lines))
