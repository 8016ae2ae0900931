"""The table of the README, from the stored results and nothing else.

python benchmarks/table.py          # prints it
python benchmarks/table.py --write  # puts it into the README
"""

from __future__ import annotations

import json
import sys
from typing import Any

from common import RESULTS, ROOT

BEGIN, END = "<!-- table: made by benchmarks/table.py, do not edit -->", "<!-- end of table -->"


def result(name: str) -> dict[str, Any]:
    """A stored result."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return record


def table() -> str:
    """The rows in Markdown."""
    quality, speed, start, talk = (result(name) for name in ("quality", "throughput", "startup", "generation"))
    rows = [
        (
            f"{row['text']}, held-out part, after {row['minutes']:g} min of training",
            f"{row['static']['median']:.2f} bits per character, {row['with the cache']['median']:.2f} with the cache",
        )
        for row in quality["rows"]
    ]
    ratio = speed["embedding 512"]["ours over torch"]["median"]
    narrow = speed["embedding 512"]["ours over torch-bfloat16"]["median"]
    rate = speed["embedding 512"]["gflops"]["ours"]["median"]
    words, over = talk["words per second"]["median"], start["pipe over import numpy"]["median"]
    memory = start["peak resident memory of the session, MB"]["median"]
    rows += [
        (
            "training step, H 512, batch 64, 35 steps, 5,376 words",
            f"{rate:.0f} GFLOP/s: {ratio:.1f} × PyTorch's `nn.LSTM`, {narrow:.1f} × the same under bfloat16 autocast",
        ),
        (
            "talking",
            f"{words:,.0f} words per second, {talk['share of the bare speed']['median']:.0%} of the bare products",
        ),
        (
            'echo "ROMEO: But soft" \\| scriptbot, the whole process',
            f"{start['pipe, seconds']['median']:.2f} s, {over:.1f} × `import numpy`",
        ),
        (
            "session: prompt after start, memory",
            f"{start['prompt, seconds']['median']:.2f} s, {memory:.0f} MB",
        ),
    ]
    machine = quality["machine"]
    head = f"Measured on {machine['cores']} cores of an {machine['processor']}, {machine['date']}."
    return "\n".join([head, "", "| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])


def main() -> None:
    text = table()
    if "--write" not in sys.argv:
        print(text)
        return
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
