"""The benchmarks count as they say they do; nothing is trained or timed here."""

from __future__ import annotations

import ast
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scriptbot.lm.model_file import load_model

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIGNS = 0x110000  # characters there could be


def kneser_ney(tmp_path: Path, train: str, test: str) -> float:
    """The bits that the peer gives to a text in characters."""
    paths = tmp_path / "train.txt", tmp_path / "test.txt"
    for path, text in zip(paths, (train, test), strict=True):
        path.write_text(text, "utf-8", newline="")
    command = [sys.executable, str(BENCHMARKS / "peers" / "kneser_ney.py"), *map(str, paths), "--unit", "char"]
    record = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return float(record["bits_per_character"]) * len(test)


def test_kneser_ney_pays_for_a_new_character_once(tmp_path: Path) -> None:
    train = "the boat is late, and the kettle is on.\n" * 8 + "nobody came.\n"
    known = sorted(set(train))
    likely = sum(2.0 ** -kneser_ney(tmp_path, train, sign) for sign in known)
    new = 2.0 ** -kneser_ney(tmp_path, train, "舟")
    assert likely + new * (SIGNS - len(known)) == pytest.approx(1.0, abs=1e-6)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the benchmarks, without results."""
    for path in [*BENCHMARKS.glob("*.py"), *BENCHMARKS.glob("peers/*.py")]:
        copy = tmp_path / path.relative_to(BENCHMARKS.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path / "benchmarks"


def said(code: str, folder: Path, *arguments: str | Path) -> str:
    """What a program prints that runs in a folder of benchmarks."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True, cwd=folder)
    return done.stdout.decode()


def test_marks_of_peers_change_with_all_the_code_that_they_use(copied: Path) -> None:
    code = """
import json, quality
before = {name: quality.fingerprint(name) for name in quality.ROWS}
found = {}
for file in ("units.py", "loop.py", "kneser_ney.py"):
    text = (quality.PEERS / file).read_text("utf-8")
    (quality.PEERS / file).write_text(text + "# changed\\n", "utf-8")
    found[file] = [name for name in quality.ROWS if quality.fingerprint(name) != before[name]]
    (quality.PEERS / file).write_text(text, "utf-8")
print(json.dumps(found))
"""
    found = json.loads(said(code, copied))
    spelling, counted = (
        ["word LSTM, tied (PyTorch)", "word LSTM (Keras)"],
        ["Kneser-Ney, characters", "Kneser-Ney, words"],
    )
    trained = ["character LSTM (PyTorch)", "word LSTM, tied (PyTorch)", "small GPT (PyTorch)"]
    assert found == {
        "units.py": [*trained, "word LSTM (Keras)", *counted],
        "loop.py": trained,
        "kneser_ney.py": [*spelling, *counted],
    }


def test_what_peers_are_said_to_use_is_what_they_import(copied: Path) -> None:
    uses, rows = json.loads(said("import json, quality as q; print(json.dumps([q.USES, [*q.ROWS.values()]]))", copied))
    assert set(uses) == {row[1] for row in rows if isinstance(row, list)}
    for script, files in uses.items():
        assert sorted(files) == sorted(used(script) - {script}), script


def used(script: str) -> set[str]:
    """A peer's file, and the peers' files that it imports, directly or not.

    What units.py imports is for its class Words, so it counts for those scripts that import this class themselves;
    loop.py only names it in a type.
    """
    spells, found, left = "Words" in imports(script).get("units.py", set()), {script}, [script]
    while left:
        file = left.pop()
        new = set(imports(file)) - found if file != "units.py" or spells else set()
        found |= new
        left += new
    return found


def imports(file: str) -> dict[str, set[str]]:
    """The peers' files that a peer's file imports, and which names from each."""
    folder = BENCHMARKS / "peers"
    nodes = ast.walk(ast.parse((folder / file).read_text("utf-8")))
    return {
        f"{node.module}.py": {name.name for name in node.names}
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (folder / f"{node.module}.py").is_file()
    }


