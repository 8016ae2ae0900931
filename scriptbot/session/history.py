"""The turns of a conversation, the other replies that there are to each, and the network's state behind the last.

A turn is part of it from the moment it is begun, and so is every piece of its reply by the time it is seen: whoever
stops taking pieces has stopped the reply.  The last :data:`MOST_TURNS` can be taken back.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from scriptbot.errors import UsageError
from scriptbot.lm.engine import Engine
from scriptbot.lm.state import Piece, State
from scriptbot.session.conversation import Conversation, Stamp, Take, Turn, heard, lines_of, reread
from scriptbot.session.typed import Line

MOST_TURNS = 50  # that can be taken back; of older ones the words are kept, and the network's state


class History:
    """What was said to an engine, and by it.

    Args:
        engine: reads and writes it.
        there: where it begins; the engine reads the last part.

    Attributes:
        state: where the network stands.
        turns: those that can be taken back, oldest first.
        saved: where it was written down, the last place last.
        file: where it is kept for another day, if it is.
    """

    def __init__(self, engine: Engine, there: Conversation | None = None) -> None:
        there = Conversation() if there is None else there
        self.engine = engine
        self.state, turns = reread(engine, there.turns)
        self.turns = deque(turns, maxlen=MOST_TURNS)
        unread = len(there.turns) - len(turns)
        self._past = [*there.past, *lines_of(there.turns[:unread])]  # of turns that cannot be taken back any more
        self.saved: dict[Path, Stamp] = dict(there.saved)
        self.file = there.file

    @property
    def transcript(self) -> tuple[Line, ...]:
        """All that was said, oldest first."""
        return (*self._past, *lines_of(self.turns))

    @property
    def conversation(self) -> Conversation:
        """All of it, without its states."""
        blank = self.engine.start()
        turns = tuple(turn.words(blank) for turn in self.turns)
        return Conversation(turns, tuple(self._past), dict(self.saved), self.file)

    def fork(self) -> History:
        """A second one that shares the past and nothing that is to come."""
        other = copy.copy(self)
        other._past, other.saved = list(self._past), dict(self.saved)
        other.turns = deque((turn.fork() for turn in self.turns), maxlen=MOST_TURNS)
        return other

    @property
    def last(self) -> Turn:
        """The last turn.

        Raises:
            UsageError: there is none.
        """
        if not self.turns:
            raise UsageError("There is no reply to draw again.", "Say something first.")
        return self.turns[-1]

    @property
    def speech(self) -> Line:
        """What was said last.

        Raises:
            UsageError: nobody has replied.
        """
        if not self.turns or not self.turns[-1].said:
            raise UsageError("There is no reply to change.", "Say something first.")
        return self.turns[-1].said[-1]

    def begin(self, read: tuple[Line, ...], character: str | None = None) -> Turn:
        """A turn in which a person says something; if reading it is broken off, nothing was said.

        Args:
            character: who is announced or spoken to by name.
        """
        turn = Turn(self.state, heard(self.engine, self.state, read), read, character=character)
        if len(self.turns) == MOST_TURNS:
            self._past += self.turns[0].lines
        self.turns.append(turn)
        self.state = turn.heard
        return turn

    def follow(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Pass on the pieces of a reply to what was said last."""
        turn, texts, opened = self.last, list[str](), False
        for piece in pieces:
            if piece.kind == "cue" or not opened:
                turn.said.append(Line(piece.character, ""))
                texts, opened = [], True
            if piece.kind == "text":
                texts.append(piece.text)
                turn.said[-1] = Line(piece.character, "".join(texts))
            self.state = piece.state
            yield piece

    def anew(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same in place of the reply that is there, which stays if this is broken off before its first word.

        Raises:
            UsageError: nothing was said that could be replied to.
        """
        return self._anew(self.last, pieces)

    def _anew(self, turn: Turn, pieces: Iterable[Piece]) -> Iterator[Piece]:
        if not self.turns or self.turns[-1] is not turn:  # it was taken back in the meantime
            return
        before, replaced, state, begun = list(turn.said), list(turn.replaced), self.state, False
        turn.replaced.clear()
        self.state = turn.heard
        turn.said.clear()
        try:
            for piece in self.follow(pieces):
                begun = True
                yield piece
        finally:
            if not begun:
                turn.said[:], turn.replaced[:], self.state = before, replaced, state

    def put(self, take: Take) -> Iterator[Piece]:
        """Another reply in the place of the last one, which is kept; :meth:`revert` brings it back.

        The same again changes nothing, and there is nothing to bring back.
        """
        turn = self.last
        if self.stands(take):
            for line in take:
                yield from _said(line, self.state)
            return
        turn.keep(tuple(turn.said))
        turn.keep(take)
        turn.replaced.append(tuple(turn.said))
        yield from self._placed(take)

    def stands(self, take: Take) -> bool:
        """Whether this is what the conversation goes on from."""
        return bool(self.turns) and take == tuple(self.turns[-1].said)

    def revert(self) -> Take | None:
        """Bring the reply back in whose place another was put last; None if none was."""
        if not self.turns or not self.turns[-1].replaced:
            return None
        take = self.turns[-1].replaced.pop()
        for _ in self._placed(take):
            pass
        return take

    def undo(self) -> Turn | None:
        """Take the last turn back, what was said to it included; None if there is none left."""
        if not self.turns:
            return None
        turn = self.turns.pop()
        self.state = turn.before
        return turn

    def _placed(self, take: Take) -> Iterator[Piece]:
        """A reply, heard line by line; a model does not learn from it, whoever it is from."""
        turn = self.last
        turn.said.clear()
        self.state = turn.heard
        for line in take:
            self.state = heard(self.engine, self.state, [line], learn=False)
            turn.said.append(line)
            yield from _said(line, self.state)


def _said(line: Line, state: State) -> Iterator[Piece]:
    """A line that stands, in pieces."""
    if line.character:
        yield Piece("cue", line.character, line.character, 0.0, state)
    yield Piece("text", line.text, line.character, 0.0, state)
    yield Piece("end", "", line.character, 0.0, state)
