"""Finding and loading a model, and opening a session with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scriptbot.errors import ModelFileError

if TYPE_CHECKING:
    from scriptbot.config import SampleConfig
    from scriptbot.lm.model import Model
    from scriptbot.session.session import Session


def load(wanted: str | None) -> tuple[Model, str]:
    """A model by name or path, or the default one, and the name to show.

    Raises:
        ModelFileError: there is no such model, or none at all, or its file is damaged.
    """
    from scriptbot.lm.model_file import load_model
    from scriptbot.session import library

    path = library.resolve(wanted) if wanted else library.default_model()
    if path is None:
        raise ModelFileError("There is no model yet.", "Train one: scriptbot train PATH --output FILE")
    return load_model(Path(path)), Path(path).stem


def open_session(wanted: str | None, settings: SampleConfig, character: str | None, me: str) -> Session:
    """A session with a model; the character's name is matched to its cast."""
    from scriptbot.session.session import Session

    model, name = load(wanted)
    return Session(model, name=name, settings=settings, character=character, me=me)


def installed() -> list[tuple[str, Path]]:
    """Names and paths of the installed models."""
    from scriptbot.session import library

    return [(entry.name, Path(entry.path)) for entry in library.installed()]
