"""The language of the interface: English, 日本語 or 中文, by ``--language``, SCRIPTBOT_LANGUAGE or the locale.

All code words its sentences in English, with values in them, and they are translated here, where they are shown: the
message that a sentence was made from is recognised by its words, and its values are put into the translation.  So the
rest of the code, the training process included, knows nothing of languages, and yet nobody has to read English.
"""

from __future__ import annotations

import gettext
import json
import os
import re
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from scriptbot.errors import UsageError
from scriptbot.ui import configuration

LANGUAGES = ("en", "ja", "zh")
_FOLDER = Path(__file__).parents[1] / "locale"
_NUMBER = r"[\d.,%]+"
_QUOTED = "“[^”]*”|“(?![^”]*”)"  # or a mark that is never closed; the two exclude each other, so nothing backtracks
_PLACE = re.compile(r"\\\{(\d)\\\}")
_SENTENCES = re.compile(r"(?<=[.?!”]) (?=\S)")
_LISTS = (re.compile("(, | and )"), re.compile("(, | and | or )"))  # “2 places with emphasis or song” is one thing
_MOST_JOINED = 3  # parts of a sentence with quotation marks, behind which it could have ended
_CHOICE = re.compile(r":?[a-z0-9_-]+(?:(?:, | or ):?[a-z0-9_-]+)* or :?[a-z0-9_-]+")  # of commands or encodings
_TELLING = 10  # characters that a message must have, unless it is a sentence, for its values to be more than numbers
_COLUMNS = re.compile(r"(\s{2,}|^\s+|\s+$)")
_NAMES = {  # messages, and which of their values outside quotation marks are names, of which nothing is translated
    "{0} answers now.": "0",
    "{0} answers.": "0",
    "{0} answer.": "0",
    "{0} and {1} others answer.": "0",
    "{0} is listening.": "0",
    "model {0}, seed {1}": "0",
    "It does not know {0}; anyone answers.": "0",
    "The model does not know “{0}”; the line is read as said by {1}.": "1",
    "You are {0}, and nobody else speaks for you.": "0",
    "Did you mean {0}?": "0",
    "“{0}” could be {1}.": "1",
    "“{0}” could be {1} and others.": "1",
    "Characters: {0}": "0",
    "Installed: {0}.": "0",
    "{0} characters: {1}, …": "1",
    "One speech is now under another name: {0}.": "0",
    "{0} speeches are now under another name: {1}.": "1",
    "a misprint of {0}?": "0",
    "{0} ({1}, line {2} of {3}): {4}": "03",
    "{0}: read as {1}, {2}": "0",
    "Saved {0}: {1}.": "0",
    "Talk with it: {0}": "0",
    "damaged: {0}": "0",
    "It is set in the configuration file {0}.": "0",
    "The speaker’s key must be one of: {0}.": "0",
}
_language = "en"


def choose(arguments: Sequence[str] = (), command: str = "", preferred: str = "", file: Path | None = None) -> None:
    """Set the language for this process.

    Args:
        arguments: the command line, which may contain ``--language``.
        command: the command that is run, which has a variable of its own.
        preferred: the language by the configuration file, which comes before the locale.
        file: the path of that file.

    Raises:
        UsageError: a language was asked for that does not exist; that of the locale is used.
    """
    global _language
    if _language != "en":  # we have chosen it before
        os.environ.pop("LANGUAGE", None)
        gettext.textdomain("messages")
    asked, hints = _asked(arguments), [f"Languages: {', '.join(LANGUAGES)}."]
    for variable in (f"SCRIPTBOT_{command.upper()}_LANGUAGE", "SCRIPTBOT_LANGUAGE"):
        if not asked and (asked := os.environ.get(variable, "")):
            hints.append(configuration.in_variable(variable))
    if not asked and preferred:
        asked = preferred
        if file is not None:
            hints.append(configuration.in_file(file))
    code = asked.casefold().replace("-", "_").partition("_")[0]
    _language = code if code in LANGUAGES else _of_the_locale()
    if _language != "en":
        # Libraries that use gettext themselves, as click does, find their messages in our catalogue.
        os.environ["LANGUAGE"] = _language
        gettext.bindtextdomain("scriptbot", str(_FOLDER))
        gettext.textdomain("scriptbot")
    if asked and code not in LANGUAGES:
        raise UsageError(f"There is no interface language “{asked}”.", "\n".join(hints))


def _asked(arguments: Sequence[str]) -> str:
    """The value of the last ``--language``, since for any other option the last one counts, too."""
    asked = ""
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--language="):
            asked = argument.partition("=")[2]
        elif argument == "--language" and number + 1 < len(arguments):
            asked = arguments[number + 1]
    return asked


def _of_the_locale() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            code = value.casefold().partition("_")[0].partition(".")[0]
            return code if code in LANGUAGES else "en"
    return "en"


def tr(text: str) -> str:
    """A text of the program in the language of the interface; anything that is no message stays as it is."""
    if _language == "en":
        return text
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if (whole := _message(line.strip())) is not None:
        return line.replace(line.strip(), whole, 1)
    parts = _COLUMNS.split(line)  # a row of a table, or indented
    if len(parts) > 1:
        return "".join(part if number % 2 else _sentences(part) for number, part in enumerate(parts))
    return _sentences(line)


