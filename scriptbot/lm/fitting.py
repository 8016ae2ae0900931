"""Fitting what is learnt from a conversation on held-out text: a small grid, exactly scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.model import CacheConfig, CountConfig
from scriptbot.lm.params import Array
from scriptbot.lm.scoring import CacheScorer, Scores, mixed

WEIGHTS = (0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4)
SHARPNESSES = (0.0, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.25)
REACHES = (300.0, 2000.0, 5000.0)  # beside the usual one
SHARES = (0.0, 0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
RATES = (0.001, 0.002, 0.004, 0.006, 0.01)
LEAST = 200  # tokens from which anything can be learnt


def fit_cache(scored: Sequence[Scores]) -> CacheConfig:
    """The configuration that makes held-out tokens likeliest; the default one for too few of them.

    First the sharpness, then the reach, then the rate of the adaptation; the weight with each of them.

    Args:
        scored: at some rates, :data:`RATES` for example.
    """
    if sum(len(part.targets) for part in scored) < LEAST:
        return CacheConfig()
    usual = CacheConfig()
    first = min((_weighed(scored, replace(usual, sharpness=sharpness)) for sharpness in SHARPNESSES), key=itemgetter(0))
    others = (_weighed(scored, replace(first[1], reach=reach)) for reach in REACHES)
    _, best = min((first, *others), key=itemgetter(0))
    return _adapted(scored, best)


def fit_counts(scored: Sequence[Scores]) -> CountConfig:
    """The share of the n-grams that makes held-out tokens likeliest; the default one for too few of them."""
    if sum(len(part.targets) for part in scored) < LEAST:
        return CountConfig()

    def loss(share: float) -> float:
        return -sum(float(replace(part, counted=share).static.sum(dtype=np.float64)) for part in scored)

    return CountConfig(words=min(SHARES, key=loss))


def _weighed(scored: Sequence[Scores], config: CacheConfig) -> tuple[float, CacheConfig]:
    """(−log p of the held-out tokens, the configuration with the weight that makes them likeliest)."""
    return _lightest(scored, _votes(scored, config), [replace(config, weight=weight) for weight in WEIGHTS])


def _adapted(scored: Sequence[Scores], config: CacheConfig) -> CacheConfig:
    """The same with the rate, and the weight beside it, that make the held-out tokens likeliest."""
    choices = [replace(config, weight=weight, rate=rate) for rate in (0.0, *scored[0].adapted) for weight in WEIGHTS]
    return _lightest(scored, _votes(scored, config), choices)[1]


def _votes(scored: Sequence[Scores], config: CacheConfig) -> list[tuple[Array, NDArray[np.bool_]]]:
    scorer = CacheScorer(config)
    return [scorer.votes(part) for part in scored]


def _lightest(
    scored: Sequence[Scores], votes: list[tuple[Array, NDArray[np.bool_]]], choices: Iterable[CacheConfig]
) -> tuple[float, CacheConfig]:
    """The best of several configurations that vote alike."""

    def loss(config: CacheConfig) -> float:
        pairs = zip(scored, votes, strict=True)
        return -sum(float(mixed(part, *given, config).sum(dtype=np.float64)) for part, given in pairs)

    return min(((loss(config), config) for config in choices), key=itemgetter(0))
