"""Decodes bytes by what they are, never by the locale, and never drops a character silently.

The encodings tried are, in order: that of a byte order mark; strict UTF-8; the one that was named; the one that
:mod:`guess` is sure of, provided that the whole file decodes strictly.  If none fits, an error says where.  Encodings
whose bytes could pass for UTF-8 (UTF-16, ISO-2022 and the like) are tried first when they are named.
"""

from __future__ import annotations

import codecs
import difflib
import encodings.aliases
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from scriptbot.errors import BlankText, InputError, UndecodableText, UsageError
from scriptbot.text.clean import printable, with_line_feeds, without_controls
from scriptbot.text.formats.text import blocks
from scriptbot.text.guess import guess_encoding

READ = 1 << 18  # bytes read at once
SAMPLE = 1 << 16  # bytes that an encoding is guessed from
HEAD = 1 << 17  # characters that a format is told from

Opener = Callable[[], BinaryIO]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FIRST = ("utf-16", "utf-32", "iso2022", "hz")  # valid UTF-8 may be something else in these
_NO_ENCODINGS = frozenset(
    {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "utf-7", "mbcs", "oem"}
)
_OFFICE = (
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a Rich Text document"),
)
_MAGIC = (
    *_OFFICE,
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a sound or video file"),
    (b"OggS", "a sound or video file"),
    (b"ID3", "a sound file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
)
UNKNOWN = "Name its encoding, for example --encoding cp1252, shift_jis or gb18030."  # advice if none was named
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x80-\xff]")
_TEXT_CONTROLS = b"\t\n\r\f\x08\x1b"  # bytes below 32 that occur in text files of some kind


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a text that was read once from end to end.

    Attributes:
        encoding: Python's name of the codec that decodes it strictly.
        characters: its length, with ``\\r\\n`` counted as one and without the byte order mark.
        controls: how many of them scripts are read without: control characters and escape sequences.
        nuls: how many of them are NUL.
        head: its beginning, at most 131,072 characters.
    """

    encoding: str
    characters: int
    controls: int
    nuls: int
    head: str


def find_encoding(name: str) -> str:
    """Python's name of a text encoding.  Raises UsageError if no encoding has that name."""
    try:
        info = codecs.lookup(name.strip())
        codec = info.name
        "".encode(codec)  # a codec that is no text encoding (base64, rot13) refuses
        codecs.getincrementaldecoder(codec)
        if codec in _NO_ENCODINGS:
            raise LookupError
    except (LookupError, ValueError, UnicodeError):
        near = difflib.get_close_matches(name.lower().replace("-", "_"), encodings.aliases.aliases, n=1)
        hint = "For example: utf-8, cp1252, shift_jis, gb18030."
        if near:
            hint = f"Did you mean “{near[0].replace('_', '-')}”?"
        raise UsageError(f"There is no encoding called “{printable(name)}”.", hint) from None
    return codec


def survey(opener: Opener, name: str, encoding: str | None, digest: hashlib._Hash) -> tuple[Survey, hashlib._Hash]:
    """Find the encoding of a text and check that all of it decodes.

    Args:
        opener: opens the bytes from the beginning; called a few times.
        name: what errors call the text.
        encoding: the encoding that the user named, if any.
        digest: a running hash; it is not changed.

    Returns:
        The survey, and a copy of the hash that has taken in the bytes.

    Raises:
        BlankText: it holds nothing but white space.
        InputError: it is no text.
        UndecodableText: it is not valid in any encoding tried.
        UsageError: there is no such encoding.
        OSError: it cannot be read.
    """
    if encoding is None:
        return _surveyed(opener, name, None, digest)
    try:
        return _surveyed(opener, name, find_encoding(encoding), digest)
    except UndecodableText as error:
        error.hint = "Try another --encoding, or none."
        raise


def _surveyed(opener: Opener, name: str, declared: str | None, digest: hashlib._Hash) -> tuple[Survey, hashlib._Hash]:
    """See :func:`survey`; ``declared`` is the codec of the encoding that the user named."""
    with opener() as file:
        head = file.read(SAMPLE)
    if not head:
        raise BlankText(f"“{name}” is empty.", "Give a file with text in it.")
    mark = next((codec for bom, codec in _MARKS if head.startswith(bom)), None)
    wide = declared is not None and declared.startswith(_FIRST)
    if mark is None and not wide:
        _refuse_binary(head, name)
    if mark is not None or (declared is not None and wide):
        return _scan(opener, name, mark or declared or "", digest)
    if declared is None and b"\x1b$" in head and guess_encoding(head)[0] == "iso2022_jp":
        return _scan(opener, name, "iso2022_jp", digest)
    try:
        return _scan(opener, name, "utf-8", digest)
    except UndecodableText as error:
        if declared is not None:
            return _scan(opener, name, declared, digest)
        return _scan_guessed(opener, name, error, digest)


def _scan_guessed(
    opener: Opener, name: str, error: UndecodableText, digest: hashlib._Hash
) -> tuple[Survey, hashlib._Hash]:
    """The survey in the encoding guessed from the bytes around an error, if the guess is certain; else the error, with
    advice."""
    guess, candidates = guess_encoding(_around(opener, error.offset))
    if guess is not None:
        try:
            return _scan(opener, name, guess, digest)
        except UndecodableText:
            candidates = ()
    advice = f"--encoding {candidates[0]}" if candidates else "--encoding cp1252, shift_jis, gb18030 or big5"
    hint = f"Name its encoding, for example {advice}."
    if candidates:
        hint = f"It may be {' or '.join(candidates[:3])}: name its encoding, for example {advice}."
    error.hint = hint
    raise error from None


