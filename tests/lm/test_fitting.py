"""The cache: what it votes for, and its numbers, fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import support

from scriptbot.lm import cache, scoring
from scriptbot.lm.evaluate import measure
from scriptbot.lm.fitting import RATES, SHARPNESSES, WEIGHTS, fit_cache, fit_counts
from scriptbot.lm.model import CacheConfig, CountConfig, everywhere
from scriptbot.lm.network import Network
from scriptbot.lm.scoring import CacheScorer, Scores
from scriptbot.text.vocabulary import STRUCTURE, Coder

RNG = np.random.default_rng(0)


def scores(stems: np.ndarray, static: float) -> Scores:
    """A text whose every token the network gives the same log-probability."""
    count = len(stems)
    parts = [np.full(count, part, np.float32) for part in (0.0, static, 0.0)]
    keys = RNG.normal(size=(count, 8)).astype(np.float32)
    return Scores(*parts, keys, np.stack([stems, np.zeros_like(stems)], axis=1))


def test_a_text_that_repeats_itself_wants_the_cache_and_another_does_not() -> None:
    repeating = fit_cache([scores(np.tile(np.arange(5), 100), -6.0)])
    fresh = fit_cache([scores(np.arange(500), -6.0)])
    assert repeating.weights[0] == max(WEIGHTS)
    assert fresh.weights[0] == min(WEIGHTS)


def test_tokens_of_hardly_any_probability_do_not_spoil_the_fit() -> None:
    """A probability below what float32 can hold, as of a long word that is spelled."""
    found = fit_cache([scores(np.tile(np.arange(5), 100), -6.0), scores(np.array([77]), -300.0)])
    assert found.weights[0] == max(WEIGHTS)


def test_hardly_any_text_is_not_fitted() -> None:
    assert fit_cache([scores(np.zeros(10, np.int64), -6.0)]) == CacheConfig()


def test_the_fit_is_the_best_of_the_grid_as_measured() -> None:
    model = support.model()
    coder = Coder(model.vocabulary)
    tokens = coder.encode("What light is love? The night is soft, but love is light. " * 20)
    scored = list(scoring.score(Network(model, coder.stem), tokens, RATES))
    chosen = fit_cache(scored)

    def bits(cache: CacheConfig) -> float:
        return measure(scored, lambda: 100, cache).bits_per_character

    best = min(bits(CacheConfig(everywhere(weight), sharpness)) for weight in WEIGHTS for sharpness in SHARPNESSES)
    assert bits(chosen) < best + 1e-4
    assert bits(chosen) <= min(bits(replace(chosen, rate=rate)) for rate in (0.0, *RATES))
    assert chosen.rate > 0.0 and chosen.reach in (300.0, 1000.0, 2000.0, 5000.0)


def test_a_conversation_hears_the_same_votes_as_a_text_that_is_scored() -> None:
    """Word by word and chunk by chunk, past the window, with forms that were never there."""
    config = CacheConfig(everywhere(0.5), 0.4, window=20, reach=7.0, behind=1.5)
    stems, forms = RNG.integers(0, 6, 100), RNG.integers(0, 4, 100)
    forms[90] = 9
    keys = RNG.normal(size=(100, 8)).astype(np.float32)
    flat = np.zeros(100, np.float32)
    targets = np.stack([stems, forms], axis=1)
    scorer = CacheScorer(config)
    parts = [slice(0, 33), slice(33, 40), slice(40, 100)]
    whole = [scorer.votes(Scores(flat[p], flat[p], flat[p], keys[p], targets[p])) for p in parts]
    voted, trust = (np.concatenate(column) for column in zip(*whole, strict=True))
    memory = cache.empty(config.window, 8, 4)  # of which two stems stand outside the softmax
    for i in range(100):
        places, votes = memory.votes(keys[i], int(forms[i]), config)
        heard = np.array([*range(4), *memory.outside])[places]
        assert abs(float(votes[heard == stems[i]].sum()) - voted[i] * trust[i]) < 1e-5
        assert abs(float(votes.sum()) - trust[i]) < 1e-5
        if i % 13 == 5:
            older, given_up = memory, memory.add(keys[0], 1000 + i, 3)  # another future
            before = [older.votes(keys[i], form, config) for form in range(4)]
        memory = memory.add(keys[i], int(stems[i]), int(forms[i]))
        assert memory.latest(8) == stems[max(0, i - 7) : i + 1].tolist()
        if i % 13 == 12:  # neither the moment that both come from nor the other one has changed
            after = [older.votes(keys[i - 7], form, config) for form in range(4)]
            for (mine, votes), (others, same) in zip(before, after, strict=True):
                assert np.array_equal(mine, others) and np.array_equal(votes, same)
            assert given_up.latest(2) == [int(stems[i - 8]), 1000 + i - 7]


def test_the_shares_of_the_counts_are_fitted_form_by_form() -> None:
    """Signs are foretold better by the counts here and words by the network, and cues count for neither."""
    forms = np.concatenate([np.zeros(300, np.int64), np.full(300, 3), np.full(400, STRUCTURE)])
    whole = scores(np.arange(1000), -3.0)
    counts = np.where(forms == 0, np.float32(-0.5), np.where(forms == 3, np.float32(-9.0), np.float32(0.0)))
    targets = np.stack([np.arange(1000), forms], axis=1)
    words = fit_counts([replace(whole, ngrams=counts, targets=targets)]).words
    assert words[0] == max(WEIGHTS) and words[3] == 0.0 and words[STRUCTURE] == 0.0
    assert words[7] == fit_counts([replace(whole, ngrams=counts, targets=targets[:, [0, 1]])]).words[8]  # never seen
    assert fit_counts([scores(np.arange(50), -3.0)]) == CountConfig()


def test_a_form_that_was_hardly_seen_is_taken_for_an_average_one() -> None:
    forms = np.concatenate([np.zeros(400, np.int64), [5, 5]])
    counts = np.where(forms == 0, np.float32(-0.5), np.float32(-4.0))
    one = replace(scores(np.arange(402), -3.0), ngrams=counts, targets=np.stack([np.arange(402), forms], axis=1))
    assert fit_counts([one]).words[5] > 0.3
