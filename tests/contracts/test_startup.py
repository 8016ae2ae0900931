"""What may be imported before anything is asked of it."""

import subprocess
import sys

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