def decode_bytes(data: bytes, encoding: str | None = None) -> str:
    """The text of bytes from standard input, decoded by the same rules as files; ``\\r\\n`` becomes ``\\n``.

    Raises:
        BlankText: they hold nothing but white space.
        InputError: they are no text.
        UndecodableText: they are not valid in any encoding tried.
        UsageError: there is no such encoding.
    """

    def opener() -> BinaryIO:
        return io.BytesIO(data)

    try:
        found, _ = survey(opener, "", encoding, hashlib.sha256())
        return "".join(decoded(opener, "", found.encoding))
    except UndecodableText as error:
        at, tried = error.offset, error.encoding
        sentence = f"Standard input is not valid {tried}: at byte offset {at:,} there is 0x{data[at]:02X}."
        raise UndecodableText(sentence, error.hint, offset=at, encoding=tried) from None
    except BlankText as error:
        raise BlankText("Standard input contains only white space.", error.hint) from None
    except InputError as error:
        raise InputError("Standard input is not plain text.", error.hint) from None


def decoded(opener: Opener, name: str, encoding: str, digest: hashlib._Hash | None = None) -> Iterator[str]:
    """The text in pieces of any length, with ``\\r\\n`` as ``\\n`` and without a byte order mark.

    Args:
        digest: takes in the raw bytes, if given.

    Raises:
        UndecodableText: with the offset of the first byte that does not fit.
        OSError: the bytes cannot be read.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    total, held, first = 0, "", True
    with opener() as file:
        while True:
            data = file.read(READ)
            total += len(data)
            if digest is not None:
                digest.update(data)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:  # error.object: bytes held back from before, and these
                raise _undecodable(name, encoding, total - len(error.object) + error.start, error) from None
            except UnicodeError:  # a UTF-16 or UTF-32 codec that found no mark
                sentence, tried = f"“{name}” is not valid {encoding}.", encoding.upper()
                raise UndecodableText(sentence, UNKNOWN, offset=0, encoding=tried) from None
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            text = held + text
            held = "\r" if data and text.endswith("\r") else ""
            if held:
                text = text[:-1]
            if text:
                yield text.replace("\r\n", "\n") if "\r" in text else text
            if not data:
                return


def script_text(block: str) -> str:
    """A block of lines as scripts are read: line feeds for all line ends, and no control characters."""
    return without_controls(with_line_feeds(block))


def _scan(opener: Opener, name: str, encoding: str, digest: hashlib._Hash) -> tuple[Survey, hashlib._Hash]:
    digest = digest.copy()
    characters = controls = nuls = 0
    head, blank = "", True
    for block in blocks(decoded(opener, name, encoding, digest)):
        blank = blank and block.isspace()
        if len(head) < HEAD:
            head += block
        characters += len(block)
        controls += len(block) - len(script_text(block))
        nuls += block.count("\0")
    if blank:
        raise BlankText(f"“{name}” contains only white space.", "Give a file with text in it.")
    return Survey(encoding, characters, controls, nuls, head[:HEAD]), digest


def _refuse_binary(head: bytes, name: str) -> None:
    if head[5:9] == b"\0\0\0{":  # safetensors: eight bytes of a length, and then JSON
        raise InputError(f"“{name}” is a model, not a script.", "Give the script that it was trained on.")
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if head[:3].isalnum() and not _CONTROL.search(head[:16]):  # “RIFF: Against the Sharks we need every man.”
        kind = ""
    controls = sum(head.count(byte) for byte in range(32) if byte not in _TEXT_CONTROLS)
    share = controls / len(head)
    if kind or share > 0.3 or (share > 0.02 and controls >= 8):
        hint = "Save it as plain text first."
        if any(kind == office for _, office in _OFFICE):
            hint = "Save it as plain text first. In Word: File, Save As, Plain Text (.txt)."
        if not kind and head.count(0) > 0.2 * len(head):  # every second byte is NUL: Latin text in UTF-16
            hint = "If it is UTF-16 text, use --encoding utf-16-le or utf-16-be."
        raise InputError(f"“{name}” is {kind or 'a binary file'}, not plain text.", hint)


def _around(opener: Opener, offset: int) -> bytes:
    """Up to 64 KiB around an offset, from the beginning of a line to the end of one where there are any."""
    start = max(0, offset - SAMPLE // 2)
    with opener() as file:
        file.seek(start)
        data = file.read(SAMPLE)
        more = bool(file.read(1))
    first = 0
    if start:  # a line feed or a space is no part of a character in any encoding guessed at
        first = data.find(b"\n", 0, offset - start) + 1 or data.find(b" ", 0, offset - start) + 1
    last = len(data)
    if more:
        last = max(data.rfind(b"\n"), data.rfind(b" ")) + 1
        last = last if last > offset - start else len(data)
    return data[first:last]


def _undecodable(name: str, encoding: str, offset: int, error: UnicodeDecodeError) -> UndecodableText:
    byte = error.object[error.start] if error.start < len(error.object) else 0
    return UndecodableText(
        f"“{name}” is not valid {encoding.upper()}: at byte offset {offset:,} there is 0x{byte:02X}.",
        UNKNOWN,
        offset=offset,
        encoding=encoding.upper(),
    )
