"""The installed models: those that came with the program, and the person's own.

A model of the person's own hides a bundled one of the same name.
"""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scriptbot.errors import InputError, ModelFileError, OutputError

SUFFIX = ".safetensors"
PREFERRED = ("the-boat-is-late", "shakespeare")  # the first of these is the default model, else the first installed
BASE = "base-english"  # what trainings on English scripts start from, if it is installed
LONGEST = 200  # bytes of a name; file systems allow 255, and a number and the ending have to fit in as well
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Entry:
    """An installed model: its name, its file, and whether it came with the program."""

    name: str
    path: Path
    bundled: bool


def user_data() -> Path:
    """Where the person's own models and scripts live."""
    import platformdirs

    return Path(platformdirs.user_data_dir("scriptbot"))


def installed() -> list[Entry]:
    """All models, the person's own first, each group sorted by name."""
    entries: dict[str, Entry] = {}
    for folder, bundled in _folders():
        for path in _files(folder):
            entries.setdefault(path.stem, Entry(path.stem, path, bundled))
    return list(entries.values())


def unreadable() -> list[InputError]:
    """Errors for the folders that may hold models but cannot be read; a folder that does not exist is no fault."""
    faults = []
    for folder, _ in _folders():
        try:
            next(folder.iterdir(), None)
        except FileNotFoundError:
            continue
        except OSError as error:
            faults.append(InputError(f"The folder “{folder}” cannot be read: {error.strerror}."))
    return faults


def resolve(wanted: str) -> Path:
    """The file of a model given by name, by an unambiguous beginning of its name or of a word in it, or by path.

    Raises:
        ModelFileError: no model fits, or several do; the hint names the nearest.
    """
    path = Path(os.path.expanduser(wanted))
    separators = {os.sep, os.altsep or os.sep}
    if any(sign in wanted for sign in separators) or path.suffix == SUFFIX:
        if os.path.isfile(path):
            return path
        raise ModelFileError(f"There is no model file “{wanted}”.", _beside(wanted) or _advice(path.stem))
    names = _by_name()
    if found := names.get(_plain(wanted)):
        return found
    if os.path.isfile(path):
        return path
    key = f"-{_plain(wanted)}"
    beginning = [place for name, place in names.items() if wanted and f"-{name}".startswith(key)]
    fitting = beginning or [place for name, place in names.items() if wanted and key in f"-{name}"]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        several = ", ".join(sorted(place.stem for place in fitting)[:4])
        raise ModelFileError(f"“{wanted}” could be {several}.", "Type more of the name.")
    raise ModelFileError(f"There is no model called “{wanted}”.", _beside(wanted) or _advice(wanted))


def default_model() -> Path:
    """The model to talk with when none was named.

    Raises:
        ModelFileError: none is installed.
    """
    names = _by_name()
    for name in PREFERRED:
        if found := names.get(name):
            return found
    if not names:
        raise ModelFileError(
            "There is no model yet.", _with_faults("Make one: scriptbot train SCRIPT --output my.safetensors")
        )
    return next(reversed(names.values()))


def base() -> Path | None:
    """The model that trainings on English scripts start from; None if it is not installed."""
    return next((entry.path for entry in installed() if _plain(entry.name) == BASE), None)


def bundled_corpus() -> tuple[Path, ...]:
    """The folders of scripts that came with the program; empty if none did."""
    if (folder := _bundled("corpus")) is None:
        return ()
    try:
        return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))
    except OSError:
        return ()


def place_for(name: str) -> Path:
    """Where to write a new model of the person's own; a number is added to a name that is taken.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    folder = user_data() / "models"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder “{folder}” cannot be created: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The folder “{folder}” cannot be written to.")
    stem = "".join(sign if sign.isalnum() or sign in "-_ ." else "-" for sign in name).strip(" .")
    stem = shortened(stem).rstrip(" .") or "retrained"
    taken = {_plain(entry.name) for entry in installed()}
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    free = next(name for name in itertools.chain([stem], numbered) if _plain(name) not in taken)
    return folder / f"{free}{SUFFIX}"


def output_for(script: Path) -> Path:
    """Where a training writes its model if nobody says where: a file here, named after the first script or folder."""
    return Path(f"{name_after(script) or 'model'}{SUFFIX}")


def name_after(script: Path) -> str:
    """What a model made from a script or a folder is called: a folder's whole name, or a file's without its ending,
    cut to the length that a file name can have; empty for the root of all folders."""
    place = Path(os.path.realpath(script))  # resolve() raises for a link that leads to itself
    return shortened(place.name if os.path.isdir(place) else place.stem)


def shortened(name: str) -> str:
    """A name, cut to the length that a file name can have."""
    while len(name.encode("utf-8", "surrogatepass")) > LONGEST:
        name = name[:-1]
    return name


def _folders() -> Iterator[tuple[Path, bool]]:
    """The folders that may hold models, and whether each came with the program."""
    yield user_data() / "models", False
    if bundled := _bundled("models"):
        yield bundled, True


def _bundled(what: str) -> Path | None:
    """The folder of that name beside the code: ``scriptbot/_models`` in a wheel, ``models`` in a checkout."""
    for folder in (_PACKAGE / f"_{what}", _PACKAGE.parent / what):
        if os.path.isdir(folder) and _holds(folder):
            return folder
        if folder.parent == _PACKAGE and not (_PACKAGE.parent / "pyproject.toml").is_file():
            return None  # installed: what stands beside the package there is not ours
    return None


def _holds(folder: Path) -> bool:
    """Whether a folder has anything in it; assumed if the folder cannot be read."""
    try:
        return any(folder.iterdir())
    except OSError:
        return True


def _files(folder: Path) -> list[Path]:
    """The model files in a folder, sorted; none if it does not exist or cannot be read (see :func:`unreadable`)."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX))
    except OSError:
        return []


def _by_name() -> dict[str, Path]:
    """The files of all models by their normalised names; the person's come last, and win."""
    return {_plain(entry.name): entry.path for entry in reversed(installed())}


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "-").replace("_", "-")


def _with_faults(hint: str) -> str:
    """A hint for when no model was found, with the folders that could not be read: it may be there."""
    return "\n".join([hint, *(fault.sentence for fault in unreadable())])


def _beside(wanted: str) -> str:
    """The hint that a model file was meant of which the ending was left out; empty if there is none."""
    file = f"{wanted}{SUFFIX}"
    if not wanted or not os.path.isfile(os.path.expanduser(file)):
        return ""
    return f"Did you mean “{file if os.path.dirname(file) else os.path.join(os.curdir, file)}”?"


def _advice(wanted: str) -> str:
    names = [entry.name for entry in installed()]
    keys = {_plain(name): name for name in names}
    if near := difflib.get_close_matches(_plain(wanted), keys, n=1, cutoff=0.5):
        return f"Did you mean “{keys[near[0]]}”?"
    return _with_faults(
        f"Installed: {', '.join(names[:8])}." if names else "None is installed; “scriptbot train” makes one."
    )
