"""Text as pieces, pieces as numbers, and back without loss.

A *piece* is what the network reads and writes in one step::

    lead + body          lead  ""  " "  "\\n"  "\\n\\n"          what stands before the body
                         body  a run of letters, a clitic ('s), a number, one sign,
                               one character of a script written without spaces (Han, kana, Thai …)

so that ``"Fly, you\\nFools!"`` is five pieces: ``Fly`` ``,`` ``· you`` ``⏎ Fools`` ``!``.  A body is a *stem*
and a case: a word, its capitalised and its upper-case form share one stem.  Lead and case together are the
*form* (12 of them; the 13th marks structure such as a cue), which is predicted apart from the stem.  That takes the
white space and the capitals out of the vocabulary, shortens the text by a quarter and leaves a common word
common wherever it stands.

Nothing is lost: ``decode(encode(text)) == text`` for every Unicode string.  Whatever has no stem of its own in
the vocabulary is spelled.

Stems are numbered in one line::

    0 … words            the softmax: <spell>, structure, a cue per cast member, frequent stems
    … words + rare       stems seen in training, but too seldom for the softmax
    beyond               stems never seen, numbered in the order of a :class:`Coder`
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

LEADS = ("", " ", "\n", "\n\n")
LOWER, CAPITALISED, UPPER = range(3)
CASES = 3
MOST_RARE = 60_000  # rare stems that a vocabulary keeps
STRUCTURE = len(LEADS) * CASES  # the form of every structural token
FORMS = STRUCTURE + 1

SPELL, CUE, SAYS, DIRECTION, SCENE = range(5)
SPECIAL = ("<spell>", "<cue>", "<says>", "<direction>", "<scene>")

NOBODY, SOMEBODY = 0, 1  # speakers: none, and one who is not in the cast; cast member k is speaker 2 + k

MOST_COUNTED = 2_000_000  # stems counted at once, which take 200 MB
LONGEST = 24  # letters in one piece; a longer run is cut, and the next piece has no lead

_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u200c\u200d"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_LETTER = rf"(?![{_UNSPACED}])[^\W\d_]"
_PIECE = re.compile(
    rf"(\n\n?| )?("
    rf"[A-Za-z]{{1,{LONGEST}}}(?![A-Za-z\u0080-\U0010ffff])"  # what the next line says as well, three times as fast
    rf"|{_LETTER}(?:{_LETTER}|[{_MARKS}]){{0,{LONGEST - 1}}}"
    rf"|(?<=[^\W\d_])['’](?:{_LETTER}){{1,3}}(?!{_LETTER})"
    rf"|\d{{1,8}}|[^ \n])|[ \n]"
)


_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def are_unspaced(frequent: Iterable[str]) -> bool:
    """Whether the frequent stems of a vocabulary, most frequent first, are those of a script without spaces."""
    words = list(itertools.islice((stem for stem in frequent if stem[:1].isalpha()), 400))
    return 2 * sum(bool(_IS_UNSPACED.match(stem)) for stem in words) > len(words)


@dataclass(frozen=True, slots=True)
class Token:
    """One step of the network: a stem, its form, and who says it."""

    stem: int
    form: int
    speaker: int = NOBODY


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into (lead, body) pairs, which joined again are exactly the text."""
    for match in _PIECE.finditer(text):
        body = match[2]
        yield (match[1] or "", body) if body is not None else ("", match[0])


def split_case(body: str) -> tuple[int, str]:
    """(case, stem) of a body; a body whose case cannot be restored is its own stem in ``LOWER``."""
    stem = body.lower()
    if stem == body:
        return LOWER, body
    for case in (CAPITALISED, UPPER):
        if apply_case(stem, case) == body:
            return case, stem
    return LOWER, body


def apply_case(stem: str, case: int) -> str:
    """The body of a stem in one of the three cases."""
    if case == CAPITALISED:
        return stem[:1].upper() + stem[1:]
    return stem.upper() if case == UPPER else stem


