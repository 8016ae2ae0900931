"""What was said in a conversation, and how a network comes to know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scriptbot.session.typed import Line
from scriptbot.text.cast import fold
from scriptbot.text.labels import labelled

if TYPE_CHECKING:
    from scriptbot.lm.engine import Engine
    from scriptbot.lm.state import State

REREAD = 6_000  # characters from the end of the conversation that a new model gets to read

Take = tuple[Line, ...]  # one of several possible replies to the same line


@dataclass(slots=True)
class Turn:
    """What a person said and what the model replied.

    Attributes:
        before: the state before the turn.
        heard: the state after the person's lines and before the reply.
        read: what the person said.
        said: the reply so far.
        character: who was announced or addressed by name; None for anyone.
        takes: replies to choose from, none of them blank; the current one joins them only when others are drawn or one
            is put in its place.  After a change of the model there are none.
        replaced: replies that a person has replaced by another, the most recent one last.
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
        """What the person said and then the reply."""
        return (*self.read, *self.said)

    def without_states(self, blank: State) -> Turn:
        """This turn without its states, which take much memory and can be computed again; its takes are dropped too.

        Args:
            blank: any state, to stand in for them.
        """
        return replace(self, before=blank, heard=blank, said=list(self.said), takes=[], replaced=[])

    def fork(self) -> Turn:
        """A copy that can be continued independently of this one."""
        return replace(self, said=list(self.said), takes=list(self.takes), replaced=list(self.replaced))

    def keep(self, take: Take) -> bool:
        """Add a reply to the takes, unless it is blank or already among them.  Returns whether it was added."""
        new = take not in self.takes and any(line.text.strip() for line in take)
        if new:
            self.takes.append(take)
        return new


class Stamp(NamedTuple):
    """What a file looked like right after a conversation was written to it."""

    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """What a file looks like now; one that cannot be examined gets a stamp that no written file has."""
        try:
            found = path.stat()
        except OSError:
            return cls(0, -1)
        return cls(found.st_mtime_ns, found.st_size)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its state: forgotten, or waiting while a model talks that could not read it.

    Attributes:
        turns, past, saved, file: as in :class:`~scriptbot.session.history.History`.
    """

    turns: tuple[Turn, ...] = ()
    past: tuple[Line, ...] = ()
    saved: Mapping[Path, Stamp] = field(default_factory=dict)
    file: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.turns or self.past)


def lines_of(turns: Iterable[Turn]) -> Iterator[Line]:
    """The lines of some turns, in order."""
    return (line for turn in turns for line in turn.lines)


def respelled(there: Conversation, cast: Collection[str]) -> Conversation:
    """A conversation in which the members of a cast are called as the cast spells their names."""
    known = {fold(name): name for name in cast}

    def name(spelling: str) -> str:
        return spelling if spelling in cast else known.get(fold(spelling), spelling)

    def lines(of: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(replace(line, character=name(line.character)) for line in of)

    turns = (
        replace(
            turn,
            read=lines(turn.read),
            said=list(lines(turn.said)),
            character=turn.character and name(turn.character),
        )
        for turn in there.turns
    )
    return replace(there, turns=tuple(turns), past=lines(there.past))


def state_after(engine: Engine, state: State, lines: Iterable[Line], *, learn: bool = True) -> State:
    """The state after some lines, which may come from a conversation with a model of another kind.

    Args:
        learn: whether a person said them; a model does not learn from what models say.
    """
    for line in lines:
        if not engine.cast:
            begin = "\n" if line.character else ""  # from a script: it gets a line of its own
            state = engine.read_text(state, begin + labelled(line.character, line.text), learn=learn)
        elif line.character:
            state = engine.read_speech(state, line.character, line.text, learn=learn)
        else:
            state = engine.read_direction(state, line.text, learn=learn)
    return state


def reread(engine: Engine, turns: Iterable[Turn]) -> tuple[State, list[Turn]]:
    """The state of an engine that has read the last turns anew, and those turns with the states it passed through."""
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
        between = state_after(engine, state, turn.read)
        fresh.append(replace(turn, before=state, heard=between, said=list(turn.said), takes=[], replaced=[]))
        state = state_after(engine, between, turn.said, learn=False)
    return state, fresh
