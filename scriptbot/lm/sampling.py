"""From probabilities to a choice: temperature, top-k, top-p, min-p and contrast."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig

Weights = NDArray[np.floating[Any]]

PLAUSIBLE_SHARE = 0.9  # of the probability: contrast applies to the likeliest entries that make it up, to no others
_NEAR = 1e-2  # times the likeliest: what makes up a nucleus is mostly above
_TAIL = 1e-4  # times the likeliest: what is below is sorted only if what is above falls short
BLOCK_ENTRIES = 64  # that are skipped together in the search for the one drawn
_TRIES = 4  # draws that may fall outside the nucleus before it is found by sorting


def temper(probabilities: Weights, temperature: float) -> Weights:
    """A copy of p^(1/T), with the largest entry scaled to 1; T < 1 sharpens, T > 1 flattens."""
    top = probabilities.max()
    if top <= 0.0:
        return probabilities.copy()
    scaled: Weights = probabilities / top
    if temperature != 1.0:
        np.power(scaled, probabilities.dtype.type(1.0 / temperature), out=scaled)
    return scaled


def chance(share: float, probabilities: Weights, weights: Weights, temperature: float) -> float:
    """The probability that, at a temperature, something of probability ``share`` is drawn rather than one of some
    entries.

    Args:
        probabilities: of those entries.
        weights: what :func:`temper` makes of those.
    """
    top = float(probabilities.max())
    if not share or not top:
        return float(share > 0.0)
    rest = math.log(float(weights.sum())) + (math.log(top) - math.log(share)) / temperature
    return 1.0 / (1.0 + math.exp(min(rest, 700.0)))


def restrict(weights: Weights, settings: SampleConfig) -> NDArray[np.intp]:
    """The candidates that top-k, top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024) all keep, each applied to
    the whole.

    The likeliest candidate is always kept, and so are all that are as likely as the least likely one kept.
    """
    kept = np.flatnonzero(weights)
    chosen = weights[kept]
    top = chosen.max(initial=0.0)
    least = settings.min_p * float(top)
    if 0 < settings.top_k < len(kept):
        least = max(least, float(np.partition(chosen, len(kept) - settings.top_k)[len(kept) - settings.top_k]))
    if settings.top_p < 1.0:
        least = max(least, _nucleus(chosen, settings.top_p * float(chosen.sum(dtype=np.float64)), _TAIL * float(top)))
    return kept[chosen >= least]


def _nucleus(weights: Weights, wanted: float, tail: float) -> float:
    """The least of the largest weights that make up ``wanted``; those up to ``tail`` are sorted only if need be."""
    for among in (weights[weights > tail], weights):
        falling = np.sort(among)[::-1]
        total = np.cumsum(falling, dtype=np.float64)
        if len(total) and total[-1] >= wanted:
            return float(falling[int(total.searchsorted(wanted))])
    return 0.0


def possible(probabilities: Weights, probability: float, settings: SampleConfig) -> bool:
    """Whether top-k, top-p and min-p would keep an additional entry among some.

    Args:
        probabilities: of those it is added to.
        probability: of the additional one.
    """
    top = max(float(probabilities.max()), probability)
    if top <= 0.0:
        return True
    power = 1.0 / settings.temperature
    kind = probabilities.dtype.type
    weights, weight = np.power(probabilities / kind(top), kind(power)), (probability / top) ** power
    greater = weights > weight
    if (0 < settings.top_k <= int(greater.sum())) or weight < settings.min_p * float(weights.max()):
        return False
    above, all_ = float(weights[greater].sum()), float(weights.sum()) + weight
    return settings.top_p >= 1.0 or above < settings.top_p * all_


def draw(weights: Weights, rng: np.random.Generator) -> int:
    """The index of one entry, drawn in proportion to its weight."""
    return _drawn(weights, _edges(weights), rng)


def _edges(weights: Weights) -> Weights:
    """Running totals of the weights, block by block; fastest if the length is a multiple of the block."""
    if len(weights) % BLOCK_ENTRIES:
        weights = np.concatenate([weights, np.zeros(-len(weights) % BLOCK_ENTRIES, weights.dtype)])
    blocks = weights.reshape(-1, BLOCK_ENTRIES) @ _ones(weights.dtype)
    edges: Weights = blocks.cumsum(dtype=np.float64)
    return edges


@lru_cache(maxsize=2)
def _ones(dtype: np.dtype[np.floating[Any]]) -> Weights:
    return np.ones(BLOCK_ENTRIES, dtype)


def _drawn(weights: Weights, edges: Weights, rng: np.random.Generator) -> int:
    point = rng.random() * float(edges[-1])
    block = int(edges.searchsorted(point, side="right"))
    begin = block * BLOCK_ENTRIES
    within = weights[begin : begin + BLOCK_ENTRIES].cumsum(dtype=np.float64)
    if block:
        point -= float(edges[block - 1])
    place = int(within.searchsorted(point, side="right"))
    if place < len(within) and weights[begin + place] > 0.0:
        return begin + place
    possible = np.flatnonzero(weights)  # rounding led just past the one drawn
    return int(possible[max(0, int(possible.searchsorted(begin + place)) - 1)])


def restrict_few(weights: Sequence[float], settings: SampleConfig) -> list[bool]:
    """Which of a few entries top-k, top-p and min-p keep at the temperature."""
    top, power = max(weights), 1.0 / settings.temperature
    raised = [(weight / top) ** power for weight in weights] if top > 0.0 else [1.0] * len(weights)
    falling = sorted(raised, reverse=True)
    wanted, least = settings.top_p * sum(falling), falling[-1]
    for place, weight in enumerate(falling):
        wanted -= weight
        if wanted <= 0.0 or place + 1 == settings.top_k:
            least = weight
            break
    least = max(least, settings.min_p)
    return [weight >= least for weight in raised]


def draw_few(weights: Sequence[float], temperature: float, rng: np.random.Generator) -> int:
    """The index of one of a few entries, drawn in proportion to weight^(1/T)."""
    top, power = max(weights), 1.0 / temperature
    tempered = [(weight / top) ** power for weight in weights] if top > 0.0 else [1.0] * len(weights)
    point = rng.random() * sum(tempered)
    for index, weight in enumerate(tempered):
        point -= weight
        if point < 0.0:
            return index
    return max(index for index, weight in enumerate(tempered) if weight > 0.0)


def pick(
    weights: Weights,
    settings: SampleConfig,
    rng: np.random.Generator,
    anywhere: Callable[[NDArray[np.intp]], Weights] | None = None,
) -> int | None:
    """The index of one entry, drawn as the settings say; None if none is possible.

    With contrast, plausible entries are drawn by p / q^contrast instead of p: contrastive decoding (Li et al. 2023,
    arXiv:2210.15097) against a unigram model, sampling instead of searching.

    Args:
        weights: as :func:`temper` leaves them.
        anywhere: indices → q, how likely those entries are regardless of context.
    """
    if settings.contrast == 0.0 or anywhere is None:
        return _picked(weights, settings, rng)
    among = _plausible(weights, settings)
    chosen = weights[among]
    if settings.top_p > PLAUSIBLE_SHARE:
        index = _picked(weights, settings, rng)
        if index is None or weights[index] < chosen.min():
            return index
    if not len(among):
        return None
    return int(among[draw(chosen * anywhere(among) ** -settings.contrast, rng)])


def _plausible(weights: Weights, settings: SampleConfig) -> NDArray[np.intp]:
    """What the settings keep, and of that the likeliest that make up :data:`PLAUSIBLE_SHARE`; mostly a few dozen."""
    share = min(settings.top_p, PLAUSIBLE_SHARE)
    if settings.top_k or settings.min_p:
        return restrict(weights, replace(settings, top_p=share))
    wanted = share * float(weights.sum())
    for tail in (_NEAR, _TAIL, 0.0):
        among = np.flatnonzero(weights > tail)
        chosen = weights[among]
        falling = np.sort(chosen)[::-1]
        total = falling.cumsum(dtype=np.float64)
        if len(total) and total[-1] >= wanted:
            break
    kept: NDArray[np.intp] = among[chosen >= falling[: int(total.searchsorted(wanted)) + 1].min(initial=1.0)]
    return kept


def _picked(weights: Weights, settings: SampleConfig, rng: np.random.Generator) -> int | None:
    """The index of one entry, drawn as the settings say, but without contrast.

    A draw from all entries that falls on one of the candidates is a draw from the candidates, and telling whether it
    does needs no sorting.
    """
    edges = _edges(weights)
    if not edges[-1] > 0.0:
        return None
    if settings.top_k == 0 and settings.min_p == 0.0:
        wanted = settings.top_p * float(edges[-1])
        for _ in range(_TRIES):
            index = _drawn(weights, edges, rng)
            weight = weights[index]
            # If it weighs more than all that may be left out, those above it cannot make up the nucleus.
            if weight > edges[-1] - wanted or weights.dot(weights > weight) < wanted:
                return index
    kept = restrict(weights, settings)
    return int(kept[draw(weights[kept], rng)])
