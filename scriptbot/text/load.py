"""Files and folders to scenes, in bounded memory.

:func:`open_source` looks through every byte once: after that the encodings and formats are known, all of the
text is known to decode, and :meth:`Source.scenes` can stream it as often as one likes.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from scriptbot.errors import InputError, UsageError
from scriptbot.text import decode, editions
from scriptbot.text.clean import printable
from scriptbot.text.containers import opened
from scriptbot.text.formats import FORMATS, detect_format, find_format, sureness, table
from scriptbot.text.formats.columns import Named, named
from scriptbot.text.formats.text import blocks
from scriptbot.text.garbled import garbled
from scriptbot.text.reading import read, reader
from scriptbot.text.script import Scene

ABOUT = frozenset({"readme", "license", "licence", "copying", "authors", "changelog", "sources", "bible"})
_TABLES = (".csv", ".tsv")
PROGRAMS = frozenset({".py", ".js", ".ts", ".c", ".h", ".cpp", ".rs", ".go", ".java", ".sh", ".toml", ".ini", ".cfg"})
LONGEST_LINE = 1 << 20  # characters; beyond, a file is no script
LONGEST_RECORD = 1 << 26  # the same of formats in which a line may be a whole document


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file of a source: where it is and how it is read.

    Attributes:
        encoding: Python's name of it.
        format: name of the format that reads it.
        edition: name of the edition whose additions are taken out before that; empty if there are none.
        columns: of a table, if they were named.
        characters: as in a source.
    """

    path: Path
    encoding: str
    format: str
    characters: int
    edition: str = ""
    columns: Named | None = None

    def scenes(self) -> Iterator[Scene]:
        """Its scenes, read anew; spans count from the beginning of this file.

        Raises:
            InputError: it has gone or changed since it was opened.
        """
        name, position = shown(self.path), 0
        try:
            pieces = decode.decoded(lambda: _open(self.path), name, self.encoding)
            lines = pieces if self.format == "text" and not self.edition else _lines(pieces, name, self.format)
            for scene in self._parsed(lines):
                position = scene.span.end
                yield scene
        except OSError as error:
            raise _unreadable(self.path, error, f" after {position:,} characters") from error

    def lines_at(self, places: Sequence[int]) -> list[int]:
        """The lines, from 1, in which places of the text stand, as spans tell them; read anew.

        Args:
            places: rising.
        """
        found: list[int] = []
        end = 0
        name = shown(self.path)
        pieces = decode.decoded(lambda: _open(self.path), name, self.encoding)
        for number, line in enumerate(_lines(pieces, name, self.format), 1):
            end += len(line)
            while len(found) < len(places) and places[len(found)] < end:
                found.append(number)
            if len(found) == len(places):
                break
        return found

    def _parsed(self, lines: Iterator[str]) -> Iterator[Scene]:
        parse = find_format(self.format).parse
        if self.columns:
            parse = partial(parse, named=self.columns, name=shown(self.path))
        if not self.edition:
            yield from parse(lines)
        else:
            left_out = editions.LeftOut()
            yield from editions.placed(parse(editions.cleaned(lines, self.edition, left_out)), left_out)


