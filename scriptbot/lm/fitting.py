"""Fitting the cache's weight and sharpness on held-out text: a small grid, exactly scored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scriptbot.lm.model import CacheConfig
from scriptbot.lm.scoring import CacheScorer, Scores

WEIGHTS = (0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3)
SHARPNESSES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 1.0)
LEAST = 200  # tokens from which anything can be learnt


def fit_cache(scored: Sequence[Scores], window: int = 1000) -> CacheConfig:
    """The configuration that makes held-out tokens likeliest; the default one for too few of them."""
    if sum(len(part.targets) for part in scored) < LEAST:
        return CacheConfig()
    static = np.concatenate([part.static for part in scored]).astype(np.float64)
    best, chosen = float("inf"), CacheConfig()
    for sharpness in SHARPNESSES:
        scorer = CacheScorer(CacheConfig(0.0, sharpness, window))
        votes, seen = (np.concatenate(column) for column in zip(*(scorer.votes(part) for part in scored), strict=True))
        for weight in WEIGHTS:
            share = np.where(seen, weight, 0.0)
            with np.errstate(divide="ignore"):
                mixed = np.logaddexp(np.log1p(-share) + static, np.log(share) + np.log(votes))
            if -mixed.sum() < best:
                best, chosen = float(-mixed.sum()), CacheConfig(weight, sharpness, window)
    return chosen
