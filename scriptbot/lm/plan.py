"""What is not said is chosen: size from the corpus and the minutes, pace from how long a step takes here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from scriptbot.config import ModelConfig, TrainConfig

WARM_UP = 0.03  # share of the time in which the learning rate rises
LEAST_WORDS = 200  # of a text, below which there is nothing to learn from
TINY = 20_000  # words of a text that is too short for a wide network
SMALLEST = 256
WIDEST = ((TINY, 256), (120_000, 512), (math.inf, 768))  # units for a text of fewer words
SIZES = ((768, 12.0), (512, 6.0), (384, 1.0))  # units, and readings from which they pay
MIDDLE = 512
# Readings after which another network gains more than reading on, by one of the middle size; of one that begins with
# a model it gains less.  And how many networks there may be then.
ENOUGH, ENOUGH_FROM_BASE, MOST_PLANNED = 8.0, 25.0, 4
# Of a step, per word: what does not depend on the width, and the products over those of the probe, which are larger.
OVERHEAD, SLOWER = 30e-6, 1.7
WORTH, LAPTOP = 15.0, 400e9  # readings up to which another one pays; operations a second of two cores


@dataclass(frozen=True, slots=True)
class Plan:
    """The network, and what it reads at once.

    Attributes:
        members: networks that are trained one after the other, to decide together.
        batch, steps: streams side by side, and words of each per step.
        seconds_a_step: a guess, until some steps were timed.
    """

    model: ModelConfig
    members: int
    batch: int
    steps: int
    seconds_a_step: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to learn, and how much to drop.

    Attributes:
        dropout: of the hidden units.
        input_dropout: of the words that are read.
        recurrent_dropout: of the weights of the recurrent kernel.
        learning_rate: at its peak.
    """

    dropout: float
    input_dropout: float
    recurrent_dropout: float
    learning_rate: float


def plan(config: TrainConfig, words: int, speed: float, *, from_base: bool = False) -> Plan:
    """Choose what the configuration leaves open of size and batch; docs/decisions/pace.md has the trials behind it.

    Args:
        words: tokens of the training part.
        speed: floating-point operations per second of this machine at the products of a training step.
        from_base: whether the training begins with a model, and not from nothing.
    """
    layers, embedding = config.layers or 1, config.embedding or (128 if words < TINY else 256)
    batch = min(config.batch or max(8, min(64, words // 1000)), max(1, (words - 1) // 2))
    steps = config.steps or 20

    def seconds(hidden: int) -> float:
        return batch * steps * (OVERHEAD + SLOWER * _operations(hidden, embedding, layers) / speed)

    def readings(hidden: int) -> float:
        return config.minutes * 60.0 / seconds(hidden) * batch * steps / max(words, 1)

    widest = next(size for most, size in WIDEST if words < most)
    enough = ENOUGH_FROM_BASE if from_base else ENOUGH
    often = readings(config.hidden or min(widest, MIDDLE)) / enough
    members = config.members or max(1, min(MOST_PLANNED, int(config.minutes), int(often)))
    fitting = (size for size, least in SIZES if size <= widest and readings(size) >= least * members)
    hidden = config.hidden or next(fitting, SMALLEST)
    model = ModelConfig(embedding=embedding, hidden=hidden, layers=layers)
    return Plan(model, members, batch, steps, seconds(hidden))


def pace(config: TrainConfig, readings: float, batch: int) -> Pace:
    """Choose what the configuration leaves open of learning rate and dropout.

    The more often a text is read, the more is dropped and the slower is learnt.

    Args:
        readings: how often one network will read the text.
        batch: streams read side by side.
    """
    dropout = config.dropout if config.dropout is not None else min(0.7, 0.25 + 0.02 * readings)
    recurrent = min(0.5, max(0.0, 0.02 * (readings - 5.0))) if dropout else 0.0
    slower = max(1.0, readings / 5.0) ** -0.75
    rate = config.learning_rate or max(1.5e-3, 8e-3 * slower * math.sqrt(batch / 64))
    return Pace(dropout, 0.6 * dropout, recurrent, rate)


def schedule(share: float) -> float:
    """The learning rate over its peak when this share of the budget is spent: a short rise, then a straight fall."""
    return min(share / WARM_UP, 1.0) * max(1.0 - share, 0.0) + 0.002


def _operations(hidden: int, embedding: int = 256, layers: int = 1) -> float:
    """Floating-point operations of a training step per word, for a softmax of 5,000 words."""
    recurrent = embedding * 4 * hidden + 4 * hidden * hidden + (layers - 1) * 8 * hidden * hidden
    return 6.0 * (recurrent + embedding * hidden + embedding * 5000)


def rarest(words: int) -> int:
    """How often a word must occur in a text of so many words for the softmax to hold it."""
    return 2 if words < 120_000 else 3


def advised(words: int) -> tuple[int, int]:
    """(minutes, hidden units) that a text of so many words is worth on a laptop: it is read :data:`WORTH` times.

    Longer trainings gain less and less; docs/decisions/pace.md has the figures.
    """
    hidden = next(size for most, size in WIDEST if words < most)
    seconds = words * WORTH * (OVERHEAD + SLOWER * _operations(hidden) / LAPTOP)
    return max(1, round(seconds / 60)), hidden


def has_fast_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 natively; elsewhere emulation is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
