"""What tests of several packages share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import support

from scriptbot.lm.model_file import save_model

# Whoever runs the tests in the background, or behind nohup, makes them deaf, and deaf children wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real texts that are not part of the project; tests that need it are skipped without it."""
    if not support.DATA.is_dir():
        pytest.skip(f"there is no test data in {support.DATA}; set SCRIPTBOT_DATA to the folder that holds it")
    return support.DATA


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with two characters and random numbers in it."""
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    save_model(support.model(), path)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, empty; child processes see them too."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in list(os.environ):
        if name.startswith("SCRIPTBOT_") and name != "SCRIPTBOT_DATA":
            monkeypatch.delenv(name)
    return tmp_path
