"""From a distribution to a choice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig

Weights = NDArray[np.floating[Any]]

_TAIL = 1e-4  # of the likeliest: below, a candidate is sorted only if those above fall short


def temper(probabilities: Weights, temperature: float) -> Weights:
    """p^(1/T), with the largest entry scaled to 1; T < 1 sharpens, T > 1 flattens."""
    top = probabilities.max()
    if top <= 0.0:
        return probabilities
    scaled: Weights = np.power(probabilities / top, probabilities.dtype.type(1.0 / temperature))
    return scaled


def restrict(weights: Weights, settings: SampleConfig) -> NDArray[np.intp]:
    """The candidates that top-k, top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024) leave.

    The likeliest candidate always stays.
    """
    top = weights.max()
    kept = np.flatnonzero(weights >= settings.min_p * top if settings.min_p > 0.0 else weights)
    if 0 < settings.top_k < len(kept):
        kept = kept[np.argpartition(-weights[kept], settings.top_k - 1)[: settings.top_k]]
        kept.sort()
    if settings.top_p >= 1.0:
        return kept
    chosen = weights[kept]
    wanted = settings.top_p * float(chosen.sum(dtype=np.float64))
    likely = np.flatnonzero(chosen > _TAIL * top)
    for among in (likely, np.arange(len(kept))):
        order = among[np.argsort(-chosen[among], kind="stable")]
        total = np.cumsum(chosen[order], dtype=np.float64)
        if total[-1] >= wanted:
            return kept[order[: int(np.searchsorted(total, wanted)) + 1]]
    return kept


def draw(weights: Weights, rng: np.random.Generator) -> int:
    """The index of one entry, drawn in proportion to its weight."""
    edges = np.cumsum(weights, dtype=np.float64)
    index = int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
    return index if index < len(weights) else int(np.flatnonzero(weights)[-1])


def choose(probabilities: Weights, settings: SampleConfig, rng: np.random.Generator) -> int:
    """The index of one entry, drawn as the settings say."""
    tempered = temper(probabilities, settings.temperature)
    kept = restrict(tempered, settings)
    return int(kept[draw(tempered[kept], rng)])
