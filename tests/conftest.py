"""What tests of several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real texts that are not part of the project; tests that need it are skipped without it."""
    folder = Path(os.environ.get("SCRIPTBOT_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"there is no test data in {folder}; set SCRIPTBOT_DATA to the folder that holds it")
    return folder
