"""What the words of a conversation vote for, as the head of :mod:`scriptbot.lm.cache` puts it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scriptbot.lm import cache
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.params import Array

WINDOW, WIDTH, WORDS = 7, 4, 3
CONFIG = CacheConfig(weights=(0.1, 0.2), sharpness=0.5, window=WINDOW, reach=5.0, behind=1.5)


def voted(words: list[tuple[Array, int, int]], key: Array, form: int, config: CacheConfig) -> dict[int, float]:
    """By the formula: words [(key, stem, form)] of the whole conversation, the share of each stem."""
    window = words[-config.window :]
    stems = [stem for _, stem, _ in window]
    found: dict[int, float] = {}
    count = sum(its_form == form for *_, its_form in window)
    for place, (other, stem, its_form) in enumerate(window):
        if its_form == form:
            behind = place > 0 and stems[place - 1] == stems[-1]
            twice = behind and place > 1 and stems[place - 2] == stems[-2]
            loudness = config.sharpness * float(key @ other) - (len(window) - place) / config.reach
            found[stem] = found.get(stem, 0.0) + np.exp(loudness + config.behind * (behind + twice))
    return {stem: count / (count + cache.DOUBT_VOTES) * weight / sum(found.values()) for stem, weight in found.items()}


@pytest.mark.parametrize("behind", [0.0, 1.5])
@pytest.mark.parametrize("seed", range(40))
def test_votes_are_those_of_the_formula(seed: int, behind: float) -> None:
    rng, config = np.random.default_rng(seed), dataclasses.replace(CONFIG, behind=behind)
    memory, words = cache.empty(WINDOW, WIDTH, WORDS), list[tuple[Array, int, int]]()
    for _ in range(int(rng.integers(1, 4 * WINDOW))):  # few words, so that they come again; some beyond the softmax
        key, stem, form = rng.normal(size=WIDTH).astype(np.float32), int(rng.integers(WORDS + 1)), int(rng.integers(3))
        form = cache.SAID if form == 2 else form
        memory, words = memory.add(key, stem, form), [*words, (key, stem, form)]
    for form in (0, 1):
        key = rng.normal(size=WIDTH).astype(np.float32)
        places, votes = memory.votes(key, form, config, 0.5)
        found: dict[int, float] = {}
        for place, vote in zip(places.tolist(), votes.tolist(), strict=True):
            stem = place if place < WORDS else memory.outside[place - WORDS]
            found[stem] = found.get(stem, 0.0) + vote / 0.5
        assert found == pytest.approx(voted(words, key, form, config), abs=1e-5)
