"""Who speaks, how often, and under which names."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scriptbot.errors import UsageError
from scriptbot.text.script import Scene, Speech

# What scripts put behind a name without meaning somebody else; the bracket may be missing: HOMER_(CONT'D
_TAIL = re.compile(
    r"(?:[\s_]*\(\s*(?:(?:cont(?:['’]?d|inued|inuing)?|more|v[./]?\s?o|o[./]?\s?[sc]|pre-?lap)\.?\s*(?:[/,]\s*)?)+(?:\)|$))+[\s_.]*$",
    re.IGNORECASE,
)
_OUTER = " .:,;*-\"'“”‘’()[]"
LEAST_LINES = 3  # speeches that earn a cue and a voice of one's own
_ALIKE = 0.7  # of two names, one of which may be meant by the other: mable is Mabel, hamlet is no Capulet


@dataclass(frozen=True)
class Cast:
    """The characters of a script.

    Attributes:
        lines: (name, speeches), most speeches first, then by name.
        aliases: label as written → name, where they differ.
    """

    lines: tuple[tuple[str, int], ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone, most speeches first."""
        return tuple(name for name, _ in self.lines)

    def resolve(self, label: str) -> str:
        """The name behind a label as it stands in the script; a label never seen is its own name."""
        return self.aliases.get(label, label)

    def proper(self, scenes: Iterable[Scene]) -> Iterator[Scene]:
        """Scenes in which everybody speaks under their proper name."""
        for scene in scenes:
            elements = (
                element._replace(character=self.aliases[element.character])
                if isinstance(element, Speech) and element.character in self.aliases
                else element
                for element in scene.elements
            )
            yield replace(scene, elements=tuple(elements))

    def known_as(self, others: Cast) -> Cast:
        """The same in the spelling of others, who know some of them; each is one of theirs if that is certain.

        Who is only known by a label with a ``(CONT'D)`` tail is whoever goes by that label there.
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
    """Whether a label ends in ``(CONT'D)``, ``(V.O.)`` or their like."""
    return _TAIL.search(label) is not None


def fold(label: str) -> str:
    """What makes two labels the same name for certain: case, outer punctuation, underscores, ``(CONT'D)``.

    Empty only for an empty label: one of nothing but punctuation is itself.
    """
    plain = _TAIL.sub("", label).replace("_", " ").replace(".", " ").replace("’", "'").casefold()
    return " ".join(plain.split()).strip(_OUTER) or label


def find_cast(scenes: Iterable[Scene]) -> Cast:
    """The cast of a script, aliases merged only when they are certain.

    Labels with the same :func:`fold` are one character, under the commonest spelling.  A label that only
    occurs with a ``(CONT'D)`` tail goes on with what somebody said before: with ``HOMER_(CONT'D`` that is
    Homer_Simpson, if nobody else's name begins with that word.
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
    """Most speeches first, then by name."""
    return tuple(sorted(lines, key=lambda line: (-line[1], line[0])))


def _display(group: Counter[str]) -> str:
    """The commonest spelling, the first seen of equals; without the tail where all have one."""
    plain = [label for label in group if not is_tailed(label)]
    if plain:
        return max(plain, key=lambda label: group[label])
    label = max(group, key=lambda label: group[label])
    return _TAIL.sub("", label).strip() or label


PERSONS = ("visitor", "you", "user", "human", "player")  # names that scripts have for the person at the keyboard


def persons(names: Iterable[str]) -> list[str]:
    """Those of a cast that are made for the person at the keyboard, the likeliest first."""
    known = {fold(name): name for name in names}
    return [known[person] for person in PERSONS if person in known]


def nearest(text: str, names: Sequence[str]) -> str:
    """The name that looks most like what was written, whole or by one of its words; empty if none does."""
    keys = {
        word: name for key, name in reversed([(fold(name), name) for name in names]) for word in (*key.split(), key)
    }
    near = difflib.get_close_matches(fold(text.strip()), keys, n=1, cutoff=_ALIKE)
    return keys[near[0]] if near else ""


ANYONE = frozenset({"any", "anyone", "*"})  # names that stand for no character in particular


def choose(text: str | None, names: Sequence[str]) -> str | None:
    """The name that a person means, or None for anyone.

    Raises:
        UsageError: as :func:`match_name`.
    """
    return None if text is None or text.strip().casefold() in ANYONE else match_name(text, names)


def answering(text: str | None, names: Sequence[str], me: str, otherwise: str) -> str | None:
    """The same for whoever is to answer.

    Args:
        otherwise: what is typed here to be somebody else than ``me``.

    Raises:
        UsageError: as :func:`match_name`, or it is the person.
    """
    chosen = choose(text, names)
    if chosen == me:
        raise UsageError(
            f"You are {chosen}, and nobody else speaks for you.",
            f"Be somebody else first, with {otherwise}.",
        )
    return chosen


def person(name: str | None, names: Sequence[str]) -> tuple[str, bool]:
    """(who the person at the keyboard is, whether they have said so), in the spelling of the cast if it has them.

    Args:
        name: what they call themselves; None, a blank, “any” and “anyone”: whoever is made for that, or “You”.
    """
    wanted = " ".join((name or "").split())  # on one line, or it could not be read again
    if not wanted or wanted.casefold() in ANYONE:
        return next(iter(persons(names)), "You"), False
    return {fold(member): member for member in names}.get(fold(wanted), wanted), True


def match_name(text: str, names: Sequence[str]) -> str:
    """The name that a person means: as written, in another case, with such a word, the one beginning
    so.

    Raises:
        UsageError: none or several; it names the nearest.
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
