"""A small GPT over characters in plain PyTorch, of the size that nanoGPT's README recommends for a CPU, and doubled.

python benchmarks/peers/gpt.py TRAIN TEST --minutes 5
"""

from __future__ import annotations

import math
from typing import Any

import torch
from loop import arguments, run
from torch import nn
from units import Characters

LAYERS, HEADS, WIDTH, BLOCK, BATCH, DROPOUT = 4, 4, 192, 128, 24, 0.1


class Block(nn.Module):
    """Attention and a perceptron, each behind a layer norm and around a short cut."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.joined = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.perceptron = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(DROPOUT)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, D] to the same."""
        shape = (*x.shape[:2], 3, HEADS, WIDTH // HEADS)
        query, key, value = self.attention(self.before(x)).view(shape).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, dropout_p=DROPOUT if self.training else 0.0
        )
        x = x + self.joined(seen.transpose(1, 2).flatten(2))
        return x + self.perceptron(self.between(x))


class Gpt(nn.Module):
    """Token and place embeddings, blocks, a tied output."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(size, WIDTH), nn.Embedding(BLOCK, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm, self.output = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, size, bias=False)
        for part in self.modules():
            if isinstance(part, (nn.Linear, nn.Embedding)):
                nn.init.normal_(part.weight, std=0.02)
        self.output.weight = self.token.weight

    def forward(self, ids: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, None]:
        """Logits [T, N, V] for ids [T, N]."""
        x = self.token(ids.t()) + self.place(torch.arange(len(ids)))
        return self.output(self.norm(self.blocks(x))).transpose(0, 1), None


def windows(ids: torch.Tensor, generator: torch.Generator) -> Any:
    """Random windows without end."""
    reach = torch.arange(BLOCK + 1)
    while True:
        starts = torch.randint(len(ids) - BLOCK - 1, (BATCH,), generator=generator)
        taken = ids[starts[:, None] + reach].t()
        yield taken[:-1], taken[1:], True


@torch.no_grad()
def bits(model: nn.Module, ids: list[int]) -> float:
    """Bits of ``ids[1:]``; every character sees at least half a block before it."""
    everything, half, total = torch.tensor(ids), BLOCK // 2, 0.0
    count = len(ids) - 1
    for begin in range(0, count, half):
        start = max(0, begin - half)
        part = everything[start : min(begin + half, count) + 1]
        logits, _ = model(part[:-1, None])
        fresh = begin - start
        total += float(nn.functional.cross_entropy(logits[fresh:, 0].float(), part[1 + fresh :], reduction="sum"))
    return total / math.log(2.0)


def main() -> None:
    given = arguments(__doc__)
    run(given, Characters(given.train.read_text("utf-8")), Gpt, windows, bits, rate=2e-3)


if __name__ == "__main__":
    main()
