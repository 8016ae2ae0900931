"""Finding and loading a model, and opening a session with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scriptbot.config import SampleConfig
    from scriptbot.lm.model import Model
    from scriptbot.session.session import Session


def place(wanted: str | None) -> Path:
    """The file of a model by name or path, or of the default one.

    Raises:
        ModelFileError: there is no such model, or none at all.
    """
    from scriptbot.session import library

    return library.resolve(wanted) if wanted else library.default_model()


def load(wanted: str | None) -> tuple[Model, str]:
    """A model by name or path, or the default one, and the name to show.

    Raises:
        ModelFileError: there is no such model, or none at all, or its file is damaged.
    """
    from scriptbot.lm.model_file import load_model

    path = place(wanted)
    return load_model(path), path.stem


def open_session(
    wanted: str | None, settings: SampleConfig, free: frozenset[str], character: str | None, me: str | None
) -> Session:
    """A session with a model; the character's name is matched to its cast.

    Args:
        free: settings that nobody chose, see :class:`Session`.
    """
    from scriptbot.session.session import Session

    model, name = load(wanted)
    session = Session(model, name=name, settings=settings, free=free, me=me)
    session.choose(character)
    return session


def check(wanted: str | None, character: str | None) -> str:
    """The name of the model that :func:`load` would load, after a look at its header and its cast.

    Raises:
        ModelFileError: as :func:`load`, short of damage to the numbers themselves.
        UsageError: nobody in the cast is called that.
    """
    from scriptbot.lm.model_file import read_header
    from scriptbot.text.cast import choose

    path = place(wanted)
    choose(character, [name for name, _ in read_header(path).cast])
    return path.stem
