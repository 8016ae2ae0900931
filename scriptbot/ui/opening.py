"""Finding and loading a model, and opening a session with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scriptbot.errors import ModelFileError

if TYPE_CHECKING:
    from scriptbot.config import SampleConfig
    from scriptbot.lm.model import Model
    from scriptbot.lm.model_file import ModelInfo
    from scriptbot.session.session import Session


def load(wanted: str | None) -> tuple[Model, str]:
    """A model by name or path, or the default one, and the name to show.

    Raises:
        ModelFileError: there is no such model, or none at all, or its file is damaged.
    """
    from scriptbot.lm.model_file import load_model
    from scriptbot.session import library

    path = library.resolve(wanted) if wanted else library.default_model()
    return load_model(path), path.stem


def open_session(wanted: str | None, settings: SampleConfig, character: str | None, me: str) -> Session:
    """A session with a model; the character's name is matched to its cast."""
    from scriptbot.session.session import Session

    model, name = load(wanted)
    session = Session(model, name=name, settings=settings, me=me)
    session.choose(character)
    return session


def check(wanted: str | None, character: str | None) -> str:
    """The name of the model that :func:`load` would load, after a look at its header and its cast.

    Raises:
        ModelFileError: as :func:`load`, short of damage to the numbers themselves.
        UsageError: nobody in the cast is called that.
    """
    from scriptbot.lm.model_file import read_header
    from scriptbot.session import library
    from scriptbot.text.cast import choose

    path = library.resolve(wanted) if wanted else library.default_model()
    choose(character, [name for name, _ in read_header(path).cast])
    return path.stem


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed model, for the list; ``info`` is None for a file that cannot be read."""

    name: str
    path: Path
    info: ModelInfo | None

    def record(self) -> dict[str, Any]:
        """For JSON."""
        record: dict[str, Any] = {"name": self.name, "path": str(self.path)}
        if self.info:
            figures = {name: self.info.provenance.get(name) for name in (_STATIC, _CACHED)}
            cast = [{"character": name, "lines": lines} for name, lines in self.info.cast]
            record |= {"bytes": self.info.bytes, "words": self.info.words, "cast": cast, **figures}
        return record

    def line(self) -> str:
        """For the eye."""
        if self.info is None:
            return f"{self.name:<20}  damaged: {self.path}"
        names = ", ".join(name for name, _ in self.info.cast[:3])
        cast = f"{len(self.info.cast)} characters: {names}, …" if self.info.cast else "plain text"
        bits = self.info.provenance.get(_CACHED)
        figure = f"{bits:.2f} bits/character" if isinstance(bits, float) else ""
        return f"{self.name:<20}  {self.info.bytes / 1e6:5.1f} MB  {figure:<20}  {cast}"


_STATIC, _CACHED = "bits_per_character", "bits_per_character_cached"


def installed() -> list[Installed]:
    """Every installed model with what its file says of it."""
    from scriptbot.lm.model_file import read_header
    from scriptbot.session import library

    rows = []
    for entry in library.installed():
        try:
            info = read_header(entry.path)
        except ModelFileError:
            info = None
        rows.append(Installed(entry.name, entry.path, info))
    return rows
