"""The language of the interface: English, 日本語 or 中文, by ``--language``, SCRIPTBOT_LANGUAGE or the locale.

Sentences are made in English wherever something happens, with values in them, and translated here, where they are
shown: the message that a sentence was made from is found again by its words, and its values are put into the
translation.  So no room below knows of languages, the training process included, and nothing is read in English.
"""

from __future__ import annotations

import gettext
import json
import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from scriptbot.errors import UsageError

LANGUAGES = ("en", "ja", "zh")
_FOLDER = Path(__file__).parents[1] / "locale"
_PLACE = re.compile(r"\\\{(\d)\\\}")
_COLUMNS = re.compile(r"(\s{2,}|^\s+|\s+$)")
_language = "en"


def choose(arguments: Sequence[str] = (), preferred: str = "") -> None:
    """Set the language for this process.

    Args:
        arguments: of the command line, among which ``--language`` may be.
        preferred: by the configuration file, before the locale.

    Raises:
        UsageError: a language was asked for that there is not.
    """
    global _language
    asked = _asked(arguments) or os.environ.get("SCRIPTBOT_LANGUAGE", "") or preferred
    if asked:
        code = asked.casefold().replace("-", "_").partition("_")[0]
        if code not in LANGUAGES:
            raise UsageError(f"There is no interface in “{asked}”.", f"Languages: {', '.join(LANGUAGES)}.")
        _language = code
    else:
        _language = _of_the_locale()
    if _language != "en":
        # Those who use gettext themselves, as click does, find their messages in our catalogue.
        os.environ["LANGUAGE"] = _language
        gettext.bindtextdomain("scriptbot", str(_FOLDER))
        gettext.textdomain("scriptbot")


def _asked(arguments: Sequence[str]) -> str:
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--language="):
            return argument.partition("=")[2]
        if argument == "--language" and number + 1 < len(arguments):
            return arguments[number + 1]
    return ""


def _of_the_locale() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            code = value.casefold().partition("_")[0].partition(".")[0]
            return code if code in LANGUAGES else "en"
    return "en"


def tr(text: str) -> str:
    """A text that the program says, in the language of the interface; what is no message of it stays."""
    if _language == "en":
        return text
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if (whole := _message(line.strip())) is not None:
        return line.replace(line.strip(), whole, 1)
    parts = _COLUMNS.split(line)  # a row of a table, or indented
    if len(parts) < 2:
        return line
    return "".join(part if number % 2 else (_message(part) or part) for number, part in enumerate(parts))


def _message(text: str) -> str | None:
    """The translation of a message with its values; None if it is none."""
    if not text:
        return None
    catalogue, templates = _catalogue(_language)
    if (exact := catalogue.gettext(_escaped(text))) != _escaped(text):
        return exact.replace("{{", "{").replace("}}", "}")
    for words, pattern, message in templates:
        if all(word in text for word in words) and (found := pattern.fullmatch(text)):
            values = {name: _message(value.strip()) or value for name, value in found.groupdict().items()}
            return catalogue.gettext(message).format(*(values[f"v{number}"] for number in range(len(values))))
    return None


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> tuple[gettext.NullTranslations, list[tuple[tuple[str, ...], re.Pattern[str], str]]]:
    """(translations, [words of a message with values, a pattern that finds the values, the message]), longest first."""
    translations = gettext.translation("scriptbot", str(_FOLDER), [language], fallback=True)
    messages: list[str] = json.loads((_FOLDER / "messages.json").read_text("utf-8"))
    templates = []
    for message in sorted((m for m in messages if re.search(r"\{\d\}", m)), key=_literals, reverse=True):
        if translations.gettext(message) == message:
            continue
        plain = message.replace("{{", "{").replace("}}", "}")
        pattern = _PLACE.sub(lambda place: f"(?P<v{place[1]}>.*?)", re.escape(plain))
        words = tuple(part for part in re.split(r"\{\d\}", plain) if part)
        templates.append((words, re.compile(pattern, re.DOTALL), message))
    return translations, templates


def _literals(message: str) -> int:
    return len(re.sub(r"\{\d\}", "", message))
