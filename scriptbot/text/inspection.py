"""What a script looks like to scriptbot, before anything is trained on it."""

from __future__ import annotations

import difflib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scriptbot.text.cast import LEAST_LINES, Cast, find_cast, fold
from scriptbot.text.load import Source
from scriptbot.text.script import Scene, Speech
from scriptbot.text.text_file import TextFile
from scriptbot.text.vocabulary import MOST_COUNTED, analyse

_OFTEN = 8  # speeches from which on a name is neither a misprint nor a phrase
_RARER = 3  # how many times as often the right name must be found as its misprint
_ALIKE = 0.82  # similarity from which on one name may be a misprint of another
_MOST_DOUBTED = 500  # names that are doubted, and names that they are compared with
_LONG_NAME = 5  # words
_LEAST_WORDS = 6  # of a speech that is no common phrase, so that a repetition counts
_MOST_REMEMBERED = 1_000_000  # speeches and scenes that later ones are compared with
_MOST_HEADS = 10_000  # different beginnings of rows that are compared with the names of the cast
_HEAD = re.compile(r"\s*([^\s:：–—][^:：–—]{0,47}?)\s*(?::\s|：|\s[–—]\s)")  # “Ada: Yes”, “ada – Yes”
# Speeches per such row from which on nothing is told: in the plays examined, where they address somebody, over 100.
_MOST_SPEECHES = 50
_SAMPLES, _SHOWN = 6, 200  # speeches shown; characters of each


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file: how it is read, and what was found in it."""

    path: Path
    format: str
    encoding: str
    edition: str
    characters: int
    scenes: int
    speeches: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the cast, with the speeches and the pieces in them (words and symbols, as the model reads them)."""

    name: str
    speeches: int
    words: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that may not be a name: why (perhaps what it is a misprint of), and where it stands first."""

    label: str
    speeches: int
    why: str
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The facts about a script.

    Attributes:
        directions: number of elements that are played but not spoken.
        words: number of pieces in the text, as the model reads them: those of names that have no cue are among them.
        forms: number of different pieces, case and white space apart.
        softmax: how many of those the model would choose from.
        spelled: the share of the words that the model would spell letter by letter.
        cast: most speeches first.
        others: (members with too few speeches for a voice of their own, the speeches of these).
        said_twice, scenes_twice: speeches (of six words or more) and scenes that are repeated word for word.
        unread: (rows below the first speech that begin with a name of the cast, as a speech would, but are part of
            something else, or 0 if they are few; the first of them).
        samples: (who, what), a few each from the beginning, the middle and the end.
    """

    format: str
    files: tuple[FileFacts, ...]
    characters: int
    scenes: int
    speeches: int
    directions: int
    words: int
    forms: int
    softmax: int
    spelled: float
    cast: tuple[Member, ...]
    others: tuple[int, int]
    doubts: tuple[Doubt, ...]
    said_twice: int
    scenes_twice: int
    unread: tuple[int, str]
    samples: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()


@dataclass
class _Seen:
    """What is gathered while a script is read."""

    stems: Counter[str] = field(default_factory=Counter)
    speeches: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, int]] = field(default_factory=dict)  # label → file, place
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)  # what rows begin with → how many, the first
    told: set[int] = field(default_factory=set)  # hashes of speeches and scenes
    file: int = -1  # of the last scene
    fronted: bool = False  # whether that began its file, and had no heading and no speeches: a title, if one follows
    scenes: int = 0
    directions: int = 0
    said_twice: int = 0
    scenes_twice: int = 0

    def scene(self, scene: Scene, file: int) -> None:
        """Count everything in a scene."""
        opens, self.file = file != self.file, file
        if scene.heading and self.fronted and not opens:
            self.scenes -= 1
        self.fronted = opens and scene.is_played and not scene.heading and not any(True for _ in scene.speeches)
        self.scenes += not scene.continued and scene.is_played
        whole: list[str] = []
        for element in scene.played:
            words = self._count(element.text)
            whole.append(element.text)
            rows = element.text.split("\n")
            if not isinstance(element, Speech):
                if self.first:  # above the first speech there may be a list of the cast
                    self._begun(rows)
                self.directions += 1
                continue
            self._begun(rows[1:])
            self.speeches[element.character] += 1
            self.words[element.character] += words
            self.first.setdefault(element.character, (file, element.span.start))
            if words >= _LEAST_WORDS:
                self.said_twice += self._again((element.character, element.text))
        if len(whole) > 1:
            self.scenes_twice += self._again(tuple(whole))

    def spell_out(self, members: Iterable[Member]) -> None:
        """Count the names of those who have no cue, once for each of their speeches."""
        for member in members:
            self._count(member.name, member.speeches)

    def _count(self, text: str, times: int = 1) -> int:
        words = 0
        for stem, _ in analyse(text):
            words += 1
            if stem in self.stems or len(self.stems) < MOST_COUNTED:
                self.stems[stem] += times
        return words

    def _begun(self, rows: Iterable[str]) -> None:
        for row in rows:
            if head := _HEAD.match(row):
                key = fold(head[1])
                count, first = self.heads.get(key, (0, " ".join(row.split())[:_SHOWN]))
                if count or len(self.heads) < _MOST_HEADS:
                    self.heads[key] = count + 1, first

    def _again(self, what: object) -> bool:
        key = hash(what)
        if key in self.told:
            return True
        if len(self.told) < _MOST_REMEMBERED:
            self.told.add(key)
        return False


