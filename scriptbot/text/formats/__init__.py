"""Script formats: each is a module that offers what :class:`Format` says, and :class:`Writer` if it can be written.

``parse(lines)`` takes lines with their ends and yields scenes one by one, so that memory is bounded by the largest
scene.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Protocol

from scriptbot.errors import UsageError
from scriptbot.text.formats import (
    aozora,
    chat,
    chat_yaml,
    chatlog,
    colon,
    fdx,
    fountain,
    named,
    play,
    subtitles,
    table,
    text,
    xiqu,
)
from scriptbot.text.script import Scene


class Format(Protocol):
    """What a module in ``formats/`` offers.

    Attributes:
        NAME: the name of the format.
        SUFFIXES: endings of file names that mean this format, such as ``.fountain``.
        OWN_LINES: whether unusual line ends may occur within a line, in the format's own strings.
    """

    NAME: str
    SUFFIXES: tuple[str, ...]
    OWN_LINES: bool

    def detect(self, sample: str) -> float:
        """How certain it is that a text beginning with ``sample`` is of this format, from 0 to 1."""

    def parse(self, lines: Iterable[str]) -> Iterator[Scene]:
        """The scenes of a text given line by line, line ends included."""


class Writer(Format, Protocol):
    """What a module offers whose format can be written."""

    def write(self, scenes: Iterable[Scene]) -> Iterator[str]:
        """A script in this format, piece by piece."""


_FORMATS: tuple[Format, ...] = (
    colon, named, play, aozora, xiqu, fountain, fdx, subtitles, table, chat, chat_yaml, chatlog, text
)  # fmt: skip
_WRITERS: tuple[Writer, ...] = (colon, named, fountain, fdx, chat, text)
FORMATS = {module.NAME: module for module in _FORMATS}
WRITERS = {module.NAME: module for module in _WRITERS}

# Formats that raise InputError if a file is damaged, or not of their kind after all.
REFUSING = frozenset(module.NAME for module in (fdx, subtitles, table, chat, chat_yaml))

# Formats by the endings of their files, by which people may call them.
_ENDINGS = {suffix[1:]: name for name, module in FORMATS.items() for suffix in module.SUFFIXES}
_ENDINGS |= {"csv": "table", "tsv": "table", "json": "chat", "yaml": "chat-yaml", "yml": "chat-yaml"}


def find_format(name: str) -> Format:
    """The format with a name, or for an ending.  Raises UsageError if there is none."""
    try:
        return FORMATS[_ENDINGS.get(name.lower().removeprefix("."), name)]
    except KeyError:
        near = difflib.get_close_matches(name.lower(), FORMATS, n=1)
        hint = f"Did you mean “{near[0]}”?" if near else f"Formats: {', '.join(FORMATS)}."
        raise UsageError(f"There is no format called “{name}”.", hint) from None


def detect_format(sample: str, suffix: str = "") -> str:
    """The name of the likeliest format of a text, judged by its beginning.

    Args:
        suffix: the ending of the file's name, such as ``.fountain``; it decides unless the text clearly says otherwise.
    """
    return max(FORMATS, key=lambda name: sureness(name, sample, suffix))


def sureness(name: str, sample: str, suffix: str = "") -> float:
    """How certain it is that a text is of a format, from 0 to 1."""
    module = FORMATS[name]
    sure = module.detect(sample)
    named = suffix.lower() in module.SUFFIXES
    return max(sure, 0.96) if named else sure
