"""A text of 200 MB: read, learnt from and scored in bounded memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SIZE = 200_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speeches of two people, every one of them a little different."""
    path = tmp_path_factory.mktemp("large") / "large.txt"
    number = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < SIZE:
            for _ in range(2000):
                number += 1
                file.write(
                    f"ADA: The kettle number {number % 5003} was on all day, and nobody came.\nTOM: Pour it out.\n"
                )
            file.write("\n\n")
    return path


def peak(process: subprocess.Popen[bytes], seconds: float) -> float:
    """The most memory, in megabytes, that a process and its children held, until it ended or time was up."""
    most, end = 0.0, time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        total = 0
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for pid in [str(process.pid), *children.read_text().split()]:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        most = max(most, total / 1000)
        time.sleep(0.2)
    return most


def test_training(large: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    output = tmp_path / "m.safetensors"
    command = [sys.executable, "-m", "scriptbot", "train", str(large), "--output", str(output), "--minutes", "0.2"]
    with subprocess.Popen([*command, "--hidden", "32", "--embedding", "16"], stderr=subprocess.PIPE) as process:
        most = peak(process, 1500)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait() == 0, said
    assert "Reading took" in said
    assert most < 2_000, f"{most:.0f} MB"


def test_scoring(large: Path, tiny: Path) -> None:
    command = [sys.executable, "-m", "scriptbot", "evaluate", str(tiny), str(large)]
    with subprocess.Popen(command) as process:
        most = peak(process, 60)
        process.kill()
    assert most < 200, f"{most:.0f} MB"


def test_as_a_seed(large: Path, tiny: Path) -> None:
    command = [sys.executable, "-m", "scriptbot", "--model", str(tiny)]
    with large.open("rb") as stdin:
        done = subprocess.run(command, stdin=stdin, capture_output=True, check=False)
    assert done.returncode == 1 and b"too much to continue" in done.stderr
