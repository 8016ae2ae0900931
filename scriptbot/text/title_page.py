"""Title pages: ``Title: …``, and below it who wrote it and when, each behind its key."""

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


def opens_title_page(text: str) -> bool:
    """Whether a file that begins with this text begins with a title page."""
    key = _TITLE_KEY.match(text)
    return key is not None and key[1].casefold() in TITLE_KEYS


def title_page(rows: Iterable[tuple[bool, str]]) -> str:
    """The rows of a title page in a standard form: a value of one row beside its key, a longer one below it, indented.

    Args:
        rows: (whether the row continues the value before, its text).
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
