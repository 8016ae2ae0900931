"""Chats as JSON: one document, or one record on each line.

::

    {"messages": [{"role": "user", "content": "Is the kettle on?"}, {"role": "assistant", "content": "It was."}]}
    {"from": "Ada", "text": "Is the kettle on?"}
    {"prompt": "Is the kettle on?", "response": "It was."}

Whoever made a record, who speaks stands under role, from, speaker, name… and the words under content, text, value…; a
record with a list of such records is a conversation, and so is a list of them, or of bare words, which take turns.  A
conversation is a scene; what a system is told before is a direction.  Records by themselves make scenes by their
``scene`` or conversation's name, or of 40.  The same shapes are read from YAML (``chat_yaml.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from scriptbot.errors import InputError
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

NAME = "chat"
SUFFIXES = (".json", ".jsonl", ".ndjson")
WHO = ("character", "speaker", "role", "from", "name", "author", "sender", "user", "username", "who", "actor")
WHAT = ("content", "text", "value", "line", "message", "utterance", "speech", "body", "dialogue", "says", "words")
WITHIN = (
    "messages",
    "conversations",
    "conversation",
    "dialogue",
    "dialog",
    "dialogues",
    "turns",
    "utterances",
    "history",
    "lines",
    "log",
    "chat",
)
WHERE = ("scene", "conversation_id", "dialogue_id", "episode", "chapter", "thread", "id")
ASKED = ("prompt", "question", "instruction", "query", "input", "human")
ANSWERED = ("completion", "response", "answer", "output", "reply", "assistant", "bot")
_KINDS = {kind.value: kind for kind in Kind}
_LARGEST = 1 << 26  # characters of one document or record
_KEYS = re.compile(rf'"(?:{"|".join((*WHO, *WHAT, *WITHIN, *ASKED, *ANSWERED))})"\s*:')
_TOO_DEEP = 24

Item = Element | Heading


def detect(sample: str) -> float:
    """Brackets and quotes where they belong, and keys of a chat."""
    text = sample.removeprefix("\ufeff").lstrip()
    if text[:1] == "[" and re.match(r'\[\s*\[?\s*(?:\{\s*"|"|\])', text):
        return 1.0 if _KEYS.search(text) or re.match(r'\[\s*\[\s*"', text) else 0.0
    return 1.0 if re.match(r'\{\s*"', text) and _KEYS.search(text) else 0.0


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded by the largest conversation, or by a document that is one object.

    Raises:
        InputError: no JSON, or nothing in it that is a chat.
    """
    return scening.by_heading(items(_records(lines)))


def items(records: Iterable[tuple[Any, Span]]) -> Iterator[Item]:
    """The elements of records with their places; headings where conversations begin.

    Raises:
        InputError: there was not one message in all of them.
    """
    found = False
    before: object = None
    for record, span in records:
        told = list(_told(record, span, 0))
        found |= any(isinstance(item, Speech) for item in told)
        where = _where(record) if isinstance(record, dict) and len(told) == 1 else None
        if where is not None and where != before:
            before = where
            yield Heading(where[1], where[2], Span(span.start, span.start))
        yield from told
    if not found:
        raise InputError("There is no message in the chat.", f"Who speaks must stand under one of: {', '.join(WHO)}.")


def _where(record: dict[str, Any]) -> tuple[str, str, str] | None:
    """(what tells the scene of a record from others, its heading, its number), if a scene is named."""
    where = next((record[key] for key in WHERE if isinstance(record.get(key), (str, int))), None)
    if where is None:
        return None
    named = isinstance(where, str) and not where.strip().isdigit()
    heading, number = record.get("heading", where if named else ""), record.get("number", "")
    return str(where), heading if isinstance(heading, str) else "", number if isinstance(number, str) else ""


def _told(record: Any, span: Span, depth: int) -> Iterator[Item]:
    if depth > _TOO_DEEP:
        raise InputError("The chat is nested too deeply.", "Give a list of messages, or of conversations.")
    if isinstance(record, dict):
        yield from _object(record, span, depth)
    elif isinstance(record, list):
        if record and all(isinstance(item, str) for item in record):  # turns without names
            yield Heading("", "", Span(span.start, span.start))
            for turn, words in enumerate(record):
                if words.strip():
                    yield Speech(("user", "bot")[turn % 2], words.strip(), span)
            return
        if any(isinstance(item, dict) and _message(item) for item in record):
            yield Heading("", "", Span(span.start, span.start))
        for item in record:
            yield from _told(item, span, depth + 1)


