"""Guessing which of several names was meant by something typed that is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALIKE = 0.75  # similarity from which one name may stand for another: --seeed is --seed, --nope is not --no-cache
_BEGINNING = 3  # letters from which the beginning of a name is enough


def alike(typed: str, names: Iterable[str]) -> str:
    """The name that looks most like what was typed; empty if none is really near."""
    return next(iter(difflib.get_close_matches(typed, list(names), n=1, cutoff=_ALIKE)), "")


def meant(typed: str, names: Iterable[str]) -> str:
    """The name that looks most like what was typed, or else the first that begins with it; empty if there is none."""
    known = list(names)
    begun = (name for name in known if len(typed) >= _BEGINNING and name.startswith(typed))
    return alike(typed, known) or next(begun, "")
