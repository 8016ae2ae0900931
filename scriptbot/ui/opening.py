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


def limit_numpy_threads() -> None:
    """Let NumPy use only one thread in this process, and a thread of our own work ahead instead.

    NumPy's threads spin while they wait for products as small as ours, and on a busy machine each product waits for
    them; our thread waits without spinning (docs/decisions/talking.md).  If the person has chosen a number of threads,
    it stays, and child processes are not affected.  This has no effect once NumPy is imported.
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
    """The file of a model given by name or path, or of the default model.

    Raises:
        ModelFileError: there is no such model, or none at all.
    """
    from scriptbot.session import library

    return library.resolve(wanted) if wanted else library.default_model()


def load(wanted: str | None) -> tuple[Model, Path]:
    """The model with a name or path, or the default one, and the path of its file.

    Raises:
        ModelFileError: there is no such model, or none at all, or its file is damaged.
    """
    from scriptbot.lm.model_file import load_model

    path = place(wanted)
    return load_model(path), path


def open_session(
    wanted: str | None, settings: SampleConfig, free: frozenset[str], character: str | None, me: str | None
) -> Session:
    """A session with a model.  The character's name may be in any spelling that fits one member of its cast.

    Args:
        free: names of the settings that nobody chose, see :class:`Session`.

    Raises:
        ModelFileError: as :func:`load`.
        UsageError: nobody in the cast is called that, or several are, or it is the person.
    """
    limit_numpy_threads()
    from scriptbot.session.session import Session

    model, path = load(wanted)
    session = Session(model, name=path.stem, settings=settings, free=free, me=me, place=path)
    session.set_answering(character, "--me NAME")
    return session


def particulars(session: Session) -> str:
    """What a person needs to know to get the same replies again, for ``--verbose``."""
    return f"model {printable(session.name)}, seed {session.seed}"


def check(wanted: str | None, character: str | None) -> tuple[str, list[str]]:
    """(name, cast) of the model that :func:`load` would load, from the header of its file; most lines first.

    Raises:
        ModelFileError: as :func:`load`, except for damage to the numbers themselves.
        UsageError: nobody in the cast is called that, or several are.
    """
    limit_numpy_threads()
    from scriptbot.lm.model_file import read_header
    from scriptbot.text.cast import choose

    path = place(wanted)
    cast = [name for name, _ in read_header(path).cast]
    choose(character, cast)
    return path.stem, cast


def can_read(wanted: str | None, entry: Entry) -> bool:
    """Whether a model can read a conversation: both are written with spaces, or both without.  True if it is unknown.

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


def configured_character(wanted: str | None, character: str | None, me: str | None, where: str) -> str | None:
    """Who answers, if a variable or the configuration says so; None for anyone.

    If the model does not know the name, that is reported, and anyone answers; a model without characters ignores it.
    If the name is the person's, or blank, anyone answers, too.

    Args:
        where: the sentence that tells where the name comes from.
    """
    from scriptbot.text.cast import choose, person
    from scriptbot.ui.view import report

    if not (character or "").strip():
        return None
    try:
        _, cast = check(wanted, None)
    except ModelFileError:  # reported when the model is opened
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
    """The sentence about a configured or remembered character that the model does not have."""
    return f"“{character}” matches no single character of this model; anyone answers."


def taken_up(asked: frozenset[str]) -> Entry | None:
    """The last conversation; None if only the configuration asks for it and there is none, or it cannot be resumed.

    Args:
        asked: the names of the options given on the command line.

    Raises:
        InputError: there is none, or its file cannot be read.
        ModelFileError: its model is gone or damaged, and no other one is asked for.
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
