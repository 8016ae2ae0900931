"""A script that trains within seconds, and its corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

LINES = ("ADA: Is the kettle on, Tom?\n", "TOM: It was on all day, and nobody came.\n", "ADA: Then pour it out.\n")


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty scenes of the same three lines, each time in another order."""
    path = tmp_path_factory.mktemp("corpus") / "kettle.txt"
    path.write_text("".join("".join(np.random.default_rng(n).permutation(LINES)) + "\n\n" for n in range(60)), "utf-8")
    return path
