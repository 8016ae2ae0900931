"""The most memory that training on a very large text takes, from its first byte to the first steps.

    python benchmarks/large.py              # 2 GB, some ten minutes
    python benchmarks/large.py --gigabytes 0.2
    python benchmarks/large.py --format colon      # a script: results/large-colon.json

The text is the plays of the data folder over and over, as they are printed or as a script, with a new word in every
eighth line, so that there are as many different words as in a real text of that size.  It is read anew even if it was
read before.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import DATA, apart, keep

from scriptbot.text.load import open_source

SYLLABLES = [a + b for a in "bcdfghklmnprstvwz" for b in "aeiou"]
MINUTES = 0.5  # of training, which are over by the time the text has been read: what remains is ten steps


def made_up(number: int) -> str:
    """A made-up word, different for every number."""
    word = ""
    while number or not word:
        number, place = divmod(number, len(SYLLABLES))
        word += SYLLABLES[place]
    return word


def plays(form: str) -> list[str]:
    """The lines of all plays: as they are printed (``text``), or one per speech and two empty ones between scenes
    (``colon``)."""
    paths = sorted((DATA / "english" / "plays").glob("*.txt"))
    if not paths:
        sys.exit("There are no english/plays in the data folder; SCRIPTBOT_DATA says where that is.")
    if form == "text":
        return list(itertools.chain.from_iterable(path.read_text("utf-8", "replace").splitlines() for path in paths))
    lines: list[str] = []
    for scene in open_source(paths).scenes():
        if said := [f"{speech.character}: {' '.join(speech.text.split())}" for speech in scene.speeches]:
            lines += [*said, "", ""]
    return lines


def write(path: Path, size: int, form: str) -> None:
    """Write a text of at least ``size`` bytes."""
    lines = plays(form)
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(itertools.cycle(lines)):
            new = number % 8 == 0 and (line or form == "text")
            file.write(f"{line} {made_up(number // 8)}\n" if new else f"{line}\n")
            if number % 10_000 == 0 and file.tell() >= size:
                return


def family(pid: int) -> list[int]:
    """The ids of a process and of all its descendants."""
    found = [pid]
    for one in found:
        try:
            found += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text("ascii").split()]
        except OSError:
            continue
    return found


def resident(pid: int, field: str) -> float:
    """The megabytes that one field of a process's status tells; 0 if the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--format", choices=["text", "colon"], default="text")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "large.txt"
        write(text, int(given.gigabytes * 1e9), given.format)
        command = [sys.executable, "-m", "scriptbot", "train", str(text), "--format", given.format]
        command += ["--output", str(Path(folder) / "m.safetensors"), "--minutes", str(MINUTES)]
        began, together, highest = time.monotonic(), 0.0, 0.0
        with subprocess.Popen(command, env=apart(folder), stderr=subprocess.PIPE) as process:
            os.set_blocking(process.stderr.fileno(), False)  # type: ignore[union-attr]
            said = b""
            while process.poll() is None:
                pids = family(process.pid)
                together = max(together, sum(resident(pid, "VmRSS") for pid in pids))
                highest = max(highest, *(resident(pid, "VmHWM") for pid in pids))
                said += process.stderr.read() or b""  # type: ignore[union-attr]
                time.sleep(0.2)
            said += process.stderr.read() or b""  # type: ignore[union-attr]
        if process.returncode:
            sys.exit(said.decode("utf-8", "replace"))
        keep(
            "large" if given.format == "text" else f"large-{given.format}",
            {
                "format": given.format,
                "gigabytes": round(text.stat().st_size / 1e9, 3),
                "seconds": round(time.monotonic() - began),
                "peak resident memory of the largest process, MB": round(highest),
                "peak resident memory of all processes together, MB": round(together),
            },
        )


if __name__ == "__main__":
    main()