@dataclass(frozen=True)
class Source:
    """Files that are read as one script, as often as one likes.

    Attributes:
        format: name of the format of most of the text; ``text`` only if all of it is read as plain text.
        files: in the order they are read.
        characters: what the formats are given to read: decoded, ``\\r\\n`` as one character, scripts without
            control characters.
        sha256: of the raw bytes of all files, one after the other.
        warnings: what a person should know, in sentences.
        reading: what its words are converted to, ``hiragana``; empty: to nothing.
        columns: of its tables, as they were named; empty: they were told.
    """

    format: str
    files: tuple[TextFile, ...]
    characters: int
    sha256: str
    warnings: list[str] = field(default_factory=list)
    reading: str = ""
    columns: str = ""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order they are read."""
        return tuple(file.path for file in self.files)

    def scenes(self) -> Iterator[Scene]:
        """The scenes of all files, read anew at every call.

        Raises:
            InputError: a file has gone or changed since, or holds a line too long for a script.
        """
        for file in self.files:
            yield from read(file.scenes(), reader(self.reading)) if self.reading else file.scenes()


def open_source(
    paths: Sequence[Path],
    *,
    format: str | None = None,
    encoding: str | None = None,
    reading: str | None = None,
    columns: str | None = None,
) -> Source:
    """Look through files and folders and find out what they hold.

    A file named twice is read once.  Below a folder every plain-text file is read, in sorted order, hidden
    ones excepted; what cannot be read there becomes a warning.

    Args:
        format: name of a format; None: found by the text itself, file by file.
        encoding: name of an encoding, for files that are not UTF-8; None: found by the bytes themselves.
        reading: what Japanese is converted to (``hiragana``); None: it stays as it is.
        columns: which columns of the tables hold what (``character=Who,line=Said``); None: found by titles or content.

    Raises:
        InputError: missing, unreadable, empty or binary; or a folder without anything to read.
        UndecodableText: a file named outright is no text in its encoding.
        UsageError: no such format, encoding or column, or nothing given.
    """
    if format is not None:
        format = find_format(format).NAME
    if encoding is not None:
        decode.find_encoding(encoding)
    if reading:
        reader(reading)
    chosen = None if columns is None else named(columns)
    if not paths:
        raise UsageError("No text was given.", "Name a file or a folder.")
    warnings: list[str] = []
    digest = hashlib.sha256()
    found: dict[str, tuple[Path, decode.Survey]] = {}
    for given in paths:
        skipped: list[str] = []
        members = _folder(given, skipped) if given.is_dir() else [given]
        for path in members:
            real = os.path.realpath(path)
            if real in found:
                warnings.append(f"“{shown(path)}” was given twice and is read once.")
                continue
            try:
                survey, digest = _survey(path, encoding, digest)
            except InputError as error:
                if path is given:
                    raise
                skipped.append(error.sentence)
                continue
            found[real] = (path, survey)
        if given.is_dir():
            _report(given, skipped, any(os.path.realpath(path) in found for path in members), warnings)
    source = _source(list(found.values()), format, chosen, digest.hexdigest(), warnings)
    source = replace(source, columns=columns or "")
    if not reading:
        return source
    source = replace(source, reading=reading)
    characters = sum(len(element.text) for scene in source.scenes() for element in scene.elements)
    return replace(source, characters=characters)


def _source(
    found: list[tuple[Path, decode.Survey]],
    format: str | None,
    columns: Named | None,
    sha256: str,
    warnings: list[str],
) -> Source:
    known = [
        _known(survey.head, path.suffix, table.NAME if format is None and _is_meant(path, survey, columns) else format)
        for path, survey in found
    ]
    weight: dict[str, int] = {}
    for (kind, _), (_, survey) in zip(known, found, strict=True):
        weight[kind] = weight.get(kind, 0) + survey.characters
    main = max(weight, key=lambda kind: weight[kind])
    if columns:
        if table.NAME not in weight:
            raise UsageError("There is no table whose columns could be named.", "Say --format table if it is one.")
        main = table.NAME if main == "text" else main  # it is none to whoever names its columns
    files: list[TextFile] = []
    unlike: dict[tuple[str, bool], list[str]] = {}  # format, and whether it is read so → files
    controls, controlled, nuls = 0, 0, 0
    published: dict[str, int] = {}  # characters that editions put into or around the works
    for (kind, edition), (path, survey) in zip(known, found, strict=True):
        used = "text" if main == "text" else kind  # a few scripts among plain texts are plain text too
        if kind != main:
            unlike.setdefault((kind, used == kind), []).append(shown(path))
        if used == "text" and path.suffix.lower() in _TABLES:
            warnings.append(
                f"The columns of “{shown(path)}” could not be told; name them with --columns, "
                "or by titles: character, line, scene."
            )
        if used == "text" and not edition:
            nuls += survey.nuls
        else:
            controls += survey.controls
            controlled += survey.controls > 0
        size = survey.characters - (survey.controls if used != "text" or edition else 0)
        if edition:
            more, empty = _left_out(path, survey.encoding, edition)
            published[edition] = published.get(edition, 0) + more
            size = 0 if empty else size - more
        file = TextFile(path, survey.encoding, used, size, edition if used != edition else "")
        if columns and used == table.NAME:
            file = replace(file, columns=columns)
            next(file.scenes(), None)  # tells of columns that are not there
        files.append(file)
    warnings += [_told(kind, as_such, names) for (kind, as_such), names in unlike.items()]
    warnings += [_mangled(path, *traces) for path, survey in found if (traces := garbled(survey.head))]
    if controls:
        where = f"in {controlled:,} files" if controlled > 1 else "in one file"
        warnings.append(f"Left out {controls:,} control characters and parts of escape sequences {where}.")
    if nuls:
        warnings.append(f"The text holds {nuls:,} NUL characters; they are kept.")
    for edition, more in published.items():
        name = editions.EDITIONS[edition].TITLE
        warnings.append(f"Left out what {name} added to the text, {more:,} characters.")
    characters = sum(file.characters for file in files)
    if not characters:
        raise InputError(
            "Besides what its publisher added there is nothing in the text.", "Give a file with text in it."
        )
    return Source(main, tuple(files), characters, sha256, warnings)


def _told(kind: str, as_such: bool, names: Sequence[str]) -> str:
    """That some files are not of the format of the rest."""
    is_read = "read as such" if as_such else "read as plain text"
    if len(names) == 1:
        return f"“{names[0]}” looks like {_described(kind)}, unlike the rest, and is {is_read}."
    kind = _described(kind)
    return f"{len(names):,} files look like {kind}, unlike the rest, and are {is_read}: “{names[0]}” and others."


def _mangled(path: Path, stands: str, meant: str) -> str:
    instead = f" for “{printable(meant)}”" if meant else ""
    signs = (
        f"“{printable(stands)}” stands there{instead}"
        if stands != "\ufffd"
        else "it is full of signs for the unreadable"
    )
    return f"“{shown(path)}” was decoded wrongly before it was saved: {signs}. Look for a better copy."


def _known(head: str, suffix: str, format: str | None) -> tuple[str, str]:
    """(the format, the edition; empty if it is none of those known) of a text that begins in this way."""
    edition = editions.find_edition(head)
    if format or not edition:
        return format or detect_format(head, suffix), edition
    body = "".join(editions.cleaned(head.splitlines(keepends=True), edition, editions.LeftOut()))
    kind = detect_format(body, suffix)
    if edition in FORMATS and sureness(edition, head) > sureness(kind, body, suffix):
        kind = edition  # a format of its own, which reads the marks
    return kind, edition


def _is_meant(path: Path, survey: decode.Survey, columns: Named | None) -> bool:
    """Whether a file is the table whose columns were named, be its titles as they may."""
    return columns is not None and (path.suffix.lower() in _TABLES or table.is_headed(survey.head, columns))


def _left_out(path: Path, encoding: str, edition: str) -> tuple[int, bool]:
    """(how many characters of a file are its publisher's, whether there is nothing else in it)."""
    left_out, name, empty = editions.LeftOut(), shown(path), True
    try:
        for line in editions.cleaned(
            _lines(decode.decoded(lambda: _open(path), name, encoding), name), edition, left_out
        ):
            empty = empty and line.isspace()
            left_out.forget(1 << 62)  # only the sum is wanted
    except OSError as error:
        raise _unreadable(path, error) from error
    return left_out.characters, empty


def _described(kind: str) -> str:
    return "plain text" if kind == "text" else f"a script ({kind})"


def shown(path: Path) -> str:
    """A path as it may be shown: names that are no valid text, or hold control characters, included."""
    return printable(os.fspath(path).replace("\n", "�"))


def _open(path: Path) -> BinaryIO:
    return opened(path, shown(path))


def _survey(path: Path, encoding: str | None, digest: hashlib._Hash) -> tuple[decode.Survey, hashlib._Hash]:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever, and it cannot be read twice
            raise InputError(f"“{shown(path)}” is no regular file.", "Save the text to a file first.")
        return decode.survey(lambda: _open(path), shown(path), encoding, digest)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except ValueError:  # a NUL in the name
        raise InputError(f"“{shown(path)}” is no name of a file.", "Check the path.") from None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError, where: str = "") -> InputError:
    reason = (error.strerror or str(error)).lower()
    return InputError(f"“{shown(path)}” cannot be read{where}: {reason}.", "Check the path and your rights to it.")


