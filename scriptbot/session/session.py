"""One conversation: everything that lives from one turn to the next lives here, and nowhere else.

The network's state, the cache in it, the speakers, the settings and the random number generator belong to the session.
It never prints: a reply is an iterator of pieces, and the state advances as they are taken.  To stop a reply, stop
taking pieces: those taken have been said, the others never were.
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
from scriptbot.session.addressee import addressed
from scriptbot.session.conversation import Conversation, Take, Turn
from scriptbot.session.history import History
from scriptbot.session.typed import Line, read_typed
from scriptbot.text.cast import answering, fold, match_name, person, persons
from scriptbot.text.reading import reader

DEFAULT = "default"  # typed as a value, it means the model's own value for the setting, or else the usual one
ALL_THE_TIME = 3  # answers in a row after which somebody else must answer
LATELY, OFTEN = 6, 4  # somebody who gave OFTEN of the last LATELY answers must make way for somebody else
TAKES, DRAWS = 5, 3  # takes to choose from, unless a person asks for a number of new ones; attempts to draw each
MOST_NEW_WORDS = 50_000  # unknown spellings that an engine may collect before it is replaced by a fresh one


class Swap(Enum):
    """What happens to a conversation when another model takes over."""

    GOES_ON = "goes on"
    BEGINS_ANEW = "begins anew"
    TAKEN_UP = "one that waited is taken up"


class Session:
    """A conversation with a model.

    Args:
        model: the model to talk with.
        name: what to call the model.
        settings: how words are drawn; without a seed, one is made up (see :attr:`seed`).
        free: names of the settings that nobody chose; they take the values that suit the current model.
        character: who answers; None leaves it to the model.
        me: who the person is in the script; None: the part made for the person, if there is one
            (:data:`scriptbot.text.cast.PERSONS`), or “You”.
        place: the model's file, if it has one.
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
        self.model, self.name, self.place = model, name, place and place.absolute()
        self.history = History(Engine(model))
        self.character, self.me, self._named = character, "", False
        self.set_person(me)
        self._free = free
        self._settings = self._suited(settings)
        self.seed = 0
        self.reseed(settings.seed)
        self._forgotten = Conversation()
        self._waiting = Conversation(), Conversation()  # one for a model of its own kind, and one forgotten before it

    @property
    def engine(self) -> Engine:
        """What reads and writes the conversation."""
        return self.history.engine

    @property
    def settings(self) -> SampleConfig:
        """How words are drawn.  Assigning settings with another seed restarts the random numbers."""
        return self._settings

    @settings.setter
    def settings(self, settings: SampleConfig) -> None:
        if settings.seed != self._settings.seed:
            self.reseed(settings.seed)
        self._settings = settings

    def put(self, name: str, value: str) -> None:
        """Change one setting, given its name and value as typed; “default” leaves it to the model again.

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
        """Whether the model knows characters; otherwise it continues plain text."""
        return bool(self.engine.cast)

    @property
    def state(self) -> State:
        """The network's state after everything said so far."""
        return self.history.state

    @property
    def transcript(self) -> tuple[Line, ...]:
        """Everything that was said in this conversation, oldest first."""
        return self.history.transcript

    def set_answering(self, character: str | None, otherwise: str = ":me NAME") -> None:
        """Set who answers, in any unambiguous spelling; None, “any” and “anyone” leave it to the model.

        Args:
            otherwise: what a person would type here to be somebody else, for the error's hint.

        Raises:
            UsageError: nobody in the cast is called that, or several are, or it is the person.
        """
        self.character = answering(character, self.engine.cast, self.me, otherwise)

    def set_person(self, name: str | None) -> None:
        """Set who the person is; a member of the cast may be named in another spelling.

        None, a blank, “any” and “anyone” stand for the part made for the person in the script, or “You”.  Nobody else
        speaks for the person: if the character who answers is now the person, anyone answers instead.
        """
        self.me, self._named = person(name, self.engine.cast)
        if self.character == self.me:
            self.character = None

    @property
    def named(self) -> str | None:
        """Who the person has chosen to be; None if that is left to the script."""
        return self.me if self._named else None

    def say(self, text: str) -> Iterator[Piece]:
        """Read what the person says, and reply.

        If the model has a cast, lines ``NAME: text`` are speeches of NAME, and all others are said by ``me``.  A model
        of plain text continues where the text ends.
        """
        return self._reply(text)

    def strangers(self, text: str) -> list[str]:
        """Those who would speak in a text and are neither the person, nor in the cast, nor in the conversation yet."""
        if not self.is_script:
            return []
        known = {fold(name) for name in (self.me, *self.engine.cast, *(line.character for line in self.transcript))}
        spoken = read_typed(text, self.me, self.engine.cast)
        names = (*(line.character for line in spoken.lines), spoken.announced)
        return [name for name in dict.fromkeys(names) if name and fold(name) not in known]

    def proceed(self) -> Iterator[Piece]:
        """Reply without the person saying anything."""
        return self._reply("")

    def retry(self) -> Iterator[Piece]:
        """Draw another reply in place of the last one.

        Raises:
            UsageError: there is none.
        """
        turn = self.history.last
        turn.keep(tuple(turn.said))
        return self.history.redraw(self._replies(turn))

    def takes(self, count: int | None = None) -> Iterator[Take]:
        """The replies to what was said last, and then new ones, each as it is drawn.

        The current reply stays; :meth:`take` replaces it by one of these.

        Args:
            count: how many new ones; None: as many as are missing from :data:`TAKES`.

        Raises:
            UsageError: there is no reply to draw others for.
        """
        turn = self.history.last
        turn.keep(tuple(turn.said))
        if count is None:
            count = max(TAKES - len(turn.takes), 0)
        return itertools.chain(list(turn.takes), self._others(turn, count))

    def take(self, number: int) -> Iterator[Piece]:
        """Replace the last reply by one of the :meth:`takes`, and yield its pieces.

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
        return self.history.replace_reply(takes[number - 1])

    def edit(self, text: str) -> Iterator[Piece]:
        """Replace the last speech by a person's words, and yield the pieces; :meth:`revert` brings it back.

        As in :meth:`say`, lines ``NAME: text`` are speeches of NAME, but only if NAME is the person or in the cast;
        before any other colon, the text belongs to the words, and so do empty lines.  ``NAME:`` alone gives the
        existing words to somebody else.  Repeating the existing words changes nothing.

        Raises:
            UsageError: there is no speech, or nobody is called that.
        """
        last = self.history.speech
        if not last.character:  # plain text goes on where it did
            space = last.text[: -len(last.text.lstrip()) or None] or ("" if self.model.vocabulary.unspaced else " ")
            lines: tuple[Line, ...] = (Line("", space + self._converted(text)),)
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
        return self.history.replace_reply((*self.history.last.said[:-1], *lines))

    def no_names(self, text: str) -> list[str]:
        """What stands before a colon like a name in a text for :meth:`edit`, but belongs to the words there.

        Raises:
            UsageError: there is no speech to edit.
        """
        last = self.history.speech
        if not last.character:
            return []
        known = (last.character, self.me, *self.engine.cast)
        names = dict.fromkeys(line.character for line in read_typed(text, last.character, known).lines)
        return [name for name in names if name not in known]

    @property
    def answered(self) -> bool:
        """Whether any reply to what was said last has begun."""
        return bool(self.history.turns and self.history.last.said)

    @property
    def last_speech(self) -> Line:
        """The last line of the last reply.

        Raises:
            UsageError: nobody has replied.
        """
        return self.history.speech

    def stands(self, take: Take) -> bool:
        """Whether this is the current reply, from which the conversation continues."""
        return self.history.stands(take)

    def revert(self) -> Take | None:
        """Bring back the reply that :meth:`edit` or :meth:`take` replaced last; returns None if there is none."""
        return self.history.revert()

    def undo(self) -> Turn | None:
        """Take back the last turn in which anything was said, the person's words included; returns None if there is
        none left."""
        while (turn := self.history.undo()) is not None and not turn.lines:
            pass  # Ctrl-C may have come while the reply of such a turn was being replaced
        return turn

    def reset(self) -> None:
        """Forget the conversation; the character, settings, random numbers and a waiting conversation stay."""
        if here := self.conversation:
            self._forgotten = here
        self.history = History(Engine(self.model))

    def restore(self) -> bool:
        """Bring back what :meth:`reset` has forgotten, if nothing was said since.  Returns whether it did."""
        if self.conversation or not self._forgotten:
            return False
        self.take_up(self._forgotten)
        self._forgotten = Conversation()
        return True

    def swap(self, model: Model, name: str, place: Path | None = None) -> Swap:
        """Continue with another model, which first reads the recent conversation.  Returns what became of that.

        The turns that the new model has read can still be taken back.  Between a model of scripts without spaces and
        one of scripts with them, the conversation would be noise: it waits for a model of its own kind, and the one
        that waited for the new model's kind, if any, is resumed.  Names take on the new cast's spelling.  Whoever
        answers goes on answering if the new cast has the name in any spelling; if not, anyone answers.
        """
        alike = model.vocabulary.unspaced == self.model.vocabulary.unspaced
        here = self.conversation
        there, forgotten = (here, self._forgotten) if alike else self._waiting
        self.history = History(Engine(model), there)  # if this is interrupted, nothing has changed
        self.model, self.name, self.place = model, name, place and place.absolute()
        self._settings = self._suited(self._settings)
        if not alike:
            self._waiting, self._forgotten = (here, self._forgotten), forgotten
        answers = self.character and fold(self.character)
        self.set_person(self.named)
        others = (name for name in self.engine.cast if name != self.me)
        self.character = next((name for name in others if fold(name) == answers), None)
        if alike or not (here or there):
            return Swap.GOES_ON
        return Swap.TAKEN_UP if there else Swap.BEGINS_ANEW

    def fork(self) -> Session:
        """A second conversation that shares the past of this one; all that follows is separate, random numbers too."""
        other = copy.copy(self)
        other.history = self.history.fork()
        other._random = copy.deepcopy(self._random)
        return other

    @property
    def conversation(self) -> Conversation:
        """The whole conversation, without its states."""
        return self.history.conversation

    def take_up(self, there: Conversation) -> None:
        """Continue another conversation; the model reads the end of it."""
        self.history = History(self.engine, there)

    def let_wait(self, there: Conversation) -> None:
        """Let a conversation wait for a model of its kind, which the current one is not; see :meth:`swap`."""
        self._waiting = there, Conversation()

    def reseed(self, seed: int | None) -> None:
        """Restart the random numbers; None makes up a seed."""
        self.seed = secrets.randbelow(2**32) if seed is None else seed
        self._random = np.random.default_rng(self.seed)

    def _suited(self, settings: SampleConfig) -> SampleConfig:
        """Settings in which those that nobody chose have the model's own values, or else the usual ones."""
        usual = {field.name: field.default for field in fields(SampleConfig)}
        free = {name: self.model.suited.get(name, usual[name]) for name in self._free}
        return replace(settings, **free)

    def _converted(self, text: str) -> str:
        """A text converted to the reading (hiragana) that the model was trained on, if it was trained on one."""
        reading = self.model.provenance.get("reading")
        return reader(str(reading))(text) if reading else text

    def _as_read(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Speeches whose texts are :meth:`_converted`; names stay as they are."""
        return tuple(Line(line.character, self._converted(line.text)) for line in lines)

    def _others(self, turn: Turn, missing: int) -> Iterator[Take]:
        """Newly drawn replies that are not among the takes yet; each is added to them before it is yielded."""
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
        if self.is_script:  # names are not converted
            spoken = read_typed(text, self.me, self.engine.cast)
            read = self._as_read(spoken.lines)
            character = spoken.announced or self._addressed(spoken.lines) or None
        else:
            text = self._converted(text)
            # What is typed after a reply begins on a line of its own.
            read, character = ((Line("", "\n" + text if self.transcript else text),) if text else ()), None
        turn = self.history.begin(read, character)
        yield from self.history.record(turn, self._replies(turn))

    def _replies(self, turn: Turn) -> Iterator[Piece]:
        if not self.is_script:
            yield from self.engine.write(self.state, self.settings, self._random)
            return
        for number in range(self.settings.lines):
            character = self.character or (turn.character if number == 0 else None)
            yield from candidates.speak(self.engine, self.state, character, self.settings, self._random, self._silent())

    def _addressed(self, lines: Sequence[Line]) -> str:
        """Whom the person addressed by name in the last line; empty if nobody, or if somebody else said that line."""
        if not lines or lines[-1].character != self.me:
            return ""
        return addressed(lines[-1].text, [name for name in self.engine.cast if name != self.me])

    def _silent(self) -> tuple[str, ...]:
        """Those who do not speak next unless asked: the person, the parts made for a person, the last speaker, and
        whoever gave most of the latest answers or all of the last few.  Where nobody else is left, the last of these
        do speak."""
        last = next((turn.lines[-1].character for turn in reversed(self.history.turns) if turn.lines), "")
        said = [line.character for turn in list(self.history.turns)[-LATELY - 1 :] for line in turn.said]
        often = [name for name, times in Counter(said[-LATELY:]).items() if times >= OFTEN]
        always = [name for name, times in Counter(said[-ALL_THE_TIME:]).items() if times == ALL_THE_TIME]
        return (self.me, *persons(self.engine.cast), last, *often, *always)
