"""Bits per character of held-out text after so many minutes of training, as a person would train it.

    python benchmarks/quality.py [--minutes 5] [--seeds 1]

tinyshakespeare: the first 90 % are trained on, the last 10 % scored, both as plain text.  moes_tavern_lines: the last
tenth of its scenes is scored (2 minutes of training).  What the program itself tunes (cache, dropout, best weights)
it tunes on a share of the training part.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import data, keep, spread

SCRIPTBOT = [sys.executable, "-m", "scriptbot"]


def shakespeare(folder: Path) -> tuple[Path, Path, str]:
    """The usual split of tinyshakespeare, by characters."""
    text = data("english/tinyshakespeare.txt").read_text("utf-8")
    return *_written(folder, text[: int(len(text) * 0.9)], text[int(len(text) * 0.9) :]), "text"


def tavern(folder: Path) -> tuple[Path, Path, str]:
    """Nine tenths of the scenes, and the last tenth of them."""
    scenes = data("english/moes_tavern_lines.txt").read_text("utf-8").split("\n\n\n")
    border = int(len(scenes) * 0.9)
    return *_written(folder, "\n\n\n".join(scenes[:border]), "\n\n\n".join(scenes[border:])), "colon"


def _written(folder: Path, train: str, test: str) -> tuple[Path, Path]:
    (folder / "train.txt").write_text(train, "utf-8")
    (folder / "test.txt").write_text(test, "utf-8")
    return folder / "train.txt", folder / "test.txt"


def measured(train: Path, test: Path, form: str, minutes: float, seed: int) -> dict[str, Any]:
    """Train and evaluate through the command line."""
    model = train.parent / "model.safetensors"
    options = ["--format", form, "--minutes", str(minutes), "--seed", str(seed), "--force"]
    subprocess.run(
        [*SCRIPTBOT, "train", str(train), "--output", str(model), *options], check=True, stderr=subprocess.DEVNULL
    )
    done = subprocess.run(
        [*SCRIPTBOT, "evaluate", str(model), str(test), "--format", form, "--json"], check=True, capture_output=True
    )
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="*", default=[5.0], help="budgets for tinyshakespeare")
    parser.add_argument("--tavern-minutes", type=float, nargs="*", default=[2.0])
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    rows = []
    plan = [("tinyshakespeare", shakespeare, given.minutes), ("moes_tavern_lines", tavern, given.tavern_minutes)]
    for name, split, budgets in plan:
        for minutes in budgets:
            with tempfile.TemporaryDirectory() as folder:
                train, test, form = split(Path(folder))
                found = [measured(train, test, form, minutes, seed + 1) for seed in range(given.seeds)]
            row = {
                "text": name,
                "minutes": minutes,
                "seeds": given.seeds,
                "static": spread([one["bits_per_character_static"] for one in found]),
                "with the cache": spread([one["bits_per_character"] for one in found]),
                "characters": found[0]["characters"],
            }
            print(json.dumps(row), flush=True)
            rows.append(row)
    keep("quality", {"rows": rows})


if __name__ == "__main__":
    main()
