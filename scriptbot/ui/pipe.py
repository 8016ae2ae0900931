"""The pipe: reads text on stdin and writes its continuation, and nothing else, on stdout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from scriptbot.errors import BlankText, InputError, UndecodableText, UsageError
from scriptbot.text.clean import printable
from scriptbot.text.labels import labelled

if TYPE_CHECKING:
    from scriptbot.lm.state import Piece
    from scriptbot.session.session import Session


@dataclass(frozen=True, slots=True)
class Line:
    """One generated line; ``character`` is empty for plain text, ``log_probability`` is in nats."""

    character: str
    text: str
    log_probability: float


MOST_BYTES = 256 * 1024  # of a text to continue; a longer one would take minutes to read


def joined(argument: str, data: bytes, encoding: str | None = None) -> str:
    """The text to continue: the argument on the command line, and stdin below it.

    Raises:
        UndecodableText: stdin is not valid in any encoding tried.
        InputError: it is not text, contains a NUL, or is far too long.
        UsageError: neither holds any text, or there is no such encoding.
    """
    if len(data) > MOST_BYTES:
        raise InputError(
            f"Standard input is longer than {MOST_BYTES // 1024} KB, which is too much to continue.",
            "Pass only the last lines (tail), or train on it: scriptbot train FILE --output MODEL",
        )
    text = _decoded(data, encoding).removesuffix("\n")  # the line feed that echo adds
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"Standard input is not text: there is a NUL in line {line:,}.", "Give it plain text.")
    whole = "\n".join(part for part in (argument, text) if part.strip())
    if not whole:
        raise UsageError("There is nothing to continue: standard input is empty.", "Give a text: scriptbot TEXT")
    return whole


def _decoded(data: bytes, encoding: str | None) -> str:
    """Bytes decoded by the rules of :mod:`scriptbot.text.decode`, which is imported only if they are not plain UTF-8.

    Encodings are never guessed here: a line or two are too little for that.
    """
    if encoding is None:
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            pass
    from scriptbot.text.decode import UNKNOWN, decode_bytes

    try:
        return decode_bytes(data, encoding or "utf-8")
    except BlankText:
        return ""
    except UndecodableText as error:
        if not encoding:
            error.hint = UNKNOWN
        raise


def run(session: Session, text: str, out: TextIO, *, as_json: bool) -> None:
    """Read a text and write its continuation."""
    for line in lines(session.say(text)):
        if as_json:
            record = {"character": line.character, "text": line.text, "log_probability": line.log_probability}
            out.write(json.dumps({**record, "seed": session.seed}, ensure_ascii=False) + "\n" if line.text else "")
        else:
            out.write(labelled(line.character, line.text) + "\n")
        out.flush()


def lines(pieces: Iterable[Piece]) -> Iterator[Line]:
    """Whole lines from a stream of pieces: one per speech, or one per line of plain text.

    Plain text may contain empty lines, except at its beginning and end.
    """
    character, text, total, blanks = "", "", 0.0, -1  # blanks: empty lines not written yet; -1: nothing was written yet

    def close(part: str) -> Iterator[Line]:
        nonlocal total, blanks
        if part or character:
            yield from [Line("", "", 0.0)] * blanks
            yield Line(character, part, total)
            total, blanks = 0.0, 0
        elif blanks >= 0:
            blanks += 1

    for piece in pieces:
        total += piece.log_probability
        if piece.kind == "cue":
            character = printable(piece.character)
        elif piece.kind == "text":
            text += printable(piece.text)
            while not character and "\n" in text:
                line, _, text = text.partition("\n")
                yield from close(line.strip())
        else:
            yield from close(text.strip())
            character, text, blanks = "", "", -1
    if character or text:  # the reply was interrupted
        yield from close(text.strip())
