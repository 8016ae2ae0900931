"""What may be imported before anything is asked of it."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "prompt_toolkit", "rich", "tensorflow"}


def modules(code: str, stdin: bytes = b"") -> set[str]:
    child = f"import sys\nfrom scriptbot.ui.cli import main\n{code}\nprint('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", child], input=stdin, capture_output=True, check=True)
    return set(done.stdout.decode().rpartition("MODULES ")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["train", "-h"], ["-V"], ["completion", "zsh"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not HEAVY & modules(f"main({arguments!r})")


def test_the_pipe_imports_no_terminal_libraries() -> None:
    assert not (HEAVY - {"numpy"}) & modules("import scriptbot.ui.pipe, scriptbot.lm.engine, scriptbot.ui.opening")


def test_a_whole_pipe_imports_numpy_and_nothing_heavier(tiny: Path) -> None:
    """Read, answered, written: by then everything the pipe needs has been imported."""
    code = f"main(['--model', {str(tiny)!r}, '--lines', '2', '--seed', '1'])"
    loaded = modules(code, stdin=b"ROMEO: But soft")
    assert "numpy" in loaded
    assert not (HEAVY | {"asyncio", "multiprocessing", "unittest"} - {"numpy"}) & loaded - {"numpy"}


def test_layers_are_kept() -> None:
    """The import contracts of pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
