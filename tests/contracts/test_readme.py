"""The figures that are shown are those that were stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_tables_are_those_of_the_stored_results() -> None:
    made = subprocess.run([sys.executable, ROOT / "benchmarks" / "table.py"], capture_output=True, check=True).stdout
    assert made.decode().strip() in (ROOT / "README.md").read_text("utf-8")


def test_so_is_the_page_of_all_figures() -> None:
    code = "import table; print(table.INTRODUCTION + table.quality())"
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT / "benchmarks"
    ).stdout.decode()
    assert made.strip() == (ROOT / "docs" / "quality.md").read_text("utf-8").strip()
