"""How a reply looks: a colour for each character, dimmed directions, words wrapped at the terminal's width.

All output is written once, as it comes; nothing that is already on the screen is redrawn.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import traceback
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO, TypeGuard

from scriptbot.commands.columns import columns
from scriptbot.commands.registry import Copied, Row, Verbatim
from scriptbot.errors import InputError, OutputError
from scriptbot.text.clean import printable
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.errors import ScriptbotError
    from scriptbot.lm.state import Piece

COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
UNBOUNDED = 1 << 30  # columns of anything but a terminal
HANGING = 2  # columns by which what does not fit on a row is indented below it
# Scripts written without spaces may be broken after every character, but not before one that has to stay with the
# one before it, nor after an opening bracket (a small part of JIS X 4051).
_WIDE = "\u2e80-\ua4cf\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
_PARTS = re.compile(rf"\n|[^\S\n]+|[()]|[{_WIDE}]|[^\s(){_WIDE}]+")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_CLINGS = frozenset("、。，．・：；？！ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ」』）】〉》〕］｝…,.!?")
_OPENS = frozenset("「『（【〈《〔［｛")
_CLINGING = "".join(map(re.escape, sorted(_CLINGS)))
_WORD = re.compile(rf"\s*[{''.join(sorted(_OPENS))}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLINGING}]*")  # of our own lines
_DISK_ERRORS = {errno.ENOSPC, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows has no quotas


def coloured(stream: TextIO, choice: str = "auto") -> bool:
    """Whether to write ANSI styles to a stream, by ``--color``, else NO_COLOR, FORCE_COLOR, isatty and TERM."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def colour_of(character: str) -> int:
    """The SGR colour of a name, the same in every session."""
    return COLOURS[zlib.crc32(character.casefold().encode("utf-8", "replace")) % len(COLOURS)]


def fitted(line: str, stream: TextIO, *, table: bool = True, hanging: int | None = None) -> str:
    """A line of the program's own, folded to the width of the stream if that is a terminal."""
    return folded(line, room(stream), table=table, hanging=hanging) if stream.isatty() else line


def room(stream: TextIO) -> int:
    """The columns of a terminal: the variable COLUMNS if it is set, else what the terminal says, else 80."""
    with contextlib.suppress(ValueError):  # it is no number that Python reads
        if (given := int(os.environ.get("COLUMNS", ""))) > 0:
            return given
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):  # a stream that is no terminal, as in tests, may have no number either
        return 80


def say(line: str, *, table: bool = False, hanging: int | None = None) -> None:
    """Print a line of the program's own on stderr."""
    print(fitted(line, sys.stderr, table=table, hanging=hanging), file=sys.stderr)


def told(line: str | Row) -> str:
    """A line that a command returns, in the language of the interface; only the program's own words are translated."""
    if isinstance(line, Row):
        return printable(line.name) + printable(tr(line.told))
    return printable(line if isinstance(line, Verbatim) else tr(line))


def fitted_line(line: str | Row, stream: TextIO) -> str:
    """A line that a command returns, translated, and folded to the width of the stream unless it is to be copied."""
    text = told(line)
    return text if isinstance(line, Copied) else fitted(text, stream, hanging=getattr(line, "hanging", None))


def report(error: ScriptbotError) -> None:
    """Print an error on stderr: one sentence, and the hint indented below it."""
    say(f"scriptbot: {printable(tr(error.sentence))}")
    for line in error.hint.splitlines():
        say(f"  {printable(tr(line))}")


def trace(error: Exception) -> None:
    """Print the traceback of an error."""
    print(printable("".join(traceback.format_exception(error))), file=sys.stderr)


def report_bug(error: Exception, *, debug: bool = False) -> None:
    """Report an error that is not one of ours, with a traceback if ``debug``."""
    if debug:
        trace(error)
    if is_disk_error(error):
        report(OutputError(f"Standard output cannot be written: {error.strerror}."))
        return
    if _is_nowhere(error):
        report(InputError("The folder that scriptbot was started from is gone.", "Go to another folder first."))
        return
    what = printable(f"{type(error).__name__}: {error}")
    say(tr(f"scriptbot: something went wrong: {what}"))
    say(tr("  This is a bug." if debug else "  This is a bug; --debug shows where."))


def is_disk_error(error: Exception) -> TypeGuard[OSError]:
    """Whether output could not be written because of a full or failing disk."""
    return isinstance(error, OSError) and error.errno in _DISK_ERRORS


