"""What a person types, read as a script: lines ``NAME: text`` are speeches, and all others are said by the person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scriptbot.text.cast import fold
from scriptbot.text.labels import LONGEST, UNSPACED, Labels, bracketed, is_label, parted, word_set

# A label before a colon, including how it is said.  White space or the end of the line has to follow the colon, so that
# neither a time of day nor a web address is taken for a name.
_LABEL = re.compile(rf"[^\S\n]*([^\s:：][^:：\n]{{0,{2 * LONGEST - 1}}}?)[^\S\n]*(?::(?=\s|$)|：)[^\S\n]*")
_LABELS = Labels()
_SAYS = ("说", "說", "问", "問")  # ends of clauses in scripts without capitals: 他说：
# Words that may stand in a name without a capital: Queen of Hearts, Vincent van Gogh.
_WITHIN = frozenset(["of", "the", "and", "&", "de", "du", "la", "von", "van", "der"])

# Words of names by which alone nobody is addressed: “Captain?”, “Good.”, “No, thank you.”
_TITLES = word_set("""
mr mrs ms miss mx dr doctor prof professor sir dame lord lady master mistress madam madame monsieur mademoiselle herr
frau fräulein signor signora señor señora king queen prince princess duke duchess count countess earl baron baroness
saint st rev reverend father friar brother sister mother uncle aunt nurse bishop archbishop cardinal judge justice
captain capt lieutenant lieut colonel col major general sergeant sgt corporal private officer inspector marshal
superintendent chief mayor president principal
""")
_COMMON = word_set("""
old older young younger elder little big small great tall short fat thin good bad nice poor dear dead new jr sr
yes no oh ah well so now then right fine please hello hey
""")
# Names with such a word describe somebody, often one of several: FIRST CITIZEN, MAN AT THE BAR.
_DESCRIBING = word_set("""
first second third fourth fifth sixth seventh eighth ninth tenth last another other others both all some every
man men woman women boy boys girl girls guy child children kid kids person people voice voices crowd everybody everyone
at in on with from by
""")
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")  # KING HENRY VI
_WAY = r"\s*(?:[(（][^()（）\n]*[)）])?"  # how a speech is said
_GREETING = r"[^\W\d_]+"
_NO_TITLE = rf"(?!(?:{'|'.join(sorted(_TITLES))})\b){_GREETING}"
_PAIR = re.compile(r"[,/&]|\band\b", re.IGNORECASE)  # several who speak at once


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


def addressed(text: str, cast: Collection[str]) -> str:
    """The member of the cast to whom a speech is addressed; empty if that cannot be told.

    The name has to be set off: at the beginning, before a comma, a full stop or the end of the text, perhaps after one
    word of greeting (“Hello Pip.”); or at the end, after a comma.  How the speech is said may stand before all that, in
    brackets.  Somebody who is only mentioned (“Where is Otto?”) is not addressed.

    If no whole name is, the first or the last word of one may be, with or without a title: “Homer, …” and “Mr. Simpson,
    …” for ``Homer_Simpson``.  It must have a capital, if the writing has any, and nobody else in the cast the same
    word.  Titles, numbers and common words alone address nobody, nor do parts of names that describe (``FIRST
    CITIZEN``) or that are written without spaces.
    """
    folded = text.casefold()
    heard = {name: [word.rstrip(".") or word for word in _words(name)] for name in cast}
    said = {
        name: r"\.?[\s_]+".join(map(re.escape, words))
        for name, words in heard.items()
        if all(word.casefold() in folded for word in words)  # a regular expression for each of hundreds takes a while
    }
    return _first_set_off(text, said, _GREETING) or _first_set_off(text, _short(text, cast), _NO_TITLE)


def _first_set_off(text: str, said: Mapping[str, str], greeting: str) -> str:
    """The name that is set off in a text, the first if there are several; empty if there is none.

    Args:
        said: a regular expression for each name.
        greeting: another for the word that may stand before it at the beginning.
    """
    found: list[tuple[int, str]] = []
    for name, pattern in said.items():
        apart = (
            rf"^{_WAY}\W*(?:(?:{greeting}\s+)?{pattern}\s*(?:[,.!…—，、。！]|$)|{pattern}\s*[?？])"
            rf"|[,，、]\s*{pattern}[\s.!?…。！？]*$"
        )
        if match := re.search(apart, text, re.IGNORECASE):
            found.append((match.start(), name))
    return min(found)[1] if found else ""


def _short(text: str, cast: Collection[str]) -> dict[str, str]:
    """A regular expression for the short forms of each name that may be in a text."""
    members = [name for name in cast if not _PAIR.search(name)]
    owners = Counter(word for name in members for word in {word.strip(".()").casefold() for word in _words(name)})
    folded = text.casefold()
    short: dict[str, str] = {}
    for name in members:
        parts = [word for word in _parts(name) if owners[word.casefold()] == 1 and word.casefold() in folded]
        if parts:
            own = _TITLES.intersection(word.strip(".").casefold() for word in _words(name))
            titles = "|".join(sorted(own or _TITLES))  # “Mrs. Skinner” is not PRINCIPAL SKINNER
            capitals = "|".join(f"(?-i:{re.escape(word[0].upper())}){re.escape(word[1:])}" for word in parts)
            short[name] = rf"(?:(?:{titles})\.?\s+)?(?:{capitals})"
    return short


def _parts(name: str) -> list[str]:
    """The first and the last word of a name by which somebody may be called; none if it describes."""
    words = [word.strip(".") for word in _words(bracketed(name)[0])]
    described = not _DESCRIBING.isdisjoint(word.casefold() for word in words)
    if described or UNSPACED.search(name) or any(sign.isdigit() for sign in name):
        return []
    nobody = _TITLES | _COMMON | _WITHIN
    own = [word for word in words if len(word) > 1 and word.casefold() not in nobody and not _ROMAN.fullmatch(word)]
    return list(dict.fromkeys(own[:1] + own[-1:]))


def _words(name: str) -> list[str]:
    return name.replace("_", " ").split()


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
    named = stand_out[:1] == [True] and all(out or word in _WITHIN for word, out in zip(words, stand_out, strict=True))
    return named and not label.endswith(_SAYS)
