"""Reads files and folders as scenes, in bounded memory.

:func:`open_source` looks through every byte.  After that, the encodings and formats are known, the text is known to
decode as a whole, and :meth:`Source.scenes` can stream it any number of times.  Files of a folder that could still turn
out to be damaged are read once more.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scriptbot.errors import InputError, UsageError
from scriptbot.text import decode, editions, folder, text_file
from scriptbot.text.clean import printable
from scriptbot.text.formats import FORMATS, REFUSING, detect_format, find_format, sureness, table
from scriptbot.text.formats.columns import Named, named
from scriptbot.text.garbled import garbled
from scriptbot.text.reading import read, reader
from scriptbot.text.script import Scene
from scriptbot.text.text_file import TextFile, shown

_TABLES = (".csv", ".tsv")
_RECORDS = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Source:
    """Files that are read as one script, any number of times.

    Attributes:
        format: name of the format of most of the text; ``text`` only if all of it is read as plain text.
        files: in the order they are read.
        characters: those that the formats are given to read: decoded, ``\\r\\n`` as one character, scripts without
            control characters.
        sha256: of the raw bytes of all files, one after the other.
        warnings: what a person should know, in sentences.
        reading: what the words are converted to, ``hiragana``; empty if they are not.
        columns: of the tables, as a person named them; empty if they are to be found.
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
            InputError: a file has gone or changed since it was opened, or has a line too long for a script.
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

    A file named twice is read once.  Below a folder, every plain-text file is read, in sorted order, except hidden
    ones; a file that cannot be read there becomes a warning.

    Args:
        format: name of a format; None: found from the text itself, file by file.
        encoding: name of an encoding, for files that are not UTF-8; None: found from the bytes themselves.
        reading: what Japanese is converted to (``hiragana``); None: it stays as it is.
        columns: which columns of tables hold what (``character=Who,line=Said``); None: found by titles or content.

    Raises:
        InputError: something is missing, unreadable, empty or binary; or a folder has nothing to read.
        UndecodableText: a file named outright is not valid in its encoding.
        UsageError: there is no such format, encoding or column, or nothing was given.
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
        members = folder.members(given, skipped) if os.path.isdir(given) else [given]
        for path in members:
            real = os.path.realpath(path)
            if real in found:
                warnings.append(f"“{shown(path)}” was given twice and is read once.")
                continue
            try:
                survey, added = text_file.survey(path, encoding, digest)
                if path is not given:
                    _try(path, survey, format, chosen)
            except InputError as error:
                if path is given:
                    raise
                skipped.append(error.sentence)
                continue
            found[real], digest = (path, survey), added
        if os.path.isdir(given):
            folder.report(given, skipped, any(os.path.realpath(path) in found for path in members), warnings)
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
    known = [_known(path, survey, format, columns) for path, survey in found]
    weight: dict[str, int] = {}
    for (kind, _), (_, survey) in zip(known, found, strict=True):
        weight[kind] = weight.get(kind, 0) + survey.characters
    main = max(weight, key=lambda kind: weight[kind])
    if columns:
        if table.NAME not in weight:
            raise UsageError(
                "--columns was given, but no file is a table.", "If a file is a table, add --format table."
            )
        main = table.NAME if main == "text" else main  # whoever names its columns means it as a table
    files: list[TextFile] = []
    unlike: dict[tuple[str, bool], list[str]] = {}  # (a format unlike the main one, whether it is used) → files
    controls, controlled, nuls = 0, 0, 0
    published: dict[str, int] = {}  # characters that editions put into or around the works
    for (kind, edition), (path, survey) in zip(known, found, strict=True):
        used = "text" if main == "text" else kind  # a few scripts among plain texts are read as plain text, too
        if kind != main:
            unlike.setdefault((kind, used == kind), []).append(shown(path))
        untold = kind == "text" and format is None
        if untold and path.suffix.lower() in _TABLES:
            warnings.append(
                f"The columns of “{shown(path)}” could not be identified; name them with --columns, or by titles: "
                "character, line, scene."
            )
        if untold and path.suffix.lower() in _RECORDS:
            warnings.append(f"No chat was found in “{shown(path)}”; it is read as plain text, symbols and all.")
        if used == "text" and not edition:
            nuls += survey.nuls
        else:
            controls += survey.controls
            controlled += survey.controls > 0
        size = survey.characters - (survey.controls if used != "text" or edition else 0)
        if edition:
            more, empty = text_file.added_by_publisher(path, survey.encoding, edition)
            published[edition] = published.get(edition, 0) + more
            size = 0 if empty else size - more
        file = TextFile(path, survey.encoding, used, size, edition if used != edition else "")
        if columns and used == table.NAME:
            file = replace(file, columns=columns)
            next(file.scenes(), None)  # raises if a column is not there
        files.append(file)
    warnings += [_told(kind, as_such, names) for (kind, as_such), names in unlike.items()]
    warnings += [_mangled(path, *traces) for path, survey in found if (traces := garbled(survey.head))]
    if controls:
        where = f"in {controlled:,} files" if controlled > 1 else "in one file"
        warnings.append(f"Left out {controls:,} control characters and parts of escape sequences {where}.")
    if nuls:
        warnings.append(f"The text contains {nuls:,} NUL characters; they are kept.")
    for edition, more in published.items():
        name = editions.EDITIONS[edition].TITLE
        warnings.append(f"Left out what {name} added to the text, {more:,} characters.")
    characters = sum(file.characters for file in files)
    if not characters:
        raise InputError("The text contains nothing but what its publisher added.", "Give a file with text in it.")
    return Source(main, tuple(files), characters, sha256, warnings)


