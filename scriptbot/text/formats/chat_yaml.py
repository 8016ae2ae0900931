"""Chats as YAML, the form in which corpora of chat programs are kept.

::

    categories:
    - greetings
    conversations:
    - - Hello
      - Hi, how are you?

The shapes are those of ``chat_shapes.py``.  YAML is read as text, lists and mappings only: no tags, no types, and a
file with aliases is refused, since a few lines of them can stand for more than a machine can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scriptbot.errors import InputError
from scriptbot.text.formats import chat_shapes as shapes
from scriptbot.text.formats import scenes as scening
from scriptbot.text.script import Scene, Span

NAME = "chat-yaml"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = True  # other line ends than the usual may stand within a string
_DEEPEST = 24
_WITHIN = re.compile(rf"^(?:{'|'.join(shapes.WITHIN)}):\s*(?:#.*)?$", re.MULTILINE)
_TURNS = re.compile(r"^[ \t]*- - \S", re.MULTILINE)
_MESSAGE = re.compile(rf"^[ \t]*-[ \t]+(?:{'|'.join((*shapes.WHO, *shapes.WHAT))}):[ \t]*\S", re.MULTILINE)


def detect(sample: str) -> float:
    """Whether the sample has lists of turns or of messages, under a key or not."""
    if not (_WITHIN.search(sample) or _TURNS.search(sample) or _MESSAGE.search(sample)):
        return 0.0
    least = 1 if _WITHIN.search(sample) and _TURNS.search(sample) else 2
    return 0.99 if shapes.says_something(_records(sample.splitlines(keepends=True)), least) else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded by the largest conversation.

    Raises:
        InputError: the text is not YAML, has aliases in it, or is no chat.
    """
    return scening.by_heading(shapes.items(_records(lines)))


class _Stream:
    """Lines as the YAML parser wants them: as an object with ``read``."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    def read(self, size: int = -1) -> str:
        """The next line; the parser does not mind getting another number of characters than it asks for."""
        return next(self._lines, "")


def _records(lines: Iterable[str]) -> Iterator[tuple[Any, Span]]:
    """The conversations: members of the list under a known key, or of the list that the document is."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = yaml.parse(_Stream(lines), Loader=loader)
        key: str | None = None
        depth = 0
        for event in events:
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                listed = isinstance(event, yaml.SequenceStartEvent)
                if listed and (depth == 0 or (depth == 1 and key in shapes.WITHIN)):
                    yield from _members(events, yaml)
                    key = None
                elif depth == 0:
                    depth = 1
                else:
                    _value(event, events, yaml, 0)
                    key = None
            elif isinstance(event, yaml.MappingEndEvent):
                depth = 0
            elif isinstance(event, yaml.ScalarEvent):
                key = str(event.value) if key is None else None
            elif isinstance(event, yaml.AliasEvent):
                raise _alias()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        told = f"The chat is not valid YAML at line {mark.line + 1:,}." if mark else "The chat is not valid YAML."
        raise InputError(told, "Fix it there, or use --format text.") from None


def _members(events: Iterator[Any], yaml: Any) -> Iterator[tuple[Any, Span]]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        value, end = _value(event, events, yaml, 0)
        yield value, Span(event.start_mark.index, end)


def _value(event: Any, events: Iterator[Any], yaml: Any, depth: int) -> tuple[Any, int]:
    """(the text, list or mapping that begins with an event, where it ends)."""
    if depth > _DEEPEST:
        raise InputError("The chat is nested too deeply.", "Give a list of conversations, each a list of messages.")
    if isinstance(event, yaml.AliasEvent):
        raise _alias()
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value), event.end_mark.index
    if isinstance(event, yaml.SequenceStartEvent):
        members: list[Any] = []
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                return members, inner.end_mark.index
            members.append(_value(inner, events, yaml, depth + 1)[0])
    mapping: dict[str, Any] = {}
    for inner in events:
        if isinstance(inner, yaml.MappingEndEvent):
            return mapping, inner.end_mark.index
        key = _value(inner, events, yaml, depth + 1)[0]
        mapping[str(key)] = _value(next(events), events, yaml, depth + 1)[0]
    return mapping, event.end_mark.index


def _alias() -> InputError:
    return InputError("The chat has aliases in its YAML, which are not read.", "Write the text out where it is used.")
