"""Which of several names somebody meant who typed none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALIKE = 0.75  # of two names, one of which may be meant by the other: --seeed is --seed, --nope is no --no-cache
_BEGINNING = 3  # letters that are enough of a name


def alike(typed: str, names: Iterable[str]) -> str:
    """The name that looks most like what was typed; empty if none is really near."""
    return next(iter(difflib.get_close_matches(typed, list(names), n=1, cutoff=_ALIKE)), "")


def meant(typed: str, names: Iterable[str]) -> str:
    """The same, or else a name that begins so."""
    known = list(names)
    begun = (name for name in known if len(typed) >= _BEGINNING and name.startswith(typed))
    return alike(typed, known) or next(begun, "")
