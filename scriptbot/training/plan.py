"""Choosing what the user leaves open: sizes by corpus and minutes, learning rate and dropout by the time of a step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.lm.sizing import TINY_TOKENS, seconds_a_token, widest

WARM_UP = 0.03  # share of the time in which the learning rate rises
SMALLEST = 256
SIZES = ((768, 12.0), (512, 6.0), (384, 1.0))  # hidden units, and passes over the text (readings) from which they pay
MIDDLE = 512
# Readings, by a network of the middle size, from which training another network gains more than reading on; and how
# many networks there are then at most.  Networks that begin with the same model err alike, so there is one of those.
ENOUGH, MOST_PLANNED = 8.0, 4
# A network that begins with a model (docs/decisions/base.md): readings after which its training ends; its peak learning
# rate for 64 streams, up to how many readings it stays there, to fall as one over them; and its dropout at most.
ENOUGH_FROM_BASE, GENTLE, GENTLY_READ, GENTLY_DROPPED = 10.0, 2e-3, 5.0, 0.35
# The peak learning rate for 64 streams; the readings up to which it stays there; the power of more readings with which
# it falls; and its lowest value.
FASTEST, READINGS_AT_FASTEST, SLOWING, SLOWEST = 8e-3, 5.0, -0.75, 1.5e-3
# Dropout of the hidden units: for a text that is hardly read, what every reading adds, and at most.
DROPPED, DROPPED_A_READING, MOST_DROPPED = 0.25, 0.02, 0.7
INPUT_SHARE = 0.6  # of that: dropout of the words that are read
# Dropout of the recurrent kernel: what every reading adds, beyond how many, and at most.
KERNEL_DROPPED_A_READING, KERNEL_KEPT_READINGS, MOST_KERNEL_DROPPED = 0.02, 5.0, 0.5
LAST_RATE = 0.002  # of the peak, so that even the last step changes something


@dataclass(frozen=True, slots=True)
class Plan:
    """The network, how many of it there are, and how much of the text it reads at once.

    Attributes:
        members: networks that are trained one after the other, to decide together.
        batch, steps: streams side by side, and words of each per step.
        seconds_a_step: a guess.
        from_base: whether the networks begin with a model, and not from nothing.
    """

    model: ModelConfig
    members: int
    batch: int
    steps: int
    seconds_a_step: float
    from_base: bool = False

    @property
    def drops_kernel(self) -> bool:
        """Whether weights of the recurrent kernel are dropped, if a text is read often enough."""
        return not self.from_base


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


def plan(config: TrainConfig, tokens: int, speed: float, *, spent: float = 0.0, from_base: bool = False) -> Plan:
    """Choose what the configuration leaves open of size and batch; docs/decisions/pace.md has the trials behind it.

    Args:
        tokens: of the training part.
        speed: floating-point operations per second of this machine at the products of a training step.
        spent: seconds of the budget that have passed.
        from_base: whether the training begins with a model, and not from nothing.
    """
    layers, embedding = config.layers or 1, config.embedding or (128 if tokens < TINY_TOKENS else 256)
    batch = min(config.batch or max(8, min(64, tokens // 1000)), max(1, (tokens - 1) // 2))
    steps = config.steps or 20

    def seconds(hidden: int) -> float:
        return batch * steps * seconds_a_token(hidden, speed, embedding=embedding, layers=layers)

    def readings(hidden: int) -> float:
        return max(config.seconds - spent, 0.0) / seconds(hidden) * batch * steps / max(tokens, 1)

    most = widest(tokens)
    often = 1.0 if from_base else readings(config.hidden or min(most, MIDDLE)) / ENOUGH
    members = config.members or max(1, min(MOST_PLANNED, int(config.minutes), int(often)))
    fitting = (size for size, least in SIZES if size <= most and readings(size) >= least * members)
    hidden = config.hidden or next(fitting, SMALLEST)
    model = ModelConfig(embedding=embedding, hidden=hidden, layers=layers)
    return Plan(model, members, batch, steps, seconds(hidden), from_base)


def pace(config: TrainConfig, plan: Plan, readings: float) -> Pace:
    """Choose what the configuration leaves open of learning rate and dropout.

    The more often a text is read, the higher the dropout and the lower the learning rate.  A network that begins with a
    model has more to lose.

    Args:
        readings: how often one network will read the text.
    """
    most = GENTLY_DROPPED if plan.from_base else MOST_DROPPED
    dropout = min(most, DROPPED + DROPPED_A_READING * readings) if config.dropout is None else config.dropout
    kernel = KERNEL_DROPPED_A_READING * (readings - KERNEL_KEPT_READINGS)
    recurrent = min(MOST_KERNEL_DROPPED, max(0.0, kernel)) if dropout and plan.drops_kernel else 0.0
    side_by_side = math.sqrt(plan.batch / 64)
    if plan.from_base:
        rate = GENTLE * min(1.0, GENTLY_READ / max(readings, 1e-9)) * side_by_side
    else:
        rate = max(SLOWEST, FASTEST * max(1.0, readings / READINGS_AT_FASTEST) ** SLOWING * side_by_side)
    return Pace(dropout, INPUT_SHARE * dropout, recurrent, config.learning_rate or rate)


def schedule(share: float) -> float:
    """The learning rate over its peak when this share of a network's time is over: a short rise, a straight fall."""
    return min(share / WARM_UP, 1.0) * max(1.0 - share, 0.0) + LAST_RATE
