"""Training a PyTorch peer against the clock, and scoring it: what all of them share.

Better than their users would do it: Adam with a warm-up and a cosine that ends when the time is up, gradients
clipped, the state carried from chunk to chunk, the best weights of several looks at held-out text kept.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from units import Characters, Words

LOOKS = (0.4, 0.6, 0.75, 0.9, 1.0)
STREAMS = 128  # in which the held-out text is read side by side in a look, so that looking takes no time worth telling


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by itself; elsewhere an LSTM under autocast fails, or crawls."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text("ascii", "replace").split() if cpuinfo.is_file() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags


def arguments(description: str) -> argparse.Namespace:
    """The command line of a peer."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    native = has_bfloat16()
    parser.add_argument("--bfloat16", action=argparse.BooleanOptionalAction, default=native, help="autocast")
    return parser.parse_args()


def readings(given: argparse.Namespace, speed: float) -> float:
    """How often the training text can be read in the time, at a speed in characters per second."""
    return float(given.minutes * 60.0 * speed / len(given.train.read_text("utf-8")))


class Recurrent(nn.Module):
    """Embedding, LSTM, and an output that shares the embedding's weights when both are as wide."""

    def __init__(self, size: int, embedding: int, hidden: int, layers: int, dropout: float, *, tied: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, embedding)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.lstm = nn.LSTM(embedding, hidden, layers, dropout=dropout if layers > 1 else 0.0)
        self.drop = nn.Dropout(dropout)
        self.narrow = nn.Linear(hidden, embedding) if tied and hidden != embedding else nn.Identity()
        self.output = nn.Linear(embedding if tied else hidden, size)
        if tied:
            self.output.weight = self.embedding.weight

    def forward(self, ids: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Logits [T, N, V] and the state after ids [T, N]."""
        out, state = self.lstm(self.drop(self.embedding(ids)), state)
        return self.output(self.narrow(self.drop(out))), state


def run(
    given: argparse.Namespace,
    units: Characters | Words,
    make: Callable[[int], nn.Module],
    chunks: Callable[[torch.Tensor, torch.Generator], Any],
    score: Callable[[nn.Module, list[int], int], float],
    rate: float,
) -> None:
    """Train, score, print one JSON line.

    Args:
        make: the model for a vocabulary of that size.
        chunks: (ids, generator) → endless (inputs [T, N], targets [T, N], whether the state begins anew).
        score: (model, ids, streams) → bits of ``ids[1:]``, each given all before it that the model can see; read in
            so many parts side by side, each as if nothing came before it.
        rate: peak learning rate.
    """
    torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(given.seed)
    generator = torch.Generator().manual_seed(given.seed)
    train, test = (path.read_text("utf-8") for path in (given.train, given.test))
    began = time.monotonic()
    budget = given.minutes * 60.0
    border = len(train) - min(len(train) * 3 // 100, 30_000)
    ids, held = torch.tensor(units.encode(train[:border])), units.encode(train[border:])
    model = make(units.size)
    optimiser = torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.99), weight_decay=0.0)
    best, kept, looks, steps, state = math.inf, None, list(LOOKS), 0, None
    look_seconds = 0.0  # of a look; the last one's are kept free
    for inputs, targets, fresh in chunks(ids, generator):
        share = min(1.0, (time.monotonic() - began) / max(budget - look_seconds, 1e-9))
        if looks and share >= looks[0]:
            looked = time.monotonic()
            looks.pop(0)
            model.eval()
            bits = score(model, held, STREAMS)
            model.train()
            if bits < best:
                best, kept = bits, copy.deepcopy(model.state_dict())
            look_seconds = time.monotonic() - looked
        if share >= 1.0:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate * min(share / 0.03, 1.0) * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-5
        with torch.autocast("cpu", torch.bfloat16, enabled=given.bfloat16):
            logits, state = model(inputs, None if fresh else state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
        if state is not None:
            state = tuple(part.detach() for part in state)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        steps += 1
    seconds = time.monotonic() - began
    assert kept is not None
    model.load_state_dict(kept)
    model.eval()
    # The first unit is foretold from a line end, as every other start of a line is.
    bits = score(model, [units.encode("\n")[0], *units.encode(test)], 1) + units.spelled_bits(test)
    record = {"bits_per_character": bits / len(test), "characters": len(test), "seconds": seconds, "steps": steps}
    print(json.dumps({**record, "torch": torch.__version__}))


def streams(batch: int, steps: int) -> Callable[[torch.Tensor, torch.Generator], Any]:
    """Parallel streams read side by side, the state carried; every epoch is laid anew."""

    def chunks(ids: torch.Tensor, generator: torch.Generator) -> Any:
        while True:
            rolled = torch.roll(ids, int(torch.randint(len(ids), (1,), generator=generator)))
            length = (len(ids) - 1) // batch
            laid = rolled[: length * batch].view(batch, length).t()
            following = rolled[1 : length * batch + 1].view(batch, length).t()
            for begin in range(0, length, steps):
                yield laid[begin : begin + steps], following[begin : begin + steps], begin == 0

    return chunks


@torch.no_grad()
def recurrent_bits(model: nn.Module, ids: list[int], parts: int) -> float:
    """Bits of ``ids[1:]``, the state carried through each of so many parts, which are read side by side."""
    total, state = 0.0, None
    length = -(-(len(ids) - 1) // parts)
    padded = torch.full((parts * length + 1,), -1)
    padded[: len(ids)] = torch.tensor(ids)
    inputs, targets = padded[:-1].view(parts, length).t(), padded[1:].view(parts, length).t()
    for begin in range(0, length, 512):
        logits, state = model(inputs[begin : begin + 512].clamp(min=0), state)
        told = targets[begin : begin + 512].flatten()
        total += float(
            nn.functional.cross_entropy(logits.flatten(0, 1).float(), told, ignore_index=-1, reduction="sum")
        )
    return total / math.log(2.0)
