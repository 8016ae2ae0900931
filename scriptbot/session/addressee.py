"""Whom a speech is said to, as far as its words tell: “Otto, is it late?”."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from scriptbot.text.cast import are_several
from scriptbot.text.labels import UNSPACED, WITHIN, bracketed, word_set

# Words of names by which alone nobody is addressed: “Captain?”, “Good.”, “No, thank you.”
_TITLES = word_set("""
mr mister mrs ms miss mx dr doctor prof professor sir dame lord lady master mistress madam madame monsieur mademoiselle
herr frau fräulein signor signora señor señora king queen prince princess duke duchess count countess earl baron
baroness saint st rev reverend father friar brother sister mother uncle aunt nurse bishop archbishop cardinal judge
justice captain capt lieutenant lieut lt colonel col major general sergeant sergt sgt corporal private officer
inspector marshal superintendent chief mayor president principal
""")
_ABBREVIATED = (  # titles, and their short forms
    *("mister mr", "doctor dr", "professor prof", "reverend rev", "saint st", "captain capt", "lieutenant lieut lt"),
    *("colonel col", "sergeant sergt sgt"),
)
_FORMS = {title: titles for titles in map(str.split, _ABBREVIATED) for title in titles}
_COMMON = word_set("""
old older young younger elder little big small great tall short fat thin good bad nice poor dear dead new jr sr
yes no oh ah well so now then right fine please hello hey
""")
# What somebody may be called before the name: “darling Vera”, “my dear old Gus”.
_FOND = word_set("""
my our dear dearest darling sweet sweetest beloved lovely pretty beautiful precious old young little poor good kind
gentle noble fair brave honest clever wise silly foolish wicked naughty lazy cruel proud great big fine faithful loyal
chère cher liebe lieber querida querido cara caro dulce dolce
""")
# Greetings and answers that may stand before the name, with or without a comma: “Hello Pip.”, “Yes, Pip, I did.”
_BEFORE = word_set("""
hello hullo hallo hi hey morning afternoon evening night welcome farewell goodbye bye sorry thanks please yes yeah no
oh o ah aha alas well nay ay aye ok okay alright right sure fine come look listen hear wait stop quick quiet careful
salut bonjour bonsoir merci oui non ja nein danke bitte hola gracias sí ciao buongiorno buonasera grazie sì
привет здравствуй здравствуйте спасибо да нет
ねえ おい やあ はい いいえ ええ こんにちは こんばんは おはよう ありがとう
喂 嗨 哎 你好 您好 是 是的 不 好 谢谢 謝謝
""") | {
    *("good morning", "good afternoon", "good evening", "good night", "good day", "thank you", "excuse me"),
    *("pardon me", "i am sorry", "i'm sorry", "i’m sorry", "come on", "go on", "how now", "of course", "all right"),
    *("hello there", "hi there", "hey there", "oh no", "oh yes"),
}
# Words that may stand there only with a comma: “What, Otto, …”, but not “And Otto?”
_BEFORE_A_COMMA = word_set("and but so then now when why what")
# Names with such a word describe somebody, often one of several: FIRST CITIZEN, MAN AT THE BAR.
_DESCRIBING = word_set("""
a an first second third fourth fifth sixth seventh eighth ninth tenth last another other others both all some every
man men woman women boy boys girl girls guy child children kid kids person people voice voices crowd everybody everyone
at in on with from by
""")
_NOBODY = _TITLES | _COMMON | WITHIN
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")  # KING HENRY VI
_WAY = r"\s*(?:[(（][^()（）\n]*[)）])?"  # how a speech is said
_GREETING = (
    rf"(?:(?:{'|'.join(sorted(_BEFORE))})(?:\s*[,，、]\s*|\s+)"
    rf"|(?:{'|'.join(sorted(_BEFORE_A_COMMA))})\s*,\s*){{0,3}}"
)
_FONDLY = rf"(?:(?:{'|'.join(sorted(_FOND))})\s+){{0,3}}"
_AND = r"(?<=\S)(?:\s*,)?\s+(?:and|&|und|et|y|e|и)\s+"
_ANY_TITLE = "|".join(sorted(_TITLES))


def addressed(text: str, cast: Collection[str]) -> str:
    """The member of the cast to whom a speech is addressed; empty if that cannot be told.

    The name has to be set off: at the beginning, before a comma, a full stop or the end of the text, perhaps after a
    greeting or an answer (“Hello Pip.”, “Yes, Pip, …”); or at the end, after a comma.  Before it, there may be words of
    endearment or blame (“…, my dear Pip?”), and another name after it (“Pip and Gus, …”): the first of them is
    addressed.  How the speech is said may stand before all that, in brackets.  Somebody who is only mentioned (“Where
    is Otto?”, “Ask Otto.”) is not addressed.  A title may stand before a name that has none, and those in a name may be
    abbreviated or not: “Captain Ahab” is ``CAPT. AHAB``.

    If no whole name is, the first or the last word of one may be, with or without a title: “Homer, …” and “Mr. Simpson,
    …” for ``Homer_Simpson``.  It must have a capital, if the writing has any, and nobody else the same word, not
    counting pairs (``TOM AND EDNA``) and the person.  Titles, numbers and common words alone address nobody, nor do
    parts of names that describe (``FIRST CITIZEN``; ``THE ROMAN SOLDIERS`` are “Soldiers”, but not “Roman”) or that are
    written without spaces.

    Args:
        cast: the names of all who may be addressed, so not that of the person.
    """
    text = " ".join(text.split())  # thousands of spaces would take the expressions below minutes
    folded = text.casefold()
    said: dict[str, str] = {}
    for name in cast:
        words = [_forms(word) for word in _words(name)]
        if words and all(
            any(form.casefold() in folded for form in forms) for forms in words
        ):  # hundreds would take a while
            whole = r"\.?[\s_]+".join("(?:" + "|".join(map(re.escape, forms)) + ")" for forms in words)
            said[name] = whole if _own_titles(name) else rf"(?:(?:{_ANY_TITLE})\.?\s+)?{whole}"
    short = _short(text, cast)
    first = _without_seconds(text, [*said.values(), *short.values()])
    return (
        _first_set_off(text, said)  # a name may have an “and” of its own
        or _first_set_off(first, said)
        or _first_set_off(first, short)
    )


def _without_seconds(text: str, names: Sequence[str]) -> str:
    """A text in which names joined by “and” to what is before them are left out where they are set off behind, unless
    they end a list of three or more.

    Args:
        names: a regular expression for each.
    """
    if not names or not re.search(_AND, text, re.IGNORECASE):
        return text
    named = "|".join(names)
    listed = rf"(?:{named})\s*[,，、]\s*{_FONDLY}(?:{named}){_AND}"
    if re.search(listed, text, re.IGNORECASE):  # “I like Gus, Pip and Otto.” tells of them
        return text
    second = rf"{_AND}{_FONDLY}(?:{named})(?=\s*(?:[,.!?…—，、。！？]|$))"
    return re.sub(second, "", text, flags=re.IGNORECASE)


def _first_set_off(text: str, said: Mapping[str, str]) -> str:
    """The name that is set off in a text, the first if there are several, and of those the longest (“Uncle Ben” is not
    ``BEN``); empty if there is none.

    Args:
        said: a regular expression for each name.
    """
    found: list[tuple[int, int, str]] = []
    for name, pattern in said.items():
        called = _FONDLY + pattern
        apart = (
            rf"^{_WAY}\W*{_GREETING}{called}\s*(?:[,.!?…—，、。！？]|$)"
            rf"|[,，、]\s*{called}[\s.!?…。！？]*$"
        )
        if match := re.search(apart, text, re.IGNORECASE):
            found.append((match.start(), -len(name), name))
    return min(found)[2] if found else ""


def _short(text: str, cast: Collection[str]) -> dict[str, str]:
    """A regular expression for the short forms of each name that may be in a text."""
    members = [name for name in cast if not are_several(name)]
    owners = Counter(word for name in members for word in {word.strip(".()").casefold() for word in _words(name)})
    folded = text.casefold()
    short: dict[str, str] = {}
    for name in members:
        parts = [word for word in _parts(name) if owners[word.casefold()] == 1 and word.casefold() in folded]
        if parts:
            titles = "|".join(sorted(_own_titles(name))) or _ANY_TITLE  # “Mrs. Skinner” is not PRINCIPAL SKINNER
            capitals = "|".join(f"(?-i:{re.escape(word[0].upper())}){re.escape(word[1:])}" for word in parts)
            short[name] = rf"(?:(?:{titles})\.?\s+)?(?:{capitals})"
    return short


def _parts(name: str) -> list[str]:
    """The first and the last word of a name by which somebody may be called; none if it describes."""
    written = _words(bracketed(name)[0])
    described = not _DESCRIBING.isdisjoint(map(str.casefold, written))  # “A Player”, but not “A. Burns”
    if described or UNSPACED.search(name) or any(sign.isdigit() for sign in name):
        return []
    words = [word.strip(".") for word in written]
    own = [word for word in words if len(word) > 1 and word.casefold() not in _NOBODY and not _ROMAN.fullmatch(word)]
    if words and words[0].casefold() == "the":  # only the last word does not describe: THE WHITE RABBIT
        return own[-1:]
    return list(dict.fromkeys(own[:1] + own[-1:]))


def _own_titles(name: str) -> frozenset[str]:
    """The titles in a name, in every form."""
    return _TITLES.intersection(form.casefold() for word in _words(name) for form in _forms(word))


def _forms(word: str) -> Sequence[str]:
    """A word of a name without its full stop, or all forms of a title."""
    bare = word.strip(".") or word
    return _FORMS.get(bare.casefold(), [bare])


def _words(name: str) -> list[str]:
    return name.replace("_", " ").split()
