"""Fitting the cache's weight, sharpness and reach on held-out text: a small grid, exactly scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np

from scriptbot.lm.model import CacheConfig
from scriptbot.lm.scoring import CacheScorer, Scores, mixed

WEIGHTS = (0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4)
SHARPNESSES = (0.0, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.25)
REACHES = (300.0, 2000.0, 5000.0)  # beside the usual one
LEAST = 200  # tokens from which anything can be learnt


def fit_cache(scored: Sequence[Scores]) -> CacheConfig:
    """The configuration that makes held-out tokens likeliest; the default one for too few of them.

    First the sharpness, then the reach; the weight with each of them.
    """
    if sum(len(part.targets) for part in scored) < LEAST:
        return CacheConfig()
    usual = CacheConfig()
    first = min((_weighed(scored, replace(usual, sharpness=sharpness)) for sharpness in SHARPNESSES), key=itemgetter(0))
    others = (_weighed(scored, replace(first[1], reach=reach)) for reach in REACHES)
    return min((first, *others), key=itemgetter(0))[1]


def _weighed(scored: Sequence[Scores], config: CacheConfig) -> tuple[float, CacheConfig]:
    """(−log p of the held-out tokens, the configuration with the weight that makes them likeliest)."""
    scorer = CacheScorer(config)
    votes = [scorer.votes(part) for part in scored]

    def loss(weight: float) -> float:
        pairs = zip(scored, votes, strict=True)
        return -sum(float(mixed(part, *given, weight).sum(dtype=np.float64)) for part, given in pairs)

    least, weight = min((loss(weight), weight) for weight in WEIGHTS)
    return least, replace(config, weight=weight)
