"""What a person types, read as a script: lines ``NAME: text`` are speeches, and all others are said by the person."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from scriptbot.text.cast import fold
from scriptbot.text.labels import LONGEST, WITHIN, Labels, bracketed, is_label, parted

# A label before a colon, including how it is said.  White space or the end of the line has to follow the colon, so that
# neither a time of day nor a web address is taken for a name.
_LABEL = re.compile(rf"[^\S\n]*([^\s:：][^:：\n]{{0,{2 * LONGEST - 1}}}?)[^\S\n]*(?::(?=\s|$)|：)[^\S\n]*")
_LABELS = Labels()
_SAYS = ("说", "說", "问", "問")  # ends of clauses in scripts without capitals: 他说：


@dataclass(frozen=True, slots=True)
class Line:
    """A speech in the conversation; ``character`` is empty in plain text."""

    character: str
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The speeches to read, and who was announced as the next speaker without any words (empty: nobody)."""

    lines: tuple[Line, ...]
    announced: str = ""


def read_typed(text: str, me: str, cast: Collection[str], *, strangers: bool = True) -> Spoken:
    """Split a text into speeches.

    A label is the name of the person or of a member of the cast, in any spelling.  Any other name is one too if a
    script could have it as a label (:func:`scriptbot.text.labels.is_label`) and it is capitalised as a name:
    ``FIRST CITIZEN``, ``Romeo``, ``Queen of Hearts``, but not ``Note to self``, since a single line cannot show that
    a name comes back.  How a speech is said may follow the name: ``Romeo (softly)``.

    The lines below a label continue its speech until an empty line follows some words.  Lines under no label are said
    by ``me``.  A label at the very end without words behind it, except for how they are to be said, announces the next
    speaker.

    Args:
        text: lines separated by line feeds.
        me: the name of the person; if the cast has it, the spelling there is used.
        cast: the names that the model knows; labels take on the spelling there.
        strangers: whether anybody else can be a label; if not, empty lines do not end a speech either.
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


def _opened(line: str, known: dict[str, str], strangers: bool) -> tuple[str, str, str]:
    """(who begins to speak on a line, how, what they say); the name is empty if nobody does."""
    if found := _LABEL.match(line):
        name, aside = _speaker(found[1], known, strangers)
        if name:
            return name, aside, line[found.end() :]
    # A member of the cast may stand there in any of the ways of scripts: “ROMEO:But soft”, “花子「はい」”.
    name, aside, said = _LABELS.split(line.strip())
    return known.get(fold(name), ""), aside, said.strip()


def _speaker(label: str, known: dict[str, str], strangers: bool) -> tuple[str, str]:
    """(the name that a label stands for, how the speech is said); the name is empty if it is no label."""
    if name := known.get(fold(label)):
        return name, ""
    before, aside = bracketed(label)
    if aside and (name := known.get(fold(before))):
        return name, aside
    name, aside = parted(label)
    return (name, aside) if strangers and is_label(name) and _is_named(name) else ("", "")


def _is_named(label: str) -> bool:
    """Whether a label is written as a name: its words begin with capitals, or belong to a script that has none."""
    words = bracketed(label)[0].split()
    stand_out = [word[0].isalnum() and not word[0].islower() for word in words]
    named = stand_out[:1] == [True] and all(out or word in WITHIN for word, out in zip(words, stand_out, strict=True))
    return named and not label.endswith(_SAYS)
