"""A training with a clock that counts steps: how time is shared out, what is kept, what is left out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support
from support import Steps, planned

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.errors import TrainingError
from scriptbot.events import Prepared, Progress, Shortened, Validated, Warned
from scriptbot.lm import copies, scoring
from scriptbot.lm.evaluate import Evaluation, measure
from scriptbot.lm.model_file import load_model, save_model
from scriptbot.lm.network import Network
from scriptbot.text.load import open_source

pytest.importorskip("tensorflow")

import tensorflow as tf

from scriptbot.training import afterwards, learner
from scriptbot.training import trainer as trainer_module
from scriptbot.training.batches import Stream
from scriptbot.training.corpus import Corpus, lay_out
from scriptbot.training.meter import FIRST_LAPS
from scriptbot.training.outcome import Outcome, Result
from scriptbot.training.plan import ENOUGH_FROM_BASE, Pace, Plan
from scriptbot.training.trainer import LEAST_STEPS, LEAST_STEPS_MORE, Trainer

SMALL = {"hidden": 32, "embedding": 16, "batch": 4}


@pytest.fixture(scope="module")
def corpora(script: Path) -> dict[bool, Corpus]:
    """With and without a part that is held out."""
    source = open_source([script])
    return {held: lay_out(source, None, TrainConfig(validation_share=0.03 if held else 0.0)) for held in (True, False)}


@pytest.fixture(scope="module")
def kettle(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """What is held out of it is unlike the rest."""
    path = tmp_path_factory.mktemp("kettle") / "kettle.txt"
    path.write_text(
        "The kettle was on all day and nobody came. " * 200 + "Nobody all day was the kettle on. " * 30, "utf-8"
    )
    corpus = lay_out(open_source([path], format="text"), None, TrainConfig())
    assert corpus.coder.decode(corpus.held_out[2:9]) in "Nobody all day was the kettle on. " * 2
    return corpus


def training(
    corpus: Corpus, seconds: float, stop: Callable[[int], bool] = lambda step: False, **options: Any
) -> Trainer:
    trainer: list[Trainer] = []
    config = TrainConfig(minutes=seconds / 60.0, **SMALL, **options)
    trainer.append(Trainer(corpus, config, Steps(), lambda: stop(trainer[0].so_far.steps), planned=planned))
    return trainer[0]


def bits(evaluation: Evaluation | None) -> float:
    assert evaluation is not None
    return evaluation.bits_per_character_static


@pytest.mark.slow
def test_every_network_gets_its_share_of_the_steps(
    corpora: dict[bool, Corpus], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(trainer_module, "GOOD_ENOUGH", 1.5)  # after so few steps they differ by more than usual
    trainer = training(corpora[True], 3 * 100.0, members=3)
    events = list(trainer.run())
    assert trainer.result is not None and len(trainer.result.model.members) == 3
    save_model(trainer.result.model, tmp_path / "m.safetensors")
    model = load_model(tmp_path / "m.safetensors")
    assert model.copies is not None and model.exchanges is not None  # what a script is remembered by
    assert len(model.exchanges.speeches) == 3 * 60  # what was held out is among it
    assert not any(np.allclose(a.embedding, b.embedding) for a, b in itertools.combinations(model.members, 2))
    looks = [event.step for event in events if isinstance(event, Validated)]
    ends = looks[3::4]
    assert len(looks) == 12 and np.allclose(np.diff([0, *ends]), 96, atol=4)
    alone = training(corpora[True], 100.0, members=1)
    list(alone.run())
    assert alone.result is not None
    assert bits(trainer.result.evaluation) < bits(alone.result.evaluation) + 0.02
    prepared = next(event for event in events if isinstance(event, Prepared))
    assert prepared.parameters == 3 * sum(int(np.prod(variable.shape)) for variable in trainer.learner.variables)
    steps = [event.step for event in events if isinstance(event, Progress)]
    assert steps == sorted(steps)


def test_a_text_that_is_mapped_is_let_go_block_by_block(
    corpora: dict[bool, Corpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "BLOCK_TOKENS", 500)
    released = list[int]()

    class Mapped(Stream):
        def release(self) -> None:
            released.append(len(self))

    read = corpora[True].train
    mapped = Mapped(read.stems, read.forms, read.speakers)
    Outcome(replace(corpora[True], train=mapped), ModelConfig(), Steps())
    assert len(released) == -(-len(read) // 500) > 2


def surprise(result: Result | None, corpus: Corpus, *, counts: bool = True) -> float:
    """Bits per character of what was held out, under the model that came out in the end."""
    assert result is not None
    model = result.model if counts else replace(result.model, ngrams=None)
    scores = scoring.score(Network(model, corpus.coder.stem), corpus.held_out)
    return measure(scores, lambda: corpus.held_out_characters, None).bits_per_character_static


@pytest.mark.slow
def test_what_was_held_out_is_learnt_in_the_end(kettle: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SHARE", 0.5), ("GENTLY", 1.0)):
        monkeypatch.setattr(afterwards, name, value)
    monkeypatch.setattr(trainer_module, "GOOD_ENOUGH", 9.0)
    with_rest, without = (training(corpus, 260.0, members=2) for corpus in (kettle, replace(kettle, rest=None)))
    for trainer in (with_rest, without):
        list(trainer.run())
        assert trainer.result is not None and len(trainer.result.model.members) == 2
        assert trainer.result.steps <= 260 + 2 and trainer.seconds <= 260 + 4
        assert trainer.result.model.cache.rate > 0  # as it was fitted before
    after, before = with_rest.result, without.result
    assert surprise(before, kettle) == pytest.approx(bits(before.evaluation if before else None))
    assert surprise(after, kettle) < 0.8 * bits(after.evaluation if after else None)  # the figure is that from before
    assert surprise(after, kettle, counts=False) < 0.9 * surprise(before, kettle, counts=False)


def test_a_training_that_is_broken_off_is_over(kettle: Corpus) -> None:
    trainer = training(kettle, 130.0, lambda step: step >= 101, members=1)
    list(trainer.run())
    assert trainer.result is not None and trainer.result.steps == 101
    assert surprise(trainer.result, kettle) == pytest.approx(bits(trainer.result.evaluation))


def test_nothing_of_it_is_learnt_if_that_is_broken_off(kettle: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SHARE", 0.5), ("GENTLY", 1.0)):
        monkeypatch.setattr(afterwards, name, value)
    trainers, begun = list[Trainer](), itertools.count()
    trainers.append(training(kettle, 100.0, lambda step: trainers[0].result is not None and next(begun) == 9))
    list(trainers[0].run())
    result = trainers[0].result
    assert next(begun) > 9 and result is not None and result.interrupted
    assert surprise(result, kettle) == pytest.approx(bits(result.evaluation))


def test_what_was_held_out_is_dropped_from_a_long_text(kettle: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "LEAST", 0.2)
    assert training(kettle, 100.0).rest is None


def test_the_pace_is_set_anew_when_steps_turn_out_to_be_faster(corpora: dict[bool, Corpus]) -> None:
    trainers, paces = list[Trainer](), list[Pace]()

    class HeldUp(Steps):
        def wait(self) -> None:
            self.seconds += 10.0 if trainers[0].so_far.steps < FIRST_LAPS else 1.0

    def paced(config: TrainConfig, plan: Plan, readings: float) -> Pace:
        paces.append(Pace(dropout=0.3, input_dropout=0.2, recurrent_dropout=0.0, learning_rate=1.0 / readings))
        return paces[-1]

    config = TrainConfig(minutes=400.0 / 60.0, members=1, **SMALL)
    trainers.append(Trainer(corpora[False], config, HeldUp(), lambda: False, planned=planned, paced=paced))
    list(trainers[0].run())
    a_reading = len(corpora[False].train) / (4 * trainers[0].plan.steps)
    _, early, later, *_ = (1.0 / pace.learning_rate * a_reading for pace in paces)
    assert early == pytest.approx(400.0 / 10.0, rel=0.1)
    assert later == pytest.approx(400.0 - 9.0 * FIRST_LAPS, rel=0.03)  # of which 36 steps are taken already


@pytest.mark.slow
def test_no_network_is_begun_without_time(corpora: dict[bool, Corpus]) -> None:
    trainer = training(corpora[True], LEAST_STEPS_MORE * 1.5, members=8)
    list(trainer.run())
    assert trainer.result is not None and trainer.result.steps < LEAST_STEPS_MORE * 2
    spent = training(corpora[True], 0.05 * 60, members=3)
    warned = [event.sentence for event in spent.run() if isinstance(event, Warned)]
    assert spent.result is not None and spent.result.steps == LEAST_STEPS and len(spent.result.model.members) == 1
    assert warned == ["There was only time for 1 of 3 networks."]


@pytest.mark.parametrize(
    ("looking", "told"), [(2.0, "about 2 of the 3 s."), (5.0, "about 5 s, and there are only 3 s.")]
)
def test_how_long_the_scoring_takes_is_told(
    looking: float, told: str, corpora: dict[bool, Corpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "_last_look_seconds", lambda self: looking)
    warned = next(event for event in training(corpora[True], 3.0).run() if isinstance(event, Warned))
    assert warned.sentence == f"Scoring the held-out text will take {told}"


def test_steps_that_there_was_no_time_for_are_a_short_training(corpora: dict[bool, Corpus]) -> None:
    def held_out(trainer: Trainer) -> float:
        model = trainer.outcome.model(trainer.learner.network.arrays())
        return scoring.estimate(Network(model, trainer.corpus.coder.stem), trainer.corpus.held_out)

    spent = training(corpora[True], 0.5)
    before = held_out(spent)
    list(spent.run())
    assert spent.so_far.steps == LEAST_STEPS and held_out(spent) > before + 1.0


@pytest.mark.parametrize("held", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_one_that_is_broken_off_stays_out(corpora: dict[bool, Corpus], held: bool) -> None:
    trainer = training(corpora[held], 200.0, lambda step: step >= 101, members=2)
    list(trainer.run())
    result = trainer.result
    assert result is not None and result.interrupted and result.steps == 101
    assert len(result.model.members) == 1  # without a held-out part nobody can tell whether it is any good


@pytest.mark.parametrize(
    ("held", "failing", "networks"), [(True, 10, 0), (True, 60, 1), (True, 130, 1), (True, 160, 2), (False, 160, 1)]
)
def test_what_was_kept_before_a_failure_is_a_result(
    corpora: dict[bool, Corpus], held: bool, failing: int, networks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "GOOD_ENOUGH", 9.0)

    def stop(step: int) -> bool:
        if step == failing:
            raise MemoryError("no room")
        return False

    trainer = training(corpora[held], 200.0, stop, members=2)
    with pytest.raises(MemoryError):
        list(trainer.run())
    assert trainer.result is None
    trainer.rescue()
    result = trainer.result
    assert (result is None) == (networks == 0)
    if result is not None:
        assert result.interrupted and len(result.model.members) == networks
        assert not held or bits(result.evaluation) > 0


@pytest.mark.parametrize("held", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_one_that_diverges_spoils_nothing(
    corpora: dict[bool, Corpus], held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "GOOD_ENOUGH", 1.5)
    trainer = training(corpora[held], 300.0, members=3)
    calls = 0

    def broken(network: Any, optimiser: Any, plan: Any) -> Any:
        step = made(network, optimiser, plan)

        def stepping(*given: Any) -> Any:
            nonlocal calls
            calls += 1
            loss, states = step(*given)
            if calls == 120:  # in the second one, before anything of it was kept
                for variable in trainer.learner.variables:
                    variable.assign(tf.fill(variable.shape, np.nan))
                loss = tf.constant(np.nan)
            return loss, states

        return stepping

    made = learner.training_step
    monkeypatch.setattr(learner, "training_step", broken)
    events = list(trainer.run())
    assert sum(isinstance(event, Warned) for event in events) == 1
    assert trainer.result is not None and len(trainer.result.model.members) == 2
    assert all(np.isfinite(member.embedding).all() for member in trainer.result.model.members)


def test_when_all_is_lost_it_is_said(corpora: dict[bool, Corpus], monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = training(corpora[True], 100.0, members=1)

    def broken(network: Any, optimiser: Any, plan: Any) -> Any:
        def step(chunk: Any, states: Any, *given: Any) -> Any:
            for variable in trainer.learner.variables:
                variable.assign(tf.fill(variable.shape, np.nan))
            return tf.constant(np.nan), states

        return step

    monkeypatch.setattr(learner, "training_step", broken)
    with pytest.raises(TrainingError, match="diverged before anything was kept"):
        list(trainer.run())


def test_a_training_from_another_model_begins_where_that_one_ended(corpora: dict[bool, Corpus]) -> None:
    first = training(corpora[True], 120.0, members=1)
    list(first.run())
    assert first.result is not None
    base = first.result.model
    config = TrainConfig(minutes=30.0 / 60.0, batch=4)  # the shape is that of the base
    second = Trainer(corpora[True], config, Steps(), lambda: False, base)
    assert second.plan.model == base.config
    begins = second.initial(0)
    assert np.array_equal(begins["layers.0.recurrent_kernel"], base.parameters.layers[0].recurrent_kernel)
    list(second.run())
    scratch = training(corpora[True], 30.0, members=1)
    list(scratch.run())
    assert second.result and scratch.result
    assert bits(second.result.evaluation) < bits(scratch.result.evaluation)


def test_networks_begin_with_different_ones_of_the_base(corpora: dict[bool, Corpus]) -> None:
    base = support.model(members=2)
    trainer = Trainer(corpora[True], TrainConfig(batch=4, members=3), Steps(), lambda: False, base)
    for member, begins in enumerate((*base.members, base.parameters)):
        assert np.array_equal(trainer.initial(member)["form_kernel"], begins.form_kernel)


@pytest.mark.slow
@pytest.mark.parametrize("members", [None, 2])
def test_a_training_from_another_model_ends_when_enough_is_learnt(
    corpora: dict[bool, Corpus], members: int | None
) -> None:
    first = training(corpora[True], 60.0, members=1)
    list(first.run())
    assert first.result is not None
    config = TrainConfig(minutes=20.0, batch=4, members=members)
    second = Trainer(corpora[True], config, Steps(), lambda: False, first.result.model, planned=planned)
    events = list(second.run())
    steps = (members or 1) * ENOUGH_FROM_BASE * len(corpora[True].train) / (4 * second.plan.steps)
    (shortened,) = (event for event in events if isinstance(event, Shortened))
    assert shortened.budget == 20.0 * 60.0 and steps < shortened.seconds < 1.5 * steps
    ended = [event.step for event in events if isinstance(event, Validated)][-1]
    assert abs(ended - steps) <= 2 * (members or 1)
    assert second.result and len(second.result.model.members) == (members or 1)
    assert second.seconds < 1.5 * steps
    told = [event for event in events if isinstance(event, Progress)]
    assert all(event.seconds <= event.budget < 1.5 * steps for event in told[12:])
    scratch = training(corpora[True], 600.0, members=1)
    assert not any(isinstance(event, Shortened) for event in scratch.run()) and scratch.seconds > 500


def test_that_enough_is_learnt_sooner_is_said_when_it_is_known(corpora: dict[bool, Corpus]) -> None:
    trainers = list[Trainer]()

    class HeldUp(Steps):
        def wait(self) -> None:
            self.seconds += 10.0 if trainers[0].so_far.steps < FIRST_LAPS else 1.0

    config = TrainConfig(minutes=25.0, batch=4)
    trainers.append(Trainer(corpora[True], config, HeldUp(), lambda: False, support.model(), planned=planned))
    *_, shortened = (event for event in trainers[0].run() if isinstance(event, Shortened))
    assert shortened.budget == 1500.0 and trainers[0].seconds - 5.0 < shortened.seconds < 500.0


def test_time_that_the_next_network_needs_is_not_given_back(
    corpora: dict[bool, Corpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "ENOUGH_FROM_BASE", 3.0)
    trainers = list[Trainer]()

    class Slower(Steps):
        def wait(self) -> None:
            self.seconds += 8.0 if trainers[0].so_far.members else 1.0

    config = TrainConfig(minutes=5.0, batch=4, members=2)
    trainers.append(Trainer(corpora[True], config, Slower(), lambda: False, support.model(), planned=planned))
    told = list(trainers[0].run())
    (shortened,) = (event.seconds for event in told if isinstance(event, Shortened))
    last = [event for event in told if isinstance(event, Progress)][-1]
    assert shortened < 200.0 < 280.0 < last.seconds <= last.budget == 300.0