def _missing(path: Path) -> InputError:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, names, n=1)
    if not near:  # the name without its ending, or in another case
        near = [name for name in sorted(names) if Path(name).stem.casefold() == path.stem.casefold()][:1]
    hint = f"Did you mean “{shown(path.with_name(near[0]))}”?" if near else "Check the path."
    return InputError(f"There is no file “{shown(path)}”.", hint)


def _folder(folder: Path, skipped: list[str]) -> list[Path]:
    """Files below a folder, sorted, without hidden ones; each folder is entered once, however linked."""
    entered: set[str] = set()
    files: list[Path] = []

    def failed(error: OSError) -> None:
        skipped.append(_unreadable(Path(error.filename or folder), error).sentence)

    for root, folders, names in os.walk(folder, onerror=failed, followlinks=True):
        real = os.path.realpath(root)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if _about(name):
                skipped.append(f"“{shown(Path(root, name))}” is about the folder and no part of it.")
            elif Path(name).suffix.lower() in PROGRAMS:
                skipped.append(f"“{shown(Path(root, name))}” is a program and no script.")
            elif not name.startswith("."):
                files.append(Path(root, name))
    return sorted(files, key=lambda path: path.parts)


def _about(name: str) -> bool:
    """Whether a file speaks of the folder it lies in: README, LICENSE and their like."""
    stem, _, suffix = name.lower().partition(".")
    return stem in ABOUT and suffix in {"", "txt", "md", "markdown", "rst"}


