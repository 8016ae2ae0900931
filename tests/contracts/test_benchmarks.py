"""The benchmarks count as they say they do; nothing is trained or timed here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIGNS = 0x110000  # characters there could be


def kneser_ney(tmp_path: Path, train: str, test: str) -> float:
    """The bits that the peer gives to a text in characters."""
    paths = tmp_path / "train.txt", tmp_path / "test.txt"
    for path, text in zip(paths, (train, test), strict=True):
        path.write_text(text, "utf-8", newline="")
    command = [sys.executable, BENCHMARKS / "peers" / "kneser_ney.py", *paths, "--unit", "char"]
    record = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return float(record["bits_per_character"]) * len(test)


def test_kneser_ney_pays_for_a_new_character_once(tmp_path: Path) -> None:
    train = "the boat is late, and the kettle is on.\n" * 8 + "nobody came.\n"
    known = sorted(set(train))
    likely = sum(2.0 ** -kneser_ney(tmp_path, train, sign) for sign in known)
    new = 2.0 ** -kneser_ney(tmp_path, train, "舟")
    assert likely + new * (SIGNS - len(known)) == pytest.approx(1.0, abs=1e-6)
