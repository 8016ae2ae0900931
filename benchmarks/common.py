"""What all benchmarks share: where the data is, and how results are stored."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from scriptbot.training.processor import has_fast_bfloat16

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
DATA = Path(os.environ.get("SCRIPTBOT_DATA") or ROOT.parent / "shared" / "data")


def data(name: str) -> Path:
    """A file in the data folder; if it is missing, the benchmark ends."""
    path = DATA / name
    if not path.is_file():
        sys.exit(f"There is no {name} in the data folder; SCRIPTBOT_DATA says where that is.")
    return path


def machine() -> dict[str, Any]:
    """The machine and the versions that a figure was measured with."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    versions = {}
    for package in ("numpy", "tensorflow", "torch"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "bfloat16": has_fast_bfloat16(),
        "python": platform.python_version(),
        **versions,
        "date": datetime.now(timezone.utc).date().isoformat(),
    }


def apart(folder: str | Path) -> dict[str, str]:
    """Variables with which scriptbot meets nothing of the user's own: no settings, models or stopped trainings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SCRIPTBOT_")}
    return {**others, **{f"XDG_{what}_HOME": str(folder) for what in ("CACHE", "CONFIG", "DATA", "STATE")}}


def kind(of: dict[str, Any]) -> tuple[Any, ...]:
    """What machines must have in common for their figures to be compared; the processor's name alone says little."""
    return of["processor"], of["cores"], of["bfloat16"]


def keep(name: str, figures: dict[str, Any]) -> None:
    """Print a result and write it to ``benchmarks/results``."""
    record = {"benchmark": name, "machine": machine(), **figures}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(figures, indent=1, ensure_ascii=False))


def spread(values: Sequence[float]) -> dict[str, float]:
    """The least, the median and the greatest value, to four digits."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return {"least": float(f"{low:.4g}"), "median": float(f"{middle:.4g}"), "greatest": float(f"{high:.4g}")}
