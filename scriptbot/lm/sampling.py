"""From a distribution to a choice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig

Weights = NDArray[np.float64]


def temper(probabilities: Weights, temperature: float) -> Weights:
    """p^(1/T), with the largest entry scaled to 1; T < 1 sharpens, T > 1 flattens."""
    top = probabilities.max()
    if top <= 0.0:
        return probabilities
    scaled: Weights = np.power(probabilities / top, 1.0 / temperature)
    return scaled


def restrict(weights: Weights, settings: SampleConfig) -> Weights:
    """Zero all but the candidates that top-k, top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024) leave.

    The likeliest candidate always stays.
    """
    result = weights.copy()
    if settings.min_p > 0.0:
        result[result < settings.min_p * result.max()] = 0.0
    count = np.count_nonzero(result)
    if 0 < settings.top_k < count:
        cut = np.partition(result, -settings.top_k)[-settings.top_k]
        result[result < cut] = 0.0
    if settings.top_p < 1.0:
        likely = np.flatnonzero(result > 1e-4 * result.max())  # sorting these few is exact unless they fall short
        order = likely[np.argsort(-result[likely], kind="stable")]
        total, wanted = np.cumsum(result[order]), settings.top_p * result.sum()
        if total[-1] >= wanted:
            chosen = order[: int(np.searchsorted(total, wanted)) + 1]
            nucleus = np.zeros_like(result)
            nucleus[chosen] = result[chosen]
            result = nucleus
    return result


def draw(weights: Weights, rng: np.random.Generator) -> int:
    """The index of one entry, drawn in proportion to its weight."""
    edges = np.cumsum(weights)
    index = int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
    return min(index, int(np.flatnonzero(weights)[-1]))
