"""Bits per character of held-out text after so many minutes of training: scriptbot, and its peers beside it.

    python benchmarks/quality.py                              # scriptbot on two texts, after five minutes
    python benchmarks/quality.py --peers --minutes 1 5 20 --seeds 3 --texts tinyshakespeare hongloumeng

Every run is kept in ``results/quality.json`` as it ends, so that a long series can be stopped and gone on with: what is
there from such a machine is not measured again, but for peers whose code has changed since, and with --again.
PEER_PYTHON names a Python that has PyTorch; every peer trains on the same cores for the same time, one after the other.
What scriptbot tunes by itself (cache, best weights) it tunes on a share of the training part, and learns that share in
the end.  The peers tune on such a share as well; Kneser-Ney counts it in the end, the neural ones never learn it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import RESULTS, ROOT, apart, data, kind, machine

import scriptbot
from scriptbot.lm.model_file import load_model
from scriptbot.text.convert import converted

PEERS = Path(__file__).with_name("peers")
TORCH = os.environ.get("PEER_PYTHON", sys.executable)
STORE = RESULTS / "quality.json"


def shakespeare() -> tuple[str, str]:
    """The usual split of tinyshakespeare, by characters."""
    return _split(data("english/tinyshakespeare.txt").read_text("utf-8"))


def tavern() -> tuple[str, str]:
    """Nine tenths of the scenes, and the last tenth of them."""
    scenes = data("english/moes_tavern_lines.txt").read_text("utf-8").split("\n\n\n")
    border = int(len(scenes) * 0.9)
    return "\n\n\n".join(scenes[:border]), "\n\n\n".join(scenes[border:])


def treebank() -> tuple[str, str]:
    """Penn Treebank in Mikolov's preparation: its training and its test part."""
    train, test = (data(f"english/ptb/ptb.{part}.txt").read_text("utf-8") for part in ("train", "test"))
    return train, test


def cat() -> tuple[str, str]:
    """吾輩は猫である without the editors' notes and the readings, last tenth held out."""
    text = data("japanese/soseki/wagahaiwa_nekodearu.sjis.txt").read_bytes().decode("cp932").replace("\r\n", "\n")
    body = text.split("-" * 55)[-1].partition("\n底本：")[0]
    return _split(re.sub(r"《[^》]*》|［＃[^］]*］|｜", "", body).strip() + "\n")


def red_chamber() -> tuple[str, str]:
    """红楼梦, last tenth held out."""
    return _split(data("chinese/hongloumeng.utf8.txt").read_text("utf-8-sig"))


def boat() -> tuple[str, str]:
    """The show that comes with scriptbot, without the scenes that are held out of all models; and those.

    Headings are left out for everybody: scriptbot would not learn them, nor count them.
    """
    sys.path.insert(0, str(ROOT / "models"))
    from recipes import show

    def part(*, held_out: bool) -> str:
        return "".join(converted(lambda: (replace(scene, heading="") for scene in show(held_out=held_out)), "colon"))

    return part(held_out=False), part(held_out=True)


def _split(text: str) -> tuple[str, str]:
    border = int(len(text) * 0.9)
    return text[:border], text[border:]


TEXTS: dict[str, Callable[[], tuple[str, str]]] = {
    "tinyshakespeare": shakespeare,
    "moes_tavern_lines": tavern,
    "ptb": treebank,
    "wagahai": cat,
    "hongloumeng": red_chamber,
    "the-boat-is-late": boat,
}
SCRIPTS = {"moes_tavern_lines", "the-boat-is-late"}
BASED = "scriptbot, as a script, from base-english (32 minutes before)"
BASE = "models/base-english.safetensors"
UNSPACED = {"wagahai", "hongloumeng"}  # a word there is whatever somebody says it is
ROWS = {
    "scriptbot": "text",
    "scriptbot, as a script": "colon",
    BASED: "colon",
    "character LSTM (PyTorch)": [TORCH, "char_lstm.py"],
    "word LSTM, tied (PyTorch)": [TORCH, "word_lstm.py"],
    "small GPT (PyTorch)": [TORCH, "gpt.py"],
    "word LSTM (Keras)": [sys.executable, "keras_word_lstm.py"],
    "Kneser-Ney, characters": [sys.executable, "kneser_ney.py", "--unit", "char"],
    "Kneser-Ney, words": [sys.executable, "kneser_ney.py", "--unit", "word"],
}
# What else is in each peer's mark.  kneser_ney.py spells the words that word peers do not know.
USES = {
    "char_lstm.py": ("units.py", "loop.py"),
    "word_lstm.py": ("units.py", "loop.py", "kneser_ney.py"),
    "gpt.py": ("units.py", "loop.py"),
    "keras_word_lstm.py": ("units.py", "kneser_ney.py"),
    "kneser_ney.py": ("units.py",),
}


def wanted(name: str, text: str) -> bool:
    """Whether a row makes sense for a text."""
    if name in ("scriptbot, as a script", BASED):
        return text in SCRIPTS
    return "word" not in name.lower() or text not in UNSPACED


