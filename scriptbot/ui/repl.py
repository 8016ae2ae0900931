"""The interactive session: reads a line, shows the reply, and repeats until the person leaves."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from prompt_toolkit.utils import is_dumb_terminal

from scriptbot.commands import REGISTRY
from scriptbot.commands.models import WAITS
from scriptbot.commands.registry import COLONS, MEANT, Quit, Reply, Result, Retrain, Said, Typed, is_command
from scriptbot.errors import OutputError, ScriptbotError
from scriptbot.session.diary import Diary, Entry, folder
from scriptbot.text.cast import answering, choose, fold, person, persons
from scriptbot.text.clean import printable
from scriptbot.text.labels import labelled
from scriptbot.ui import complete, opening, prompt, strangers, tty, view
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.config import SampleConfig
    from scriptbot.lm.state import Piece
    from scriptbot.session.session import Session


MOST_GREETED = 9  # members of the cast that are named above the first prompt
MOST_REMINDED = 6  # lines that are shown of a conversation that is resumed


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line and the configuration ask of a session; the fields not listed are the options of that name.

    Attributes:
        settings: how words are drawn.
        free: names of the settings that nobody chose.
        text: what is said first.
        entry: the conversation to resume.
        asked: names of the parameters that the command line itself gives.
    """

    model: str | None
    character: str | None
    me: str | None
    color: str
    settings: SampleConfig
    free: frozenset[str]
    text: str
    vi: bool = False
    entry: Entry | None = None
    private: bool = False
    verbose: bool = False
    debug: bool = False
    asked: frozenset[str] = frozenset()


def run(start: Start) -> None:
    """Talk until Ctrl-D or ``:quit``."""
    Repl(start).run()


