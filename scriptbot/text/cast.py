"""The characters of a script: who speaks, how often, and under which names."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scriptbot.errors import UsageError
from scriptbot.text.script import Scene, Speech

# Additions to a name that do not mean somebody else; the closing bracket may be missing: HOMER_(CONT'D
_TAIL = re.compile(
    r"(?:[\s_]*\(\s*(?:(?:cont(?:['’]?d|inued|inuing)?|more|v[./]?\s?o|o[./]?\s?[sc]|pre-?lap)\.?\s*(?:[/,]\s*)?)+(?:\)|$))+[\s_.]*$",
    re.IGNORECASE,
)
_LONGEST_TAIL = 200  # characters; of a longer label only the end is looked at, so that the time does not explode
_PAIR = re.compile(r"[,，、/&+]|\band\b", re.IGNORECASE)  # between several who speak at once
_OUTER = " .:,;*-\"'“”‘’()[]"
LEAST_LINES = 3  # speeches that a character needs for a cue and a voice of its own
_ALIKE = 0.7  # similarity from which on one name may be meant by another: mable is Mabel, hamlet is not Capulet


@dataclass(frozen=True)
class Cast:
    """The characters of a script.

    Attributes:
        lines: (name, speeches), most speeches first, then by name.
        aliases: label as written → name, for labels that differ from the name.
    """

    lines: tuple[tuple[str, int], ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone, most speeches first."""
        return tuple(name for name, _ in self.lines)

    def resolve(self, label: str) -> str:
        """The name that a label in the script stands for; a label never seen stands for itself."""
        return self.aliases.get(label, label)

    def proper(self, scenes: Iterable[Scene]) -> Iterator[Scene]:
        """The scenes with every label replaced by the name it stands for."""
        for scene in scenes:
            elements = (
                element._replace(character=self.aliases[element.character])
                if isinstance(element, Speech) and element.character in self.aliases
                else element
                for element in scene.elements
            )
            yield replace(scene, elements=tuple(elements))

    def known_as(self, others: Cast) -> Cast:
        """The same cast with its names as another cast spells them, wherever both certainly mean the same character.

        A character known here only by labels with a ``(CONT'D)`` tail is the one who has such a label there.
        """
        theirs = {fold(name): name for name in others.names}
        labels = {fold(label): name for label, name in others.aliases.items()}
        tailed = {name for label, name in self.aliases.items() if is_tailed(label) and fold(label) == fold(name)}
        called = {name: theirs.get(fold(name), name) for name in self.names}
        called |= {name: labels[fold(name)] for name in tailed if called[name] == name and fold(name) in labels}
        lines = Counter[str]()
        for name, spoken in self.lines:
            lines[called[name]] += spoken
        aliases = {label: called[name] for label, name in self.aliases.items()}
        aliases |= {name: member for name, member in called.items() if member != name}
        return Cast(_ordered(lines.items()), aliases)


def is_tailed(label: str) -> bool:
    """Whether a label ends in ``(CONT'D)``, ``(V.O.)`` or the like."""
    return _untailed(label) != label


def _untailed(label: str) -> str:
    """A label without ``(CONT'D)``, ``(V.O.)`` or the like at its end."""
    tail = _TAIL.search(label, max(0, len(label) - _LONGEST_TAIL))
    return label[: tail.start()] if tail else label


def fold(label: str) -> str:
    """A normal form that two labels share if they certainly are the same name.

    It ignores case, outer punctuation, underscores and ``(CONT'D)``.  It is empty only for an empty label: a label of
    nothing but punctuation is its own normal form.
    """
    plain = _untailed(label).replace("_", " ").replace(".", " ").replace("’", "'").casefold()
    return " ".join(plain.split()).strip(_OUTER) or label


def find_cast(scenes: Iterable[Scene]) -> Cast:
    """The cast of a script, with aliases merged only when they are certain.

    Labels with the same :func:`fold` are one character, named by the most frequent spelling.  A label that occurs only
    with a ``(CONT'D)`` tail continues what somebody said before: ``HOMER_(CONT'D`` is Homer_Simpson, if only one name
    begins with that word.
    """
    labels = Counter(speech.character for scene in scenes for speech in scene.speeches)
    groups: dict[str, Counter[str]] = {}
    for label, count in labels.items():
        groups.setdefault(fold(label), Counter())[label] = count
    tailed = [key for key, group in groups.items() if all(map(is_tailed, group))]
    owners: dict[str, list[str]] = {}
    for key in groups.keys() - set(tailed):
        owners.setdefault(key.partition(" ")[0], []).append(key)
    for key in tailed:
        if len(owner := owners.get(key, [])) == 1:
            groups[owner[0]].update(groups.pop(key))
    lines: list[tuple[str, int]] = []
    aliases: dict[str, str] = {}
    for group in groups.values():
        name = _display(group)
        lines.append((name, group.total()))
        aliases.update({label: name for label in group if label != name})
    return Cast(_ordered(lines), aliases)


