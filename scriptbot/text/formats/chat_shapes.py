"""The shapes of chats, whatever they are written in: finds who speaks and what in records and lists of them.

The speaker stands under role, from, speaker, name or the like, the words under content, text, value or the like.  A
record with a list of such records is a conversation, and so is a list of them, or of bare words, said by turns.  A
conversation is a scene; what a system is told before it is a direction.  Separate records are grouped into scenes by
their ``scene`` or the name of their conversation, or else by 40.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from scriptbot.errors import InputError
from scriptbot.text.clean import tidy
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Kind, Span, Speech

WHO = (
    "character",
    "speaker",
    "role",
    "from",
    "sender_name",
    "name",
    "author",
    "sender",
    "user",
    "username",
    "who",
    "actor",
)
_OFFSTAGE = frozenset({"system", "developer", "tool"})  # roles that nobody plays
WHAT = (
    "content",
    "text",
    "value",
    "line",
    "message",
    "utterance",
    "speech",
    "body",
    "dialogue",
    "says",
    "words",
    "parts",
)
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
WHERE = ("scene", "conversation_id", "dialogue_id", "episode", "chapter", "thread")
ASKED = ("prompt", "question", "instruction", "query", "human", "user", "input")
ANSWERED = ("completion", "response", "answer", "output", "reply", "assistant", "bot")
_TOO_DEEP = 24
_KINDS = {kind.value: kind for kind in Kind}
_MISSING = object()
Item = Element | Heading


def items(records: Iterable[tuple[Any, Span]]) -> Iterator[Item]:
    """The elements of records with their places, and headings where conversations begin.

    Raises:
        InputError: there was no message in any of them.
    """
    found = False
    before: object = None
    turn = 0
    for record, span in records:
        if isinstance(record, str):  # an item of a bare list of words, which are said by turns
            told: list[Item] = [*_turn(record, span, turn)]
            turn += 1
        else:
            told, turn = list(_told(record, span, 0)), 0
        found |= any(not isinstance(item, Heading) for item in told)
        where = _where(record) if isinstance(record, dict) else None
        if where is not None and where != before and not any(isinstance(item, Heading) for item in told):
            before = where
            yield Heading(where[1], where[2], Span(span.start, span.start))
        yield from told
    if not found:
        raise InputError("There are no messages in the chat.", f"The speaker’s key must be one of: {', '.join(WHO)}.")


def _where(record: dict[str, Any]) -> tuple[str, str, str] | None:
    """(a key that identifies the scene of a record, the scene's heading, its number), if the record names a scene."""
    key = next((key for key in WHERE if isinstance(record.get(key), (str, int))), None)
    if key is None:
        return None
    where = record[key]
    named = isinstance(where, str) and not where.strip().isdigit() and not key.endswith("_id")
    return str(where), _label(record.get("heading", where if named else "")), _label(record.get("number", ""))


def _told(record: Any, span: Span, depth: int) -> Iterator[Item]:
    if depth > _TOO_DEEP:
        raise InputError("The chat is nested too deeply.", "Give a list of messages, or of conversations.")
    if isinstance(record, dict):
        yield from _object(record, span, depth)
    elif isinstance(record, list):
        yield from _list(record, span, depth, expected=depth == 0)


def _list(record: list[Any], span: Span, depth: int, expected: bool = False) -> Iterator[Item]:
    """A conversation, or a list of them.

    Args:
        expected: whether a conversation is expected here, so that words without a name are its turns.
    """
    named = any(isinstance(item, dict) and _message(item) for item in record)
    nested = any(isinstance(item, list) for item in record)
    turns = expected and not named and not nested and any(isinstance(item, str) for item in record)
    record = _in_time(record) if depth else record  # the list that is the document may arrive member by member
    placed = isinstance(record[0], dict) and _where(record[0]) if record else None  # its first message names the scene
    if (named or turns) and not placed:
        yield Heading("", "", Span(span.start, span.start))
    number, before = 0, None
    for item in record:
        if turns:
            if item:  # nobody says an empty item
                yield from _turn(item, span, number)
                number += 1
        elif isinstance(item, list):
            yield from _list(item, span, depth + 1, expected)
        else:
            told = list(_told(item, span, depth + 1))
            where = _where(item) if isinstance(item, dict) else None
            if where is not None and where != before and not any(isinstance(one, Heading) for one in told):
                before = where
                yield Heading(where[1], where[2], Span(span.start, span.start))
            yield from told


def _in_time(record: list[Any]) -> list[Any]:
    """The members of a list; reversed if it is from an export with the newest message first."""
    found = [item.get("timestamp_ms") for item in record if isinstance(item, dict)]
    times = [time for time in found if isinstance(time, int)]
    if len(times) < 2 or len(times) < len(record):
        return record
    falling = all(one >= other for one, other in pairwise(times)) and times[0] > times[-1]
    return record[::-1] if falling else record


def _turn(item: Any, span: Span, number: int) -> Iterator[Item]:
    """One turn of a conversation without names.  In YAML, words with a colon in them arrive as a mapping."""
    words = item if isinstance(item, str) else ""
    if isinstance(item, dict):
        words = "\n".join(f"{key}: {value}" for key, value in item.items() if isinstance(value, str))
    if text := tidy(words).strip():
        yield Speech(("user", "bot")[number % 2], text, span)


def _object(record: dict[str, Any], span: Span, depth: int) -> Iterator[Item]:
    if depth > _TOO_DEEP:
        raise InputError("The chat is nested too deeply.", "Give a list of messages, or of conversations.")
    message = _message(record)
    if isinstance(told := record.get("direction"), str):
        kind = _KINDS.get(str(record.get("kind")), Kind.ACTION)
        if tidy(told).strip() or kind is Kind.PAGE_BREAK:
            yield Direction(tidy(told), span, kind, "" if message else _marked(record))
    if message:
        key, who, words = message
        if words and (not who or (key != "character" and who.casefold() in _OFFSTAGE)):
            yield Direction(words, span)
        elif words or key == "character":
            yield Speech(who, words, span, record.get("dual") is True, _marked(record))
        for value in record.values():  # answers to it
            if isinstance(value, list) and any(isinstance(item, dict) and _message(item) for item in value):
                yield from _list(value, span, depth + 1)
        return
    held = next((record[key] for key in WITHIN if isinstance(record.get(key), list) and record[key]), None)
    if held is not None:
        yield from _list(held, span, depth + 1, expected=True)
    pair = [next((_words(record[key]) for key in keys if _worded(record.get(key))), "") for keys in (ASKED, ANSWERED)]
    if all(pair):
        if held is None:
            yield Heading("", "", Span(span.start, span.start))
        if _worded(record.get("system")):
            yield Direction(_words(record["system"]), span)
        more = _words(record["input"]) if "instruction" in record and _worded(record.get("input")) else ""
        yield Speech("user", "\n".join(filter(None, [pair[0], more])), span)
        yield Speech("bot", pair[1], span)
    elif held is None:
        for value in record.values():  # threads by their names, and other wrappings
            if isinstance(value, dict):
                yield from _object(value, span, depth + 1)
            elif isinstance(value, list):
                yield from _list(value, span, depth + 1)


def _message(record: dict[str, Any]) -> tuple[str, str, str] | None:
    """(the key under which the speaker is named, the speaker, the words) of a record that is one message."""
    words = next((_words(record[key]) for key in WHAT if _worded(record.get(key))), None)
    if words is None and any(record.get(key) == "" for key in WHAT):
        words = ""
    for key in WHO if words is not None else ():
        who = record.get(key, _MISSING)
        if isinstance(who, dict):  # {"author": {"role": …}}
            who = next((who[inner] for inner in WHO if isinstance(who.get(inner), (str, int))), _MISSING)
        if who is None and set(record) & {"id", "date", "time", "timestamp"}:  # the account has been deleted
            return key, "", words or ""
        if isinstance(who, (str, int)) and not isinstance(who, bool):
            return key, _label(str(who)), words or ""
    return None


def _label(name: Any) -> str:
    """A name or heading, on one line."""
    return " ".join(tidy(name).split()) if isinstance(name, str) else ""


def _marked(record: dict[str, Any]) -> str:
    """The text with marks of emphasis, in a record that we have written."""
    marked = record.get("marked")
    return tidy(marked) if isinstance(marked, str) else ""


def _worded(value: Any) -> bool:
    if isinstance(value, dict):  # {"content_type": "text", "parts": […]}
        value = value.get("parts")
    return isinstance(value, str) or (isinstance(value, list) and any(map(_part, value)))


def _words(value: Any) -> str:
    """Text, or the text of a message that consists of parts."""
    if isinstance(value, dict):
        value = value.get("parts")
    if isinstance(value, list):
        value = ("" if any(isinstance(part, str) for part in value) else "\n").join(filter(None, map(_part, value)))
    return tidy(str(value)).strip()


def _part(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("text"), str) and not any(key in value for key in WHO):
        return str(value["text"])
    return ""


def says_something(records: Iterator[tuple[Any, Span]], least: int = 2) -> bool:
    """Whether people speak in records, the last of which may be cut off.

    Args:
        least: how many conversations it takes if nobody is named, since any list of words could be one.
    """
    names: list[str] = []
    conversations = 0
    try:
        for item in items(record for record in records if not isinstance(record[0], str)):  # a list of words is none
            conversations += isinstance(item, Heading)
            if isinstance(item, Speech):
                names.append(item.character)
            if len(names) >= 50:
                break
    except InputError:
        pass
    if set(names) <= {"user", "bot"} and conversations < least:
        return False
    return len(names) >= 2 and (len(names) < 5 or len(set(names)) <= 0.6 * len(names))
