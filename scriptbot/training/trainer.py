"""Training against the clock: networks one after the other, until the time is up or enough is learnt.

How one of them learns is the matter of :mod:`scriptbot.training.learner`.  What was held out to tell which weights are
the best is learnt at the very end, see :mod:`scriptbot.training.afterwards`.  A long training saves checkpoints, see
:mod:`scriptbot.training.checkpoint`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import tensorflow as tf

from scriptbot.config import TrainConfig
from scriptbot.events import Prepared, TrainEvent, Warned
from scriptbot.lm.evaluate import Evaluation
from scriptbot.lm.model import Model
from scriptbot.lm.params import Array, initial, sound
from scriptbot.lm.transfer import transferred
from scriptbot.training import afterwards, beginning
from scriptbot.training.batches import Stream
from scriptbot.training.checkpoint import Store
from scriptbot.training.clock import Counting
from scriptbot.training.corpus import Corpus
from scriptbot.training.learner import Learner, seeds
from scriptbot.training.lstm_op import speed
from scriptbot.training.outcome import Outcome, Result, Weights
from scriptbot.training.plan import Pace, Plan, has_fast_bfloat16, pace, plan
from scriptbot.training.run_state import MemberRun, Restored, restored

GOOD_ENOUGH = 1.05  # bits of a network that may decide with others, over those of the best one
LEAST_STEPS_MORE = 60  # for which there must be time before another network is begun
FITTING = 0.6  # the time it takes to fit cache and counts, in times that one network is scored


class Trainer:
    """One training run; iterate :meth:`run` for its events, then read ``result``.

    Args:
        corpus: what to learn.
        config: how.
        clock: counts the budget; a paused one pauses the training.
        stop: asked before every step; True ends the run early, keeping the best so far.
        base: a model to start from, which then gives the shape of the network; None: random weights.
        store: where checkpoints are saved; the training goes on from one that is there.  None: nowhere.
        planned, paced: choose what the configuration leaves open.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: TrainConfig,
        clock: Counting,
        stop: Callable[[], bool],
        base: Model | None = None,
        store: Store | None = None,
        *,
        planned: Callable[..., Plan] = plan,
        paced: Callable[..., Pace] = pace,
    ) -> None:
        if base is not None:
            shape = base.config
            config = dataclasses.replace(config, hidden=shape.hidden, embedding=shape.embedding, layers=shape.layers)
        self.corpus, self.config, self.clock, self.base, self.store = corpus, config, clock, base, store
        dtype = tf.bfloat16 if has_fast_bfloat16() else tf.float32
        left = self._left()
        if left:
            self.plan = left.plan
        else:
            self.plan = planned(config, len(corpus.train), speed(dtype), from_base=base is not None)
            if base is not None:
                self.plan = dataclasses.replace(self.plan, model=base.config)
        arrays = left.weights if left else self.initial(0)
        self.outcome = Outcome(corpus, self.plan.model, clock)
        self.learner = Learner(
            corpus,
            config,
            self.plan,
            arrays,
            dtype,
            self.outcome,
            clock,
            stop,
            store=store,
            paced=paced,
        )
        if left:
            self.learner.so_far = left.so_far
            left.remind(self.learner.network, self.learner.optimiser)
            self.clock.forgive(self.seconds - left.seconds)
        self.so_far = self.learner.so_far
        self.rest = corpus.rest if corpus.rest is not None and afterwards.worth(corpus.rest, corpus.train) else None
        self.result: Result | None = None

    def _left(self) -> Restored | None:
        """What an interrupted training has left to go on from, if anything that fits."""
        self._outdated = False
        found = self.store.load() if self.store else None
        try:
            return restored(found, self.corpus.vocabulary) if found else None
        except (KeyError, TypeError, ValueError):  # the code has changed since then, but not its version
            self._outdated = True
            return None

    @property
    def goes_on(self) -> bool:
        """Whether it goes on from a checkpoint of a training that was interrupted."""
        return self.so_far.way is not None

    @property
    def seconds(self) -> float:
        """Seconds of the budget that are spent."""
        return self.clock.seconds

    def run(self) -> Iterator[TrainEvent]:
        """Train until the budget is spent or it is stopped.

        Raises:
            TrainingError: the weights have grown beyond all numbers.
        """
        yield Prepared(
            self.corpus.characters,
            len(self.corpus.train),
            self.corpus.vocabulary.words,
            len(self.corpus.vocabulary.cast),
            self.plan.members * self.learner.parameters,
            self.seconds,
        )
        if self._outdated:
            yield Warned("Training starts over: the progress that was saved does not fit this version of scriptbot.")
        looking, budget = self._last_look_seconds(), self.config.seconds
        if looking > budget / 4:
            told = f"Scoring the held-out text will take about {looking:.0f} of the {budget:.0f} s."
            if looking >= budget:
                told = f"Scoring the held-out text will take about {looking:.0f} s, and there are only {budget:.0f} s."
            yield Warned(told, "Allow more minutes, or hold out less.")
        so_far, deadline = self.so_far, budget - looking - self._afterwards_seconds()
        if so_far.way is not None:
            yield from self._going_on(so_far.way, deadline)
        for number in range(so_far.way.member if so_far.way else 0, self.plan.members):
            if so_far.way is None:
                so_far.way = self._begun(number, deadline)
            if so_far.way is None:
                if self.config.members is not None:
                    yield Warned(
                        f"There was only time for {number} of {self.plan.members} networks.", "Allow more minutes."
                    )
                break
            yield from self.learner.train(so_far.way)
            best, so_far.way = so_far.way.best, None
            if best is not None and not (self.learner.interrupted and number and self._blind):
                so_far.members.append(best)
            if self.learner.interrupted:
                break
        if so_far.steps:
            kept = _good(so_far.members)
            self.result = self._result(*self.outcome.finished(kept))
            if self.rest is not None and not self.learner.interrupted:
                yield from self._learn_rest(self.result, kept, self.rest)

    def rescue(self) -> None:
        """Where :meth:`run` has failed: make a result of what was kept until then, as of a training that was
        interrupted, if anything was."""
        members, way = list(self.so_far.members), self.so_far.way
        if way is not None and way.best is not None and not (way.member and self._blind):
            members.append(way.best)
        if self.result is None and (kept := _good(members)):
            self.learner.interrupted = True
            self.result = self._result(*self.outcome.finished(kept))

    def initial(self, member: int) -> Weights:
        """Weights for a network to start from."""
        vocabulary, rng = self.corpus.vocabulary, np.random.default_rng(seeds(self.config, member, 0))
        if self.base is not None:
            total = len(self.corpus.train)
            return transferred(self.base, member, vocabulary, self.corpus.targets, total, rng)
        arrays = initial(self.plan.model, vocabulary.words, vocabulary.speakers, rng)
        arrays["embedding"] = beginning.turned(self._company, rng)
        return arrays | beginning.counted(self.corpus, arrays)

    @cached_property
    def _company(self) -> Array:
        """Where words are placed by their neighbours; every network begins with that."""
        return beginning.company(self.corpus.train, self.corpus.vocabulary.words, self.plan.model.embedding)

    @property
    def _blind(self) -> bool:
        """Whether so little was held out that nothing tells if a network that was interrupted is any good."""
        return len(self.corpus.held_out) <= 1

    def _going_on(self, way: MemberRun, deadline: float) -> Iterator[TrainEvent]:
        """Go on with a way that was begun by another process."""
        assert self.store is not None
        way.end = min(way.end, deadline)  # the end may take longer now
        yield Warned(
            f"This training was interrupted after {self.seconds / 60.0:.0f} of {self.config.minutes:g} minutes; it "
            "resumes from there.",
            f"To start over, press Ctrl-C twice, delete “{self.store.path}”, and train again.",
        )

    def _begun(self, number: int, deadline: float) -> MemberRun | None:
        """The way of another network, from its beginning; None if there is no time for it."""
        left = deadline - self.seconds
        if number:
            if left < LEAST_STEPS_MORE * self.so_far.step_seconds:
                return None
            self.learner.assign(self.initial(number))
        return self.learner.way(number, self.seconds + left / (self.plan.members - number))

    def _learn_rest(self, result: Result, members: list[Weights], rest: Stream) -> Iterator[TrainEvent]:
        """Learn what was held out, every network of the result in its turn, as far as there is time."""
        learnt: list[Weights] = []
        for number, arrays in enumerate(members):
            self.learner.assign(arrays)
            end = self.learner.budget - self.outcome.seconds_to_remember
            end = self.seconds + (end - self.seconds) / (len(members) - number)
            yield from self.learner.learn_rest(number, rest, end)
            after = self.learner.network.arrays()
            learnt.append(after if sound(after) else arrays)
            if self.learner.interrupted:  # nothing of it is learnt then
                self.result = self._result(result.model, result.evaluation)
                return
        self.outcome.remember(afterwards.joined(self.corpus.train, rest, 0, len(rest)))
        counts, cache = result.model.counts, result.model.cache
        model = dataclasses.replace(self.outcome.model(*learnt), counts=counts, cache=cache)
        self.result = self._result(model, result.evaluation)

    def _result(self, model: Model, evaluation: Evaluation | None) -> Result:
        return Result(model, evaluation, self.seconds, self.so_far.steps, self.learner.interrupted)

    def _last_look_seconds(self) -> float:
        """How long the end will take: scoring the held-out part, fitting the cache."""
        seconds = self.outcome.seconds_to_score(self.outcome.model(self.learner.network.arrays()))
        return seconds * (FITTING + self.plan.members)

    def _afterwards_seconds(self) -> float:
        """How long learning what was held out may take."""
        if self.rest is None:
            return 0.0
        steps = self.plan.members * afterwards.steps(self.learner.batcher(), self.rest, self.corpus.train)
        seconds = min(afterwards.SHARE * self.config.seconds, steps * self.plan.seconds_a_step)
        return self.outcome.seconds_to_remember + seconds


def _good(members: list[tuple[float, Weights]]) -> list[Weights]:
    """The weights of those networks that are not much worse than the best."""
    best = min((bits for bits, _ in members), default=0.0)
    return [arrays for bits, arrays in members if bits <= GOOD_ENOUGH * best]
