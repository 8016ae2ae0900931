"""From probabilities to a choice."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scriptbot.config import SampleConfig
from scriptbot.lm.sampling import chance, draw, draw_few, pick, possible, restrict, restrict_few, temper

PROBABILITIES = np.array([0.5, 0.25, 0.15, 0.1])


def test_temperature_sharpens_and_flattens() -> None:
    assert temper(PROBABILITIES, 1.0) == pytest.approx(PROBABILITIES / 0.5)
    assert temper(PROBABILITIES, 0.5)[1] == pytest.approx(0.25)
    assert temper(PROBABILITIES, 2.0)[1] == pytest.approx(0.5**0.5)


def test_the_coldest_takes_the_likeliest() -> None:
    weights = temper(PROBABILITIES, 0.05)
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
    assert sorted(restrict(PROBABILITIES, settings)) == list(range(kept))


@given(
    st.lists(st.floats(2**-10, 1.0, width=32), min_size=1, max_size=13),
    st.floats(0.3, 2.0),
    st.integers(0, 5),
    st.sampled_from([0.3, 0.9, 1.0]),
    st.sampled_from([0.0, 0.01, 0.2]),
)
def test_few_are_restricted_like_many(
    probabilities: list[float], cold: float, top_k: int, top_p: float, min_p: float
) -> None:
    settings = SampleConfig(cold, top_k, top_p, min_p)
    few = restrict_few(probabilities, settings)
    assert any(few) and few[int(np.argmax(probabilities))]
    one_by_one = dataclasses.replace(settings, temperature=1.0)
    many = restrict(temper(np.array(probabilities), cold), one_by_one)
    near = [np.isclose(a, b, rtol=1e-6) for n, a in enumerate(probabilities) for b in probabilities[:n]]
    if not any(near):
        assert list(np.flatnonzero(few)) == list(many)


def test_what_cannot_be_is_no_candidate() -> None:
    probabilities = np.array([0.0, 0.5, 0.0, 0.5])
    assert list(restrict(probabilities, SampleConfig(top_p=1.0))) == [1, 3]
    assert pick(temper(probabilities, 5.0), SampleConfig(temperature=5.0), np.random.default_rng(1)) in {1, 3}


def test_a_long_tail_is_cut_exactly() -> None:
    """Ninety-nine hundredths lie in a tail so flat that none of it is likely."""
    probabilities = np.concatenate([[1.0], np.linspace(1.001e-4, 1e-4, 990_000)])
    assert len(restrict(probabilities, SampleConfig(top_p=0.5))) == pytest.approx(990_000 / 2, rel=0.02)


def test_equals_stay_or_go_together() -> None:
    probabilities = np.array([0.4, 0.2, 0.2, 0.2])
    assert list(restrict(probabilities, SampleConfig(top_p=0.5))) == [0, 1, 2, 3]
    assert list(restrict(probabilities, SampleConfig(top_k=2, top_p=1.0))) == [0, 1, 2, 3]
    assert list(restrict(probabilities, SampleConfig(top_p=0.4))) == [0]


@pytest.mark.parametrize(
    "settings",
    [
        SampleConfig(temperature=0.7, top_p=0.8),
        SampleConfig(temperature=1.3, top_p=0.3),
        SampleConfig(temperature=1.0, top_k=5, top_p=0.9),
        SampleConfig(temperature=0.9, min_p=0.2, top_p=1.0),
    ],
)
@pytest.mark.parametrize("count", [3, 64, 200])
def test_choices_follow_the_probabilities_of_the_candidates(settings: SampleConfig, count: int) -> None:
    """Whether sorted out or drawn until one fits."""
    probabilities = np.random.default_rng(count).dirichlet(np.full(count, 0.3))
    weights = temper(probabilities, settings.temperature)
    kept = restrict(weights, settings)
    expected = np.zeros(count)
    expected[kept] = weights[kept] / weights[kept].sum()
    rng = np.random.default_rng(1)
    found = np.bincount([pick(weights, settings, rng) for _ in range(20_000)], minlength=count) / 20_000
    assert found == pytest.approx(expected, abs=0.015)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1).filter(lambda probabilities: max(probabilities) > 1e-30),
    st.floats(0.05, 5.0),
)
def test_choices_are_possible_at_every_temperature(probabilities: list[float], temperature: float) -> None:
    settings = SampleConfig(temperature=temperature)
    for kind in (np.float32, np.float64):
        array = np.array(probabilities, kind)
        assert array[pick(temper(array, temperature), settings, np.random.default_rng(0))] > 0.0


@given(st.lists(st.floats(0.0, 1e30), min_size=1).filter(any), st.floats(0.05, 5.0), st.integers(0, 2**32))
def test_a_few_are_drawn_alike(probabilities: list[float], temperature: float, seed: int) -> None:
    assert probabilities[draw_few(probabilities, temperature, np.random.default_rng(seed))] > 0.0


@given(st.lists(st.floats(0.0, 1e30), min_size=1).filter(any), st.integers(0, 2**32))
def test_nothing_impossible_is_drawn(probabilities: list[float], seed: int) -> None:
    weights = np.array(probabilities)
    assert weights[draw(weights, np.random.default_rng(seed))] > 0.0


def test_favour_is_among_the_plausible_only() -> None:
    """Of all that is drawn nine tenths are shared out anew; what is hardly likely is neither favoured nor left out."""
    weights, rng = np.array([0.5, 0.3, 0.12, 0.05, 0.03], np.float32), np.random.default_rng(1)
    favour = np.array([1.0, 4.0, 1.0, 1e6, 1e6], np.float32)

    def anywhere(among: NDArray[np.intp]) -> NDArray[np.float32]:
        return 1.0 / favour[among]

    drawn = np.bincount(
        [pick(weights, SampleConfig(1.0, top_p=1.0, contrast=1.0), rng, anywhere) or 0 for _ in range(20_000)]
    )
    among = 0.92 * weights[:3] * favour[:3] / (weights[:3] * favour[:3]).sum()
    assert drawn / 20_000 == pytest.approx([*among, 0.05, 0.03], abs=0.01)
    narrow = {pick(weights, SampleConfig(1.0, top_p=0.4, contrast=1.0), rng, anywhere) for _ in range(100)}
    assert narrow == {0}


def test_draws_follow_the_probabilities() -> None:
    rng = np.random.default_rng(3)
    counts = np.bincount([draw(PROBABILITIES, rng) for _ in range(20_000)], minlength=4) / 20_000
    assert counts == pytest.approx(PROBABILITIES, abs=0.015)


@given(
    st.lists(st.floats(0.0, 1.0, width=32), min_size=2, max_size=30),
    st.floats(2**-20, 1.0, width=32),
    st.floats(0.3, 2.0),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.01, 0.2]),
)
def test_what_stands_behind_an_entry_is_restricted_as_if_it_stood_beside(
    probabilities: list[float], probability: float, temperature: float, top_k: int, min_p: float
) -> None:
    settings = SampleConfig(temperature=temperature, top_k=top_k, min_p=min_p, top_p=1.0)
    beside = np.array([probability, *probabilities], np.float32)
    weights = temper(beside, temperature)
    ties = np.isclose(weights[0], weights[1:], rtol=1e-3) | np.isclose(weights[0], min_p * weights.max(), rtol=1e-3)
    if not ties.any():
        assert possible(beside[1:], float(beside[0]), settings) == (0 in restrict(weights, settings))


def test_a_rare_word_is_no_part_of_the_nucleus() -> None:
    probabilities = np.array([0.4, 0.2, 0.1], np.float32)
    assert possible(probabilities, 0.15, SampleConfig(temperature=1.0, top_p=0.9))
    assert not possible(probabilities, 0.01, SampleConfig(temperature=1.0, top_p=0.9))
    assert possible(probabilities, 0.01, SampleConfig(temperature=1.0, top_p=1.0))


@given(st.lists(st.floats(0.0, 1.0, width=32), min_size=1, max_size=9), st.floats(0.0, 1.0), st.floats(0.05, 3.0))
def test_what_stands_beside_some_entries_is_drawn_as_often_as_among_them(
    probabilities: list[float], share: float, temperature: float
) -> None:
    some = np.array(probabilities)
    found = chance(share, some, temper(some, temperature), temperature)
    together = temper(np.array([share, *probabilities]), temperature)
    if together.sum():
        assert found == pytest.approx(together[0] / together.sum(), abs=1e-6)
