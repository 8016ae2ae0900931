"""The prompt of the session: its keys, history and toolbar."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.output.plain_text import PlainTextOutput
from prompt_toolkit.utils import is_dumb_terminal

from scriptbot.text.clean import printable
from scriptbot.ui.language import tr
from scriptbot.ui.view import say


class _OnDisk(FileHistory):
    """The history of typed lines in a file; if a line cannot be stored, as on a full disk, only its entry is lost."""

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError):
            super().store_string(string)


def history() -> History:
    """The history of typed lines, private to the user; if its file cannot be written, a warning, and one in memory."""
    folder = Path(platformdirs.user_state_dir("scriptbot"))
    path = folder / "history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except OSError as error:
        say(tr(f"scriptbot: the history file {printable(str(path))} cannot be written: {error.strerror}."))
        return InMemoryHistory()
    return _OnDisk(str(path))


def keys() -> KeyBindings:
    """Key bindings: Enter submits; Esc-Enter and Ctrl-J start a new line.  In a search, they accept what was found.

    On a dumb terminal such as Emacs' shell, Enter sends what Ctrl-J does elsewhere, so both submit.  Colour codes that
    arrive as if they were typed are ignored.
    """
    bindings = KeyBindings()
    at_the_prompt = has_focus(DEFAULT_BUFFER)
    dumb = Condition(is_dumb_terminal)

    @bindings.add("enter", filter=at_the_prompt)
    @bindings.add("c-j", filter=at_the_prompt & dumb)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @bindings.add("escape", "enter", filter=at_the_prompt)
    @bindings.add("c-j", filter=at_the_prompt & ~dumb)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("escape", "[", "m")
    @bindings.add(Keys.Vt100MouseEvent)  # colour codes are taken for these; the mouse is off, so none are real
    def _(event: KeyPressEvent) -> None:
        pass

    return bindings


def make(
    completer: Completer, toolbar: Callable[[], str], *, vi: bool = False, private: bool = False
) -> PromptSession[str]:
    """A prompt with Emacs or vi keys, a history (only in memory if ``private``), suggestions and a toolbar."""
    if is_dumb_terminal():  # it has no cursor to move; only a session without an output of its own respects that
        with create_app_session(output=PlainTextOutput(sys.stdout if sys.stdout.isatty() else sys.stderr)):
            return _prompt(completer, toolbar, None, vi=vi, private=private)
    output = create_output(always_prefer_tty=True)  # stderr, if stdout is redirected to a file
    return _prompt(completer, toolbar, output, vi=vi, private=private)


def _prompt(
    completer: Completer, toolbar: Callable[[], str], output: Output | None, *, vi: bool, private: bool
) -> PromptSession[str]:
    return PromptSession(
        "> ",
        output=output,
        completer=completer,
        complete_while_typing=False,
        history=InMemoryHistory() if private else history(),
        auto_suggest=AutoSuggestFromHistory(),
        key_bindings=keys(),
        bottom_toolbar=toolbar,
        multiline=True,
        vi_mode=vi,
        enable_open_in_editor=True,
        enable_suspend=True,
    )


def refresh(app: Application[str]) -> None:
    """Redraw a prompt's toolbar; may be called from any thread."""
    with contextlib.suppress(RuntimeError):  # the prompt's loop has just ended
        app.invalidate()


def fail(app: Application[str], error: BaseException) -> None:
    """Make a prompt, at which somebody may be typing, raise an error; may be called from any thread."""

    def raised() -> None:
        if app.is_running:
            app.exit(exception=error)

    with contextlib.suppress(RuntimeError):  # the loop has just ended; the next caller gets the error in another way
        if app.loop is not None:
            app.loop.call_soon_threadsafe(raised)
