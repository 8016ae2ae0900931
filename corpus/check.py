"""What the corpus promises, counted: ``make corpus-check``, or ``python corpus/check.py [FILE...]``.

Exit code 1 if a promise is broken (only for the whole corpus; single files are too short for most of them).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from scriptbot.text.formats import fountain
from scriptbot.text.script import Scene

HERE = Path(__file__).parent / "the-boat-is-late"
REGULARS = ("MABEL", "OTTO", "PIP", "GUS", "VERA", "TILDA", "JO", "FELIX")
VISITOR = "VISITOR"
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
LONGEST_SPEECH, LONGEST_SCENE, GRAM = 25, 20, 8


def words(text: str) -> list[str]:
    """The words of a text, case folded."""
    return _WORD.findall(text.casefold())


def spoken(scene: Scene) -> Iterator[tuple[str, list[str]]]:
    """Who says which words."""
    for speech in scene.speeches:
        yield speech.character, words(speech.text)


def said_twice(scenes: Iterable[Scene]) -> tuple[float, list[str]]:
    """The share of 8-word sequences that occur in more than one scene, and the commonest of them."""
    where: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, scene in enumerate(scenes):
        for _, said in spoken(scene):
            for start in range(len(said) - GRAM + 1):
                where[tuple(said[start : start + GRAM])].add(number)
    again = sorted((gram for gram in where if len(where[gram]) > 1), key=lambda gram: -len(where[gram]))
    return len(again) / max(len(where), 1), [" ".join(gram) for gram in again[:20]]


def report(scenes: list[Scene], verbose: bool) -> list[str]:
    """Print the figures; returns the promises that are not kept."""
    speakers = Counter(speech.character for scene in scenes for speech in scene.speeches)
    total = speakers.total()
    forms = Counter(word for scene in scenes for _, said in spoken(scene) for word in said)
    lengths = [len(said) for scene in scenes for _, said in spoken(scene)]
    common = sum(count for _, count in forms.most_common(2500)) / max(forms.total(), 1)
    visited = sum(any(name == VISITOR for name, _ in spoken(scene)) for scene in scenes) / max(len(scenes), 1)
    long_speeches = sum(length >= LONGEST_SPEECH for length in lengths) / max(total, 1)
    long_scenes = sum(sum(1 for _ in scene.speeches) >= LONGEST_SCENE for scene in scenes)
    again, grams = said_twice(scenes)
    print(f"{forms.total():,} words in {total:,} speeches and {len(scenes):,} scenes")
    print(f"{len(forms):,} word forms; the commonest 2,500 are {common:.1%} of all words")
    print(f"{long_speeches:.1%} of the speeches have {LONGEST_SPEECH} words or more; {long_scenes} scenes are too long")
    print(f"the visitor speaks in {visited:.0%} of the scenes; {again:.2%} of the {GRAM}-word sequences come back")
    for name, count in speakers.most_common():
        print(f"  {name:<10}{count:>6,}{count / total:>7.1%}")
    if verbose:
        print("words used once or twice:", " ".join(sorted(word for word, count in forms.items() if count < 3)))
        print("sequences that come back:", *grams, sep="\n  ")
    promises = {
        "at least 150,000 words": forms.total() >= 150_000,
        "at least 800 scenes": len(scenes) >= 800,
        "at most 6,000 word forms": len(forms) <= 6_000,
        "95 % of the words among the commonest 2,500": common >= 0.95,
        "the visitor in half of the scenes": visited >= 0.5,
        "no scene of twenty speeches or more": not long_scenes,
        "90 % of the speeches under 25 words": long_speeches <= 0.1,
        "at most 0.5 % of the sequences come back": again <= 0.005,
        "only the cast speaks": set(speakers) <= {*REGULARS, VISITOR},
    }
    promises |= {f"{name} has at least 6 % of the speeches": speakers[name] >= 0.06 * total for name in REGULARS}
    return [promise for promise, kept in promises.items() if not kept]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rare", action="store_true", help="list rare words and sequences that come back")
    given = parser.parse_args()
    files = given.files or sorted(HERE.glob("*.fountain"))
    scenes: list[Scene] = []
    for path in files:
        with path.open(encoding="utf-8") as lines:
            scenes += [scene for scene in fountain.parse(lines) if any(scene.speeches)]
    broken = report(scenes, given.rare)
    if not given.files:
        print(*(f"not kept: {promise}" for promise in broken), sep="\n")
        sys.exit(bool(broken))


if __name__ == "__main__":
    main()
