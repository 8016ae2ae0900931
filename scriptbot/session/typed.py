"""What a person hands in, read as a script: lines ``NAME: text`` are speeches, everything else is said by them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from scriptbot.text.cast import fold
from scriptbot.text.labels import LONGEST, Labels, bracketed, is_label, parted

# What stands in front of a colon, how it is said included.  White space or the end of the line has to follow, so that
# neither a time of day nor an address is taken for a name.
_LABEL = re.compile(rf"[^\S\n]*([^\s:：][^:：\n]{{0,{2 * LONGEST - 1}}}?)[^\S\n]*(?::(?=\s|$)|：)[^\S\n]*")
_LABELS = Labels()
_SAYS = ("说", "說", "问", "問")  # ends of clauses where nothing is written with capitals: 他说：
# Within a name these may stand without a capital: Queen of Hearts, Vincent van Gogh.
_WITHIN = frozenset(["of", "the", "and", "&", "de", "du", "la", "von", "van", "der"])


@dataclass(frozen=True, slots=True)
class Line:
    """A speech of the conversation; ``character`` is empty in plain text."""

    character: str
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speeches to read, and who was announced without having said anything yet (empty: nobody)."""

    lines: tuple[Line, ...]
    announced: str = ""


def read_typed(text: str, me: str, cast: Collection[str], *, strangers: bool = True) -> Spoken:
    """Part a text into speeches.

    A label is a member of the cast, or the person, in any spelling, or what is one in a script
    (:func:`scriptbot.text.labels.is_label`) and written as a name, with capitals: ``FIRST CITIZEN``, ``Romeo``,
    ``Queen of Hearts``.  ``Note to self`` is none: one line alone cannot show that somebody comes back.  How it is said
    may stand behind it, ``Romeo (softly)``.

    Lines under a label go on with its speech; an empty line behind some words ends it.  What stands under no label is
    said by ``me``.  A label at the very end with nothing behind it, but for how it is to be said, announces who is to
    speak.

    Args:
        text: lines separated by line feeds.
        me: the name of the person; a member of the cast is called as there.
        cast: the names the model knows; a label takes on the spelling known.
        strangers: whether anybody else can be a label; if not, an empty line ends no speech either.
    """
    known = {fold(name): name for name in (me, *cast)}
    lines: list[Line] = []
    name, aside, words = "", "", list[str]()

    def close() -> None:
        said = "\n".join(words).strip()
        if said or aside:
            lines.append(Line(name or me, f"{aside} {said}".strip()))
        words.clear()

    for line in text.split("\n"):
        speaker, way, said = _opened(line, known, strangers)
        if speaker:
            close()
            name, aside = speaker, way
            words.append(said)
        elif line.strip():
            words.append(line.strip())
        elif not strangers:
            words.append("")
        elif any(words):
            close()
            name, aside = "", ""
    if name and not any(words):
        return Spoken(tuple(lines), name)
    close()
    return Spoken(tuple(lines))


def addressed(text: str, cast: Collection[str]) -> str:
    """The member of the cast whom a speech is said to; empty if that cannot be told.

    It is told by a name that stands apart: before a comma, a full stop or nothing more at the beginning, where one word
    may greet (“Hello Pip.”), or behind a comma at the end.  Somebody who is only spoken of (“Where is
    Otto?”) is not asked.
    """
    found: list[tuple[int, str]] = []
    for name in cast:
        said = r"\s+".join(map(re.escape, name.split()))
        apart = (
            rf"^\W*(?:(?:[^\W\d_]+\s+)?{said}\s*(?:[,.!…—，、。！]|$)|{said}\s*[?？])|[,，、]\s*{said}[\s.!?…。！？]*$"
        )
        if match := re.search(apart, text, re.IGNORECASE):
            found.append((match.start(), name))
    return min(found)[1] if found else ""


def _opened(line: str, known: dict[str, str], strangers: bool) -> tuple[str, str, str]:
    """(who begins to speak on a line, how it is said, what is); the name is empty if nobody does."""
    if found := _LABEL.match(line):
        name, aside = _speaker(found[1], known, strangers)
        if name:
            return name, aside, line[found.end() :]
    # One of the cast may stand there as in any script: “ROMEO:But soft”, “花子「はい」”.
    name, aside, said = _LABELS.split(line.strip())
    return known.get(fold(name), ""), aside, said.strip()


def _speaker(label: str, known: dict[str, str], strangers: bool) -> tuple[str, str]:
    """(the name a label stands for, how it is said); the name is empty if it is none."""
    if name := known.get(fold(label)):
        return name, ""
    before, aside = bracketed(label)
    if aside and (name := known.get(fold(before))):
        return name, aside
    name, aside = parted(label)
    return (name, aside) if strangers and is_label(name) and _is_named(name) else ("", "")


def _is_named(label: str) -> bool:
    """Whether a label is written as a name: its words begin with capitals, or in a script that has none."""
    words = bracketed(label)[0].split()
    stand_out = [word[0].isalnum() and not word[0].islower() for word in words]
    named = stand_out[:1] == [True] and all(out or word in _WITHIN for word, out in zip(words, stand_out, strict=True))
    return named and not label.endswith(_SAYS)
