"""The cache's two numbers, fitted."""

from __future__ import annotations

import numpy as np
import support

from scriptbot.lm import scoring
from scriptbot.lm.evaluate import measure
from scriptbot.lm.fitting import SHARPNESSES, WEIGHTS, fit_cache
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.network import Network
from scriptbot.lm.scoring import Scores
from scriptbot.text.vocabulary import Coder

RNG = np.random.default_rng(0)


def scores(stems: np.ndarray, static: float) -> Scores:
    """A text whose every token the network gives the same log-probability."""
    count = len(stems)
    parts = [np.full(count, part, np.float32) for part in (0.0, static, 0.0)]
    queries = RNG.normal(size=(count, 8)).astype(np.float32)
    return Scores(*parts, queries, np.stack([stems, np.zeros_like(stems)], axis=1))


def test_a_text_that_repeats_itself_wants_the_cache_and_another_does_not() -> None:
    repeating = fit_cache([scores(np.tile(np.arange(5), 100), -6.0)])
    fresh = fit_cache([scores(np.arange(500), -6.0)])
    assert repeating.weight == max(WEIGHTS)
    assert fresh.weight == min(WEIGHTS)


def test_tokens_of_hardly_any_probability_do_not_spoil_the_fit() -> None:
    """A probability below what float32 can hold, as of a long word that is spelled."""
    found = fit_cache([scores(np.tile(np.arange(5), 100), -6.0), scores(np.array([77]), -300.0)])
    assert found.weight == max(WEIGHTS)


def test_hardly_any_text_is_not_fitted() -> None:
    assert fit_cache([scores(np.zeros(10, np.int64), -6.0)]) == CacheConfig()


def test_the_fit_is_the_best_of_the_grid_as_measured() -> None:
    model = support.model()
    coder = Coder(model.vocabulary)
    tokens = coder.encode("What light is love? The night is soft, but love is light. " * 20)
    scored = list(scoring.score(Network(model, coder.stem), tokens))
    chosen = fit_cache(scored, window=50)

    def bits(cache: CacheConfig) -> float:
        return measure(scored, lambda: 100, cache).bits_per_character

    best = min(bits(CacheConfig(weight, sharpness, 50)) for weight in WEIGHTS for sharpness in SHARPNESSES)
    assert abs(bits(chosen) - best) < 1e-4
