"""The tables of the README and of docs/quality.md, made from the stored results and nothing else.

python benchmarks/table.py          # prints those of the README
python benchmarks/table.py --write  # puts all of them into the files
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from typing import Any

from common import RESULTS, ROOT, kind
from quality import BASED, ROWS, fingerprint, wanted

BEGIN, END = "<!-- table: made by benchmarks/table.py, do not edit -->", "<!-- end of table -->"


def result(name: str) -> dict[str, Any]:
    """A stored result."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return record


OURS = ("scriptbot", "scriptbot, as a script", BASED)
READ = ("colon", "play", "fountain", "fdx", "chat")  # formats whose speed the README gives
BUDGETS = (1.0, 5.0, 20.0)  # minutes that the README shows, and with which models that are counted are shown
# These take less than a minute, and give the same on every machine, to the bit.
COUNTED = ("Kneser-Ney, characters", "Kneser-Ney, words")
FULL = ROOT / "docs" / "quality.md"
SUMMARY = """\
Bits per character of held-out text, {seeds}; lower is better. Each cell has three figures:
in **bold** scriptbot, which also learns from the text as it reads it; in (brackets) scriptbot without that; after the
dot the best peer, given the same time on the same machine. There are six peers, of which three can read text without
spaces. ° marks a figure of older code of the peer; “(2 of 6)” means that only two of six were run with their present
code. scriptbot's own figures of different days are of different code; [every figure](docs/quality.md) has its day. An
empty cell was not measured. Every model here starts from nothing, not from the base. [What the texts are, and how it is
measured](docs/decisions/measuring.md).
{where}"""
INTRODUCTION = """\
# Quality by training time

Made by `benchmarks/table.py` from the runs that `benchmarks/quality.py` has stored. Lower is better. In bold:
scriptbot, which also learns from the text as it reads it; in brackets: without that. “From base-english” has the 32
minutes of that model before its own; all other rows start from nothing. All figures of one text after one time come
from the same machine; those of other times may come from another. Kneser-Ney counts, so its figures are the same on all
machines and after any time. ° marks a figure of older code of the peer. scriptbot's own figures have no such mark,
since nearly every change of it would set all of them; each has the day of its oldest run. [What the texts are, and how
it is measured](decisions/measuring.md). [The peers](../benchmarks/peers), [their settings](decisions/peers.md).

"""


