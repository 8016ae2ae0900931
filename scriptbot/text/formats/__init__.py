"""Script formats: one module each, with ``NAME``, ``detect``, ``parse`` and, where it can be written,
``write``.

``detect(sample)`` says how sure it is that the text is of its kind, from 0 to 1; ``SUFFIXES``, where there are any, are
names of files that are of it.  ``parse(lines)`` takes
lines with their ends and yields scenes one by one, so that memory is bounded by the largest scene.
"""

from __future__ import annotations

import difflib
from types import ModuleType

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

FORMATS: dict[str, ModuleType] = {
    module.NAME: module
    for module in (colon, named, play, aozora, xiqu, fountain, fdx, subtitles, table, chat, chat_yaml, chatlog, text)
}

# Those that raise InputError where a file is damaged, or not of their kind after all.
REFUSING = frozenset(module.NAME for module in (fdx, subtitles, table, chat, chat_yaml))

# Formats by the endings of their files, as people may call them.
_ENDINGS = {suffix[1:]: name for name, module in FORMATS.items() for suffix in getattr(module, "SUFFIXES", ())}
_ENDINGS |= {"csv": "table", "tsv": "table", "json": "chat", "yaml": "chat-yaml", "yml": "chat-yaml"}


def find_format(name: str) -> ModuleType:
    """The format of a name.  Raises UsageError if there is none."""
    try:
        return FORMATS[_ENDINGS.get(name.lower().removeprefix("."), name)]
    except KeyError:
        near = difflib.get_close_matches(name.lower(), FORMATS, n=1)
        hint = f"Did you mean “{near[0]}”?" if near else f"Formats: {', '.join(FORMATS)}."
        raise UsageError(f"There is no format called “{name}”.", hint) from None


def detect_format(sample: str, suffix: str = "") -> str:
    """The name of the likeliest format of a text, judged by its beginning.

    Args:
        suffix: of the file's name, ``.fountain``: it decides where the text says nothing clear to the contrary.
    """
    return max(FORMATS, key=lambda name: sureness(name, sample, suffix))


def sureness(name: str, sample: str, suffix: str = "") -> float:
    """How sure a format is of a text, 0 to 1."""
    module = FORMATS[name]
    sure = float(module.detect(sample))
    named = suffix.lower() in getattr(module, "SUFFIXES", ())
    return max(sure, 0.96) if named else sure