def _is_nowhere(error: Exception) -> bool:
    """Whether the error was raised because the current folder has been deleted."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return isinstance(error, FileNotFoundError)
    return False


class Stage:
    """Writes the pieces of a reply as they come.

    A word is held back until the next piece shows that it is complete, so that it is never broken in two.  The rows of
    a speech that does not fit on one hang, as in a printed play; so a line of verse that was wrapped looks like none of
    its own.
    """

    def __init__(self, stream: TextIO, *, colour: bool, width: int | None = None) -> None:
        self.stream = stream
        self.colour = colour
        self.width = width or (room(stream) if stream.isatty() else UNBOUNDED)
        self._column = 0
        self._word = ""
        self._gap = ""
        self._breaks = 0
        self._begun = False
        self._cued = False  # whether a speech is written, and not plain text
        self._opening = False  # whether a cue was written, but nothing after it
        self._depth = 0

    def show(self, pieces: Iterable[Piece]) -> None:
        """Write a whole reply as it comes; if something interrupts it, the current line is ended all the same."""
        try:
            for piece in pieces:
                self._piece(piece)
                self.stream.flush()
        finally:
            self._finish()

    def _piece(self, piece: Piece) -> None:
        if piece.kind == "cue":
            self._finish()
            name = f"{printable(piece.text)}:"
            self._column = columns(name)
            self.stream.write(f"\x1b[1;{colour_of(piece.character)}m{name}\x1b[0m" if self.colour else name)
            self._gap, self._begun, self._cued, self._opening = " ", True, True, True
        elif piece.kind == "text":
            self._text(printable(piece.text))
        else:
            self._finish()

    def _text(self, text: str) -> None:
        for part in _PARTS.findall(text):
            if part == "\n":
                self._flush()
                self._breaks += self._begun  # those at the beginning are dropped, and those at the end not written yet
                self._gap = ""
            elif part.isspace():
                self._flush()
                self._gap = part if self._opening else self._gap + part
            else:
                last = self._word[-1:]
                breakable = _IS_WIDE.match(part) or _IS_WIDE.match(last)
                if breakable and part not in _CLINGS and last not in _OPENS:
                    self._flush()
                self._word += part

    def _flush(self) -> None:
        if not self._word:
            return
        wide = columns(self._word)
        if not self._breaks and self._column and self._column + columns(self._gap) + wide > self.width - 1:
            self._gap = " " * min(HANGING, max(0, self.width - 1 - wide)) if self._cued else ""
            self.stream.write("\n")
            self._column = 0
        elif self._breaks or not self._column:
            self.stream.write("\n" * self._breaks)
            self._column, self._breaks, self._gap = 0, 0, ""
        self._begun, self._opening = True, False
        self.stream.write(self._gap + self._styled(self._word))
        self._column += columns(self._gap) + wide
        self._word = self._gap = ""

    def _styled(self, word: str) -> str:
        opened, closed = (sum(map(word.count, signs)) for signs in ("(（", ")）"))
        dim = self._depth > 0 or opened > 0
        self._depth = max(0, self._depth + opened - closed)
        return f"\x1b[2m{word}\x1b[0m" if dim and self.colour else word

    def _finish(self) -> None:
        self._flush()
        if self._column:
            self.stream.write("\n")
        self._column, self._gap, self._breaks, self._begun, self._cued, self._depth = 0, "", 0, False, False, 0
        self.stream.flush()


def folded(line: str, width: int, *, table: bool = True, hanging: int | None = None) -> str:
    """A line of the program's own, or several, folded to a width: what does not fit goes below, in a table under its
    own column.

    If that column had less than half of the width, all of it goes below.

    Args:
        hanging: columns by which the lower rows are indented; None: found from the line.
    """
    if "\n" in line:
        return "\n".join(folded(row, width, table=table, hanging=hanging) for row in line.split("\n"))
    if columns(line) <= width or width < 20:
        return line
    if hanging is not None:
        return _filled(line, width, min(hanging, width // 2))
    gap = re.match(r"\s*\S+(?: \S+)*?\s{2,}(?=\S)", line) if table else None
    inward = len(line) - len(line.lstrip()) + HANGING
    if gap and columns(gap[0]) > width // 2:
        return "\n".join(folded(part, width) for part in (gap[0].rstrip(), " " * inward + line[gap.end() :]))
    under = columns(gap[0]) if gap else min(inward, width // 2)
    return _filled(line, width, under)


def _filled(line: str, width: int, under: int) -> str:
    """A line folded between words, with every row but the first indented by a number of columns."""
    rows, row = list[str](), ""
    for word in _WORD.findall(line):
        if row.strip() and columns(row + word) > width:
            rows.append(row)
            row = " " * under + word.lstrip()
        else:
            row += word
    return "\n".join([*rows, row])
