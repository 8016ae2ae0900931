"""The turns of a conversation, the alternative replies to each, and the network's state after the last one.

A turn is part of the history as soon as anything has been said in it, and each piece of its reply before the caller
sees it: to stop a reply, stop taking pieces.  The last :data:`MOST_TURNS` turns can be taken back.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from scriptbot.errors import UsageError
from scriptbot.lm.engine import Engine
from scriptbot.lm.state import Piece, State
from scriptbot.session.conversation import (
    Conversation,
    Stamp,
    Take,
    Turn,
    lines_of,
    reread,
    respelled,
    state_after,
)
from scriptbot.session.typed import Line

MOST_TURNS = 50  # that can be taken back; older ones are remembered only by their words and the network's state


class History:
    """What was said to an engine, and by it.

    Args:
        engine: reads what is said and writes the replies.
        there: a conversation to begin with; the engine reads the end of it, with the names as its cast spells them.

    Attributes:
        state: the network's state after everything said so far.
        turns: those that can be taken back, oldest first.
        saved: the files that the conversation was saved in, the most recent last.
        file: where it is kept on disk to be resumed, if it is.
    """

    def __init__(self, engine: Engine, there: Conversation | None = None) -> None:
        there = respelled(Conversation() if there is None else there, engine.cast)
        self.engine = engine
        self.state, turns = reread(engine, there.turns[-MOST_TURNS:])
        self.turns = deque(turns, maxlen=MOST_TURNS)
        unread = len(there.turns) - len(turns)
        self._past = [*there.past, *lines_of(there.turns[:unread])]  # of turns that can no longer be taken back
        self.saved: dict[Path, Stamp] = dict(there.saved)
        self.file = there.file

    @property
    def transcript(self) -> tuple[Line, ...]:
        """Everything that was said, oldest first."""
        return (*self._past, *lines_of(self.turns))

    @property
    def conversation(self) -> Conversation:
        """The whole conversation, without its states."""
        blank = self.engine.start()
        turns = tuple(turn.without_states(blank) for turn in self.turns)
        return Conversation(turns, tuple(self._past), dict(self.saved), self.file)

    def is_as_saved(self, place: Path) -> bool:
        """Whether one of the files that the conversation was saved in is still as it was when it was written."""
        return self.saved[place] == Stamp.of(place)

    def note_saved(self, place: Path) -> None:
        """Record that the conversation has just been saved in a file."""
        self.saved.pop(place, None)
        self.saved[place] = Stamp.of(place)

    def fork(self) -> History:
        """A second history that shares the past of this one, while what follows is separate."""
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
        """The last line of the last reply.

        Raises:
            UsageError: nobody has replied.
        """
        if not self.turns or not self.turns[-1].said:
            raise UsageError(
                "There is no reply to change.", ":retry draws one." if self.turns else "Say something first."
            )
        return self.turns[-1].said[-1]

    def begin(self, read: tuple[Line, ...], character: str | None = None) -> Turn:
        """Begin a turn in which a person says something; if reading it is interrupted, nothing was said.

        If the person says nothing, the history has the turn only from the first piece of the reply on.

        Args:
            character: who is announced or addressed by name.
        """
        turn = Turn(self.state, state_after(self.engine, self.state, read), read, character=character)
        if read:
            self._add(turn)
        return turn

    def record(self, turn: Turn, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Record a reply in the turn that was begun last while passing on its pieces.

        A turn in which the person said nothing is added with the first piece; one that was taken back gets no reply.
        """
        return self._record(turn, pieces, added=bool(turn.read))

    def _record(self, turn: Turn, pieces: Iterable[Piece], *, added: bool) -> Iterator[Piece]:
        """See :meth:`record`.

        Args:
            added: whether the history has the turn, unless it was taken back.
        """
        texts, opened = list[str](), False
        for piece in pieces:
            if added and (not self.turns or self.turns[-1] is not turn):
                return
            if piece.kind == "cue" or not opened:
                turn.said.append(Line(piece.character, ""))
                texts, opened = [], True
            if not added:
                self._add(turn)
                added = True
            if piece.kind == "text":
                texts.append(piece.text)
                turn.said[-1] = Line(piece.character, "".join(texts))
            self.state = piece.state
            yield piece

    def redraw(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Like :meth:`record`, in place of the current reply, which stays if interrupted before the first new piece.

        Raises:
            UsageError: there is no turn to reply to.
        """
        return self._redraw(self.last, pieces)

    def _redraw(self, turn: Turn, pieces: Iterable[Piece]) -> Iterator[Piece]:
        if self.turns and self.turns[-1] is turn:  # else it was taken back in the meantime
            yield from self._exchanged(turn, [], self._record(turn, pieces, added=True))

    def replace_reply(self, take: Take) -> Iterator[Piece]:
        """Replace the last reply by another and yield its pieces; :meth:`revert` brings the old one back.

        If this is interrupted before the first line was read, the old one stays.  Putting the same reply again changes
        nothing, and leaves nothing to bring back.
        """
        turn = self.last
        if self.stands(take):
            for line in take:
                yield from _said(line, self.state)
            return
        turn.keep(tuple(turn.said))
        turn.keep(take)
        yield from self._exchanged(turn, [*turn.replaced, tuple(turn.said)], self._placed(turn, take))

    def stands(self, take: Take) -> bool:
        """Whether this is the current reply, from which the conversation continues."""
        return bool(self.turns) and take == tuple(self.turns[-1].said)

    def revert(self) -> Take | None:
        """Bring back the reply that was replaced last; returns None if none was.  If interrupted, nothing changes."""
        if not self.turns or not self.turns[-1].replaced:
            return None
        turn = self.turns[-1]
        *earlier, take = turn.replaced
        state = state_after(self.engine, turn.heard, take, learn=False)
        turn.said, turn.replaced, self.state = list(take), earlier, state
        return take

    def undo(self) -> Turn | None:
        """Take back the last turn, the person's words included; returns None if there is none left."""
        if not self.turns:
            return None
        turn = self.turns.pop()
        self.state = turn.before
        return turn

    def _add(self, turn: Turn) -> None:
        """Add a turn; of the one that can no longer be taken back then, if any, the words stay."""
        if len(self.turns) == MOST_TURNS:
            self._past += self.turns[0].lines
        self.turns.append(turn)
        self.state = turn.heard

    def _exchanged(self, turn: Turn, replaced: list[Take], pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Take the reply out of the last turn and pass on the pieces of another, which are recorded as they come.

        If that is interrupted before the first piece, the turn has its reply again.

        Args:
            replaced: the replies that can be brought back then.
        """
        before, begun = (turn.said, turn.replaced, self.state), False
        try:
            turn.said, turn.replaced, self.state = [], replaced, turn.heard
            for piece in pieces:
                begun = True
                yield piece
            begun = True  # though it may have been empty
        finally:
            if not begun:
                turn.said, turn.replaced, self.state = before

    def _placed(self, turn: Turn, take: Take) -> Iterator[Piece]:
        """Make a reply the current one, reading it line by line; the model learns from none of it, whoever wrote it."""
        for line in take:
            self.state = state_after(self.engine, self.state, [line], learn=False)
            turn.said.append(line)
            yield from _said(line, self.state)


def _said(line: Line, state: State) -> Iterator[Piece]:
    """A line that is already written, as pieces."""
    if line.character:
        yield Piece("cue", line.character, line.character, 0.0, state)
    yield Piece("text", line.text, line.character, 0.0, state)
    yield Piece("end", "", line.character, 0.0, state)
