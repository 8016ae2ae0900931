"""Fitting cache, adaptation and the shares of the n-grams on held-out text: small grids, scored exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np

from scriptbot.lm.model import CacheConfig, CountConfig, everywhere
from scriptbot.lm.params import Array
from scriptbot.lm.scoring import CacheScorer, Scores, mixed
from scriptbot.text.vocabulary import FORMS, STRUCTURE

WEIGHTS = (0.0, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)
SHARPNESSES = (0.0, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.25)
REACHES = (300.0, 2000.0, 5000.0)  # beside the default
RATES = (0.001, 0.002, 0.004, 0.006, 0.01)
LEAST_TOKENS = 200  # held out, below which nothing is fitted
DOUBT_TOKENS = 50.0  # with the average loss, added to those of every form, so that few tokens do not decide alone


def fit_counts(scored: Sequence[Scores]) -> CountConfig:
    """The shares of the n-grams that make held-out tokens likeliest; the defaults if there are too few tokens."""
    if sum(len(part.targets) for part in scored) < LEAST_TOKENS:
        return CountConfig()

    def logs(share: float) -> list[Array]:
        return [replace(part, ngram_shares=everywhere(share)).static for part in scored]

    return CountConfig(words=(*_by_form(scored, logs)[:STRUCTURE], 0.0))


def fit_cache(scored: Sequence[Scores]) -> CacheConfig:
    """The configuration that makes held-out tokens likeliest; the default one if there are too few tokens.

    First the sharpness is fitted, then the reach, then the rate of the adaptation, each together with one weight for
    all forms; last a weight for every form.

    Args:
        scored: scores at some rates of the adaptation, :data:`RATES` for example.
    """
    if sum(len(part.targets) for part in scored) < LEAST_TOKENS:
        return CacheConfig()
    usual = CacheConfig()
    first = min((_weighed(scored, replace(usual, sharpness=sharpness)) for sharpness in SHARPNESSES), key=itemgetter(0))
    others = (_weighed(scored, replace(first[1], reach=reach)) for reach in REACHES)
    _, best = min((first, *others), key=itemgetter(0))
    votes = _votes(scored, best)
    best = _adapted(scored, votes, best)

    def logs(weight: float) -> list[Array]:
        config = replace(best, weights=everywhere(weight))
        return [mixed(part, *given, config) for part, given in zip(scored, votes, strict=True)]

    return replace(best, weights=_by_form(scored, logs))


def _by_form(scored: Sequence[Scores], logs: Callable[[float], list[Array]]) -> tuple[float, ...]:
    """[X] for every form the weight that makes its tokens likeliest; where they are few, those of all forms count, too.

    Args:
        logs: a weight → the log-probabilities of all tokens with it, part by part.
    """
    forms = np.concatenate([part.targets[:, 1] for part in scored])
    losses = np.empty((len(WEIGHTS), FORMS))
    for row, weight in zip(losses, WEIGHTS, strict=True):
        surprise = -np.concatenate(logs(weight)).astype(np.float64)
        row[:] = np.bincount(forms, surprise, minlength=FORMS) + DOUBT_TOKENS * surprise.mean()
    return tuple(WEIGHTS[best] for best in losses.argmin(axis=0))


def _weighed(scored: Sequence[Scores], config: CacheConfig) -> tuple[float, CacheConfig]:
    """(−log p of the held-out tokens, the configuration with the weight that makes them likeliest)."""
    choices = [replace(config, weights=everywhere(weight)) for weight in WEIGHTS]
    return _lightest(scored, _votes(scored, config), choices)


def _adapted(scored: Sequence[Scores], votes: list[tuple[Array, Array]], config: CacheConfig) -> CacheConfig:
    """The configuration with the rate and the weight that together make the held-out tokens likeliest."""
    rates, weights = (0.0, *scored[0].adapted), [everywhere(weight) for weight in WEIGHTS]
    choices = [replace(config, weights=weight, rate=rate) for rate in rates for weight in weights]
    return _lightest(scored, votes, choices)[1]


def _votes(scored: Sequence[Scores], config: CacheConfig) -> list[tuple[Array, Array]]:
    scorer = CacheScorer(config)
    return [scorer.votes(part) for part in scored]


def _lightest(
    scored: Sequence[Scores], votes: list[tuple[Array, Array]], choices: Iterable[CacheConfig]
) -> tuple[float, CacheConfig]:
    """(−log p of the held-out tokens, the best configuration) of several that give the same votes."""

    def loss(config: CacheConfig) -> float:
        pairs = zip(scored, votes, strict=True)
        return -sum(float(mixed(part, *given, config).sum(dtype=np.float64)) for part, given in pairs)

    return min(((loss(config), config) for config in choices), key=itemgetter(0))
