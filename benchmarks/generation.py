"""Words per second while talking, compared with the bare matrix-vector products; how long a person waits for a reply;
and 5,000 turns of one conversation.

    python benchmarks/generation.py [MODEL]      # PEER_PYTHON names a Python that has PyTorch, for the peers beside it

“Words” are the steps of the network here: words, signs, and the cue of every speech.  All replies are drawn with the
settings of somebody who chooses none.
"""

from __future__ import annotations

# ruff: noqa: E402
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

from scriptbot.ui import opening

opening.limit_numpy_threads()  # as the program does before it talks, and before NumPy is imported

import numpy as np
from common import ROOT, keep, spread
from lines import suited

from scriptbot.config import SUITED, SampleConfig
from scriptbot.lm import aside
from scriptbot.lm.adaptation import ADAPTED_DIRECTIONS
from scriptbot.lm.engine import Engine
from scriptbot.lm.model import Model
from scriptbot.lm.model_file import load_model
from scriptbot.lm.network import KEY_DIRECTIONS
from scriptbot.lm.state import State
from scriptbot.session import library
from scriptbot.session.session import Session

ROUNDS, PEER_ROUNDS, WORDS, TURNS = 7, 5, 600, 5000
OPENINGS = Path(__file__).with_name("openings.txt")


def heard(engine: Engine) -> State:
    """The state of a conversation in which much has been said, so that the cache and the adaptation have work to do."""
    state = engine.start()
    for line in OPENINGS.read_text("utf-8").splitlines() * 3:
        state = engine.read_speech(state, "VISITOR", line)
    return state


def talking(engine: Engine, state: State) -> float:
    """Seconds per step (a word, a sign or a cue) of replies from a state, by whichever characters the model chooses."""
    settings, rng, words = suited(engine.model), np.random.default_rng(1), 0
    began = time.perf_counter()
    while words < WORDS:
        for piece in engine.speak(state, None, settings, rng):
            state = piece.state
            words += piece.kind != "end"
    return (time.perf_counter() - began) / words


def alone(engine: Engine, state: State) -> float:
    """The same on one core, without the thread that works ahead."""
    with patch.object(aside, "begin", aside.Job):
        return talking(engine, state)


def products(model: Model, words: int, *, rearranged: bool) -> float:
    """Seconds per step of nothing but the products in its equations, one after the other, on one core.

    These are the products of the LSTM, of the query and the forms, of the softmax and its adaptation, and of the query
    with the words heard.  The engine's products differ a little: it keeps what it has computed for a word read before,
    and compares only the words heard in the form that is asked for; but for one word in eight it also searches the
    rare ones.

    Args:
        words: the number of words heard.
        rearranged: whether the arrays are laid out in the fastest way, a row per result, and not as in the model.
    """
    rng = np.random.default_rng(0)
    keys = np.ones((words, KEY_DIRECTIONS), np.float32)
    matrices = [keys]
    for p in model.members:
        kernels = [np.concatenate([layer.kernel, layer.recurrent_kernel]) for layer in p.layers]
        matrices += [matrix.T for matrix in (*kernels, p.query_kernel, p.form_kernel)] + [p.embedding]
    if model.cache.rate:
        matrices.append(np.ones((model.vocabulary.words, ADAPTED_DIRECTIONS), np.float32))
    if rearranged:
        matrices = [np.ascontiguousarray(matrix) for matrix in matrices]
    pairs = [(matrix, rng.normal(size=matrix.shape[1]).astype(np.float32)) for matrix in matrices]
    began = time.perf_counter()
    for _ in range(WORDS):
        for matrix, vector in pairs:
            matrix @ vector
    return (time.perf_counter() - began) / WORDS


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def turns(model: Model) -> dict[str, float]:
    """The seconds per word of the last hundred turns of a long conversation over those of its second hundred."""
    settings, free = SampleConfig(seed=1, max_words=20, candidates=1), SUITED - {"max_words", "candidates"}
    session = Session(model, name="bench", settings=settings, free=free)
    speeds, early = [], 0.0
    for number in range(TURNS):
        began = time.perf_counter()
        count = sum(1 for _ in session.say(f"What light is this, my lord, and what is {number % 97}?"))
        speeds.append((time.perf_counter() - began) / (count + 16))
        if number == 200:
            early = resident()
    first, last = (float(np.median(part)) for part in (speeds[100:200], speeds[-100:]))
    return {"last over first": round(last / first, 3), "grown, MB": round(resident() - early, 2)}


