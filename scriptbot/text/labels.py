"""What may stand before a colon as the name of somebody who speaks.

``Moe: Yeah?`` is a speech, ``Note this: he is late`` and ``https://…`` are not.  A single line can never be told for
certain, so there are two judgements: :func:`is_label` refuses what no cast list would contain, and the formats take a
text for a script only if it has many labels and the labels come back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scriptbot.errors import OutputError
from scriptbot.text.cast import is_tailed
from scriptbot.text.screenplay import is_heading, is_part, is_way

LONGEST = 48  # characters; the longest label in the plays and scripts examined has 31
MOST_WORDS = 6  # "Ghost of King Henry VI" has five
LONGEST_UNSPACED = 12  # characters of a name in a script without spaces: 十二文字 is already a clause

# Signs of a sentence, a path, code or markup rather than a name.
_FORBIDDEN = re.compile(r"[:!?;=<>{}|\\@~^$%…—、。，！？；：「」『』《》“”\x00-\x1f\x7f]")
_OPENING = re.compile(r"[\w'\"‘\[〔（]")
_LETTER = re.compile(r"[^\W\d_]")
UNSPACED = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
# "It ended. Moe" against "Mrs. Moe" and "Lieut. Rook"
_LONG_ABBREVIATION = re.compile(r"\b(?!(?:lieut|sergt|serjt|corpl|const|comdr|messrs)\.)\w{5,}\.\s", re.IGNORECASE)
# Words of clauses.  Articles and prepositions are omitted on purpose: "Man at the bar", "Duke of York".
_CLAUSE_WORDS = """
said says asked is are was were be been this that these those he she it they we you i not has have had will
would can could do does did then so but if because when what which who how why as
"""
_CLAUSE = frozenset(_CLAUSE_WORDS.split())
_BETWEEN = frozenset({"and", "or"})  # names


def word_set(text: str) -> frozenset[str]:
    """The words listed in a text, separated by white space."""
    return frozenset(text.split())


def is_label(text: str) -> bool:
    """Whether a text could be the name of a speaker, given what stands before the colon, from the first column on."""
    if not text or len(text) > LONGEST or not _OPENING.match(text):
        return False
    if not _LETTER.search(text) or _FORBIDDEN.search(text) or _LONG_ABBREVIATION.search(text):
        return False
    if '"' in text.strip('"'):
        return False
    words = text.split()
    if len(words) > MOST_WORDS:
        return False
    if len(words) > 1 and not _CLAUSE.isdisjoint(words):
        return False
    # "Lenny, Carl and Moe" are speakers, "well, Moe" is not
    if "," in text and any(word[0].islower() and word not in _BETWEEN for word in words):
        return False
    if len(words) > 3 and words[0].islower():
        return False
    bare = text.strip("[] ")  # “[CUT TO:]”, “[Scene 2: The kitchen]”: the bracket is closed behind the colon
    if is_way(bare) or (is_heading(bare) and not is_part(bare)):
        return False
    return len(text) <= LONGEST_UNSPACED or not UNSPACED.search(text)


def labelled(character: str, text: str) -> str:
    """``NAME: text`` as it is shown; just the text if nobody says it."""
    return f"{character}: {text}" if character else text


class Labels:
    """Finds labels at the beginning of lines, and remembers its decisions.

    A script repeats its labels, so most lines cost one look-up.  The memory is bounded.
    """

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str]] = {}

    def split(self, line: str) -> tuple[str, str, str]:
        """(name, how it is said, rest of the line); the name is empty if the line begins with no label."""
        if line[:2] == "**" and (bold := _BOLD.match(line)):  # Markdown
            return *parted(bold[1].strip()), line[bold.end() :]
        if "「" in line[: LONGEST_UNSPACED + 1] and (quoted := _QUOTED.match(line)):
            return quoted[1], "", line[quoted.end(1) :]
        head, colon, rest = line.partition(":")
        if "：" in head:  # the full-width colon of East Asian scripts stands first
            head, colon, rest = line.partition("：")
        elif not colon or rest[:1] in _NO_SPEECH:
            return "", "", line
        known = self._names.get(head)
        if known is None:
            if len(head) > 2 * LONGEST:
                return "", "", line
            if len(self._names) > 20_000:
                self._names.clear()
            name, aside = parted(head.rstrip())
            known = self._names[head] = (name, aside) if is_label(name) else ("", "")
        return *known, rest


def parted(label: str) -> tuple[str, str]:
    """(name, how it is said) of ``Ada (quietly, to herself)``.  What begins with a capital, and ``(cont'd)``, stays in
    the name."""
    name, aside = bracketed(label)
    if not _LETTER.match(aside[1:]) or aside[1].isupper() or aside[1:-1].casefold() in _WHICH or is_tailed(label):
        return label, ""
    return (name, aside) if is_label(name) else (label, "")


def bracketed(label: str) -> tuple[str, str]:
    """(what stands before the brackets at the end of a label, the brackets with what is in them)."""
    aside = _ASIDE.search(label)
    return (label[: aside.start()].rstrip(), aside[0]) if aside else (label, "")


# Words that may stand in a name without a capital: Queen of Hearts, Vincent van Gogh.
WITHIN = word_set("of the and & de du la von van der")
# In brackets after a name, these words say who it is, not how it is said.
_WHICH = word_set("""
male female man woman boy girl young old younger older first second third elder senior junior
男 女 男性 女性 老 若 兄 弟 姉 妹 姐 父 母 子 大 小 甲 乙 丙 丁
""")
_ASIDE = re.compile(r"[(（][^()（）\n]*[)）]$")
_BOLD = re.compile(rf"\*\*([^*:\n]{{1,{LONGEST}}})(?::\*\*|\*\*:)")  # **Ada:** and **Ada**:
_QUOTED = re.compile(
    r"([^\s「」『』（）。、！？…:：]{1,8}(?<![はがもをにとで]))(?=「[^\n]*[」』]\s*$)"
)  # 花子「お湯は？」
_NO_SPEECH = frozenset("/\\0123456789:)|=")  # http://, 12:30, C:\\, std::, :)


def sureness(found: Sequence[str], share: float) -> float:
    """How certain it is that a text is a script, judged by its labels and by the share of the text that they open.

    They must open half of the text, and half of them must be of somebody who speaks more than once: else “Title: …
    Author: …” would be a script, and so would any glossary.
    """
    if share < 0.5 or len(found) < 2:
        return 0.0
    counts = Counter(found)
    again = sum(count for count in counts.values() if count > 1) / len(found)
    return share if again >= 0.5 else 0.0


def require_label(name: str, format_name: str) -> str:
    """The name, if a format can write it as a label.

    Raises:
        OutputError: it cannot, and reading the script again would lose who spoke.
    """
    if name == name.strip() and is_label(name) and parted(name) == (name, ""):
        return name
    raise OutputError(
        f"“{name}” cannot be written as a speaker’s label in the {format_name} format.",
        f"Names there have a letter, at most {LONGEST} characters and no colon, and do not look like sentences; "
        "Fountain takes any.",
    )
