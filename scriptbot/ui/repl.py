"""The interactive session: a line in, a reply out, until the person leaves."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import Quit, Reply, Result, Retrain, Said
from scriptbot.errors import ScriptbotError
from scriptbot.text.clean import printable
from scriptbot.ui import complete, opening, prompt, view

if TYPE_CHECKING:
    from scriptbot.config import SampleConfig
    from scriptbot.session.session import Session


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line asked for."""

    model: str | None
    character: str | None
    me: str
    color: str
    settings: SampleConfig
    text: str
    vi: bool = False


def run(start: Start) -> None:
    """Talk until Ctrl-D or ``:quit``."""
    Repl(start).run()


class Repl:
    """One interactive session; the model is read while the first line is being typed."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._name = opening.check(start.model)
        self._opened: Future[Session] = Future()
        self._prompt = prompt.make(complete.CommandCompleter(self._cast, self._models), self._toolbar, vi=start.vi)
        self._colour = view.coloured(sys.stdout, start.color)

    def run(self) -> None:
        """Read lines and answer them.  One bad line never ends the session."""
        Thread(target=self._open, daemon=True).start()
        print(f"{printable(self._name)} is listening.  :help lists the commands, Ctrl-D leaves.", file=sys.stderr)
        pending = self._start.text
        while True:
            try:
                line, pending = pending or self._prompt.prompt(), ""
            except KeyboardInterrupt:
                print("Ctrl-D or :quit leaves.", file=sys.stderr)
                continue
            except EOFError:
                return
            if line.strip() and not self._answer(line.strip()):
                return

    def _open(self) -> None:
        start = self._start
        try:
            self._opened.set_result(opening.open_session(start.model, start.settings, start.character, start.me))
        except BaseException as error:  # handed over to whoever asks for the session
            self._opened.set_exception(error)

    def _answer(self, line: str) -> bool:
        session = self._opened.result()
        try:
            if line.startswith(":") and not line.startswith("::"):
                return self._show(session, REGISTRY.run(session, line))
            said = line[1:] if line.startswith("::") else line
            return self._show(session, Reply(session.say(said)))
        except KeyboardInterrupt:
            print(file=sys.stderr)
        except ScriptbotError as error:
            view.report(error)
        except Exception as error:
            print(f"scriptbot: something went wrong: {printable(f'{type(error).__name__}: {error}')}", file=sys.stderr)
        return True

    def _show(self, session: Session, result: Result) -> bool:
        if isinstance(result, Quit):
            return False
        if isinstance(result, Said):
            print(printable("\n".join(result.lines)), file=sys.stderr)
        elif isinstance(result, Reply):
            view.Stage(sys.stdout, colour=self._colour).show(result.pieces)
        elif isinstance(result, Retrain):
            from scriptbot.ui.train import retrain

            retrain(session, result)
        return True

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
            return printable(f"{self._name}  (being read)")
        who = session.character or "anyone"
        return printable(f"{session.name}  {who}  temperature {session.settings.temperature:g}")
