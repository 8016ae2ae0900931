"""The interactive session: a line in, a reply out, until the person leaves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import COLONS, MEANT, Quit, Reply, Result, Retrain, Said, Verbatim, is_command
from scriptbot.errors import ScriptbotError
from scriptbot.text.cast import nearest, persons
from scriptbot.text.clean import printable
from scriptbot.ui import complete, opening, prompt, tty, view
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.config import SampleConfig
    from scriptbot.lm.state import Piece
    from scriptbot.session.session import Session


MOST_GREETED = 9  # of the cast whose names stand above the first prompt


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line asked for."""

    model: str | None
    character: str | None
    me: str | None
    color: str
    settings: SampleConfig
    free: frozenset[str]
    text: str
    vi: bool = False
    verbose: bool = False
    debug: bool = False


def run(start: Start) -> None:
    """Talk until Ctrl-D or ``:quit``."""
    Repl(start).run()


class Repl:
    """One interactive session; the model is read while the first line is being typed."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._name, self._members = opening.check(start.model, start.character)
        self._opened: Future[Session] = Future()
        self._prompt = prompt.make(complete.CommandCompleter(self._cast, self._models), self._toolbar, vi=start.vi)
        self._colour = view.coloured(sys.stdout, start.color)

    def run(self) -> None:
        """Read lines and answer them.  Neither a bad line nor Ctrl-C, whenever it comes, ends the session.

        Raises:
            ScriptbotError: the session could not be opened.
        """
        Thread(target=self._open, daemon=True).start()
        greeting = f"{printable(self._name)} is listening.  :help lists the commands, Ctrl-D leaves."
        view.say(tr(greeting))
        if others := [name for name in self._members if name not in (*persons(self._members), self._start.me)]:
            more = len(others) - MOST_GREETED if len(others) > MOST_GREETED + 1 else 0
            names = printable(", ".join(others[: len(others) - more]))
            view.say(tr(f"{names} and {more:,} others answer." if more else f"{names} answer."))
        pending, verbose, going = self._start.text, self._start.verbose, True
        if pending:
            view.say(f"> {printable(pending)}")  # as if it had been typed
        while going:
            try:
                line, pending = (pending or self._prompt.prompt()).strip(), ""
                with tty.unheard():
                    session = self._opened.result()
                    if verbose:
                        view.say(tr(opening.particulars(session)))
                        verbose = False
                    if line:
                        going = self._answer(session, line)
            except KeyboardInterrupt:
                print(tr("Ctrl-D or :quit leaves."), file=sys.stderr)
            except EOFError:
                return

    def _open(self) -> None:
        start = self._start
        try:
            session = opening.open_session(start.model, start.settings, start.free, start.character, start.me)
            self._opened.set_result(session)
            self._prompt.app.invalidate()  # the toolbar says that it is being read
        except BaseException as error:  # handed over to whoever asks for the session
            self._opened.set_exception(error)
            self._leave(error)

    def _leave(self, error: BaseException) -> None:
        """Let a prompt at which somebody may be typing already raise an error."""

        def leave() -> None:
            if app.is_running:
                app.exit(exception=error)

        app = self._prompt.app
        if app.loop is not None:
            app.loop.call_soon_threadsafe(leave)

    def _answer(self, session: Session, line: str) -> bool:
        try:
            if is_command(line):
                return self._show(session, REGISTRY.run(session, line))
            word = line.lower() if line[:1] != "/" else line[1:].partition(" ")[0].lower()
            if (name := MEANT.get(word, word)) in REGISTRY.commands:
                view.say(tr(f"“{printable(line)}” is said to the characters; :{name} is the command."))
            said = line[1:] if line.startswith(COLONS) else line
            for name in session.strangers(said):
                told, near = printable(name), nearest(name, session.engine.cast)
                view.say(tr(f"“{told}” is nobody the model knows; the line is read as said by {told}."))
                if near:
                    view.say(tr(f"Did you mean {printable(near)}?  :undo takes the turn back."))
            return self._show(session, Reply(session.say(said)))
        except KeyboardInterrupt:
            view.say(tr("Stopped."))
        except ScriptbotError as error:
            view.report(error)
        except BrokenPipeError:  # nobody reads any more
            raise
        except Exception as error:
            view.report_bug(error, debug=self._start.debug)
        return True

    def _show(self, session: Session, result: Result) -> bool:
        if isinstance(result, Quit):
            return False
        if isinstance(result, Said):
            for line in result.lines:
                view.say(printable(line if isinstance(line, Verbatim) else tr(line)), table=True)
        elif isinstance(result, Reply):
            self._stream(session, result.pieces)
        elif isinstance(result, Retrain):
            from scriptbot.ui.train import retrain

            retrain(session, result)
        return True

    def _stream(self, session: Session, pieces: Iterator[Piece]) -> None:
        """Show a reply as it comes.  Ctrl-C stops it, and what has become of it is told."""
        before = session.transcript
        try:
            view.Stage(sys.stdout, colour=self._colour).show(pieces)
        except KeyboardInterrupt:
            if session.transcript == before:
                view.say(tr("Stopped; nothing has changed."))
            else:
                kept = "Stopped; what stands above is kept.  :retry draws another, :undo takes it back."
                view.say(tr(kept))

    def _ready(self) -> Session | None:
        done = self._opened.done() and self._opened.exception() is None
        return self._opened.result() if done else None

    def _cast(self) -> tuple[str, ...]:
        session = self._ready()
        return tuple(session.engine.cast) if session else ()

    def _models(self) -> list[str]:
        from scriptbot.session import library

        return [entry.name for entry in library.installed()]

    def _toolbar(self) -> str:
        session = self._ready()
        if session is None:
            return printable(tr(f"{self._name}  (being read)"))
        who = session.character or "anyone"
        return printable(tr(f"{session.name}  {who}  temperature {session.settings.temperature:g}"))
