"""Conversations kept on disk as they proceed, so that the last one can be resumed another day.

Each has a file of its own in the person's state folder, private to them and rewritten as a whole after every turn::

    {"format": "scriptbot conversation", "version": 1,
     "model": "/…/the-boat-is-late.safetensors", "unspaced": false, "me": "Clara" or null, "character": "OTTO" or null,
     "past": [["OTTO", "Rule nine."], …],
     "turns": [{"read": [["Clara", "Hello."]], "said": [["OTTO", "No."]], "character": null}, …],
     "saved": {"/…/scene.fountain": [modified, size]}}

``past`` holds the lines that can no longer be taken back; ``unspaced``, missing from older files, says whether the
model writes without spaces.  Only the newest :data:`KEPT` files are kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scriptbot.errors import InputError, OutputError
from scriptbot.session.conversation import Conversation, Stamp, Turn
from scriptbot.session.typed import Line
from scriptbot.text.atomic_write import write_whole

if TYPE_CHECKING:
    from scriptbot.lm.state import State
    from scriptbot.session.session import Session

FORMAT, VERSION = "scriptbot conversation", 1
KEPT = 20  # conversations


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation that was kept on disk.

    Attributes:
        model: the file of the model that took part in it.
        unspaced: whether that model writes without spaces; None if unknown.
        me, character: who the person is and who answers, if they were chosen; else None.
        record: the content of the whole file.
        lines: what was said, in order.
        file: the path, and what the file looked like when it was read.
        ended: when the file was last written, in seconds since the epoch.
    """

    model: Path
    unspaced: bool | None
    me: str | None
    character: str | None
    record: dict[str, Any]
    lines: tuple[Line, ...]
    file: tuple[Path, Stamp]
    ended: float

    def conversation(self, blank: State) -> Conversation:
        """The conversation itself, for :meth:`Session.take_up`.

        Args:
            blank: any state of the model, to stand in for those yet to be computed.
        """
        turns = (
            Turn(blank, blank, _lines(turn["read"]), list(_lines(turn["said"])), turn["character"])
            for turn in self.record["turns"]
        )
        saved = {Path(path): Stamp(*stamp) for path, stamp in self.record["saved"].items()}
        return Conversation(tuple(turns), _lines(self.record["past"]), saved, self.file[0])


def folder() -> Path:
    """Where conversations are kept."""
    import platformdirs

    return Path(platformdirs.user_state_dir("scriptbot")) / "conversations"


class Diary:
    """Keeps the conversations of one session on disk, each in a file of its own.

    Args:
        place: the folder.
        entry: the conversation kept there that this session resumes, if any.
    """

    def __init__(self, place: Path, entry: Entry | None = None) -> None:
        self.place = place
        self._known = dict([entry.file] if entry else [])  # files that we may overwrite, and how we last left them
        self._written = (entry.file[0], entry.record) if entry else None

    def keep(self, session: Session) -> None:
        """Write the conversation down if it has changed; delete its file if everything in it was taken back.

        A file that another session has changed in the meantime is left alone, and this conversation gets a new one.

        Raises:
            OutputError: the file cannot be written.
        """
        said, history = session.conversation, session.history
        if history.file is not None and Stamp.of(history.file) != self._known.get(history.file):
            history.file = None
        if not said:
            if history.file is not None:
                with contextlib.suppress(OSError):
                    history.file.unlink()
                history.file = None
            return
        record = {
            "format": FORMAT,
            "version": VERSION,
            "model": str(session.place or session.name),
            "unspaced": session.model.vocabulary.unspaced,
            "me": session.named,
            "character": session.character,
            "past": _pairs(said.past),
            "turns": [
                {"read": _pairs(turn.read), "said": _pairs(turn.said), "character": turn.character}
                for turn in said.turns
            ],
            "saved": {str(path.absolute()): list(stamp) for path, stamp in said.saved.items()},
        }
        if (history.file, record) == self._written:
            return
        file = history.file or self._begun()
        write_whole(file, json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"), mode=0o600)
        history.file, self._known[file], self._written = file, Stamp.of(file), (file, record)

    def _begun(self) -> Path:
        """The path for a conversation that has no file yet, after old files have been deleted to make room for it."""
        try:
            self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.place.chmod(0o700)
        except OSError as error:
            raise OutputError(f"The folder “{self.place}” cannot be created: {error.strerror}.") from error
        for old in _files(self.place)[KEPT - 1 :]:
            with contextlib.suppress(OSError):
                old.unlink()
        name = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}"
        places = (self.place / f"{name}{more}.json" for more in ("", *(f"-{number}" for number in range(2, KEPT + 2))))
        return next(place for place in places if not place.exists())


def any_kept(place: Path) -> bool:
    """Whether any conversation is kept there."""
    return bool(_files(place))


def last(place: Path) -> Entry:
    """The conversation that was kept most recently.

    Raises:
        InputError: none is kept, or its file cannot be read.
    """
    files = _files(place)
    if not files:
        raise InputError("There is no conversation to resume.", "Start one with: scriptbot")
    return read(files[0])


def read(path: Path) -> Entry:
    """The conversation in a file.

    Raises:
        InputError: the file cannot be read, or holds no conversation.
    """
    try:
        file, ended = (path, Stamp.of(path)), path.stat().st_mtime
        record = json.loads(path.read_text("utf-8", "surrogatepass"))
        if (record["format"], record["version"]) != (FORMAT, VERSION):
            raise ValueError("in another format")
        spoken = [*record["past"], *(line for turn in record["turns"] for line in (*turn["read"], *turn["said"]))]
        chosen = [record["me"], record["character"], *(turn["character"] for turn in record["turns"])]
        if not all(name is None or isinstance(name, str) for name in chosen):
            raise TypeError("a name is not text")
        if not all(type(number) is int for stamp in record["saved"].values() for number in Stamp(*stamp)):
            raise TypeError("a stamp is not a number")
        if not isinstance(unspaced := record.get("unspaced"), bool | None):
            raise TypeError("unspaced is neither true nor false")
        model, me, character = Path(record["model"]), record["me"], record["character"]
        return Entry(model, unspaced, me, character, record, _lines(spoken), file, ended)
    except OSError as error:
        raise InputError(f"The conversation “{path}” cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"“{path}” is not a conversation record ({error}).", "Delete it.") from error


def _files(place: Path) -> list[Path]:
    """The files of kept conversations, the newest first."""
    found = []
    for path in place.glob("*.json"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def _pairs(lines: Iterable[Line]) -> list[list[str]]:
    return [[line.character, line.text] for line in lines]


def _lines(pairs: Any) -> tuple[Line, ...]:
    """Lines as a file holds them, once they have been checked to be lines.  Raises TypeError or ValueError if not."""
    lines = []
    for character, text in pairs:
        if not isinstance(character, str) or not isinstance(text, str):
            raise TypeError("a line is not text")
        lines.append(Line(character, text))
    return tuple(lines)
