"""Any bytes through every format: no crash, no hang, no memory that grows.  Not part of the test run.

    pip install atheris && python tests/fuzz.py --minutes 60

Guided by coverage (libFuzzer, by way of atheris).  The first byte says which format reads, or that it is to be found;
the rest is the file.  What is read must lie where its span says, in order; what can be written is written and
read again.  Ten seconds for one input, or a gigabyte, is a failure.  Inputs worth keeping stay in ``.fuzz/``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["scriptbot.text"]):
    from scriptbot.errors import ScriptbotError
    from scriptbot.text import load
    from scriptbot.text.convert import converted
    from scriptbot.text.formats import FORMATS
    from scriptbot.text.script import Scene

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCRIPTBOT_DATA") or ROOT.parent / "shared" / "data")
KEPT = ROOT / ".fuzz"
NAMES = [None, *FORMATS]
SUFFIXES = (".txt", ".fountain", ".highland", ".srt", ".json")
MOST = 1 << 15  # bytes of an input


def one(data: bytes) -> None:
    """Read an input; anything but an error of ours is a failure."""
    if len(data) < 2:
        return
    name = NAMES[data[0] % len(NAMES)]
    path = Path(FOLDER) / f"input{SUFFIXES[data[1] % len(SUFFIXES)]}"
    path.write_bytes(data[2:])
    try:
        source = load.open_source([path], format=name)
        scenes = list(source.scenes())
        check(scenes, len(data))
        for target in ("fountain", "fdx", "chat"):
            text = "".join(converted(lambda: scenes, target))
            again = list(FORMATS[target].parse(text.splitlines(keepends=True)))
            assert sum(1 for scene in again for _ in scene.elements) or not any(s.elements for s in scenes)
    except ScriptbotError as error:
        assert error.sentence


def check(scenes: list[Scene], size: int) -> None:
    """Places rise, and lie within the text."""
    last = 0
    for scene in scenes:
        assert 0 <= scene.span.start <= scene.span.end <= 2 * size + 2, scene.span
        for element in scene.elements:
            assert element.span.start <= element.span.end, element
        assert scene.span.start >= last, (scene.span, last)
        last = scene.span.start


def seeds(folder: Path) -> None:
    """Beginnings and middles of the samples, each for its own format."""
    for path in sorted(DATA.rglob("*.*")):
        if path.suffix in {".txt", ".fountain", ".fdx", ".srt", ".yml", ".tsv", ".bin"}:
            data = path.read_bytes()
            for number, start in enumerate((0, len(data) // 2)):
                (folder / f"{path.stem}-{number}").write_bytes(b"\0\0" + data[start : start + 3000])
    for number, name in enumerate(FORMATS, 1):
        for path in sorted((ROOT / "tests" / "text").glob("test_*.py")):
            (folder / f"{path.stem}-{name}").write_bytes(bytes([number, 0]) + path.read_bytes()[:6000])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("inputs", nargs="*", help="inputs to try again, instead of fuzzing")
    given = parser.parse_args()
    FOLDER = tempfile.mkdtemp(prefix="fuzz")
    if given.inputs:
        for path in given.inputs:
            one(Path(path).read_bytes())
        sys.exit()
    KEPT.mkdir(exist_ok=True)
    if not any(KEPT.iterdir()):
        seeds(KEPT)
    options = [f"-max_total_time={given.minutes * 60:.0f}", f"-max_len={MOST}", "-timeout=10", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], str(KEPT), *options, f"-artifact_prefix={KEPT}/crash-"], one)
    atheris.Fuzz()
