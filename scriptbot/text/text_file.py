"""One file of a source: opened, decoded, parted into lines, read by its format."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from scriptbot.errors import InputError
from scriptbot.likeness import alike
from scriptbot.text import decode, editions
from scriptbot.text.clean import printable
from scriptbot.text.containers import opened
from scriptbot.text.formats import FORMATS, find_format, table
from scriptbot.text.formats.columns import Named
from scriptbot.text.formats.text import blocks
from scriptbot.text.script import Scene

LONGEST_LINE = 1 << 20  # characters; a file with a longer line is no script
LONGEST_RECORD = 1 << 26  # the same in formats in which one line may be a whole document
# The head of HTML; browsers may put a comment before it, and XHTML the declaration of XML.
_WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file of a source: where it is and how it is read.

    Attributes:
        encoding: Python's name of the encoding.
        format: name of the format that reads it.
        edition: name of the edition whose additions are removed before that; empty if there are none.
        columns: which columns of a table hold what, if a person named them.
        characters: as in a source.
    """

    path: Path
    encoding: str
    format: str
    characters: int
    edition: str = ""
    columns: Named | None = None

    def scenes(self) -> Iterator[Scene]:
        """The scenes of the file, read anew; spans count from the beginning of this file.

        Raises:
            InputError: the file has gone or changed since it was opened, or is damaged or not of its format after all.
        """
        name, position = shown(self.path), 0
        with _reading(self.path, lambda: position):
            pieces = decode.decoded(lambda: _open(self.path), name, self.encoding)
            lines = pieces if self.format == "text" and not self.edition else _lines(pieces, name, self.format)
            for scene in self._parsed(lines):
                position = scene.span.end
                yield scene

    def lines_at(self, places: Sequence[int]) -> list[int]:
        """The numbers, from 1, of the lines in which some places of the text are; the file is read anew.

        Args:
            places: positions as in spans, ascending.

        Raises:
            InputError: the file has gone or changed since it was opened, or is damaged.
        """
        found: list[int] = []
        name, end = shown(self.path), 0
        with _reading(self.path, lambda: end):
            pieces = decode.decoded(lambda: _open(self.path), name, self.encoding)
            for number, line in enumerate(_lines(pieces, name, self.format), 1):
                end += len(line)
                while len(found) < len(places) and places[len(found)] < end:
                    found.append(number)
                if len(found) == len(places):
                    break
        return found

    def _parsed(self, lines: Iterator[str]) -> Iterator[Scene]:
        parse: Callable[[Iterable[str]], Iterator[Scene]] = find_format(self.format).parse
        if self.columns:
            parse = partial(table.parse, named=self.columns, name=shown(self.path))
        if not self.edition:
            yield from parse(lines)
        else:
            left_out = editions.LeftOut()
            yield from editions.placed(parse(editions.cleaned(lines, self.edition, left_out)), left_out)


def shown(path: Path) -> str:
    """A path in a form that is safe to show, even if it is no valid text or contains control characters."""
    return printable(os.fspath(path).replace("\n", "�"))


def survey(path: Path, encoding: str | None, digest: hashlib._Hash) -> tuple[decode.Survey, hashlib._Hash]:
    """The survey of a file, from a look through all of its bytes, and the digest with these bytes taken in.

    Raises:
        InputError: the file is missing, unreadable, empty, binary, a web page or no regular file.
        UndecodableText: it is not valid in its encoding.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever, and it cannot be read twice
            raise InputError(f"“{shown(path)}” is not a regular file.", "Save the text to a file first.")
        found, added = decode.survey(lambda: _open(path), shown(path), encoding, digest)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except ValueError:  # a NUL in the name
        raise InputError(f"“{shown(path)}” is not a valid file name.", "Check the path.") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if _WEB_PAGE.match(found.head):
        raise InputError(
            f"“{shown(path)}” is a web page, not plain text.",
            "Open it in a browser, select the text, and paste it into a plain-text file.",
        )
    return found, added


def added_by_publisher(path: Path, encoding: str, edition: str) -> tuple[int, bool]:
    """(how many characters of a file its publisher added, whether there is nothing else in it)."""
    left_out, name, empty = editions.LeftOut(), shown(path), True
    try:
        for line in editions.cleaned(
            _lines(decode.decoded(lambda: _open(path), name, encoding), name), edition, left_out
        ):
            empty = empty and line.isspace()
            left_out.forget(1 << 62)  # only the sum is wanted
    except OSError as error:
        raise unreadable(path, error) from error
    return left_out.characters, empty


def unreadable(path: Path, error: OSError, where: str = "") -> InputError:
    """The error that a file cannot be read, with the reason."""
    reason = error.strerror or str(error)
    return InputError(f"“{shown(path)}” cannot be read{where}: {reason}.", "Check the path and your permissions.")


@contextlib.contextmanager
def _reading(path: Path, position: Callable[[], int]) -> Iterator[None]:
    """A context in which a file is read, and every error names it.

    Args:
        position: tells how many characters have been read.

    Raises:
        InputError: in place of an OSError, or of an InputError that does not name the file, as formats know no names.
    """
    name = shown(path)
    try:
        yield
    except InputError as error:
        if f"“{name}”" in error.sentence:
            raise
        raise InputError(f"In “{name}”: {error.sentence}", error.hint) from error
    except OSError as error:
        raise unreadable(path, error, f" after {position():,} characters") from error


def _missing(path: Path) -> InputError:
    if path.name == "-":
        return InputError(
            "A text cannot be read from standard input, since it is read more than once.",
            "Save the text to a file first.",
        )
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        names = []
    near = _nearest(path.name, names)
    hint = f"Did you mean “{shown(path.with_name(near))}”?" if near else "Check the path."
    return InputError(f"There is no file “{shown(path)}”.", hint)


def _nearest(typed: str, names: Iterable[str]) -> str:
    """The name most like the one that was typed, whatever its ending and its case; empty if none is really near."""
    ending = Path(typed).suffix.casefold()
    # Of several with the same stem the last is kept: the one with the ending that was typed, or else the first by name.
    names = sorted(names, key=lambda name: (Path(name).suffix.casefold() != ending, name), reverse=True)
    stems = {Path(name).stem.casefold(): name for name in names}
    near = alike(Path(typed).stem.casefold(), stems)
    return stems[near] if near else ""


def _open(path: Path) -> BinaryIO:
    return opened(path, shown(path))


def _lines(pieces: Iterator[str], name: str, format: str = "") -> Iterator[str]:
    """Whole lines with their ends, cleaned as scripts are read, except in formats that have strings of their own.

    Raises:
        InputError: a line has no end in sight.
    """
    part: list[str] = []  # the beginning of a line that did not end in its block
    length = 0
    own = format in FORMATS and FORMATS[format].OWN_LINES
    for block in blocks(pieces) if own else map(decode.script_text, blocks(pieces)):
        end = block.rfind("\n") + 1
        if end:
            yield from StringIO("".join(part) + block[:end], newline="\n")
            part, length = [], 0
        if end < len(block):
            part.append(block[end:])
            length += len(part[-1])
            most = LONGEST_RECORD if own else LONGEST_LINE
            if length > most:
                sentence = f"“{name}” has a line of over {most:,} characters and is not a script."
                raise InputError(sentence, "Use --format text.")
    if part:
        yield "".join(part)