def _ordered(lines: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Names and speeches in order: most speeches first, then by name."""
    return tuple(sorted(lines, key=lambda line: (-line[1], line[0])))


def _display(group: Counter[str]) -> str:
    """The most frequent spelling, of equals the first seen; without its tail if all spellings have one."""
    plain = [label for label in group if not is_tailed(label)]
    if plain:
        return max(plain, key=lambda label: group[label])
    label = max(group, key=lambda label: group[label])
    return _untailed(label).strip() or label


PERSONS = ("visitor", "you", "user", "human", "player")  # names that scripts give to the person at the keyboard


def persons(names: Iterable[str]) -> list[str]:
    """The members of a cast that are meant for the person at the keyboard, the likeliest first."""
    known = {fold(name): name for name in names}
    return [known[person] for person in PERSONS if person in known]


def nearest(text: str, names: Sequence[str]) -> str:
    """The name that is most similar to a text, as a whole or by one of its words; empty if none is similar enough."""
    keys = {
        word: name for key, name in reversed([(fold(name), name) for name in names]) for word in (*key.split(), key)
    }
    near = difflib.get_close_matches(fold(text.strip()), keys, n=1, cutoff=_ALIKE)
    return keys[near[0]] if near else ""


def are_several(name: str) -> bool:
    """Whether a name is that of several who speak at once: ``PIP, GUS``, ``Pip and Gus``."""
    return _PAIR.search(name) is not None


def each_known(name: str, cast: Iterable[str]) -> bool:
    """Whether a name is made up of several that the cast has."""
    return are_several(name) and set(map(fold, map(str.strip, _PAIR.split(name)))) <= set(map(fold, cast))


ANYONE = frozenset({"any", "anyone", "*"})  # names that stand for no character in particular


def choose(text: str | None, names: Sequence[str]) -> str | None:
    """The name that a person means, or None for anyone.

    Raises:
        UsageError: as :func:`match_name`.
    """
    return None if text is None or text.strip().casefold() in ANYONE else match_name(text, names)


def answering(text: str | None, names: Sequence[str], me: str, otherwise: str) -> str | None:
    """Like :func:`choose`, for the character who is to answer.

    Args:
        otherwise: what a person would type here to be somebody other than ``me``, for the error's hint.

    Raises:
        UsageError: as :func:`match_name`, or the person was named.
    """
    chosen = choose(text, names)
    if chosen == me:
        raise UsageError(
            f"You are {chosen}, and nobody else speaks for you.",
            f"Be somebody else first, with {otherwise}.",
        )
    return chosen


def person(name: str | None, names: Sequence[str]) -> tuple[str, bool]:
    """(who the person at the keyboard is, whether they have said so), in the spelling of the cast if the name is in it.

    Args:
        name: what they call themselves; None, a blank, “any” and “anyone” stand for the part made for them, or “You”.
    """
    wanted = " ".join((name or "").split())  # on one line, or the name could not be read as a label again
    if not wanted or wanted.casefold() in ANYONE:
        return next(iter(persons(names)), "You"), False
    return {fold(member): member for member in names}.get(fold(wanted), wanted), True


def match_name(text: str, names: Sequence[str]) -> str:
    """The name that a person means, by the first of these that fits just one: the name as written, the same in another
    spelling, one that has the text as a word, one that begins with it.

    Raises:
        UsageError: none fits, or several do; the error names the nearest.
    """
    if text in names:
        return text
    wanted = fold(text.strip())
    folded = [(fold(name), name) for name in names]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda key: key == wanted,
        lambda key: wanted in key.split(),
        lambda key: key.startswith(wanted),
    )
    several: list[str] = []
    for test in tests:
        found = [name for key, name in folded if wanted and test(key)]
        if len(found) == 1:
            return found[0]
        several = several or found
    if several:
        shown = ", ".join(several[:4])
        told = f"“{text}” could be {shown} and others." if len(several) > 4 else f"“{text}” could be {shown}."
        raise UsageError(told, "Type more of the name.")
    if near := nearest(text, names):
        hint = f"Did you mean {near}?"
    else:
        most = 8 if len(names) > 9 else 9
        some = ", ".join(names[:most]) + ("…" if len(names) > most else ".")
        hint = f"Characters: {some}" if names else "The script has no characters."
    raise UsageError(f"There is no character called “{text}”.", hint)
