"""What is not said is chosen from the corpus, the minutes and the machine."""

from __future__ import annotations

import dataclasses

import pytest

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.training.plan import MOST_PLANNED, Plan, pace, plan

SPEED = 1e12


def planned(batch: int, *, from_base: bool = False) -> Plan:
    return Plan(ModelConfig(), 1, batch, 20, 0.1, from_base)


def test_more_time_or_a_faster_machine_earns_a_wider_network() -> None:
    widths = [plan(TrainConfig(minutes=minutes), 225_000, SPEED).model.hidden for minutes in (0.1, 1, 5, 20, 60)]
    assert widths == sorted(widths) and widths[0] < widths[2] < widths[4]
    assert plan(TrainConfig(minutes=5), 225_000, SPEED / 10).model.hidden < widths[2]
    assert plan(TrainConfig(minutes=5), 22_500_000, SPEED).model.hidden < widths[2]


def test_what_time_is_left_trains_other_networks() -> None:
    members = [plan(TrainConfig(minutes=minutes), 225_000, SPEED).members for minutes in (1, 5, 20, 600)]
    assert members == sorted(members) and members[:2] == [1, 2] and members[3] == MOST_PLANNED
    assert plan(TrainConfig(minutes=0.5), 1_000, SPEED).members == 1
    assert plan(TrainConfig(minutes=5), 225_000, 390e9).members == 1
    assert plan(TrainConfig(minutes=10), 225_000, 390e9).members == 3
    four = plan(TrainConfig(minutes=5, members=4), 225_000, SPEED)
    assert four.members == 4 and four.model.hidden < plan(TrainConfig(minutes=5), 225_000, SPEED).model.hidden


def test_time_that_is_spent_is_no_time_to_learn() -> None:
    late, whole = (plan(TrainConfig(minutes=20), 225_000, SPEED, spent=spent) for spent in (900.0, 0.0))
    short = plan(TrainConfig(minutes=5), 225_000, SPEED)
    assert (late.model, late.members) == (short.model, short.members) != (whole.model, whole.members)
    assert plan(TrainConfig(minutes=5), 225_000, SPEED, spent=999.0).members == 1


def test_from_a_base_there_is_one_network() -> None:
    config = TrainConfig(minutes=20, hidden=512)
    alone = plan(config, 225_000, SPEED, from_base=True)
    assert alone.members == 1 < plan(config, 225_000, SPEED).members and alone.model.hidden == 512
    assert plan(dataclasses.replace(config, members=2), 225_000, SPEED, from_base=True).members == 2


def test_what_another_model_has_learnt_is_treated_gently() -> None:
    paces = [pace(TrainConfig(), planned(64, from_base=True), readings) for readings in (1.0, 5.0, 10.0, 40.0)]
    assert [one.learning_rate for one in paces] == pytest.approx([2e-3, 2e-3, 1e-3, 0.25e-3])
    assert all(one.dropout <= 0.35 and one.recurrent_dropout == 0.0 for one in paces)
    chosen = pace(TrainConfig(dropout=0.6, learning_rate=0.01), planned(64, from_base=True), 40.0)
    assert (chosen.dropout, chosen.learning_rate) == (0.6, 0.01)


def test_a_tiny_text_gets_a_tiny_network_and_few_streams() -> None:
    found = plan(TrainConfig(minutes=5), 3_000, SPEED)
    assert found.model.embedding == 128 and found.model.hidden == 256 and found.batch == 8
    assert plan(TrainConfig(minutes=5), 5, SPEED).batch == 2


def test_the_more_often_a_text_is_read_the_more_is_dropped_and_the_slower_is_learnt() -> None:
    paces = [pace(TrainConfig(), planned(64), readings) for readings in (1.0, 8.0, 20.0, 60.0, 400.0)]
    for name in ("dropout", "input_dropout", "recurrent_dropout"):
        values = [getattr(one, name) for one in paces]
        assert values == sorted(values) and values[0] < values[2] and values[-1] < 0.75
    rates = [one.learning_rate for one in paces]
    assert rates == sorted(rates, reverse=True) and rates[-1] == 1.5e-3


def test_what_is_said_is_done() -> None:
    config = TrainConfig(hidden=96, embedding=48, layers=2, dropout=0.0, learning_rate=0.01, batch=5, steps=7)
    found = plan(config, 225_000, SPEED)
    speed = pace(config, found, 50.0)
    assert (found.model.hidden, found.model.embedding, found.model.layers) == (96, 48, 2)
    assert (found.batch, found.steps) == (5, 7)
    assert speed.learning_rate == 0.01
    assert speed.dropout == speed.input_dropout == speed.recurrent_dropout == pytest.approx(0.0)


def test_every_layer_takes_its_time() -> None:
    one, four = (plan(TrainConfig(minutes=2, layers=layers), 225_000, SPEED) for layers in (1, 4))
    assert four.model.hidden < one.model.hidden
    sizes = [plan(TrainConfig(minutes=5, layers=layers, hidden=512), 225_000, SPEED) for layers in (1, 2, 4)]
    assert sizes[0].seconds_a_step < sizes[1].seconds_a_step < sizes[2].seconds_a_step
