"""The prompt: keys, history, toolbar."""

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
    """Lines typed before, in a file; a disk that is full costs those lines their place in it, and nothing else."""

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError):
            super().store_string(string)


def history() -> History:
    """The lines typed before, private to the user; one that cannot be written costs a warning."""
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
    """Enter submits; Esc-Enter and Ctrl-J start a new line.  In a search they take what was found.

    A dumb terminal sends what Ctrl-J does for Enter, as Emacs' shell.  Colour codes that come as if they were typed are
    left out.
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
    @bindings.add(Keys.Vt100MouseEvent)  # which they are taken for; of a mouse nothing is heard, so it is none
    def _(event: KeyPressEvent) -> None:
        pass

    return bindings


def make(
    completer: Completer, toolbar: Callable[[], str], *, vi: bool = False, private: bool = False
) -> PromptSession[str]:
    """A prompt with Emacs or vi keys, history (none on disk if that is to be private), suggestions and a toolbar."""
    if is_dumb_terminal():  # which has no cursor to move; only a session without an output of its own heeds that
        with create_app_session(output=PlainTextOutput(sys.stdout if sys.stdout.isatty() else sys.stderr)):
            return _prompt(completer, toolbar, None, vi=vi, private=private)
    output = create_output(always_prefer_tty=True)  # on stderr where stdout takes the script
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
    """Have a prompt's toolbar painted anew, from any thread."""
    with contextlib.suppress(RuntimeError):  # its loop has ended just now
        app.invalidate()


def fail(app: Application[str], error: BaseException) -> None:
    """Let a prompt at which somebody may be typing raise an error, from any thread."""

    def raised() -> None:
        if app.is_running:
            app.exit(exception=error)

    with contextlib.suppress(RuntimeError):  # its loop has ended just now: whoever comes next hears of it elsewhere
        if app.loop is not None:
            app.loop.call_soon_threadsafe(raised)
