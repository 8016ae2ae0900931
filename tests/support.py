"""Small models with random numbers in them, and real texts, for tests of several packages."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.lm import candidates
from scriptbot.lm.copies import Copies
from scriptbot.lm.counting import of_words
from scriptbot.lm.exchanges import Exchanges, of_text
from scriptbot.lm.model import CacheConfig, CountConfig, Model
from scriptbot.lm.ngrams import Ngrams
from scriptbot.lm.params import Array, assemble, shapes
from scriptbot.lm.state import Piece
from scriptbot.lm.tokens import Reader
from scriptbot.request import TrainRequest, encode
from scriptbot.text.script import Scene, Span, Speech
from scriptbot.text.vocabulary import FORMS, Coder, Vocabulary
from scriptbot.training.plan import Plan, plan

# Real texts that are no part of the project; who has them elsewhere says where.
DATA = Path(os.environ.get("SCRIPTBOT_DATA") or Path(__file__).parents[2] / "shared" / "data")
CAST = ("ROMEO", "JULIET")
FREQUENT = (*",.!?'", "the", "a", "i", "you", "night", "light", "what", "is", "love", "soft", "but", "window", "\n")
RARE = ("yonder", "breaks", "envious", "moon")


def vocabulary(cast: tuple[str, ...] = CAST) -> Vocabulary:
    return Vocabulary(cast, FREQUENT, RARE)


def config(layers: int = 1) -> ModelConfig:
    return ModelConfig(
        embedding=16,
        hidden=24,
        layers=layers,
        spelling_embedding=4,
        spelling_filters=8,
        speller_embedding=4,
        speller_hidden=16,
        recall=3,
    )


def arrays(layers: int = 1, seed: int = 0, cast: tuple[str, ...] = CAST) -> dict[str, Array]:
    """Random arrays, large enough that every one of them matters."""
    rng = np.random.default_rng(seed)
    words = vocabulary(cast)
    wanted = shapes(config(layers), words.words, words.speakers)
    return {name: rng.normal(0.0, 0.4, shape).astype(np.float32) for name, shape in wanted.items()}


def model(layers: int = 1, seed: int = 0, cast: tuple[str, ...] = CAST, members: int = 1) -> Model:
    words = vocabulary(cast)
    first, *more_members = (
        assemble(arrays(layers, seed + number, cast), config(layers), words.words, words.speakers)
        for number in range(members)
    )
    lines = tuple(range(len(cast) + 2, 2, -1))
    cache = CacheConfig(weights(0.2), 0.3, 50, rate=0.005)
    provenance = {"bits_per_character_cached": 2.5}
    counts = CountConfig((*weights(0.2)[1:], 0.0), 0.4)
    copies = Copies(np.array([2, 4, 1 << 31], np.uint32), 2)
    return Model(
        config(layers),
        words,
        first,
        cache,
        lines,
        provenance,
        tuple(more_members),
        counts,
        ngrams(words, seed),
        copies,
        exchanges(words),
    )


LINES = ("What light is the night?", "The night is soft.", "I love the window.", "What window is love?")


def exchanges(words: Vocabulary, scenes: Sequence[Sequence[str]] = (LINES,)) -> Exchanges:
    """Of scenes in which everybody speaks in turn."""
    coder = Coder(words)
    reader = Reader(coder, as_text=False)
    said = [
        Scene(tuple(Speech(("ROMEO", "STRANGER")[n % 2], text, Span(0, 0)) for n, text in enumerate(scene)), Span(0, 0))
        for scene in scenes
    ]
    tokens = [token for scene in said for token in reader.scene(scene)]
    return of_text(np.array([t.stem for t in tokens], np.int32), np.array([t.form for t in tokens], np.uint8), words)


def weights(about: float) -> tuple[float, ...]:
    """For every form another one, and none for one of them."""
    return tuple(about * number / 6.0 for number in range(FORMS))


def ngrams(words: Vocabulary, seed: int = 0) -> Ngrams:
    """Of a text that makes no sense, with words from outside the softmax in it."""
    rng = np.random.default_rng(seed)
    stems = rng.integers(0, words.known, 400) * (rng.random(400) < 0.7)
    return of_words(stems, rng.integers(0, FORMS, 400), words.words)


def unspaced() -> Model:
    """One of a script without spaces: its words are single characters."""
    spaced = model()
    letters = tuple(map(chr, range(0x4E00, 0x4E00 + len(spaced.vocabulary.frequent))))
    words = Vocabulary(CAST, letters, spaced.vocabulary.rare)
    return replace(spaced, vocabulary=words, ngrams=None, copies=None, exchanges=None)


class Steps:
    """A clock of a training that counts steps, and nothing else: each of them takes a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wait(self) -> None:
        self.seconds += 1.0

    def forgive(self, seconds: float) -> None:
        self.seconds -= seconds


def planned(*given: Any, **more: Any) -> Plan:
    """A plan that knows how long a step takes by that clock."""
    return replace(plan(*given, **more), seconds_a_step=1.0)


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run scriptbot to its end, in a child process."""
    command = [sys.executable, "-m", "scriptbot", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=cwd)


def write(path: Path, text: str) -> Path:
    """Write a file in UTF-8; returns its path."""
    path.write_text(text, "utf-8")
    return path


# A training process as the program starts it, but that it saves a checkpoint every second, and that whoever hears that
# the model is saved ends it at once.
SAVING_OFTEN = """
import os, sys
from scriptbot import events
from scriptbot.training import checkpoint, __main__ as process

class Ended(process.Process):
    def say(self, event):
        super().say(event)
        if isinstance(event, events.Saved):
            os._exit(3)

checkpoint.EVERY, process.Process = 1.0, Ended
sys.exit(process.main())
"""


def first_checkpoint(cache: Path) -> Path:
    """The first checkpoint of a training under way, as soon as it is there, in what XDG_CACHE_HOME names."""
    end = time.monotonic() + 60
    while not (left := list((cache / "scriptbot" / "trainings").glob("*.training"))):
        assert time.monotonic() < end
        time.sleep(0.05)
    return left[0]


def started(program: str, script: Path, output: Path, config: TrainConfig) -> subprocess.Popen[str]:
    """A training process, as scriptbot starts it, but that it runs this program."""
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(encode(TrainRequest((script,), output, config)) + "\n")
    process.stdin.flush()
    return process


def stop_at_once(reply: Iterator[Piece], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes before the first piece, while the candidates are weighed."""

    def broken(*arguments: object) -> list[float]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(candidates, "scores", broken)
        with pytest.raises(KeyboardInterrupt):
            list(reply)
