"""Finding and loading a model, and opening a session with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scriptbot.errors import InputError, ModelFileError, UsageError
from scriptbot.lm import aside
from scriptbot.text.clean import printable

if TYPE_CHECKING:
    from pathlib import Path

    from scriptbot.config import SampleConfig
    from scriptbot.lm.model import Model
    from scriptbot.session.diary import Entry
    from scriptbot.session.session import Session


_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def quietly() -> None:
    """Have NumPy use one thread in this process: those that wait for products as small as ours spin, and where the
    machine is busy with something else every product waits for them.  In their stead one of ours, which waits in peace,
    works ahead (docs/decisions/talking.md).

    Whoever has chosen a number keeps it, and so do child processes.  Of no use once NumPy is there.
    """
    chosen = next((os.environ[name] for name in _THREADS if os.environ.get(name)), None)
    if chosen is None:
        os.environ[_THREADS[0]] = "1"
        try:
            import numpy  # noqa: F401  it reads the number while it is imported
        finally:
            del os.environ[_THREADS[0]]
    if chosen in (None, "1"):
        aside.allow()


def place(wanted: str | None) -> Path:
    """The file of a model by name or path, or of the default one.

    Raises:
        ModelFileError: there is no such model, or none at all.
    """
    from scriptbot.session import library

    return library.resolve(wanted) if wanted else library.default_model()


def load(wanted: str | None) -> tuple[Model, Path]:
    """A model by name or path, or the default one, and where it is.

    Raises:
        ModelFileError: there is no such model, or none at all, or its file is damaged.
    """
    from scriptbot.lm.model_file import load_model

    path = place(wanted)
    return load_model(path), path


def open_session(
    wanted: str | None, settings: SampleConfig, free: frozenset[str], character: str | None, me: str | None
) -> Session:
    """A session with a model; the character's name is matched to its cast.

    Args:
        free: settings that nobody chose, see :class:`Session`.
    """
    quietly()
    from scriptbot.session.session import Session

    model, path = load(wanted)
    session = Session(model, name=path.stem, settings=settings, free=free, me=me, place=path)
    session.choose(character, "--me NAME")
    return session


def particulars(session: Session) -> str:
    """What it takes to have the same replies again, for ``--verbose``."""
    return f"model {printable(session.name)}, seed {session.seed}"


def check(wanted: str | None, character: str | None) -> tuple[str, list[str]]:
    """(name, cast) of the model that :func:`load` would load, after a look at its header; most lines first.

    Raises:
        ModelFileError: as :func:`load`, short of damage to the numbers themselves.
        UsageError: nobody in the cast is called that.
    """
    quietly()
    from scriptbot.lm.model_file import read_header
    from scriptbot.text.cast import choose

    path = place(wanted)
    cast = [name for name, _ in read_header(path).cast]
    choose(character, cast)
    return path.stem, cast


def reads(wanted: str | None, entry: Entry) -> bool:
    """Whether a model writes as that of a conversation does, with spaces or without; what cannot be known is believed.

    Raises:
        ModelFileError: as :func:`check`.
    """
    from scriptbot.lm.model_file import read_header

    kept = entry.unspaced
    if kept is None:
        try:
            kept = read_header(entry.model).unspaced
        except ModelFileError:
            return True
    return read_header(place(wanted)).unspaced == kept


def fitting(wanted: str | None, character: str | None, me: str | None, where: str) -> str | None:
    """Who answers by a variable or the configuration: one who is none of the model's is told of, and anyone answers;
    so does anyone instead of the person.  A blank is nobody, and nobody is missing where there are no characters.

    Args:
        where: the character's name stands, as a sentence.
    """
    from scriptbot.text.cast import choose, person
    from scriptbot.ui.view import report

    if not (character or "").strip():
        return None
    try:
        _, cast = check(wanted, None)
    except ModelFileError:  # which whoever opens it tells
        return character
    if not cast:
        return None
    try:
        chosen = choose(character, cast)
    except UsageError:
        report(UsageError(unknown(str(character)), where))
        return None
    return None if chosen == person(me, cast)[0] else character


def unknown(character: str) -> str:
    """What is said of somebody who was to answer, without being asked for this time."""
    return f"“{character}” matches no single character of this model; anyone answers."


def taken_up(asked: frozenset[str]) -> Entry | None:
    """The last conversation; None if there is none that can be taken up and nobody but the configuration asks for it.

    Args:
        asked: what the command line asks for, by the names of the options.

    Raises:
        InputError: there is none, or its file cannot be read.
        ModelFileError: its model is gone, and no other one is asked for.
    """
    from scriptbot.session import diary
    from scriptbot.ui.view import report

    typed = "resume" in asked
    if not typed and not diary.any_kept(diary.folder()):
        return None
    try:
        entry = diary.last(diary.folder())
        if "model" not in asked:
            if not os.path.isfile(entry.model):
                raise ModelFileError(
                    f"The model of the last conversation, “{entry.model}”, is gone.",
                    "The conversation is kept; --resume --model NAME continues it with another model.",
                )
            check(str(entry.model), None)
    except (InputError, ModelFileError) as error:
        if typed:
            raise
        report(InputError(error.sentence, "\n".join(filter(None, [error.hint, "A new conversation begins."]))))
        return None
    return entry
