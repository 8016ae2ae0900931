"""The models that come with scriptbot, made anew: ``make models``, or ``python models/recipes.py [NAME...]``.

    python models/recipes.py                       # all of them, the base first
    python models/recipes.py soseki --minutes 1    # one of them, in less time
    python models/recipes.py --prepare             # the texts only, into build/models/

What each learns from, and who wrote it, is told in docs/base-model.md.  Texts that are not part of
this repository are looked for in the folder that SCRIPTBOT_DATA names.

A tenth of the show's scenes is kept from every model, so that there is something to measure them by; the others hold
out what ``scriptbot train`` holds out.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scriptbot.lm.model_file import load_model, save_model
from scriptbot.text.convert import converted
from scriptbot.text.load import open_source
from scriptbot.text.script import Scene, Span, Speech

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SCRIPTBOT_DATA") or ROOT.parent / "shared" / "data")
BUILD = ROOT / "build" / "models"
SHOW = ROOT / "corpus" / "the-boat-is-late"
EVERY = 10  # one in so many scenes of the show is held out, the last of each ten
SCRIPTBOT = (sys.executable, "-m", "scriptbot")
SOMEBODY = "SOMEBODY"  # who says the sentences that nobody in particular says


@dataclass(frozen=True)
class Recipe:
    """How one model is made.

    Attributes:
        texts: writes what it learns from, or says where it stands.
        minutes: of training.
        flags: more of ``scriptbot train``.
        held_out: what it is measured by, if that is not a share of its texts.
        bare: whether only the network and its words are kept, because others start from it and nobody talks with it.
        sampling: settings that suit it; docs/decisions/replies.md tells how they were found.
    """

    texts: Callable[[], list[Path]]
    minutes: float
    flags: tuple[str, ...] = ()
    held_out: Callable[[], Path] | None = None
    bare: bool = False
    sampling: dict[str, Any] = field(default_factory=dict)


def show(*, held_out: bool) -> Iterator[Scene]:
    """The scenes of the show that are learnt, or those that are not."""
    number = 0
    for scene in open_source([SHOW]).scenes():
        if any(scene.speeches):
            number += 1
            if (number % EVERY == 0) == held_out:
                yield scene


def sentences() -> Iterator[Scene]:
    """Tatoeba's English sentences, each a scene of its own: they stand in no order."""
    for line in _data("dialogue/tatoeba_english.txt").read_text("utf-8").splitlines():
        if line.strip():
            yield Scene((Speech(SOMEBODY, line.strip(), Span(0, 0)),), Span(0, 0))


def plays() -> Iterator[Scene]:
    """The plays of Project Gutenberg, without what Project Gutenberg says about them."""
    yield from open_source([_data("english/plays"), _data("english/plays_latin1")]).scenes()


def base_texts() -> list[Path]:
    """Everything the base learns from, in one script."""

    def scenes() -> Iterator[Scene]:
        yield from plays()
        yield from sentences()
        yield from show(held_out=False)

    return [_written("base-english.jsonl", scenes)]


def show_texts() -> list[Path]:
    """The show, without the scenes that are held out."""
    return [_written("the-boat-is-late.jsonl", lambda: show(held_out=False))]


def show_held_out() -> Path:
    """The scenes of the show that no model has read."""
    return _written("the-boat-is-late-held-out.jsonl", lambda: show(held_out=True))


def shakespeare() -> list[Path]:
    """The usual 40,000 lines of Shakespeare."""
    return [_data("english/tinyshakespeare.txt")]


def soseki() -> list[Path]:
    """吾輩は猫である and こころ."""
    return sorted(_data("japanese/soseki").glob("*.txt"))


def red_chamber() -> list[Path]:
    """红楼梦."""
    return [_data("chinese/hongloumeng.utf8.txt")]


RECIPES = {
    "base-english": Recipe(
        base_texts,
        32.0,
        ("--from", "scratch", "--members", "1", "--hidden", "640", "--embedding", "256", "--vocabulary", "8000"),
        show_held_out,
        bare=True,
    ),
    "the-boat-is-late": Recipe(
        show_texts,
        5.0,
        # With all words of the base, the file would have 12.3 MB.
        ("--from", "models/base-english.safetensors", "--members", "1", "--vocabulary", "7000"),
        show_held_out,
        sampling={"temperature": 0.8, "top_p": 0.88, "contrast": 1.0},
    ),
    # As planned it would have 768 units and a file of 12.6 MB; no model is to have more than 12.
    "shakespeare": Recipe(shakespeare, 5.0, ("--from", "scratch", "--members", "1", "--hidden", "704")),
    "soseki": Recipe(soseki, 8.0, ("--from", "scratch", "--members", "1")),
    "hongloumeng": Recipe(red_chamber, 8.0, ("--from", "scratch", "--members", "1")),
}


def _data(path: str) -> Path:
    if not (DATA / path).exists():
        sys.exit(f"There is no {DATA / path}; SCRIPTBOT_DATA names the folder of the texts.")
    return DATA / path


def _written(name: str, scenes: Callable[[], Iterator[Scene]]) -> Path:
    """A script in the build folder, as JSON lines."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / name
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(converted(scenes, "chat"))
    return path


def build(name: str, minutes: float | None) -> None:
    """Train one model, finish it and print what it is worth."""
    recipe, output = RECIPES[name], ROOT / "models" / f"{name}.safetensors"
    texts = [str(path) for path in recipe.texts()]
    told = ["--minutes", str(minutes or recipe.minutes), "--output", str(output), "--force", *recipe.flags]
    subprocess.run([*SCRIPTBOT, "train", *texts, *told], cwd=ROOT, check=True)
    finish(recipe, output)


def finish(recipe: Recipe, output: Path) -> None:
    """Take out of a model what it is not to keep, give it the settings that suit it, and measure it."""
    model = load_model(output)
    if recipe.bare:
        model = dataclasses.replace(model, ngrams=None, copies=None, exchanges=None)
    model = dataclasses.replace(model, sampling=recipe.sampling)
    save_model(model, output)
    provenance = model.provenance
    if recipe.held_out:
        command = [*SCRIPTBOT, "evaluate", str(output), str(recipe.held_out()), "--json"]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        figures = json.loads(done.stdout)
        provenance = {
            **provenance,
            "bits_per_character": round(figures["bits_per_character_static"], 4),
            "bits_per_character_cached": round(figures["bits_per_character"], 4),
            "held_out_characters": figures["characters"],
        }
        save_model(dataclasses.replace(model, provenance=provenance), output)
    bits = provenance["bits_per_character_cached"], provenance["bits_per_character"]
    size = output.stat().st_size / 1e6
    print(
        f"{output.stem}: {size:.1f} MB, {bits[0]:.3f} bits per character, {bits[1]:.3f} without the cache", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *RECIPES], metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--minutes", type=float, help="instead of the recipe's own")
    parser.add_argument("--prepare", action="store_true", help="write the texts and stop")
    given = parser.parse_args()
    for name in given.names or RECIPES:
        if given.prepare:
            print(*RECIPES[name].texts(), sep="\n")
        else:
            build(name, given.minutes)


if __name__ == "__main__":
    main()
