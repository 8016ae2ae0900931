"""The pipe: seed text on stdin, its continuation on stdout, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from scriptbot.errors import InputError, UndecodableText, UsageError
from scriptbot.text.clean import printable

if TYPE_CHECKING:
    from scriptbot.lm.engine import Piece
    from scriptbot.session.session import Session


@dataclass(frozen=True, slots=True)
class Line:
    """One generated line; ``character`` is empty for plain text, ``log_probability`` is in nats."""

    character: str
    text: str
    log_probability: float


MOST_BYTES = 256 * 1024  # of a seed: more would take minutes to read


def seed_text(argument: str, data: bytes) -> str:
    """The argument and stdin joined.

    Raises:
        UndecodableText: stdin is no UTF-8.
        InputError: it holds a NUL, or is far too long.
        UsageError: there is nothing in either.
    """
    if len(data) > MOST_BYTES:
        raise InputError(
            f"Standard input is longer than {MOST_BYTES // 1024} KB, which is too much for a seed.",
            "Give the last lines only (tail), or train on it: scriptbot train FILE --output MODEL",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UndecodableText(
            f"Standard input is not UTF-8: the byte at offset {error.start} fits no character.",
            "Convert it first, for example with iconv.",
            offset=error.start,
        ) from None
    if "\0" in text:
        raise InputError(
            f"Standard input is no text: there is a NUL at byte offset {data.index(0)}.", "Give it plain text."
        )
    joined = "\n".join(part for part in (argument, text) if part.strip())
    if not joined:
        raise UsageError("There is nothing to continue: standard input is empty.", "Give a seed text: scriptbot TEXT")
    return joined.replace("\r\n", "\n")


def run(session: Session, seed: str, out: TextIO, *, as_json: bool) -> None:
    """Read the seed, write its continuation."""
    for line in lines(session.say(seed)):
        if as_json:
            record = {"character": line.character, "text": line.text, "log_probability": line.log_probability}
            out.write(json.dumps({**record, "seed": session.seed}, ensure_ascii=False) + "\n")
        else:
            out.write((f"{line.character}: {line.text}" if session.is_script else line.text) + "\n")
        out.flush()


def lines(pieces: Iterable[Piece]) -> Iterator[Line]:
    """Whole lines from a stream of pieces: one per speech, or one per line of plain text."""
    character, text, total, begun = "", "", 0.0, False
    for piece in pieces:
        total += piece.log_probability
        if piece.kind == "cue":
            character, begun = printable(piece.character), True
        elif piece.kind == "text":
            text, begun = text + printable(piece.text), True
        elif begun:
            yield Line(character, text.strip("\n") if not character else text.strip(), total)
            character, text, total, begun = "", "", 0.0, False
    if begun:
        yield Line(character, text.strip("\n") if not character else text.strip(), total)