def _object(record: dict[str, Any], span: Span, depth: int) -> Iterator[Item]:
    if isinstance(told := record.get("direction"), str):  # our own
        yield Direction(told, span, _KINDS.get(str(record.get("kind")), Kind.ACTION), _marked(record))
        return
    if message := _message(record):
        who, words = message
        if who and not (isinstance(record.get("role"), str) and record["role"].casefold() == "system"):
            yield Speech(who, words, span, record.get("dual") is True, _marked(record))
        elif words:
            yield Direction(words, span)
        return
    held = next((record[key] for key in WITHIN if isinstance(record.get(key), list)), None)
    if held is not None:
        yield from _told(held, span, depth + 1)
        return
    asked, answered = (
        next((record[key] for key in keys if _worded(record.get(key))), None) for keys in (ASKED, ANSWERED)
    )
    if asked and answered:
        yield Heading("", "", Span(span.start, span.start))
        yield Speech("user", _words(asked), span)
        yield Speech("bot", _words(answered), span)
        return
    for value in record.values():  # threads by their names, and other wrappings
        if isinstance(value, (dict, list)):
            yield from _told(value, span, depth + 1)


def _message(record: dict[str, Any]) -> tuple[str, str] | None:
    """(who, words) of a record that is one message."""
    words = next((_words(record[key]) for key in WHAT if _worded(record.get(key))), None)
    who = next((record[key] for key in WHO if isinstance(record.get(key), (str, dict))), None)
    if isinstance(who, dict):  # {"author": {"role": …}}
        who = next((who[key] for key in WHO if isinstance(who.get(key), str)), None)
    if words is None or who is None:
        return None
    return " ".join(who.split()), words


def _marked(record: dict[str, Any]) -> str:
    """The text with its marks, in a record of our own."""
    marked = record.get("marked")
    return marked if isinstance(marked, str) else ""


def _worded(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and any(map(_part, value)))


def _words(value: Any) -> str:
    """Text, or the text parts of a message in parts."""
    return (value if isinstance(value, str) else "\n".join(filter(None, map(_part, value)))).strip()


def _part(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("text"), str) and not any(key in value for key in WHO):
        return str(value["text"])
    return ""


def _records(lines: Iterable[str]) -> Iterator[tuple[Any, Span]]:
    """Records of one line each, or the members of the one list, or the one object."""
    decoder = json.JSONDecoder()
    position = 0
    held, start, closed = "", 0, False  # what is not yet a whole record
    listed = first = False
    for line in lines:
        position += len(line)
        if not held and line.isspace():
            start = position
            continue
        held += line
        if not first:
            first = True
            body = held.lstrip()
            if listed := body.startswith("["):
                start += len(held) - len(body) + 1
                held = body[1:]
        while held:
            body = held.lstrip(" \t\r\n," if listed else " \t\r\n")
            start += len(held) - len(body)
            held = body
            if not held:
                break
            if listed and held[0] == "]":
                closed, held = True, ""
                start = position
                break
            try:
                record, end = decoder.raw_decode(held)
            except RecursionError:
                raise InputError("The chat is nested too deeply.", "Give a list of messages.") from None
            except ValueError as error:
                if len(held) > _LARGEST or (not listed and _hopeless(held, error)):
                    raise _damaged(start, error) from None
                break  # it may go on in the next line
            yield record, Span(start, start + end)
            held, start = held[end:], start + end
    if held.strip() or (listed and not closed):
        try:
            decoder.raw_decode(held)
        except (ValueError, RecursionError) as error:
            raise _damaged(start, error) from None
        raise _damaged(start, None)


def _hopeless(held: str, error: ValueError) -> bool:
    """Whether more lines cannot mend what could not be read: the fault is not at the end."""
    at = error.pos if isinstance(error, json.JSONDecodeError) else 0
    return held.count("\n") == 1 and held[:1] == "{" and 0 < at < len(held.rstrip()) and held.rstrip().endswith("}")


def _damaged(start: int, error: Exception | None) -> InputError:
    at = start + (error.pos if isinstance(error, json.JSONDecodeError) else 0)
    return InputError(
        f"The chat is no valid JSON at character {at:,}.", "Export it again, or say --format text to read it as it is."
    )


def write(scenes: Iterable[Scene]) -> Iterator[str]:
    """One record on each line: ``{"scene": 1, "character": "Ada", "line": "…"}``.

    Read again it gives the same speeches in the same scenes; directions have no character, and their kind besides.
    """
    number = 0
    for scene in scenes:
        number += not scene.continued
        where: dict[str, Any] = {"scene": number}
        if scene.heading:
            where["heading"] = scene.heading
        if scene.number:
            where["number"] = scene.number
        for element in scene.elements:
            record = dict(where)
            if isinstance(element, Speech):
                record |= {"character": element.character, "line": element.text}
                record |= {"dual": True} if element.dual else {}
            else:
                record |= {"direction": element.text, "kind": element.kind.value}
            record |= {"marked": element.marked} if element.marked else {}
            yield json.dumps(record, ensure_ascii=False) + "\n"
