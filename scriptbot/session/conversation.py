"""What was said in a conversation, and how a network comes to know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scriptbot.session.typed import Line
from scriptbot.text.labels import labelled

if TYPE_CHECKING:
    from scriptbot.lm.engine import Engine
    from scriptbot.lm.state import State

REREAD = 6_000  # characters of the conversation that a new model gets to read

Take = tuple[Line, ...]  # one of several replies to the same


@dataclass(slots=True)
class Turn:
    """What was handed in and what came back.

    Attributes:
        before: the state before it.
        heard: the state between the two.
        read: what was handed in.
        said: the reply, so far.
        character: who was announced or spoken to by name; None for anyone.
        takes: replies that stand there, stood there, or could.
        replaced: those in whose place a person has put another, the last one last.
    """

    before: State
    heard: State
    read: tuple[Line, ...] = ()
    said: list[Line] = field(default_factory=list)
    character: str | None = None
    takes: list[Take] = field(default_factory=list)
    replaced: list[Take] = field(default_factory=list)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both, in order."""
        return (*self.read, *self.said)

    def words(self, blank: State) -> Turn:
        """The same for later, when its states will have been made anew: they take memory.

        Args:
            blank: any state, in their place.
        """
        return replace(self, before=blank, heard=blank, said=list(self.said), takes=[], replaced=[])

    def fork(self) -> Turn:
        """The same, to be gone on with apart."""
        return replace(self, said=list(self.said), takes=list(self.takes), replaced=list(self.replaced))

    def keep(self, take: Take) -> bool:
        """Count a reply among the takes, if it says anything, and none of them says the same; whether it does."""
        new = take not in self.takes and any(line.text.strip() for line in take)
        if new:
            self.takes.append(take)
        return new


class Stamp(NamedTuple):
    """What a file looked like when a conversation was written down in it."""

    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """What it looks like now; one that cannot be looked at looks like none that was written."""
        try:
            found = path.stat()
        except OSError:
            return cls(0, -1)
        return cls(found.st_mtime_ns, found.st_size)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, but for its state: it waits while a model talks that could not read it, or was forgotten.

    Attributes:
        turns, past, saved, file: as of the history.
    """

    turns: tuple[Turn, ...] = ()
    past: tuple[Line, ...] = ()
    saved: Mapping[Path, Stamp] = field(default_factory=dict)
    file: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.turns or self.past)


def lines_of(turns: Iterable[Turn]) -> Iterator[Line]:
    """What was said in turns, in order."""
    return (line for turn in turns for line in turn.lines)


def heard(engine: Engine, state: State, lines: Iterable[Line], *, learn: bool = True) -> State:
    """The state after lines, which may come from a conversation with a model of another kind.

    Args:
        learn: whether they are a person's; a model does not learn from models.
    """
    for line in lines:
        if not engine.cast:
            begin = "\n" if line.character else ""  # from a script: a line of its own
            state = engine.read_text(state, begin + labelled(line.character, line.text), learn=learn)
        elif line.character:
            state = engine.read_speech(state, line.character, line.text, learn=learn)
        else:
            state = engine.read_direction(state, line.text, learn=learn)
    return state


def reread(engine: Engine, turns: Iterable[Turn]) -> tuple[State, list[Turn]]:
    """The state of an engine after the last turns, and these turns with the states it went through."""
    recent: list[Turn] = []
    room = REREAD
    for turn in reversed(list(turns)):
        room -= sum(len(line.text) for line in turn.lines)
        if room < 0 and recent:
            break
        recent.insert(0, turn)
    state = engine.start()
    fresh = []
    for turn in recent:
        between = heard(engine, state, turn.read)
        fresh.append(replace(turn, before=state, heard=between, said=list(turn.said), takes=[], replaced=[]))
        state = heard(engine, between, turn.said, learn=False)
    return state, fresh