def render(stem: str, form: int) -> str:
    """The text of one piece: lead and body."""
    return LEADS[form // CASES] + apply_case(stem, form % CASES)


def written(text: str) -> Iterator[str]:
    """The pieces of a text as they are written, each a lead and a body in one string."""
    return (match[0] for match in _PIECE.finditer(text))


def stem_and_form(piece: str) -> tuple[str, int]:
    """(stem, form) of a piece as it is written; inverse of :func:`render`."""
    body = piece.lstrip(" \n") or piece[-1:]  # white space with nothing behind it is a body of its own
    case, stem = split_case(body)
    return stem, LEADS.index(piece[: len(piece) - len(body)]) * CASES + case


def analyse(text: str) -> Iterator[tuple[str, int]]:
    """The (stem, form) of every piece of a text.

    Frequent pieces repeat, so they are looked up in a table, which is bounded and lives as long as the iteration.
    """
    known: dict[str, tuple[str, int]] = {}
    for piece in written(text):
        found = known.get(piece)
        if found is None:
            if len(known) > 50_000:
                known.clear()
            found = known[piece] = stem_and_form(piece)
        yield found


@dataclass(frozen=True)
class Vocabulary:
    """What a model can say without spelling it, and who can say it.

    Attributes:
        cast: names, most lines first; cast member k has the cue ``cue(k)`` and the speaker ``2 + k``.
        frequent: stems of the softmax, most frequent first; last those of a base that do not occur.
        rare: stems seen in training but not frequent enough; known, yet chosen by their spelling.
    """

    cast: tuple[str, ...]
    frequent: tuple[str, ...]
    rare: tuple[str, ...] = ()
    _index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        first = self.first_stem
        self._index.update(
            (stem, number) for number, stem in enumerate(itertools.chain(self.frequent, self.rare), first)
        )

    @cached_property
    def first_stem(self) -> int:
        """Number of the first frequent stem; the specials and the cues come before it."""
        return len(SPECIAL) + len(self.cast)

    @cached_property
    def words(self) -> int:
        """Size of the softmax."""
        return self.first_stem + len(self.frequent)

    @cached_property
    def known(self) -> int:
        """Number of stems of the softmax and rare ones together, which is the first number for a stem never seen."""
        return self.words + len(self.rare)

    @cached_property
    def unspaced(self) -> bool:
        """Whether this is the vocabulary of a script without spaces, in which a piece is a character and not a word."""
        return are_unspaced(self.frequent)

    @property
    def speakers(self) -> int:
        """Number of rows of the speaker table."""
        return 2 + len(self.cast)

    def cue(self, member: int) -> int:
        """The stem that opens a speech of cast member ``member``."""
        return len(SPECIAL) + member

    def stem(self, number: int) -> str:
        """The text of a known stem; empty for specials and cues."""
        if number < self.first_stem:
            return ""
        number -= self.first_stem
        return self.frequent[number] if number < len(self.frequent) else self.rare[number - len(self.frequent)]

    def number(self, stem: str) -> int | None:
        """The number of a stem; None if it was never seen."""
        return self._index.get(stem)


class Coder:
    """A vocabulary, and the new stems of one text or conversation.

    New stems are numbered from ``vocabulary.known`` upwards; ``novel`` holds them in that order.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.novel: list[str] = []
        self._numbers: dict[str, int] = {}
        self._members = {name: member for member, name in enumerate(vocabulary.cast)}

    def number(self, stem: str) -> int:
        """The number of any stem; a new stem is given one."""
        known = self.vocabulary.number(stem)
        if known is not None:
            return known
        number = self._numbers.get(stem)
        if number is None:
            number = self.vocabulary.known + len(self.novel)
            self.novel.append(stem)  # first, so that Ctrl-C in between leaves no number without a word
            self._numbers[stem] = number
        return number

    def stem(self, number: int) -> str:
        """The text of any stem that has a number in this coder."""
        known = self.vocabulary.known
        return self.novel[number - known] if number >= known else self.vocabulary.stem(number)

    def encode(self, text: str, speaker: int = NOBODY) -> list[Token]:
        """The tokens of a text that one speaker says."""
        return [Token(self.number(stem), form, speaker) for stem, form in analyse(text)]

    def decode(self, tokens: Iterable[Token]) -> str:
        """The text of tokens; structural tokens have none.  Inverse of :meth:`encode`."""
        return "".join(render(self.stem(t.stem), t.form) for t in tokens if t.form != STRUCTURE)

    def open_speech(self, name: str) -> list[Token]:
        """The cue of a speech: one token for a cast member, else the name written out.

        The speaker of a cue is the one it announces, so that the next step already has the voice.
        """
        if (member := self._members.get(name)) is not None:
            return [Token(self.vocabulary.cue(member), STRUCTURE, 2 + member)]
        return [
            Token(CUE, STRUCTURE, SOMEBODY),
            *self.encode(name, SOMEBODY),
            Token(SAYS, STRUCTURE, SOMEBODY),
        ]


def count(texts: Iterable[str], most: int = MOST_COUNTED) -> Counter[str]:
    """Count how often every stem occurs.

    Args:
        most: stems counted at once; beyond that, the least frequent are forgotten.
    """
    stems: Counter[str] = Counter()
    recent: Counter[str] = Counter()
    for text in texts:
        recent.update(written(text))
        if len(recent) > most // 8:
            merge_counts(recent, stems, most)
    merge_counts(recent, stems, most)
    return stems


def merge_counts(recent: Counter[str], stems: Counter[str], most: int = MOST_COUNTED) -> None:
    """Add the counts of written pieces to those of their stems, and clear them; see :func:`count`."""
    for piece, times in recent.items():
        stems[stem_and_form(piece)[0]] += times
    recent.clear()
    least = 1
    while len(stems) > most:
        for stem in [stem for stem, times in stems.items() if times <= least]:
            del stems[stem]
        least *= 2


def build(
    counts: Counter[str],
    cast: Iterable[str],
    *,
    minimum_count: int,
    limit: int,
    rare_limit: int = MOST_RARE,
    inherited: Sequence[str] = (),
) -> Vocabulary:
    """The vocabulary of a counted corpus.

    Args:
        counts: occurrences of every stem.
        cast: names, most lines first.
        minimum_count: occurrences that earn a stem its place in the softmax.
        limit: most stems in the softmax.
        rare_limit: most rare stems kept.
        inherited: stems that have a place in the softmax in any case, if there is room; those that do not occur come
            last, in this order.
    """
    order = [stem for stem, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    certain = frozenset(inherited)
    frequent = [stem for stem in order if counts[stem] >= minimum_count or stem in certain][:limit]
    frequent += [stem for stem in inherited if stem not in counts][: limit - len(frequent)]
    inside = frozenset(frequent)
    rare = [stem for stem in order if stem not in inside][:rare_limit]
    return Vocabulary(tuple(cast), tuple(frequent), tuple(rare))