def waiting(path: Path) -> dict[str, object]:
    """Seconds to the first word of a reply, with all candidates drawn, in a session with default settings; and how many
    words and signs are said per second there, without those of the candidates that are not said.
    """
    session = Session(load_model(path), name="bench", settings=SampleConfig(seed=1), free=SUITED)
    waits, said, begin, before = [], 0, time.perf_counter(), 0.0
    for number, line in enumerate(OPENINGS.read_text("utf-8").splitlines() * 3):
        if number == 25:  # so that 125 of the 150 follow
            before = resident()
        began = time.perf_counter()
        for place, _ in enumerate(piece for piece in session.say(line) if piece.kind == "text"):
            said += 1
            if place == 0:
                waits.append(time.perf_counter() - began)
    return {
        "model": path.stem,
        "candidates": session.settings.candidates,
        "seconds to the first word": spread(waits),
        "words said per second": round(said / (time.perf_counter() - begin)),
        "grown in 125 turns, MB": round(resident() - before, 2),
    }


def characters_a_word(engine: Engine, state: State) -> float:
    """How many characters a step writes, on average."""
    settings, rng, characters, words = suited(engine.model), np.random.default_rng(1), 0, 0
    while words < WORDS:
        for piece in engine.speak(state, None, settings, rng):
            state = piece.state
            words += piece.kind != "end"
            characters += len(piece.text) + (3 if piece.kind == "cue" else 0)  # “: ” and the line end
    return characters / words


def peer(name: str) -> float:
    """Characters per second of a peer, measured in a child process."""
    script = Path(__file__).with_name("peers") / "talking.py"
    command = [os.environ.get("PEER_PYTHON", sys.executable), str(script), name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["characters per second"])


def peers(engine: Engine, state: State) -> dict[str, object]:
    """Characters per second of ours and of the character peers, measured alternately; empty without PyTorch."""
    python = os.environ.get("PEER_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode:
        return {}
    width = characters_a_word(engine, state)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {"lstm": [], "gpt": []}
    for _ in range(PEER_ROUNDS):
        ours.append(width / talking(engine, state))
        for name, found in theirs.items():
            found.append(peer(name))
    names = {"lstm": "character LSTM (PyTorch)", "gpt": "small GPT (PyTorch)"}
    ratios = {names[name]: [a / b for a, b in zip(ours, found, strict=True)] for name, found in theirs.items()}
    return {
        "characters per second": spread(ours),
        **{f"characters per second, {names[name]}": spread(found) for name, found in theirs.items()},
        **{f"ours over {name}": spread(found) for name, found in ratios.items()},
    }


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "shakespeare.safetensors"
    model, shown = load_model(path), library.default_model()
    engine = Engine(model)
    state = heard(engine)
    words = len(state.cache)
    talking(engine, state)
    products(model, words, rearranged=True)
    rounds = [
        (
            talking(engine, state),
            alone(engine, state),
            *(products(model, words, rearranged=way) for way in (False, True)),
        )
        for _ in range(ROUNDS)
    ]
    keep(
        "generation",
        {
            "model": path.stem,
            "settings": model.suited,
            "words heard before": words,
            "words per second": spread([1 / ours for ours, *_ in rounds]),
            "words per second, on one core": spread([1 / one for _, one, *_ in rounds]),
            "bare products, words per second": spread([1 / bare for _, _, bare, _ in rounds]),
            "share of the bare speed": spread([bare / ours for ours, _, bare, _ in rounds]),
            "share of the bare speed, on one core": spread([bare / one for _, one, bare, _ in rounds]),
            "share of the bare speed, arrays rearranged": spread([bare / ours for ours, *_, bare in rounds]),
            **peers(engine, state),
            "session": waiting(shown),
            "5,000 turns": turns(model),
        },
    )


if __name__ == "__main__":
    main()