def measured(name: str, train: Path, test: Path, minutes: float, seed: int) -> dict[str, Any]:
    """Train and evaluate one model through its command line."""
    how, budget = ROWS[name], ["--minutes", str(minutes), "--seed", str(seed)]
    if not isinstance(how, str):
        python, script, *more = how
        record: dict[str, Any] = json.loads(_said([python, str(PEERS / script), str(train), str(test), *more, *budget]))
        return record
    program = [sys.executable, "-m", "scriptbot"]
    start = "base-english" if name == BASED else "scratch"
    with tempfile.TemporaryDirectory() as folder:
        model, alone = Path(folder) / "model.safetensors", apart(folder)
        told = ["--output", str(model), "--format", how, "--from", start, *budget]
        _said([*program, "train", str(train), *told], alone)
        record = json.loads(_said([*program, "evaluate", str(model), str(test), "--format", how, "--json"], alone))
        return record | effort(model)


def effort(model: Path) -> dict[str, float]:
    """The seconds of its training that a model tells, the steps of all of its networks together, how many these are,
    and how wide."""
    found = load_model(model)
    taken = {name: found.provenance[name] for name in ("seconds", "steps")}
    return taken | {"networks": len(found.members), "hidden": found.config.hidden}


def _said(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip().rpartition("\n")[2]


def fingerprint(name: str) -> str:
    """Of a peer's code, which has its settings; empty for scriptbot."""
    how = ROWS[name]
    if isinstance(how, str):
        return ""
    script = how[1]
    return hashlib.sha256(b"".join((PEERS / file).read_bytes() for file in (script, *USES[script]))).hexdigest()[:12]


def code_of_scriptbot(name: str) -> str:
    """A mark of all that the figures of a row of scriptbot's could depend on: its code, and the base if the row starts
    from that.  Nearly every commit changes it, though hardly one changes a figure; so runs store it, but none is
    repeated or marked because of it.
    """
    package = Path(scriptbot.__file__).parent
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    files = {place: path for place, path in files.items() if not place.startswith("locale/")}
    if name == BASED:
        files[BASE] = ROOT / BASE
    mark = hashlib.sha256()
    for place, path in sorted(files.items()):
        mark.update(f"{place}\0{path.stat().st_size}\0".encode())
        mark.update(path.read_bytes())
    return mark.hexdigest()[:12]


def stored() -> list[dict[str, Any]]:
    """The runs so far."""
    runs: list[dict[str, Any]] = json.loads(STORE.read_text("utf-8"))["runs"] if STORE.is_file() else []
    return runs


def store(runs: list[dict[str, Any]]) -> None:
    """Write them down, one run a line."""
    RESULTS.mkdir(exist_ok=True)
    lines = ",\n".join(f" {json.dumps(run, ensure_ascii=False)}" for run in runs)
    STORE.write_text(f'{{"benchmark": "quality", "runs": [\n{lines}\n]}}\n', "utf-8")


def _which(run: dict[str, Any]) -> tuple[Any, ...]:
    """What there is one run of."""
    return run["text"], run["model"], run["minutes"], run["seed"], kind(run["machine"])


def series(texts: list[str], minutes: list[float], seeds: int, names: list[str], *, again: bool = False) -> None:
    """Measure what is not there yet; every budget's models one after the other.

    Args:
        again: what is there, too, in its place.
    """
    for text in texts:
        train, test = TEXTS[text]()
        with tempfile.TemporaryDirectory() as folder:
            paths = Path(folder) / "train.txt", Path(folder) / "test.txt"
            for path, part in zip(paths, (train, test), strict=True):
                path.write_text(part, "utf-8", newline="")
            for budget in minutes:
                for seed in range(1, seeds + 1):
                    for name in filter(lambda name: wanted(name, text), names):
                        run: dict[str, Any] = {"text": text, "model": name, "minutes": budget, "seed": seed}
                        code = {"peer": mark} if (mark := fingerprint(name)) else {}
                        here = [old for old in stored() if kind(old["machine"]) == kind(machine())]
                        if not again and any((run | code).items() <= old.items() for old in here):
                            continue
                        run |= code or {"code": code_of_scriptbot(name)}
                        run |= measured(name, *paths, budget, seed)
                        if text == "ptb":  # a line end is a word there
                            words = len(test.split()) + test.count("\n")
                            for way in ("", "_static"):
                                if f"bits_per_character{way}" in run:
                                    bits = run[f"bits_per_character{way}"] * len(test) / words
                                    run[f"perplexity{way}"] = 2.0**bits
                        run["machine"] = machine()
                        print(json.dumps(run, ensure_ascii=False), flush=True)
                        store([*(old for old in stored() if _which(old) != _which(run)), run])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", nargs="+", choices=list(TEXTS))
    parser.add_argument("--minutes", type=float, nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="the peers too")
    parser.add_argument("--again", action="store_true", help="measure anew what is there")
    parser.add_argument("--models", nargs="+", choices=list(ROWS), help="only these")
    given = parser.parse_args()
    ours = [name for name in ROWS if name.startswith("scriptbot")]
    names = given.models or (list(ROWS) if given.peers else ours)
    if given.texts or given.minutes or given.peers or given.models:
        series(given.texts or list(TEXTS), given.minutes or [5.0], given.seeds, names, again=given.again)
    else:
        series(["tinyshakespeare", "moes_tavern_lines"], [5.0], given.seeds, ours, again=given.again)
    assert all(math.isfinite(run["bits_per_character"]) for run in stored())


if __name__ == "__main__":
    main()