def _told(kind: str, as_such: bool, names: Sequence[str]) -> str:
    """The warning that some files are not of the format of the rest."""
    is_read = "read as such" if as_such else "read as plain text"
    if len(names) == 1:
        return f"“{names[0]}” looks like {_described(kind)}, unlike the rest, and is {is_read}."
    kind = _described(kind)
    return f"{len(names):,} files look like {kind}, unlike the rest, and are {is_read}: “{names[0]}” and others."


def _mangled(path: Path, stands: str, meant: str) -> str:
    signs = f"it contains “{printable(stands)}”"
    if stands == "\ufffd":
        signs = "it is full of replacement characters"
    elif meant:
        signs = f"it has “{printable(stands)}” in place of “{printable(meant)}”"
    return f"“{shown(path)}” was decoded wrongly before it was saved: {signs}. Look for a better copy."


def _try(path: Path, survey: decode.Survey, format: str | None, columns: Named | None) -> None:
    """Read a file that may turn out to be damaged or not of its format, or to have a line without an end.

    Raises:
        InputError: it is damaged, not of its format, or has a line without an end.
    """
    kind, edition = _known(path, survey, format, columns)
    if kind in REFUSING or (kind != "text" and survey.characters > text_file.LONGEST_LINE):
        for _ in TextFile(path, survey.encoding, kind, 0, edition, columns if kind == table.NAME else None).scenes():
            pass


def _known(path: Path, survey: decode.Survey, format: str | None, columns: Named | None) -> tuple[str, str]:
    """(the format of a file, its edition or empty if it is none of those known)."""
    head, suffix = survey.head, path.suffix
    if format is None and _is_meant(path, survey, columns):
        format = table.NAME
    edition = editions.find_edition(head)
    if format or not edition:
        return format or detect_format(head, suffix), edition
    body = "".join(editions.cleaned(head.splitlines(keepends=True), edition, editions.LeftOut()))
    kind = detect_format(body, suffix)
    if edition in FORMATS and sureness(edition, head) > sureness(kind, body, suffix):
        kind = edition  # an edition with a format of its own, which reads the edition's marks
    return kind, edition


def _is_meant(path: Path, survey: decode.Survey, columns: Named | None) -> bool:
    """Whether a file is the table whose columns were named, whatever its titles are."""
    return columns is not None and (path.suffix.lower() in _TABLES or table.is_headed(survey.head, columns))


def _described(kind: str) -> str:
    return "plain text" if kind == "text" else f"a script ({kind})"
