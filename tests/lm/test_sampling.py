"""From odds to a choice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.config import SampleConfig
from scriptbot.lm.sampling import choose, draw, restrict, temper

ODDS = np.array([0.5, 0.25, 0.15, 0.1])


def test_temperature_sharpens_and_flattens() -> None:
    assert temper(ODDS, 1.0) == pytest.approx(ODDS / 0.5)
    assert temper(ODDS, 0.5)[1] == pytest.approx(0.25)
    assert temper(ODDS, 2.0)[1] == pytest.approx(0.5**0.5)


def test_the_coldest_takes_the_likeliest() -> None:
    weights = temper(ODDS, 0.05)
    assert weights[0] == 1.0 and weights[1:].sum() < 1e-5


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (SampleConfig(top_p=1.0), 4),
        (SampleConfig(top_k=2, top_p=1.0), 2),
        (SampleConfig(top_p=0.5), 1),
        (SampleConfig(top_p=0.75), 2),
        (SampleConfig(top_p=0.76), 3),
        (SampleConfig(top_p=1.0, min_p=0.31), 2),
        (SampleConfig(top_p=0.01), 1),
    ],
)
def test_restrictions(settings: SampleConfig, kept: int) -> None:
    assert sorted(restrict(ODDS, settings)) == list(range(kept))


def test_what_cannot_be_is_no_candidate() -> None:
    odds = np.array([0.0, 0.5, 0.0, 0.5])
    assert list(restrict(odds, SampleConfig(top_p=1.0))) == [1, 3]
    assert choose(odds, SampleConfig(temperature=5.0), np.random.default_rng(1)) in {1, 3}


def test_a_long_tail_is_cut_exactly() -> None:
    """Ninety-nine hundredths lie in a tail so flat that none of it is likely."""
    odds = np.concatenate([[1.0], np.full(990_000, 1e-4)])
    assert len(restrict(odds, SampleConfig(top_p=0.5))) == pytest.approx(990_000 / 2, rel=0.02)


@given(st.lists(st.floats(0.0, 1e30), min_size=1).filter(any), st.integers(0, 2**32))
def test_nothing_impossible_is_drawn(odds: list[float], seed: int) -> None:
    weights = np.array(odds)
    assert weights[draw(weights, np.random.default_rng(seed))] > 0.0


def test_draws_follow_the_odds() -> None:
    rng = np.random.default_rng(3)
    counts = np.bincount([draw(ODDS, rng) for _ in range(20_000)], minlength=4) / 20_000
    assert counts == pytest.approx(ODDS, abs=0.015)
