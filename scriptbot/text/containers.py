"""Opens files as the text in them: most are just that, but Highland's documents are ZIP archives with a text inside."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from scriptbot.errors import InputError

_ZIP = b"PK\x03\x04"
_SUFFIX = ".highland"
_TEXTS = ("text.md", "text.fountain", "text.markdown", "text.txt")
_LARGEST = 1 << 28  # bytes of a document unpacked; the longest screenplays have less than a million
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,  # encrypted; and NotImplementedError: a compression that zipfile does not have
    EOFError,
    ValueError,
    struct.error,
)


def opened(path: Path, name: str) -> BinaryIO:
    """The bytes of the text in a file; it can be opened any number of times.

    Args:
        name: what messages call the file.

    Raises:
        InputError: an archive that is damaged, locked, too large, or no document.
        OSError: the file cannot be read.
    """
    file = path.open("rb", buffering=0)
    if path.suffix.lower() != _SUFFIX:
        return file
    try:
        packed = file.read(4) == _ZIP
        file.seek(0)
        return _member(file, name) if packed else file  # Highland 1 saved plain text
    except BaseException:
        file.close()
        raise


def _member(file: BinaryIO, name: str) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(file)
        texts = [one for one in archive.infolist() if one.filename.rpartition("/")[2] in _TEXTS]
        if not texts:
            raise InputError(f"There is no text in “{name}”.", "Save it from Highland again, or export it as Fountain.")
        if texts[0].file_size > _LARGEST:
            raise InputError(f"The text in “{name}” is too large to unpack.", "Export it as Fountain.")
        return io.BufferedReader(_Unpacked(archive, texts[0], name, file))
    except _FAULTS as error:
        raise _damaged(name, error) from error


class _Unpacked(io.RawIOBase):
    """One member of an archive; raises our own errors if the archive is damaged."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, file: BinaryIO) -> None:
        self._file, self._name, self._member = file, name, archive.open(member)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always; seeking backwards unpacks the member again."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to another position."""
        try:
            return self._member.seek(offset, whence)
        except _FAULTS as error:
            raise _damaged(self._name, error) from error

    def tell(self) -> int:
        """The current position."""
        return self._member.tell()

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as there are bytes.  Returns how many were read."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        try:
            data = self._member.read(len(view))
        except _FAULTS as error:
            raise _damaged(self._name, error) from error
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member and the file that it is in."""
        if not self.closed:
            self._member.close()
            self._file.close()
        super().close()


def _damaged(name: str, error: BaseException) -> InputError:
    locked = "encrypted" in str(error).lower()
    sentence = f"“{name}” is password-protected." if locked else f"“{name}” is a damaged archive."
    return InputError(sentence, "Save it from Highland again, or export it as Fountain.")
