"""One conversation: everything that lives from one turn to the next, and nothing else does.

The state of the network, the cache in it, who speaks, the settings and the generator of random numbers belong to
the session.  It never prints: a reply is an iterator of pieces, and the state moves on as they are taken.  Whoever
stops taking them has stopped the reply; what was said until then stands, what was not was never said.
"""

from __future__ import annotations

import copy
import itertools
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
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
from scriptbot.session.conversation import Conversation, Stamp, Take, Turn
from scriptbot.session.history import History
from scriptbot.session.typed import Line, addressed, read_typed
from scriptbot.text.cast import answering, fold, match_name, person, persons
from scriptbot.text.reading import reader

DEFAULT = "default"  # the value of a setting that is the model’s own, or the usual one
ALL_THE_TIME = 3  # answers in a row after which it is somebody else's turn
LATELY, OFTEN = 6, 4  # answers, and how many of them by one after which it is somebody else's turn
TAKES, DRAWS = 5, 3  # replies to choose from, unless a person says how many more; draws for each of them
MOST_NEW_WORDS = 50_000  # spellings the engine may collect before it is made anew


class Swap(Enum):
    """What becomes of a conversation when another model takes over."""

    GOES_ON = "goes on"
    BEGINS_ANEW = "begins anew"
    TAKEN_UP = "one that waited is taken up"


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
        place: where the model's file is, if it has one.
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
        place: Path | None = None,
    ) -> None:
        self.model, self.name, self.place = model, name, place
        self.history = History(Engine(model))
        self.character, self.me, self._named = character, "", False
        self.be(me)
        self._free = free
        self._settings = self._suited(settings)
        self.seed = 0
        self.sow(settings.seed)
        self._forgotten = Conversation()
        self._waiting = Conversation(), Conversation()  # for a model of its kind, and what was forgotten before it

    @property
    def engine(self) -> Engine:
        """Who reads and writes the conversation."""
        return self.history.engine

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
        return self.history.state

    @property
    def transcript(self) -> tuple[Line, ...]:
        """All that was said in this conversation, oldest first."""
        return self.history.transcript

    def choose(self, character: str | None, otherwise: str = ":me NAME") -> None:
        """Say who answers, in any spelling that is certain; None, “any” and “anyone” leave it to the model.

        Args:
            otherwise: what is typed here to be somebody else.

        Raises:
            UsageError: nobody in the cast is called that, or several are, or it is the person.
        """
        self.character = answering(character, self.engine.cast, self.me, otherwise)

    def be(self, name: str | None) -> None:
        """Say who the person is; a member of the cast may be named in another spelling.

        None, a blank, “any” and “anyone”: whoever is made for that in the script, or “You”.  Nobody else speaks for the
        person, so whoever answers makes way for anyone if that was the same.
        """
        self.me, self._named = person(name, self.engine.cast)
        if self.character == self.me:
            self.character = None

    @property
    def named(self) -> str | None:
        """Who the person has said to be; None if that is left to the script."""
        return self.me if self._named else None

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
        spoken = read_typed(text, self.me, self.engine.cast)
        names = (*(line.character for line in spoken.lines), spoken.announced)
        return [name for name in dict.fromkeys(names) if name and fold(name) not in known]

    def proceed(self) -> Iterator[Piece]:
        """Reply without anything being said."""
        return self._reply("")

    def retry(self) -> Iterator[Piece]:
        """Take the last reply back and draw another.

        Raises:
            UsageError: there is none.
        """
        turn = self.history.last
        turn.keep(tuple(turn.said))
        return self.history.anew(self._replies(turn))

    def takes(self, count: int | None = None) -> Iterator[Take]:
        """The replies there are to what was said last, and then others, each as it is drawn.

        The one that stands goes on standing; :meth:`take` puts another in its place.

        Args:
            count: of others; None: until there are :data:`TAKES`.

        Raises:
            UsageError: there is none to draw others of.
        """
        turn = self.history.last
        turn.keep(tuple(turn.said))
        if count is None:
            count = max(TAKES - len(turn.takes), 0)
        return itertools.chain(list(turn.takes), self._others(turn, count))

    def take(self, number: int) -> Iterator[Piece]:
        """Put one of the :meth:`takes` in the place of the last reply, and say it.

        Args:
            number: which one, from 1.

        Raises:
            UsageError: there is no such take.
        """
        takes = self.history.turns[-1].takes if self.history.turns else []
        if not takes:
            raise UsageError("There is nothing to choose from yet.", ":takes draws other replies.")
        if not 1 <= number <= len(takes):
            raise UsageError(f"There is no take {number}.", f"They are numbered from 1 to {len(takes)}.")
        return self.history.put(takes[number - 1])

    def edit(self, text: str) -> Iterator[Piece]:
        """Put a person's words in the place of the last speech, and say them; :meth:`revert` brings it back.

        Lines ``NAME: text`` of members of the cast are speeches of theirs, as in :meth:`say`, and so are those of the
        person; ``NAME:`` alone gives the words that are there to somebody else.  Whatever else stands before a colon
        belongs to the words, as empty lines do.  The words that are there change nothing.

        Raises:
            UsageError: there is no speech, or nobody is called that.
        """
        last = self.history.speech
        if not last.character:  # plain text goes on where it did
            space = last.text[: -len(last.text.lstrip()) or None] or ("" if self.model.vocabulary.unspaced else " ")
            lines: tuple[Line, ...] = (Line("", space + self._read_aloud(text)),)
        else:
            known = (self.me, *self.engine.cast)
            lines = self._as_read(read_typed(text, last.character, known, strangers=False).lines)
            alone = read_typed(text, last.character, known)
            if not alone.lines:
                name = alone.announced or last.character
                if name not in (last.character, *known):
                    name = match_name(name, self.engine.cast)
                lines = (Line(name, last.text),)
        if [(line.character, line.text.strip()) for line in lines] == [(last.character, last.text.strip())]:
            lines = (last,)
        return self.history.put((*self.history.last.said[:-1], *lines))

    @property
    def last_speech(self) -> Line:
        """What was said last, in reply.

        Raises:
            UsageError: nobody has replied.
        """
        return self.history.speech

    def stands(self, take: Take) -> bool:
        """Whether this is the reply that the conversation goes on from."""
        return self.history.stands(take)

    def revert(self) -> Take | None:
        """Bring the reply back in whose place :meth:`edit` or :meth:`take` put another; None if they did not."""
        return self.history.revert()

    def undo(self) -> Turn | None:
        """Take the last turn back, what was said to it included; None if there is none left."""
        return self.history.undo()

    def reset(self) -> None:
        """Forget the conversation; character, settings, random numbers and one that waits stay."""
        if here := self.conversation:
            self._forgotten = here
        self.history = History(Engine(self.model))

    def restore(self) -> bool:
        """Bring back what :meth:`reset` has forgotten, if there is any and nothing was said since; whether it did."""
        if self.conversation or not self._forgotten:
            return False
        self.take_up(self._forgotten)
        self._forgotten = Conversation()
        return True

    def swap(self, model: Model, name: str, place: Path | None = None) -> Swap:
        """Go on with another model, which reads the recent conversation first; what becomes of that.

        What it has read can still be taken back turn by turn.  To a model of scripts without spaces, or back, the
        conversation would be noise: it waits for a model of its kind, and the one that waited for this kind is taken up
        again.  Characters are known in any spelling; one that the new model does not know makes way for anyone.
        """
        alike = model.vocabulary.unspaced == self.model.vocabulary.unspaced
        here = self.conversation
        there, forgotten = (here, self._forgotten) if alike else self._waiting
        self.history = History(Engine(model), there)  # if it is broken off, nothing has changed
        self.model, self.name, self.place = model, name, place
        self._settings = self._suited(self._settings)
        if not alike:
            self._waiting, self._forgotten = (here, self._forgotten), forgotten
        answers = self.character and fold(self.character)
        self.be(self.named)
        others = (name for name in self.engine.cast if name != self.me)
        self.character = next((name for name in others if fold(name) == answers), None)
        if alike or not (here or there):
            return Swap.GOES_ON
        return Swap.TAKEN_UP if there else Swap.BEGINS_ANEW

    def fork(self) -> Session:
        """A second conversation that shares the past and nothing that is to come, random numbers included."""
        other = copy.copy(self)
        other.history = self.history.fork()
        other._random = copy.deepcopy(self._random)
        return other

    @property
    def conversation(self) -> Conversation:
        """All of it, without its states."""
        return self.history.conversation

    @property
    def saved(self) -> tuple[Path, ...]:
        """The files that it was written down in, the last one last."""
        return tuple(self.history.saved)

    def is_as_saved(self, place: Path) -> bool:
        """Whether one of these files is as it was when it was written."""
        return self.history.saved[place] == Stamp.of(place)

    def note_saved(self, place: Path) -> None:
        """It was written down there just now."""
        self.history.saved.pop(place, None)
        self.history.saved[place] = Stamp.of(place)

    def take_up(self, there: Conversation) -> None:
        """Go on with another conversation, of which the model reads the last part."""
        self.history = History(self.engine, there)

    def let_wait(self, there: Conversation) -> None:
        """Have a conversation wait for a model of its kind, which this one is not; see :meth:`swap`."""
        self._waiting = there, Conversation()

    def sow(self, seed: int | None) -> None:
        """Start the random numbers anew; None makes up a seed."""
        self.seed = secrets.randbelow(2**32) if seed is None else seed
        self._random = np.random.default_rng(self.seed)

    def _suited(self, settings: SampleConfig) -> SampleConfig:
        """What nobody chose as the model has it, or as it is usual."""
        usual = {field.name: field.default for field in fields(SampleConfig)}
        free = {name: self.model.suited.get(name, usual[name]) for name in self._free}
        return replace(settings, **free)

    def _read_aloud(self, text: str) -> str:
        """A text as the model has read its own."""
        reading = self.model.provenance.get("reading")
        return reader(str(reading))(text) if reading else text

    def _as_read(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Speeches as the model has read its own; names stay."""
        return tuple(Line(line.character, self._read_aloud(line.text)) for line in lines)

    def _others(self, turn: Turn, missing: int) -> Iterator[Take]:
        """Replies that are not among the takes yet; they are among them by the time they are seen."""
        for _ in range(missing * DRAWS):
            if not missing:
                return
            other = self.fork()
            other._random = self._random
            for _ in other.retry():
                pass
            if turn.keep(take := tuple(other.history.last.said)):
                yield take
                missing -= 1

    def _reply(self, text: str) -> Iterator[Piece]:
        if len(self.engine.coder.novel) > MOST_NEW_WORDS:
            self.swap(self.model, self.name, self.place)
        if self.is_script:  # where names stay as they are
            spoken = read_typed(text, self.me, self.engine.cast)
            read = self._as_read(spoken.lines)
            character = spoken.announced or self._addressed(spoken.lines) or None
        else:
            text = self._read_aloud(text)
            # What is typed after a reply begins a line of its own.
            read, character = ((Line("", "\n" + text if self.transcript else text),) if text else ()), None
        turn = self.history.begin(read, character)
        yield from self.history.follow(self._replies(turn))

    def _replies(self, turn: Turn) -> Iterator[Piece]:
        if not self.is_script:
            yield from self.engine.write(self.state, self.settings, self._random)
            return
        for number in range(self.settings.lines):
            character = self.character or (turn.character if number == 0 else None)
            yield from candidates.speak(self.engine, self.state, character, self.settings, self._random, self._silent())

    def _addressed(self, lines: Sequence[Line]) -> str:
        """Whom the person said the last line to, by name; nobody if it is not the person's."""
        if not lines or lines[-1].character != self.me:
            return ""
        return addressed(lines[-1].text, [name for name in self.engine.cast if name != self.me])

    def _silent(self) -> tuple[str, ...]:
        """Who does not speak next unless asked: the person, whoever is made for a person, whoever spoke last, and who
        has answered most of the time, or all the time; where nobody else is left, the last of them do speak."""
        last = next((turn.lines[-1].character for turn in reversed(self.history.turns) if turn.lines), "")
        said = [line.character for turn in list(self.history.turns)[-LATELY - 1 :] for line in turn.said]
        often = [name for name, times in Counter(said[-LATELY:]).items() if times >= OFTEN]
        always = [name for name, times in Counter(said[-ALL_THE_TIME:]).items() if times == ALL_THE_TIME]
        return (self.me, *persons(self.engine.cast), last, *often, *always)
