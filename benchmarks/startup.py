"""How long a whole run in a pipe takes, how soon the session shows its prompt, and how much memory the session takes.

python benchmarks/startup.py
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import apart, keep, spread

ROUNDS = 11
SCRIPTBOT = [sys.executable, "-m", "scriptbot"]


def whole(command: list[str], stdin: bytes = b"") -> float:
    """The seconds that a process takes from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = apart(folder)
        began = time.perf_counter()
        subprocess.run(command, input=stdin, capture_output=True, check=True, env=environment)
        return time.perf_counter() - began


def prompt() -> tuple[float, float, float]:
    """(seconds to the prompt, seconds from a line typed at once to the answer, most resident memory in MB by then)."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**apart(folder), "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        began = time.perf_counter()
        child, terminal = pty.fork()
        if child == 0:
            os.execve(sys.executable, [*SCRIPTBOT, "--seed", "1"], environment)
        drawn = _until(terminal, b"\x1b[0m>") - began
        os.write(terminal, b"ROMEO: But soft\r")
        asked = time.perf_counter()
        answered = _until(terminal, b"\x1b[1;") - asked
        time.sleep(0.5)
        status = Path(f"/proc/{child}/status").read_text("ascii")
        kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        os.close(terminal)
        os.waitpid(child, 0)
    return drawn, answered, kibibytes * 1024 / 1e6


def _until(terminal: int, wanted: bytes) -> float:
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], 20.0)
        if not ready:
            sys.exit(f"{wanted!r} never came, but {seen!r}")
        seen += os.read(terminal, 65536)
    return time.perf_counter()


def main() -> None:
    numpy, pipe, ratios, prompts = [], [], [], []
    for number in range(ROUNDS + 1):
        bare = whole([sys.executable, "-c", "import numpy"])
        ours = whole([*SCRIPTBOT, "--lines", "1", "--seed", str(number)], b"ROMEO: But soft\n")
        shown = prompt()
        if number:  # the first round warms the disk's cache
            numpy.append(bare)
            pipe.append(ours)
            ratios.append(ours / bare)
            prompts.append(shown)
    drawn, answered, resident = zip(*prompts, strict=True)
    keep(
        "startup",
        {
            "import numpy, seconds": spread(numpy),
            "pipe, seconds": spread(pipe),
            "pipe over import numpy": spread(ratios),
            "prompt, seconds": spread(drawn),
            "first name of the first answer, seconds": spread(answered),
            "peak resident memory of the session, MB": spread(resident),
        },
    )


if __name__ == "__main__":
    main()
