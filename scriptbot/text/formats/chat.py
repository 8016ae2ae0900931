"""Chats as JSON: one document, or one record on each line.

::

    {"messages": [{"role": "user", "content": "Is the kettle on?"}, {"role": "assistant", "content": "It was."}]}
    {"from": "Ada", "text": "Is the kettle on?"}
    {"prompt": "Is the kettle on?", "response": "It was."}

``chat_shapes.py`` says what a record can look like; the same shapes are read from YAML (``chat_yaml.py``).
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from scriptbot.errors import InputError
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.chat_shapes import items, says_something
from scriptbot.text.script import Element, Scene, Span, Speech

NAME = "chat"
SUFFIXES: tuple[str, ...] = (".jsonl", ".ndjson")
OWN_LINES = True  # other line ends than the usual may stand within a string
_LARGEST = 1 << 26  # characters of one record, or of a document that is one object
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?$)')  # a string that is not closed goes to the end of the line
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}
_DEEPEST = 100  # brackets within brackets in a document that is cut
_OPENS = re.compile(r"[\[{]")
_CLOSES = re.compile(r"[\]}]")
_UNSAFE = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}  # line ends to some readers, but not to JSON


def detect(sample: str) -> float:
    """Whether the sample, as far as it can be read, has messages, most of them by people who speak more than once."""
    text = sample.removeprefix("\ufeff").lstrip()
    if not re.match(r'[\[{]\s*(?:["\[{]|$)', text, re.MULTILINE):
        return 0.0
    return 1.0 if says_something(_cut(text)) else 0.0


def _cut(sample: str) -> Iterator[tuple[Any, Span]]:
    """The records in the beginning of a text; of a record that is cut off, as much as there is."""
    read = 0
    try:
        for record in _records(sample.splitlines(keepends=True)):
            yield record
            read += 1
    except InputError:
        with contextlib.suppress(ValueError, RecursionError):
            whole = json.loads(_closed(sample))
            for member in whole[read:] if isinstance(whole, list) else [whole]:
                yield member, Span(0, len(sample))


def _closed(sample: str) -> str:
    """The beginning of a document made complete: without its last, broken member, and with all open brackets closed."""
    opened: list[str] = []
    end, closing = 0, ""
    for token in _TOKENS.finditer(sample):
        sign = token[0]
        if sign in _CLOSING:
            opened.append(_CLOSING[sign])
            if len(opened) > _DEEPEST:
                return ""
        elif sign == ",":  # what stands before it is whole
            end, closing = token.start(), "".join(reversed(opened))
        elif sign[0] != '"' and opened:
            opened.pop()
    return sample[:end] + closing


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded by the largest conversation, or by a document that is one object.

    Raises:
        InputError: no JSON, or nothing in it that is a chat.
    """
    return scening.by_heading(items(_records(lines)))


def _records(lines: Iterable[str]) -> Iterator[tuple[Any, Span]]:
    """The records of a document: those on lines of their own, the members of its list, or the one object that it is."""
    held: list[str] = []  # lines of a record that is not complete yet
    start = position = depth = size = 0
    listed: bool | None = None  # whether the document is one list; None: nothing has been read yet
    for line in lines:
        place, position = position, position + len(line)
        if not held and line.isspace():
            continue
        if not held:
            start = place
        bare = _STRING.sub("", line)
        depth += len(_OPENS.findall(bare)) - len(_CLOSES.findall(bare))
        if listed is None:
            listed = line.lstrip()[:1] == "[" and depth > 0
            if listed:
                begin = line.index("[") + 1
                start, line = place + begin, line[begin:]
        held.append(line)
        size += len(line)
        if size > _LARGEST:
            raise InputError("A record in the chat is too long.", "Put one record on each line.")
        if depth <= listed:
            yield from _whole("".join(held), start, listed, depth < listed)
            held, size = [], 0
            if depth < listed:  # the list has ended
                listed, depth = False, 0
    if listed or held:
        yield from _whole("".join(held), start, bool(listed), False)
        if listed:
            raise _damaged(position, None)


def _whole(text: str, start: int, listed: bool, ended: bool) -> Iterator[tuple[Any, Span]]:
    """The records in a text that contains nothing but complete ones."""
    decoder = json.JSONDecoder()
    place = 0
    while True:
        while place < len(text) and (text[place] in " \t\r\n\ufeff" or (listed and text[place] == ",")):
            place += 1
        if place >= len(text):
            return
        if listed and ended and text[place] == "]":
            listed = False
            place += 1
            continue
        try:
            record, end = decoder.raw_decode(text, place)
        except RecursionError:
            raise InputError("The chat is nested too deeply.", "Give a list of messages.") from None
        except ValueError as error:
            raise _damaged(start, error) from None
        yield record, Span(start + place, start + end)
        place = end


def _damaged(start: int, error: Exception | None) -> InputError:
    at = start + (error.pos if isinstance(error, json.JSONDecodeError) else 0)
    return InputError(
        f"The chat is not valid JSON at character {at:,}.", "Export it again, or use --format text to read it as is."
    )


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """One record on each line: ``{"scene": 1, "character": "Ada", "line": "…"}``.

    Read again, they give the same speeches in the same scenes; a direction has its kind instead of a character.
    """
    number = 0
    for scene in scenes:
        number += not scene.continued and scene.is_played
        where: dict[str, Any] = {"scene": number}
        if scene.heading:
            where["heading"] = scene.heading
        if scene.number:
            where["number"] = scene.number
        if not scene.elements and scene.heading:
            yield _line({**where, "direction": ""})
        for element in scene.elements:
            yield _line({**where, **_record(element)})


def _record(element: Element) -> dict[str, Any]:
    marked = {"marked": element.marked} if element.marked else {}
    if isinstance(element, Speech):
        dual = {"dual": True} if element.dual else {}
        return {"character": element.character, "line": element.text, **dual, **marked}
    return {"direction": element.text, "kind": element.kind.value, **marked}


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False).translate(_UNSAFE) + "\n"