def inspect(source: Source, *, rarest: int | None = None, limit: int = 20_000) -> Inspection:
    """Read a script from end to end and gather the facts about it.

    Args:
        rarest: how often a word must occur to be in the softmax; None: twice.
        limit: most words in the softmax.

    Raises:
        InputError: as reading does.
    """
    seen = _Seen()
    files: list[FileFacts] = []
    for number, file in enumerate(source.files):
        scenes, speeches = seen.scenes, seen.speeches.total()
        for scene in file.scenes():
            seen.scene(scene, number)
        found = seen.scenes - scenes, seen.speeches.total() - speeches
        files.append(FileFacts(file.path, file.format, file.encoding, file.edition, file.characters, *found))
    cast = find_cast(source.scenes())
    members = _members(cast, seen)
    few = [member for member in members if member.speeches < LEAST_LINES]
    if source.format != "text":
        seen.spell_out(few)
    known = [count for _, count in seen.stems.most_common(limit) if count >= (rarest or 2)]
    words = seen.stems.total()
    return Inspection(
        format=source.format,
        files=tuple(files),
        characters=source.characters,
        scenes=seen.scenes,
        speeches=seen.speeches.total(),
        directions=seen.directions,
        words=words,
        forms=len(seen.stems),
        softmax=len(known),
        spelled=1.0 - sum(known) / words if words else 0.0,
        cast=tuple(members),
        others=(len(few), sum(member.speeches for member in few)),
        doubts=tuple(_doubts(source.files, cast, seen)),
        said_twice=seen.said_twice,
        scenes_twice=seen.scenes_twice,
        unread=_unread(cast, seen),
        samples=tuple(_samples(source, seen.speeches.total())),
        warnings=tuple(source.warnings),
    )


def _members(cast: Cast, seen: _Seen) -> list[Member]:
    words: Counter[str] = Counter()
    for label, count in seen.words.items():
        words[cast.resolve(label)] += count
    return [Member(name, speeches, words[name]) for name, speeches in cast.lines]


def _unread(cast: Cast, seen: _Seen) -> tuple[int, str]:
    """(how many rows begin like a speech and are none, the first of them), unless they are few."""
    names = {fold(name) for name, _ in cast.lines}
    found = [seen.heads[key] for key in seen.heads if key in names]
    rows = sum(count for count, _ in found)
    return (rows, found[0][1]) if rows * _MOST_SPEECHES >= seen.speeches.total() and found else (0, "")


def _samples(source: Source, speeches: int) -> list[tuple[str, str]]:
    """Speeches from the beginning, the middle and the end; of a text without speeches, its beginning."""
    wanted = {round(at * (speeches - 1) / 2) + offset for at in range(3) for offset in range(_SAMPLES // 3)}
    found: list[tuple[str, str]] = []
    number = 0
    if not speeches:
        told = (element.text.strip() for scene in source.scenes() for element in scene.played)
        return [("", text[:_SHOWN]) for text in itertools.islice(filter(None, told), 1)]
    for scene in source.scenes():
        if number > max(wanted):
            break
        for speech in scene.speeches:
            if number in wanted:
                found.append((speech.character, speech.text[:_SHOWN]))
            number += 1
    return found


def _doubts(files: Sequence[TextFile], cast: Cast, seen: _Seen) -> list[Doubt]:
    """Labels that look like a misprint of another, or not like a name."""
    often = {fold(name): (name, speeches) for name, speeches in cast.lines[:_MOST_DOUBTED] if speeches >= LEAST_LINES}
    found: list[tuple[str, int, str]] = []
    for name, speeches in cast.lines[-_MOST_DOUBTED:]:
        if speeches >= _OFTEN:
            continue
        key = fold(name)
        near = difflib.get_close_matches(key, often, cutoff=_ALIKE) if speeches < LEAST_LINES else []
        meant = [often[other][0] for other in near if often[other][1] >= _RARER * speeches and _misprint(key, other)]
        if meant and not any(map(str.isdigit, key)):
            found.append((name, speeches, f"a misprint of {meant[0]}?"))
        elif len(name.split()) >= _LONG_NAME:
            found.append((name, speeches, "a long name"))
        elif not any(map(str.isalpha, name)):
            found.append((name, speeches, "no letters in it"))
    spelled: dict[str, str] = {}  # name → the label as it stands in the script
    for label in seen.first:
        spelled.setdefault(cast.resolve(label), label)
    lines: dict[str, int] = {}
    for number, file in enumerate(files):
        places = sorted(
            (seen.first[spelled[name]][1], name) for name, _, _ in found if seen.first[spelled[name]][0] == number
        )
        if places and file.format != "text":
            lines |= zip((name for _, name in places), file.lines_at([place for place, _ in places]), strict=False)
    return [
        Doubt(name, speeches, why, files[seen.first[spelled[name]][0]].path, lines.get(name, 0))
        for name, speeches, why in found
    ]


def _misprint(key: str, near: str) -> bool:
    """Whether two similar names may differ by a misprint: they have as many words, and about as many letters."""
    return len(key.split()) == len(near.split()) and abs(len(key) - len(near)) <= 2
