"""The tables of the README, from the stored results and nothing else.

python benchmarks/table.py          # prints them
python benchmarks/table.py --write  # puts them into the README
"""

from __future__ import annotations

import json
import statistics
import sys
from typing import Any

from common import RESULTS, ROOT

BEGIN, END = "<!-- table: made by benchmarks/table.py, do not edit -->", "<!-- end of table -->"


def result(name: str) -> dict[str, Any]:
    """A stored result."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return record


def quality() -> str:
    """One line per text and model, one column per budget: medians over the seeds that there are."""
    runs = result("quality")["runs"]
    budgets = sorted({run["minutes"] for run in runs})
    rows = list(dict.fromkeys((run["text"], run["model"]) for run in runs))
    texts = list(dict.fromkeys(text for text, _ in rows))
    seeds = sorted({run["seed"] for run in runs})
    head = f"| held-out text | model | {' | '.join(f'{budget:g} min' for budget in budgets)} |"
    lines = [head, "|---" * (len(budgets) + 2) + "|"]
    for text, model in sorted(rows, key=lambda row: texts.index(row[0])):
        cells = []
        for budget in budgets:
            found = [run for run in runs if (run["text"], run["model"], run["minutes"]) == (text, model, budget)]
            cells.append(_bits(found) if found else "")
        lines.append(f"| {text} | {model} | {' | '.join(cells)} |")
    of = "one seed" if len(seeds) == 1 else f"medians of up to {len(seeds)} seeds"
    return f"Bits per character, {of}; scriptbot with its cache (without).\n\n" + "\n".join(lines)


def _bits(runs: list[dict[str, Any]]) -> str:
    bits = f"{statistics.median(run['bits_per_character'] for run in runs):.2f}"
    if "bits_per_character_static" not in runs[0]:
        return bits
    return f"**{bits}** ({statistics.median(run['bits_per_character_static'] for run in runs):.2f})"


def speed() -> str:
    """What takes how long."""
    steps, start, talk = (result(name) for name in ("throughput", "startup", "generation"))
    wide = steps["embedding 512"]
    rate, ratio, half = (
        figure["median"]
        for figure in (wide["gflops"]["ours"], wide["ours over torch"], wide["ours over torch-bfloat16"])
    )
    words, memory = talk["words per second"]["median"], start["peak resident memory of the session, MB"]["median"]
    over = start["pipe over import numpy"]["median"]
    rows = [
        (
            "training step, H 512, batch 64, 35 steps, 5,376 words",
            f"{rate:.0f} GFLOP/s: {ratio:.1f} × PyTorch's `nn.LSTM`, {half:.1f} × the same under bfloat16 autocast",
        ),
        (
            "talking",
            f"{words:,.0f} words per second, {talk['share of the bare speed']['median']:.0%} of the bare products",
        ),
        (
            '`echo "ROMEO: But soft" \\| scriptbot`, the whole process',
            f"{start['pipe, seconds']['median']:.2f} s, {over:.1f} × `import numpy`",
        ),
        ("session: prompt after start, memory", f"{start['prompt, seconds']['median']:.2f} s, {memory:.0f} MB"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])


def tables() -> str:
    """All of it in Markdown."""
    machine = result("throughput")["machine"]
    made = f"Measured on {machine['cores']} cores of an {machine['processor']}, {machine['date']}."
    return f"{made} {quality()}\n\n{speed()}"


def main() -> None:
    if "--write" not in sys.argv:
        print(tables())
        return
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{tables()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