def test_marks_of_scriptbot_change_with_all_that_its_figures_could_depend_on(copied: Path) -> None:
    root = copied.parent
    shutil.copytree(BENCHMARKS.parent / "scriptbot", root / "scriptbot", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "models").mkdir()
    (root / "models" / "base-english.safetensors").write_bytes(b"weights")
    code = """
import json, sys
sys.path.insert(0, "..")
import quality
root, ours = quality.ROOT, [name for name in quality.ROWS if name.startswith("scriptbot")]
def marks():
    return [quality.code_of_scriptbot(name) for name in ours]
before, found = marks(), {}
for path in sorted([*root.glob("scriptbot/**/*.py"), root / quality.BASE]):
    kept = path.read_bytes()
    path.write_bytes(kept + b"\\n")
    found[path.relative_to(root).as_posix()] = [mark != old for mark, old in zip(marks(), before)]
    path.write_bytes(kept)
config = root / "scriptbot" / "config.py"
config.rename(config.with_name("settings.py"))
found["another name"] = [mark != old for mark, old in zip(marks(), before)]
print(json.dumps(found))
"""
    found = json.loads(said(code, copied))
    assert found.pop("models/base-english.safetensors") == [False, False, True]
    translated = {place: found.pop(place) for place in list(found) if place.startswith("scriptbot/locale/")}
    assert translated and not any(itertools.chain(*translated.values()))
    assert {"scriptbot/config.py", "scriptbot/lm/network.py", "another name"} <= found.keys()
    assert all(itertools.chain(*found.values()))


def test_scriptbot_meets_nothing_of_the_users(tiny: Path, home: Path, tmp_path: Path) -> None:
    own = home / "data" / "scriptbot" / "models"
    own.mkdir(parents=True)
    shutil.copy(tiny, own / "mine.safetensors")
    apart = json.loads(
        said(f"import json, common; print(json.dumps(common.apart({str(tmp_path / 'apart')!r})))", BENCHMARKS)
    )
    listed = [
        subprocess.run(
            [sys.executable, "-m", "scriptbot", "models"], capture_output=True, check=True, env=variables
        ).stdout
        for variables in (None, apart)
    ]
    assert [b"mine" in names for names in listed] == [True, False]


def test_the_effort_of_a_training_is_that_in_the_model() -> None:
    model = BENCHMARKS.parent / "models" / "shakespeare.safetensors"
    code = "import json, sys, pathlib, quality; print(json.dumps(quality.effort(pathlib.Path(sys.argv[1]))))"
    found = load_model(model)
    taken = {name: found.provenance[name] for name in ("seconds", "steps")}
    assert taken["steps"] > 0
    assert json.loads(said(code, BENCHMARKS, model)) == taken | {"networks": 1, "hidden": found.config.hidden}


def stored_run(model: str, bits: float, mark: str, day: int, machine: str = "one") -> dict[str, object]:
    """A run as it is stored, of tinyshakespeare after a minute."""
    row = {"text": "tinyshakespeare", "model": model, "minutes": 1.0, "seed": day, "bits_per_character": bits}
    static = {"bits_per_character_static": bits + 0.1} if model == "scriptbot" else {}
    of = {"processor": machine, "cores": 2, "bfloat16": True, "date": f"2026-11-{day}"}
    return row | {"peer": mark} | static | {"machine": of}


def tables(copied: Path, runs: list[dict[str, object]]) -> str:
    """Both tables of quality, made from these runs."""
    (copied / "results").mkdir(exist_ok=True)
    (copied / "results" / "quality.json").write_text(json.dumps({"runs": runs}), "utf-8")
    return said("import table; print(table.summary()); print(table.quality())", copied)


def test_peers_of_older_code_are_marked_and_not_counted_as_run(copied: Path) -> None:
    present, old = "word LSTM (Keras)", "small GPT (PyTorch)"
    mark = said(f"import quality; print(quality.fingerprint({present!r}))", copied).strip()
    runs = [stored_run("scriptbot", bits, "", day) for bits, day in ((1.5, 25), (1.7, 28))]
    runs += [stored_run(present, 2.5, mark, 28), stored_run(old, 2.25, "older", 28)]
    found = tables(copied, runs)
    assert "| tinyshakespeare | **1.60** (1.70) · 2.25° small GPT (PyTorch) (1 of 6) |  |  |" in found
    assert "| tinyshakespeare | scriptbot | **1.600** (1.700) 2026-11-25 |" in found
    assert "| tinyshakespeare | word LSTM (Keras) | 2.500 |" in found
    assert "| tinyshakespeare | small GPT (PyTorch) | 2.250° |" in found


def test_peers_of_older_code_do_not_decide_which_machine_is_shown(copied: Path) -> None:
    peer = "word LSTM (Keras)"
    mark = said(f"import quality; print(quality.fingerprint({peer!r}))", copied).strip()
    left = [stored_run("scriptbot", 1.5, "", 25), stored_run("small GPT (PyTorch)", 2.25, "older", 25)]
    new = [stored_run("scriptbot", 1.7, "", 28, "two")]
    for runs in (left + new, new + left):
        assert "| tinyshakespeare | **1.70** (1.80) |  |  |" in tables(copied, runs)
    with_present = [*left, stored_run(peer, 2.5, mark, 25), *new]
    assert "| tinyshakespeare | **1.50** (1.60) · 2.25° small GPT (PyTorch) (1 of 6) |  |  |" in tables(
        copied, with_present
    )
