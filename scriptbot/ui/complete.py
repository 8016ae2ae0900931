"""What Tab offers: commands, character names, models, options and files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import is_command
from scriptbot.config import SampleConfig, key, shown
from scriptbot.errors import ScriptbotError

_LINE = re.compile(r"(\S*)(\s*)(.*)", re.DOTALL)  # the name of a command, and what follows it
# Arguments are split as a shell does, so white space and quotation marks in file names are escaped.
_LAST = re.compile(r"(?<!\\)\s")
_ESCAPED = re.compile(r"\\(.)")
_TO_ESCAPE = re.compile(r"([\s'\"\\])")


class CommandCompleter(Completer):
    """Completes a line that starts with a colon.

    Args:
        cast: returns the characters of the model.
        models: returns the names of the installed models.
    """

    def __init__(self, cast: Callable[[], Iterable[str]], models: Callable[[], Iterable[str]]) -> None:
        self._sources: dict[str, Callable[[], Iterable[str]]] = {
            "character": lambda: [*cast(), "any"],
            "member": cast,
            "model": models,
            "command": lambda: dict.fromkeys([*REGISTRY.commands, *_options([])]),
        }
        self._files = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Completions at the cursor; none if there is a mistake in the line."""
        line = document.text_before_cursor
        found = _LINE.fullmatch(line[1:]) if is_command(line) else None
        if found is None:
            return
        word, space, rest = found.groups()
        if not space:
            yield from _matching(word, REGISTRY.commands)
            return
        try:
            command = REGISTRY.find(word)
        except ScriptbotError:
            return
        last = rest if command.rest else _LAST.split(rest)[-1]
        if command.completes == "option":
            yield from _matching(last, _options(_LAST.split(rest)[:-1]))
        if command.completes in self._sources:
            yield from _matching(last, self._sources[command.completes]())
        if command.completes in {"path", "model"}:
            for file in self._files.get_completions(
                Document(last if command.rest else _ESCAPED.sub(r"\1", last)), complete_event
            ):
                text = file.text if command.rest else _TO_ESCAPE.sub(r"\\\1", file.text)
                yield Completion(text, file.start_position, display=file.display)


def _options(before: list[str]) -> Iterator[str]:
    """The names of the options that can be set, or, once a name is typed, the values to choose from."""
    if not before:
        yield from (shown(field.name) for field in dataclasses.fields(SampleConfig))
    elif len(before) == 1:
        for field in dataclasses.fields(SampleConfig):
            if field.name == key(before[0]):
                switch = isinstance(field.default, bool)
                yield from ("on", "off") if switch else ("off",) if field.metadata["off"] is not None else ()
                yield "default"


def _matching(start: str, names: Iterable[str]) -> Iterator[Completion]:
    for name in names:
        if name.casefold().startswith(start.casefold()):
            yield Completion(name, start_position=-len(start))
