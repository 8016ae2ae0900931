"""What is not said is chosen: size, dropout and pace from the size of the corpus and the minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from scriptbot.config import ModelConfig, TrainConfig

OPERATIONS_A_WORD = 45e6  # floating-point operations of a training step per word, at 512 units


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a training run needs to know, decided.

    Attributes:
        dropout: of the hidden units.
        recurrent_dropout: of the weights of the recurrent kernel.
    """

    model: ModelConfig
    dropout: float
    recurrent_dropout: float
    batch: int
    steps: int
    learning_rate: float


def plan(config: TrainConfig, words: int, speed: float) -> Plan:
    """Choose what the configuration leaves open; docs/decisions/pace.md has the trials behind it.

    The more often a text is read, the more is dropped and the slower is learnt.

    Args:
        words: tokens of the training part.
        speed: floating-point operations per second of this machine at the products of a training step.
    """
    readings = config.minutes * 60 * speed / OPERATIONS_A_WORD / max(words, 1)
    tiny = words < 20_000
    hidden = config.hidden or (256 if tiny else 384 if words < 120_000 or config.minutes < 1.5 else 512)
    model = ModelConfig(embedding=config.embedding or (128 if tiny else 256), hidden=hidden, layers=config.layers or 1)
    dropout = config.dropout if config.dropout is not None else min(0.6, 0.2 + 0.022 * readings)
    batch = min(config.batch or max(8, min(64, words // 1000)), max(1, (words - 1) // 2))
    slower = max(1.0, readings / 5) ** -0.75
    rate = config.learning_rate or max(1.5e-3, 8e-3 * slower * math.sqrt(batch / 64))
    return Plan(model, dropout, 0.5 * dropout if readings > 20 else 0.0, batch, config.steps or 20, rate)


def has_fast_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 natively; elsewhere emulation is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
