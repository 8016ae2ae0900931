"""A small GPT over characters in plain PyTorch, of the size that nanoGPT's README recommends for a CPU.

    python benchmarks/peers/gpt.py TRAIN TEST --minutes 5

With three minutes or more it is wider and sees more.  Two minutes of tinyshakespeare: batch 24, block 128, width 192
without dropout 2.99 bits, batch 12 of the same 2.79, batch 12, block 64, width 128 at a rate of 1e-3 2.75.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from loop import arguments, readings, run
from torch import nn
from units import Characters

LAYERS, HEADS, BATCH = 4, 4, 12


@dataclass(frozen=True)
class Shape:
    """Width of the stream, characters seen, dropout in the perceptrons and of the attention, peak learning rate."""

    width: int = 192
    block: int = 128
    dropout: float = 0.1
    rate: float = 2e-3


def shape(given: argparse.Namespace) -> Shape:
    """What suits the time, and the text: dropout where it is read often."""
    if given.minutes < 3:
        return Shape(128, 64, 0.0, 1e-3)
    return Shape(dropout=0.1 if readings(given, 12_000) > 8 else 0.0)


class Block(nn.Module):
    """Attention and a perceptron, each behind a layer norm and around a short cut."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, self.dropout = shape.width, shape.dropout
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.joined = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.Dropout(shape.dropout)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, D] to the same."""
        heads = (*x.shape[:2], 3, HEADS, x.shape[2] // HEADS)
        query, key, value = self.attention(self.before(x)).view(heads).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, dropout_p=self.dropout if self.training else 0.0
        )
        x = x + self.joined(seen.transpose(1, 2).flatten(2))
        return x + self.perceptron(self.between(x))


class Gpt(nn.Module):
    """Token and place embeddings, blocks, a tied output."""

    def __init__(self, size: int, shape: Shape) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(size, shape.width), nn.Embedding(shape.block, shape.width)
        self.blocks = nn.Sequential(*(Block(shape) for _ in range(LAYERS)))
        self.norm, self.output = nn.LayerNorm(shape.width), nn.Linear(shape.width, size, bias=False)
        for part in self.modules():
            if isinstance(part, (nn.Linear, nn.Embedding)):
                nn.init.normal_(part.weight, std=0.02)
        self.output.weight = self.token.weight

    def forward(self, ids: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, None]:
        """Logits [T, N, V] for ids [T, N]."""
        x = self.token(ids.t()) + self.place(torch.arange(len(ids)))
        return self.output(self.norm(self.blocks(x))).transpose(0, 1), None


def windows(block: int, ids: torch.Tensor, generator: torch.Generator) -> Any:
    """Random windows without end."""
    reach = torch.arange(block + 1)
    while True:
        starts = torch.randint(len(ids) - block - 1, (BATCH,), generator=generator)
        taken = ids[starts[:, None] + reach].t()
        yield taken[:-1], taken[1:], True


@torch.no_grad()
def bits(block: int, model: nn.Module, ids: list[int], _parts: int) -> float:
    """Bits of ``ids[1:]``; every character but the first ones sees at least half a block before it."""
    everything, half = torch.tensor(ids), block // 2
    starts = list(range(0, len(ids) - 1 - block, half))
    last = everything[starts[-1] + half if starts else 0 :]  # what is left, less than a block
    total = _bits(model, last[:, None], half if starts else 0)
    reach = torch.arange(block + 1)
    for begin in range(0, len(starts), 64):
        total += _bits(model, everything[torch.tensor(starts[begin : begin + 64])[:, None] + reach].t(), half)
    if starts:  # the first half block has nothing before it
        total += _bits(model, everything[: half + 1, None], 0)
    return total


def _bits(model: nn.Module, ids: torch.Tensor, seen: int) -> float:
    """Bits of ids [T + 1, N] behind the ``seen`` first ones."""
    logits, _ = model(ids[:-1])
    told = ids[1 + seen :].flatten()
    return float(nn.functional.cross_entropy(logits[seen:].flatten(0, 1).float(), told, reduction="sum")) / math.log(
        2.0
    )


def main() -> None:
    given = arguments(__doc__)
    chosen = shape(given)
    run(
        given,
        Characters(given.train.read_text("utf-8")),
        lambda size: Gpt(size, chosen),
        partial(windows, chosen.block),
        partial(bits, chosen.block),
        rate=chosen.rate,
    )


if __name__ == "__main__":
    main()
