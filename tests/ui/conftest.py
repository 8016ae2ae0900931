"""What tests of the terminal share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import Terminal


@pytest.fixture
def terminal(tiny: Path, home: Path) -> Iterator[Terminal]:
    opened = Terminal("--model", str(tiny), "--seed", "3", "--max-words", "8")
    yield opened
    opened.child.close(force=True)
