"""Folders of scripts: which of their files are read, and what is said about the others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from scriptbot.errors import InputError
from scriptbot.text.text_file import shown, unreadable

ABOUT = frozenset({"readme", "license", "licence", "copying", "authors", "changelog", "sources", "bible"})
PROGRAMS = frozenset({".py", ".js", ".ts", ".c", ".h", ".cpp", ".rs", ".go", ".java", ".sh", ".toml", ".ini", ".cfg"})
MOST_TOLD = 6  # skipped files that are named one by one


def members(folder: Path, skipped: list[str]) -> list[Path]:
    """The files below a folder, sorted, without hidden ones; a folder linked several times is entered once.

    Args:
        skipped: a list that receives the reasons why other files are left out, in sentences and in a fixed order.
    """
    entered: set[str] = set()
    files: list[Path] = []

    def failed(error: OSError) -> None:
        skipped.append(unreadable(Path(error.filename or folder), error).sentence)

    for root, folders, names in os.walk(folder, onerror=failed, followlinks=True):
        real = os.path.realpath(root)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if _about(name):
                skipped.append(f"“{shown(Path(root, name))}” is about the folder, not part of it.")
            elif Path(name).suffix.lower() in PROGRAMS:
                skipped.append(f"“{shown(Path(root, name))}” is a program, not a script.")
            elif not name.startswith("."):
                files.append(Path(root, name))
    return sorted(files, key=lambda path: path.parts)


def report(folder: Path, skipped: Sequence[str], usable: bool, warnings: list[str]) -> None:
    """Add what was left out to the warnings; raise InputError if no file could be read.

    Args:
        usable: whether any of the files could be read.
    """
    if not usable:
        raise InputError(
            " ".join([f"There is nothing to read in the folder “{shown(folder)}”.", *skipped[:1]]),
            "Give a folder of text files, or a single file.",
        )
    warnings += [
        f"Left out: {sentence}" for sentence in skipped[: MOST_TOLD if len(skipped) > MOST_TOLD + 1 else MOST_TOLD + 1]
    ]
    if len(skipped) > MOST_TOLD + 1:
        warnings.append(f"Left out: {len(skipped) - MOST_TOLD:,} more files in “{shown(folder)}” for similar reasons.")


def _about(name: str) -> bool:
    """Whether a file is about the folder it lies in: README, LICENSE and the like."""
    stem, *endings = name.lower().split(".")  # README.ja.md
    return stem in ABOUT and endings[-1:] in ([], ["txt"], ["md"], ["markdown"], ["rst"])