class Repl:
    """One interactive session; the model is loaded in the background while the first line is being typed."""

    def __init__(self, start: Start) -> None:
        self._entry = start.entry
        if self._entry is not None:
            start = _as_it_was(start, self._entry)
        answered = start.character if self._entry and "character" not in start.asked else None
        self._name, self._members = opening.check(start.model, None if answered else start.character)
        if not answered:
            answering(start.character, self._members, person(start.me, self._members)[0], "--me NAME")
        self._waits = self._entry is not None and not opening.can_read(start.model, self._entry)
        self._lost = ""  # who answered in the conversation that is resumed, if the model does not know them
        self._start = replace(start, character=self._still(answered, start.me)) if answered else start
        self._diary = None if start.private else Diary(folder(), self._entry)
        self._opened: Future[Session] = Future()
        self._typed = ""  # the line that is already typed at the next prompt
        completer = complete.CommandCompleter(self._cast, self._models)
        self._prompt = prompt.make(completer, self._toolbar, vi=start.vi, private=start.private)
        self._colour = view.coloured(sys.stdout, start.color)

    def run(self) -> None:
        """Read lines and answer them.  Neither a mistake in a line nor Ctrl-C, whenever it comes, ends the session.

        Raises:
            ScriptbotError: the session could not be opened.
        """
        Thread(target=self._open, daemon=True).start()
        greeting = f"{printable(self._name)} is listening.  :help lists the commands, Ctrl-D leaves."
        view.say(tr(greeting))
        self._introduce()
        self._remind()
        pending, verbose, going, asking = self._start.text, self._start.verbose, True, False
        if pending:
            view.say(f"> {printable(pending)}")  # as if it had been typed
        while going:
            try:
                typed, self._typed, asking = self._typed, "", True
                line, pending = (pending or self._prompt.prompt(pre_run=self._begin, default=typed)).strip(), ""
                asking = False
                with tty.unheard():
                    session = self._opened.result()
                    if verbose:
                        view.say(tr(opening.particulars(session)))
                        verbose = False
                    if line:
                        going = self._answer(session, line)
                        self._keep(session)
            except KeyboardInterrupt:
                if not (asking and self._prompt.default_buffer.text):  # text at the prompt was meant to be discarded
                    print(tr("Ctrl-D or :quit leaves."), file=sys.stderr)
            except EOFError:
                return

    def _introduce(self) -> None:
        """Print who answers, and who the person is if that was chosen in the conversation that is resumed."""
        me, members = fold(self._start.me or ""), self._members
        named, chosen = person(self._start.me, members)
        if self._entry is not None and chosen:
            view.say(tr(f"You are “{printable(named)}”."))
        if self._lost:
            view.say(tr(opening.unknown(printable(self._lost))))
        if self._start.character:
            who = choose(self._start.character, members)
            view.say(tr(f"{printable(who)} answers." if who else "Anyone may answer."))
            return
        others = [name for name in members if name not in persons(members) and fold(name) != me]
        more = len(others) - MOST_GREETED if len(others) > MOST_GREETED + 1 else 0
        names = printable(", ".join(others[: len(others) - more]))
        if more:
            view.say(tr(f"{names} and {more:,} others answer."))
        elif others:
            view.say(tr(f"{names} answers." if len(others) == 1 else f"{names} answer."))

    def _still(self, character: str, me: str | None) -> str | None:
        """Who answered before, as this model spells the name; None if it is unknown to it, or now the person's."""
        found = next((name for name in self._members if fold(name) == fold(character)), None)
        if found is None and self._members:
            self._lost = character
        return None if found == person(me, self._members)[0] else found

    def _remind(self) -> None:
        """Print the last lines of the conversation that is resumed, or that it waits for another model."""
        if self._entry is None:
            return
        if self._waits:
            view.say(tr(WAITS))
            return
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self._entry.ended))
        view.say(tr(f"Resuming the conversation from {when}; these were its last lines."))
        for line in self._entry.lines[-MOST_REMINDED:]:
            view.say(printable(labelled(line.character, line.text)))

    def _keep(self, session: Session) -> None:
        """Keep the conversation on disk, to be resumed; if that fails, say so once, and keep nothing from then on."""
        try:
            if self._diary is not None:
                self._diary.keep(session)
        except OutputError as error:
            self._diary = None
            view.report(OutputError(error.sentence, "The conversation is not kept.  :save stores it elsewhere."))

    def _open(self) -> None:
        start = self._start
        try:
            session = opening.open_session(start.model, start.settings, start.free, start.character, start.me)
            if self._entry is not None:
                go_on = session.let_wait if self._waits else session.take_up
                go_on(self._entry.conversation(session.state))
        except BaseException as error:  # passed on to the code that waits for the session
            self._opened.set_exception(error)
            prompt.fail(self._prompt.app, error)
            return
        self._opened.set_result(session)
        prompt.refresh(self._prompt.app)  # its toolbar still says that the model is being loaded

    def _begin(self) -> None:
        """End a prompt that has just begun if the session could not be opened before it had."""
        if self._opened.done() and (error := self._opened.exception()):
            self._prompt.app.exit(exception=error)

    def _answer(self, session: Session, line: str) -> bool:
        try:
            if is_command(line):
                return self._show(session, REGISTRY.run(session, line))
            word = line.lower() if line[:1] != "/" else line[1:].partition(" ")[0].lower()
            if (name := MEANT.get(word, word)) in REGISTRY.commands:
                view.say(tr(f"“{printable(line)}” is said to the characters; :{name} is the command."))
            said = line[1:] if line.startswith(COLONS) else line
            for notice in strangers.notices(session, said, undoable=True):
                view.say(notice)
            return self._show(session, Reply(session.say(said)))
        except KeyboardInterrupt:
            view.say(tr("Stopped."))
        except ScriptbotError as error:
            view.report(error)
        except BrokenPipeError:  # nobody reads the output any more
            raise
        except Exception as error:
            view.report_bug(error, debug=self._start.debug)
        return True

    def _show(self, session: Session, result: Result) -> bool:
        if isinstance(result, Quit):
            return False
        if isinstance(result, Said):
            for line in result.lines:
                print(view.fitted_line(line, sys.stderr), file=sys.stderr)
        elif isinstance(result, Reply):
            for notice in result.notices:
                view.say(printable(tr(notice)))
            stream(session, result.pieces, colour=self._colour)
        elif isinstance(result, Typed):
            if is_dumb_terminal():  # it would not show a line that is already typed
                view.say(printable(result.line))
            else:
                self._typed = printable(result.line)
        elif isinstance(result, Retrain):
            from scriptbot.ui.train import retrain

            retrain(session, result)
        return True

    def _ready(self) -> Session | None:
        done = self._opened.done() and self._opened.exception() is None
        return self._opened.result() if done else None

    def _cast(self) -> tuple[str, ...]:
        session = self._ready()
        return tuple(session.engine.cast if session else self._members)

    def _models(self) -> list[str]:
        from scriptbot.session import library

        return [entry.name for entry in library.installed()]

    def _toolbar(self) -> str:
        session = self._ready()
        if session is None:
            return f"{printable(self._name)}  {tr('(still loading)')}"
        who = printable(session.character) if session.character else tr("anyone")
        return f"{printable(session.name)}  {who}  {tr(f'temperature {session.settings.temperature:g}')}"


def _as_it_was(start: Start, entry: Entry) -> Start:
    """The start of a session that resumes a conversation: what the command line does not give is as it was then,
    whatever is configured."""
    asked = start.asked
    return replace(
        start,
        model=start.model if "model" in asked else str(entry.model),
        me=start.me if "me" in asked else entry.me,
        character=start.character if "character" in asked else entry.character,
    )


def stream(session: Session, pieces: Iterator[Piece], *, colour: bool) -> None:
    """Show a reply as it comes.  If Ctrl-C stops it, say what has been kept."""
    before = session.transcript
    try:
        view.Stage(sys.stdout, colour=colour).show(pieces)
    except KeyboardInterrupt:
        if session.transcript == before:
            view.say(tr("Stopped; nothing has changed."))
        elif not session.answered:
            view.say(tr("Stopped; your line is kept.  :retry draws an answer, :undo takes it back."))
        else:
            kept = "Stopped; what is shown is kept.  :retry draws another, :undo takes it back."
            view.say(tr(kept))