def comparable(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs to compare: for each text and budget, those of one machine, on which most models were run with present
    settings, and of equals the newest.  For models that are counted and not trained, the newest run on the text is
    added to every budget.
    """
    found: dict[tuple[str, float], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}
    counted: dict[tuple[str, str], dict[str, Any]] = {}
    for run in sorted(runs, key=lambda run: (not _aged([run]), run["machine"]["date"])):
        if run["model"] in COUNTED:
            counted[run["text"], run["model"]] = run
    for run in runs:
        if run["model"] not in COUNTED:
            machines = found.setdefault((run["text"], run["minutes"]), {})
            machines.setdefault(kind(run["machine"]), []).append(run)
    kept: list[dict[str, Any]] = []
    for (text, minutes), machines in found.items():
        best = max(machines.values(), key=_weight)
        kept += best
        if minutes in BUDGETS:
            kept += [{**run, "minutes": minutes} for (of, _), run in counted.items() if of == text]
    return kept


def _weight(runs: list[dict[str, Any]]) -> tuple[int, int, str]:
    """What decides which machine's runs are compared: the greatest.  Peers of older code count for nothing in it, lest
    they keep a machine on show that scriptbot has left."""
    present = [run for run in runs if not _aged([run])]
    return len({run["model"] for run in present}), len(present), max(run["machine"]["date"] for run in present or runs)


def summary() -> str:
    """The table with one line per text: ours beside the best peer, by the median over the seeds that were run."""
    runs = comparable(result("quality")["runs"])
    lines = ["| held-out text | " + " | ".join(f"{budget:g} min" for budget in BUDGETS) + " |", "|---" * 4 + "|"]
    for text in dict.fromkeys(run["text"] for run in runs if run["model"] == "scriptbot"):
        lines.append(_beside(text, runs, "bits_per_character", ".2f"))
        if any("perplexity" in run for run in runs if run["text"] == text):
            lines.append(_beside(text, runs, "perplexity", ".1f"))
    head = SUMMARY.format(seeds=_seeds(runs), where=_where(runs))
    return head + "\n\n" + "\n".join(lines) + "\n\n" + _based(runs)


def _based(runs: list[dict[str, Any]]) -> str:
    """What starting from the base model gains, for the scripts that were trained both ways."""
    told = []
    for text in dict.fromkeys(run["text"] for run in runs if run["model"] == BASED):
        parts, nothing_before = [], "scriptbot, as a script"
        both = (
            {run["minutes"] for run in runs if (run["text"], run["model"]) == (text, model)}
            for model in (BASED, nothing_before)
        )
        for budget in sorted(set.intersection(*both)):
            base, nothing = (
                statistics.median(
                    run["bits_per_character"]
                    for run in runs
                    if (run["text"], run["model"], run["minutes"]) == (text, model, budget)
                )
                for model in (BASED, nothing_before)
            )
            parts.append(f"**{base:.2f}** ({nothing:.2f}) after {budget:g} min")
        if parts:
            told.append(f"{text} {', '.join(parts)}")
    if not told:
        return ""
    head = "From the base, which has read plays, sentences and the show for 32 minutes (in brackets: from nothing)"
    return f"{head}: {'; '.join(told)}."


def _beside(text: str, runs: list[dict[str, Any]], figure: str, form: str) -> str:
    cells = []
    for budget in BUDGETS:
        found: dict[str, list[dict[str, Any]]] = {}
        for run in runs:
            if (run["text"], run["minutes"]) == (text, budget) and figure in run:
                found.setdefault(run["model"], []).append(run)
        medians = {model: statistics.median(run[figure] for run in mine) for model, mine in found.items()}
        ours = medians.get("scriptbot")
        cell = ""
        if ours is not None:
            static = statistics.median(run[f"{figure}_static"] for run in found["scriptbot"])
            cell = f"**{ours:{form}}** ({static:{form}})"
        peers = {model: median for model, median in medians.items() if model not in OURS}
        if peers:
            best = min(peers, key=lambda model: peers[model])
            present = sum(not _aged(found[model]) for model in peers)
            every = sum(model not in OURS and wanted(model, text) for model in ROWS)
            cell += f" · {peers[best]:{form}}{_older(found[best])} {best}"
            cell += f" ({present} of {every})" if present < every else ""
        cells.append(cell.strip(" ·"))
    name = text if figure == "bits_per_character" else f"{text}, perplexity of words"
    return f"| {name} | {' | '.join(cells)} |"


def _older(runs: list[dict[str, Any]]) -> str:
    """A mark for runs of a peer whose code has changed since."""
    return "°" if _aged(runs) else ""


def _aged(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs of peers whose code was not as it is now."""
    return [run for run in runs if run.get("peer", "") != fingerprint(run["model"])]


def _seeds(runs: list[dict[str, Any]]) -> str:
    most = max(Counter((run["text"], run["model"], run["minutes"]) for run in runs).values())
    return "one run each" if most == 1 else f"medians of up to {most} seeds"


def quality() -> str:
    """The table with one line per text and model and one column per budget: medians over the seeds that were run."""
    runs = comparable(result("quality")["runs"])
    budgets = sorted({run["minutes"] for run in runs})
    rows = list(dict.fromkeys((run["text"], run["model"]) for run in runs))
    texts = list(dict.fromkeys(text for text, _ in rows))
    head = f"| held-out text | model | {' | '.join(f'{budget:g} min' for budget in budgets)} |"
    lines = [head, "|---" * (len(budgets) + 2) + "|"]
    for text, model in sorted(rows, key=lambda row: (texts.index(row[0]), list(ROWS).index(row[1]))):
        mine = [run for run in runs if (run["text"], run["model"]) == (text, model)]
        lines.append(_line(text, model, mine, budgets, "bits_per_character", ".3f"))
        if any("perplexity" in run for run in mine):
            lines.append(_line(f"{text}, perplexity of words", model, mine, budgets, "perplexity", ".1f"))
    return f"Bits per character, {_seeds(runs)}. {_where(runs)}\n\n" + "\n".join(lines)


def _machine(record: dict[str, Any]) -> str:
    processor, cores, bfloat16 = kind(record["machine"])
    return f"{cores} cores of {processor}{'' if bfloat16 else ' without bfloat16'}"


def _wheres(records: dict[str, dict[str, Any]]) -> str:
    """Which parts were measured on which machine, and when."""
    machines: dict[str, list[str]] = {}
    for part, record in records.items():
        machines.setdefault(f"{_machine(record)}, {record['machine']['date']}", []).append(part)
    told = "; ".join(f"{', '.join(parts)} on {machine}" for machine, parts in machines.items())
    return f"Machines differ by a factor of two to four. Measured: {told}."


def _where(records: list[dict[str, Any]]) -> str:
    """On which machines some runs were measured, and when."""
    machines = {_machine(record) for record in records}
    dates = sorted({one["machine"]["date"] for one in records})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Measured on {' and on '.join(sorted(machines))}, {when}."


def _line(text: str, model: str, runs: list[dict[str, Any]], budgets: list[float], figure: str, form: str) -> str:
    cells = []
    for budget in budgets:
        found = [run for run in runs if run["minutes"] == budget and figure in run]
        cell = format(statistics.median(run[figure] for run in found), form) if found else ""
        if found and f"{figure}_static" in found[0]:
            static = statistics.median(run[f"{figure}_static"] for run in found)
            cell = f"**{cell}** ({static:{form}}) {min(run['machine']['date'] for run in found)}"
        cells.append(cell + _older(found))
    return f"| {text} | {model} | {' | '.join(cells)} |"


def speed() -> str:
    """The table of how long things take."""
    steps, start, talk = (result(name) for name in ("throughput", "startup", "generation"))
    reading = result("reading")
    read = reading["formats"]
    wide = steps["embedding 512"]
    rate, ratio, half = (
        figure["median"]
        for figure in (wide["gflops"]["ours"], wide["ours over torch"], wide["ours over torch-bfloat16"])
    )
    words, memory = talk["words per second"]["median"], start["peak resident memory of the session, MB"]["median"]
    wait = talk["session"]["seconds to the first word"]
    share, alone = (talk[f"share of the bare speed{where}"]["median"] for where in ("", ", on one core"))
    bare = f"{share:.0%} of its bare products on one core (held to one: {alone:.0%})"
    over = start["pipe over import numpy"]["median"]
    rows = [
        (
            "training step of a plain word LSTM made of scriptbot's operations, H 512, batch 64, 35 steps, 5,376 words",
            f"{rate:.0f} GFLOP/s: {ratio:.1f} × PyTorch's `nn.LSTM`, {half:.1f} × the same under bfloat16 autocast",
        ),
        (
            "writing, model shakespeare, one candidate",
            f"{words:,.0f} words, signs and cues a second, {bare}",
        ),
        (
            f"words and signs said in a session, the best of up to {talk['session']['candidates']} replies",
            f"{talk['session']['words said per second']:.0f} per second",
        ),
        (
            f"first word of a reply, the best of up to {talk['session']['candidates']}",
            f"{wait['median']:.2f} s after the line, {wait['greatest']:.2f} at most",
        ),
        (
            '`echo "ROMEO: But soft" \\| scriptbot`, the whole process',
            f"{start['pipe, seconds']['median']:.2f} s, {over:.1f} × `import numpy`",
        ),
        (
            "reading scripts, decoding included",
            ", ".join(f"{name} {read[name]['megabytes_per_second']['median']:.0f}" for name in READ)
            + " MB/s of one core",
        ),
        ("session: prompt after start, memory", f"{start['prompt, seconds']['median']:.2f} s, {memory:.0f} MB"),
    ]
    table = ["| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]
    parts = {"the training step": steps, "writing and replies": talk, "the start": start, "reading": reading}
    return _wheres(parts) + "\n\n" + "\n".join(table)


def tables() -> str:
    """Both tables of the README, in Markdown."""
    return f"{summary()}\n\n{speed()}"


def main() -> None:
    if "--write" not in sys.argv:
        print(tables())
        return
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{tables()}\n{END}{after}", "utf-8")
    FULL.write_text(INTRODUCTION + quality() + "\n", "utf-8")


if __name__ == "__main__":
    main()