def _report(folder: Path, skipped: Sequence[str], usable: bool, warnings: list[str]) -> None:
    """Say what was left out; raise InputError when nothing is left."""
    if not usable:
        raise InputError(
            " ".join([f"There is nothing to read in the folder “{shown(folder)}”.", *skipped[:1]]),
            "Give a folder with text files, or a file itself.",
        )
    most = 6
    warnings += [f"Left out: {sentence}" for sentence in skipped[: most if len(skipped) > most + 1 else most + 1]]
    if len(skipped) > most + 1:
        warnings.append(f"Left out: {len(skipped) - most:,} more files in “{shown(folder)}” for the like reasons.")


def _lines(pieces: Iterator[str], name: str, format: str = "") -> Iterator[str]:
    """Whole lines with their ends, cleaned as scripts are read, but for formats that have their own strings.

    Raises:
        InputError: a line that goes on and on.
    """
    part: list[str] = []  # of a line that did not end in its block
    length = 0
    own = format in FORMATS and getattr(FORMATS[format], "OWN_LINES", False)
    for block in blocks(pieces) if own else map(decode.script_text, blocks(pieces)):
        end = block.rfind("\n") + 1
        if end:
            yield from StringIO("".join(part) + block[:end], newline="\n")
            part, length = [], 0
        if end < len(block):
            part.append(block[end:])
            length += len(part[-1])
            if length > (LONGEST_RECORD if own else LONGEST_LINE):
                sentence = f"“{name}” has a line of over a million characters and is no script."
                raise InputError(sentence, "Say --format text.")
    if part:
        yield "".join(part)
