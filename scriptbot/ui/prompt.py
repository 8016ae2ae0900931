"""The prompt: keys, history, toolbar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output.defaults import create_output

from scriptbot.text.clean import printable


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
        print(f"scriptbot: the history {printable(str(path))} cannot be written: {error.strerror}.", file=sys.stderr)
        return InMemoryHistory()
    return FileHistory(str(path))


def keys() -> KeyBindings:
    """Enter submits; Esc-Enter and Ctrl-J start a new line.  In a search they take what was found."""
    bindings = KeyBindings()
    at_the_prompt = has_focus(DEFAULT_BUFFER)

    @bindings.add("enter", filter=at_the_prompt)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @bindings.add("escape", "enter", filter=at_the_prompt)
    @bindings.add("c-j", filter=at_the_prompt)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return bindings


def make(completer: Completer, toolbar: Callable[[], str], *, vi: bool = False) -> PromptSession[str]:
    """A prompt with Emacs or vi keys, history, suggestions and a toolbar."""
    return PromptSession(
        "> ",
        output=create_output(always_prefer_tty=True),  # on stderr where stdout takes the script
        completer=completer,
        complete_while_typing=False,
        history=history(),
        auto_suggest=AutoSuggestFromHistory(),
        key_bindings=keys(),
        bottom_toolbar=toolbar,
        multiline=True,
        vi_mode=vi,
        enable_open_in_editor=True,
        enable_suspend=True,
    )
