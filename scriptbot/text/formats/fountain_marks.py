"""What tells the parts of a Fountain file from one another, for those who read and write it."""

from __future__ import annotations

import re
from collections.abc import Iterable

TITLE_KEYS = frozenset(
    [
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "notes",
        "draft date",
        "date",
        "contact",
        "copyright",
        "revision",
    ]
)
_TITLE_KEY = re.compile(r"([A-Za-z][A-Za-z ]{0,20}):")
FORCING = frozenset("!.@#=>~")  # marks at the head of a line


def name_on(text: str) -> str:
    """The name on a line that could open a speech, without its marks; empty if it could not."""
    text, forced = text.removesuffix("^").rstrip(), text[:1] == "@"
    if forced:
        return text[1:].strip()
    name = text.partition("(")[0].rstrip()
    return text if name.upper() == name and name.lower() != name else ""


def opens_title_page(text: str) -> bool:
    """Whether a file that begins so begins with a title page."""
    key = _TITLE_KEY.match(text)
    return key is not None and key[1].casefold() in TITLE_KEYS


def title_page(rows: Iterable[tuple[bool, str]]) -> str:
    """The rows of a title page in one form: a value of one row beside its key, a longer one below it, indented.

    Args:
        rows: whether each goes on with the value before, and what it says.
    """
    values: list[list[str]] = []
    for inner, text in rows:
        if inner and values:
            values[-1].append(text)
        else:
            key, colon, value = text.partition(":")
            values.append([f"{key}{colon}", *filter(None, [value.strip()])])
    return "\n".join(
        " ".join(value) if len(value) <= 2 else "\n    ".join(value)  # a key alone, or with one row
        for value in values
    )