def _sentences(text: str) -> str:
    """A text translated as a whole, or sentence by sentence; sentences that are no messages stay."""
    if (whole := _message(text)) is not None:
        return whole
    parts = _SENTENCES.split(text)
    shown: list[str] = []
    found = number = 0
    while number < len(parts):
        most = _MOST_JOINED if parts[number].count("“") == 1 else 1  # the mark that closes may be within a sentence
        for end in range(number + 1, min(number + most, len(parts)) + 1):
            if told := _message(" ".join(parts[number:end])):
                break
        found += told is not None
        shown.append(told or parts[number])
        number = end if told else number + 1
    if len(parts) < 2 or not found:
        return _value(text)
    # No space is written behind a full stop of Japanese or Chinese.
    return "".join(part if part.endswith("。") else f"{part} " for part in shown).rstrip()


def _value(text: str) -> str:
    """A value within a sentence, translated if it is a message itself, or a list of messages."""
    if (whole := _message(text.strip())) is not None:
        return text.replace(text.strip(), whole, 1)
    if "“" in text:  # names
        return text
    for separators in _LISTS:
        parts = separators.split(text)
        told = [_message(part) if number % 2 else _counted(part) for number, part in enumerate(parts)]
        if all(told[::2]):
            break
    ours = any(told[::2]) or _CHOICE.fullmatch(text)
    if not ours:
        return text
    shown = [new or old for new, old in zip(told, parts, strict=True)]
    if all(part[:1].isdigit() for part in parts[::2]):  # things that are counted
        shown[1::2] = (_between_counted(part) for part in shown[1::2])
    return "".join(shown)


def _between_counted(separator: str) -> str:
    """A translated separator as it stands between numbers and what they count."""
    if _language == "ja":
        return "、"
    return separator if separator.endswith(("、", " ")) else f"{separator} "


def _counted(text: str) -> str | None:
    """The translation of a message, or of a number and the noun that it counts; None if it is neither."""
    if (whole := _message(text)) is not None:
        return whole
    number, _, what = text.partition(" ")
    told = _message(what) if number.replace(",", "").isdigit() else None
    if told is None:
        return None
    return f"{told} {number} 件" if _language == "ja" else f"{number} {told}"


def _message(text: str) -> str | None:
    """The translation of a message with its values; None if the text is no message."""
    if not text:
        return None
    catalogue, templates = _catalogue(_language)
    if (exact := catalogue.gettext(_escaped(text))) != _escaped(text):
        return exact.replace("{{", "{").replace("}}", "}")
    for words, pattern, message in templates:
        if all(word in text for word in words) and (found := pattern.fullmatch(text)):
            names = {f"v{number}" for number in _NAMES.get(message, "")}
            values = {
                name: value if name in names or text[max(found.start(name) - 1, 0)] == "“" else _value(value)
                for name, value in found.groupdict().items()
            }
            return catalogue.gettext(message).format(*(values[f"v{number}"] for number in range(len(values))))
    return None


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> tuple[gettext.NullTranslations, list[tuple[tuple[str, ...], re.Pattern[str], str]]]:
    """(translations, [words of a message with values, a pattern that finds the values, the message], longest first)."""
    translations = gettext.translation("scriptbot", str(_FOLDER), [language], fallback=True)
    messages: list[str] = json.loads((_FOLDER / "messages.json").read_text("utf-8"))
    templates = []
    for message in sorted((m for m in messages if re.search(r"\{\d\}", m)), key=_literals, reverse=True):
        if translations.gettext(message) == message:
            continue
        plain = message.replace("{{", "{").replace("}}", "}")
        pattern = _PLACE.sub(partial(_place, plain), re.escape(plain))
        words = tuple(part for part in re.split(r"\{\d\}", plain) if part)
        templates.append((words, re.compile(pattern, re.DOTALL), message))
    return translations, templates


def _place(message: str, place: re.Match[str]) -> str:
    """A pattern for one value of a message.

    Between quotation marks the value may be anything.  Elsewhere, it does not extend over the columns of a table; at
    the beginning of a message, it contains no whole sentence; and in a short message that is no sentence, it is a
    number.  A name may contain words of the message (“Ada and Bea and 3 others answer.”), so it is as long as can be.
    """
    pattern, sentence = place.string, message.endswith(".")
    many = "*" if place[1] in _NAMES.get(message, "") else "*?"
    value = rf"(?:{_QUOTED}|(?!\s\s)[^“]){many}"
    if pattern[: place.start()].endswith("“") and pattern[place.end() :].startswith("”"):
        value = ".*?"
    elif not sentence and ":" not in message and len(re.findall("[A-Za-z]+", message)) < 2:
        value = _NUMBER
    elif pattern.startswith(r"\{"):
        telling = sentence or _literals(message) >= _TELLING
        value = rf"(?:{_QUOTED}|(?!\s\s|\. )[^“]){many}" if telling else _NUMBER
    return f"(?P<v{place[1]}>{value})"


def _literals(message: str) -> int:
    return len(re.sub(r"\{\d\}", "", message))
