"""One conversation: everything that lives from one turn to the next, and nothing else does.

The state of the network, the cache in it, who speaks, the settings and the generator of random numbers belong to
the session.  It never prints: a reply is an iterator of pieces, and the state moves on as they are taken.  Whoever
stops taking them has stopped the reply; what was said until then stands, what was not was never said.
"""

from __future__ import annotations

import copy
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path

import numpy as np

from scriptbot import config
from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm import candidates
from scriptbot.lm.engine import Engine
from scriptbot.lm.model import Model
from scriptbot.lm.state import Piece, State
from scriptbot.session.seed import Line, addressed, read_seed
from scriptbot.text.cast import ANYONE, choose, fold, persons
from scriptbot.text.reading import reader

DEFAULT = "default"  # the value of a setting that is the model’s own, or the usual one
MOST_TURNS = 50  # turns that can be taken back; of older ones the words are kept, and the network's state
ALL_THE_TIME = 3  # answers in a row after which it is somebody else's turn
REREAD = 6_000  # characters of the conversation that a new model gets to read
MOST_NEW_WORDS = 50_000  # spellings the engine may collect before it is made anew


@dataclass(slots=True)
class Turn:
    """What was handed in and what came back.

    Attributes:
        before: the state before it.
        heard: the state between the two.
        read: what was handed in.
        said: the reply, so far.
        character: who was announced or spoken to by name; None for anyone.
    """

    before: State
    heard: State
    read: tuple[Line, ...] = ()
    said: list[Line] = field(default_factory=list)
    character: str | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both, in order."""
        return (*self.read, *self.said)

    def words(self, blank: State) -> Turn:
        """The same for later, when its states will have been made anew: they take memory.

        Args:
            blank: any state, in their place.
        """
        return replace(self, before=blank, heard=blank, said=list(self.said))


class Swap(Enum):
    """What becomes of a conversation when another model takes over."""

    GOES_ON = "goes on"
    BEGINS_ANEW = "begins anew"
    TAKEN_UP = "one that waited is taken up"


@dataclass(frozen=True, slots=True)
class _Said:
    """A conversation, but for its state: it waits while a model talks that could not read it.

    Attributes:
        turns, past, saved: as of the session.
    """

    turns: tuple[Turn, ...] = ()
    past: tuple[Line, ...] = ()
    saved: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns or self.past)


class Session:
    """A conversation with a model.

    Args:
        model: who is talked with.
        name: what to call it.
        settings: how words are drawn; without a seed one is made up, see :attr:`seed`.
        free: names of settings that nobody chose: they are what suits the model, one after the other.
        character: who answers; None leaves it to the model.
        me: who the person is in the script; None: whoever is made for that in it
            (:data:`scriptbot.text.cast.PERSONS`), or “You”.
    """

    def __init__(
        self,
        model: Model,
        *,
        name: str,
        settings: SampleConfig,
        free: frozenset[str] = frozenset(),
        character: str | None = None,
        me: str | None = None,
    ) -> None:
        self.model, self.name = model, name
        self.engine = Engine(model)
        self.character, self.me, self._named = character, "", False
        self.be(me)
        self._free = free
        self._settings = self._suited(settings)
        self.seed = 0
        self.sow(settings.seed)
        self._state = self.engine.start()
        self._turns: deque[Turn] = deque(maxlen=MOST_TURNS)
        self.saved: list[Path] = []  # where the conversation was written down, the last place last
        self._past: list[Line] = []  # of turns that cannot be taken back any more
        self._waiting = _Said()

    @property
    def settings(self) -> SampleConfig:
        """How words are drawn.  Choosing another seed starts the random numbers anew."""
        return self._settings

    @settings.setter
    def settings(self, settings: SampleConfig) -> None:
        if settings.seed != self._settings.seed:
            self.sow(settings.seed)
        self._settings = settings

    def put(self, name: str, value: str) -> None:
        """Choose one setting, by its name and value as they are typed; “default” leaves it to the model again.

        Raises:
            UsageError: no such option, not a number, or outside its range.
        """
        chosen = {config.key(name)}
        if value.strip().lower() == DEFAULT and chosen <= {field.name for field in fields(SampleConfig)}:
            self._free |= chosen
            self.settings = self._suited(self._settings)
            return
        self.settings = config.replace(self._settings, name, value)
        self._free -= chosen

    @property
    def is_script(self) -> bool:
        """Whether the model knows characters; otherwise it goes on with plain text."""
        return bool(self.engine.cast)

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._state

    @property
    def transcript(self) -> tuple[Line, ...]:
        """All that was said in this conversation, oldest first."""
        return (*self._past, *_lines(self._turns))

    def choose(self, character: str | None) -> None:
        """Say who answers, in any spelling that is certain; None, “any” and “anyone” leave it to the model.

        Raises:
            UsageError: nobody in the cast is called that, or several are.
        """
        self.character = choose(character, self.engine.cast)

    def be(self, name: str | None) -> None:
        """Say who the person is; a member of the cast may be named in another spelling.

        None, “any” and “anyone”: whoever is made for that in the script, or “You”.  Nobody else speaks for the
        person, so whoever answers makes way for anyone if that was the same.
        """
        known = {fold(member): member for member in self.engine.cast}
        if name is None or name.strip().casefold() in ANYONE:
            name, self._named = next(iter(persons(self.engine.cast)), "You"), False
        else:
            self._named = True
        self.me = known.get(fold(name), name)
        if self.character == self.me:
            self.character = None

    def say(self, text: str) -> Iterator[Piece]:
        """Read what the person says and reply.

        To a cast, lines ``NAME: text`` are speeches of NAME and the others those of ``me``; a model of plain text
        goes on where the text ends.
        """
        return self._reply(text)

    def strangers(self, text: str) -> list[str]:
        """Who would speak in what a person says and is neither the person, nor in the cast, nor in the conversation."""
        if not self.is_script:
            return []
        known = {fold(name) for name in (self.me, *self.engine.cast, *(line.character for line in self.transcript))}
        seed = read_seed(text, self.me, self.engine.cast)
        names = (*(line.character for line in seed.lines), seed.announced)
        return [name for name in dict.fromkeys(names) if name and fold(name) not in known]

    def proceed(self) -> Iterator[Piece]:
        """Reply without anything being said."""
        return self._reply("")

    def retry(self) -> Iterator[Piece]:
        """Take the last reply back and draw another.

        Raises:
            UsageError: there is none.
        """
        if not self._turns:
            raise UsageError("There is no reply to draw again.", "Say something first.")
        return self._draw(self._turns[-1])

    def undo(self) -> Turn | None:
        """Take the last turn back, what was said to it included; None if there is none left."""
        if not self._turns:
            return None
        turn = self._turns.pop()
        self._state = turn.before
        return turn

    def reset(self) -> None:
        """Forget the conversation; character, settings, random numbers and one that waits stay."""
        self._turns.clear()
        self._past.clear()
        self.saved = []  # that is another conversation's
        self.engine = Engine(self.model)
        self._state = self.engine.start()

    def swap(self, model: Model, name: str) -> Swap:
        """Go on with another model, which reads the recent conversation first; what becomes of that.

        All of it can still be taken back turn by turn.  To a model of scripts without spaces, or back, the conversation
        would be noise: it waits for a model of its kind, and the one that waited for this kind is taken up again.
        Characters are known in any spelling; one that the new model does not know makes way for anyone.
        """
        engine, blank = Engine(model), self.engine.start()
        alike = model.vocabulary.unspaced == self.model.vocabulary.unspaced
        here = _Said(tuple(self._turns), tuple(self._past), tuple(self.saved))
        there = here if alike else self._waiting
        state, turns = _reread(engine, there.turns)
        self.model, self.name, self.engine, self._state = model, name, engine, state
        self._settings = self._suited(self._settings)
        unread = len(there.turns) - len(turns)
        self._past = [*there.past, *_lines(there.turns[:unread])]
        self._turns, self.saved = deque(turns, maxlen=MOST_TURNS), list(there.saved)
        if not alike:
            self._waiting = replace(here, turns=tuple(turn.words(blank) for turn in here.turns))
        answers = self.character and fold(self.character)
        self.be(self.me if self._named else None)
        self.character = next((name for name in engine.cast if fold(name) == answers), None)
        if alike or not (here or there):
            return Swap.GOES_ON
        return Swap.TAKEN_UP if there else Swap.BEGINS_ANEW

    def fork(self) -> Session:
        """A second conversation that shares the past and nothing that is to come, random numbers included."""
        other = copy.copy(self)
        other._turns = deque((replace(turn, said=list(turn.said)) for turn in self._turns), maxlen=MOST_TURNS)
        other._past, other.saved = list(self._past), list(self.saved)
        other._random = copy.deepcopy(self._random)
        return other

    def sow(self, seed: int | None) -> None:
        """Start the random numbers anew; None makes up a seed."""
        self.seed = secrets.randbelow(2**32) if seed is None else seed
        self._random = np.random.default_rng(self.seed)

    def _suited(self, settings: SampleConfig) -> SampleConfig:
        """What nobody chose as the model has it, or as it is usual."""
        usual = {field.name: field.default for field in fields(SampleConfig)}
        free = {name: self.model.sampling.get(name, usual[name]) for name in self._free}
        return replace(settings, **free)

    def _reply(self, text: str) -> Iterator[Piece]:
        if len(self.engine.coder.novel) > MOST_NEW_WORDS:
            self.swap(self.model, self.name)
        reading = self.model.provenance.get("reading")
        read_aloud = reader(str(reading)) if reading else str
        if self.is_script:  # where names stay as they are
            seed = read_seed(text, self.me, self.engine.cast)
            read = tuple(Line(line.character, read_aloud(line.text)) for line in seed.lines)
            character = seed.announced or self._addressed(seed.lines) or None
        else:
            text = read_aloud(text)
            # What is typed after a reply begins a line of its own.
            read, character = ((Line("", "\n" + text if self.transcript else text),) if text else ()), None
        # The turn counts from here on only: when reading is broken off, nothing was said.
        turn = Turn(self._state, _read(self.engine, self._state, read), read, character=character)
        if len(self._turns) == MOST_TURNS:
            self._past += self._turns[0].lines
        self._turns.append(turn)
        self._state = turn.heard
        yield from self._draw(turn)

    def _draw(self, turn: Turn) -> Iterator[Piece]:
        """The reply of a turn, drawn anew.  One that was there stays if this is broken off before its first word."""
        before, state, begun = list(turn.said), self._state, False
        self._state = turn.heard
        turn.said.clear()
        try:
            for piece in self._replies(turn):
                begun = True
                yield piece
        finally:
            if before and not begun:
                turn.said[:], self._state = before, state

    def _replies(self, turn: Turn) -> Iterator[Piece]:
        if not self.is_script:
            yield from self._follow(self.engine.write(self._state, self.settings, self._random), turn)
            return
        for number in range(self.settings.lines):
            character = self.character or (turn.character if number == 0 else None)
            yield from self._follow(
                candidates.speak(self.engine, self._state, character, self.settings, self._random, self._silent()), turn
            )

    def _addressed(self, lines: Sequence[Line]) -> str:
        """Whom the person said the last line to, by name; nobody if it is not the person's."""
        if not lines or lines[-1].character != self.me:
            return ""
        return addressed(lines[-1].text, [name for name in self.engine.cast if name != self.me])

    def _silent(self) -> tuple[str, ...]:
        """Who does not speak next unless asked: the person, whoever spoke last, whoever is made for a person, and
        who has answered all the time."""
        last = next((turn.lines[-1].character for turn in reversed(self._turns) if turn.lines), "")
        said = [line.character for turn in list(self._turns)[-ALL_THE_TIME - 1 :] for line in turn.said]
        answers = set(said[-ALL_THE_TIME:])
        always = answers if len(said) >= ALL_THE_TIME and len(answers) == 1 else ()
        return (self.me, last, *persons(self.engine.cast), *always)

    def _follow(self, pieces: Iterator[Piece], turn: Turn) -> Iterator[Piece]:
        """Pass pieces on; each is part of the conversation by the time it is seen."""
        texts: list[str] = []
        opened = False
        for piece in pieces:
            if piece.kind == "cue" or not opened:
                turn.said.append(Line(piece.character, ""))
                opened = True
            if piece.kind == "text":
                texts.append(piece.text)
                turn.said[-1] = Line(piece.character, "".join(texts))
            self._state = piece.state
            yield piece


def _lines(turns: Iterable[Turn]) -> Iterator[Line]:
    return (line for turn in turns for line in turn.lines)


def _read(engine: Engine, state: State, lines: Iterable[Line], *, learn: bool = True) -> State:
    """The state after lines, which may come from a conversation with a model of another kind.

    Args:
        learn: whether they are a person's; a model does not learn from models.
    """
    for line in lines:
        if not engine.cast:
            state = engine.read_text(
                state, f"\n{line.character}: {line.text}" if line.character else line.text, learn=learn
            )
        elif line.character:
            state = engine.read_speech(state, line.character, line.text, learn=learn)
        else:
            state = engine.read_direction(state, line.text, learn=learn)
    return state


def _reread(engine: Engine, turns: Iterable[Turn]) -> tuple[State, list[Turn]]:
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
        heard = _read(engine, state, turn.read)
        fresh.append(replace(turn, before=state, heard=heard, said=list(turn.said)))
        state = _read(engine, heard, turn.said, learn=False)
    return state, fresh
