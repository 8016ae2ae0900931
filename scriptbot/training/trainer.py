"""Training against the clock: networks one after the other, until the time is up or enough is learnt.

How one of them learns from a chunk is the matter of :mod:`scriptbot.training.learner`.  Looks at the held-out part on
the way tell which of its weights are the best, and are kept.  What was held out is learnt at the very end, see
:mod:`scriptbot.training.afterwards`.  A long training saves checkpoints, see :mod:`scriptbot.training.checkpoint`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import tensorflow as tf

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.events import Prepared, Progress, Shortened, TrainEvent, Validated, Warned
from scriptbot.lm.evaluate import Evaluation
from scriptbot.lm.model import Model
from scriptbot.lm.params import Array, initial, sound
from scriptbot.lm.transfer import transferred
from scriptbot.training import afterwards, beginning, checkpoint
from scriptbot.training.ahead import ahead
from scriptbot.training.batches import Chunk, Stream
from scriptbot.training.checkpoint import Store
from scriptbot.training.clock import Counting
from scriptbot.training.corpus import Corpus
from scriptbot.training.learner import Learner
from scriptbot.training.lstm_op import speed
from scriptbot.training.meter import Laps, Meter
from scriptbot.training.network import States
from scriptbot.training.outcome import Outcome, Result, Weights, sample_of
from scriptbot.training.plan import ENOUGH_FROM_BASE, Pace, Plan, pace, plan, schedule
from scriptbot.training.processor import has_fast_bfloat16
from scriptbot.training.run_state import MemberRun, RunState, checkpoint_of, left_in

GOOD_ENOUGH = 1.05  # bits of a network that may decide with others, over those of the best one
HOPELESS = 64.0  # bits per character; twice what any character of Unicode takes if nothing was learnt
MUCH_SOONER = 0.9  # of the seconds that a training was said to take
LEAST_STEPS = 10  # taken even if the budget was spent on reading and compiling
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

    Attributes:
        goes_on: whether it goes on from a checkpoint of a training that was interrupted.
        so_far: how far it has come.
        interrupted: whether it was stopped.
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
        self.corpus, self.config, self.clock, self.stop = corpus, config, clock, stop
        self.base, self.store, self._paced = base, store, paced
        dtype = tf.bfloat16 if has_fast_bfloat16() else tf.float32
        left, self._outdated = left_in(store, corpus.vocabulary)
        self.goes_on = left is not None
        if left:
            self.plan = left.plan
        else:
            probed, spent = speed(dtype), clock.seconds
            self.plan = planned(config, len(corpus.train), probed, spent=spent, from_base=base is not None)
            if base is not None:
                self.plan = dataclasses.replace(self.plan, model=base.config)
        arrays = left.weights if left else self.initial(0)
        self.outcome = Outcome(corpus, self.plan.model, clock)
        self.learner = Learner(corpus, self.plan, arrays, dtype)
        self.so_far = left.so_far if left else RunState(self.plan.seconds_a_step)
        if left:
            left.remind(self.learner.network, self.learner.optimiser)
            clock.forgive(clock.seconds - left.seconds)
        self._kept = self.seconds  # when the last checkpoint was saved
        self.interrupted = False
        self._told = False  # that no checkpoint can be saved
        self._promised = config.seconds  # when it will be over, as it was said
        self.rest = corpus.rest if corpus.rest is not None and afterwards.worth(corpus.rest, corpus.train) else None
        self.result: Result | None = None

    @property
    def seconds(self) -> float:
        """Seconds of the budget that are spent."""
        return self.clock.seconds

    @property
    def budget(self) -> float:
        """Seconds that all of the training may take."""
        return self.config.seconds - self.so_far.spare

    def run(self) -> Iterator[TrainEvent]:
        """Train until the budget is spent or it is stopped.

        Raises:
            TrainingError: the weights have grown beyond all numbers.
        """
        yield Prepared(
            self.corpus.characters,
            self.corpus.words,
            self.corpus.vocabulary.words,
            len(self.corpus.vocabulary.cast),
            self.plan.members * self.learner.parameters,
            self.seconds,
        )
        if self._outdated:
            yield Warned("Training starts over: the progress that was saved does not fit this version of scriptbot.")
        self._time_scoring()
        looking, budget = self._last_look_seconds(), self.config.seconds
        if looking > budget / 4:
            told = f"Scoring the held-out text will take about {looking:.0f} of the {budget:.0f} s."
            if looking >= budget:
                told = f"Scoring the held-out text will take about {looking:.0f} s, and there are only {budget:.0f} s."
            yield Warned(told, "Allow more minutes, or hold out less.")
        so_far = self.so_far
        if so_far.way is not None:
            yield from self._going_on(so_far.way)
        for number in range(so_far.way.member if so_far.way else 0, self.plan.members):
            if so_far.way is None:
                so_far.way = self._begun(number)
            if so_far.way is None:
                if self.config.members is not None:
                    yield Warned(
                        f"There was only time for {number} of {self.plan.members} networks.", "Allow more minutes."
                    )
                break
            yield from self._train(so_far.way)
            best, last_pace, so_far.way = so_far.way.best, so_far.way.pace, None
            if best is not None and not (self.interrupted and number and self._blind):
                so_far.members.append(best)
            if self.interrupted:
                break
        if so_far.steps:
            kept = _good(so_far.members)
            self.result = self._result(*self.outcome.finished(kept))
            if self.rest is not None and not self.interrupted:
                yield from self._learn_rest(self.result, kept, self.rest, last_pace)

    def rescue(self) -> None:
        """Where :meth:`run` has failed: make a result of what was kept until then, as of a training that was
        interrupted, if anything was."""
        members, way = list(self.so_far.members), self.so_far.way
        if way is not None and way.best is not None and not (way.member and self._blind):
            members.append(way.best)
        if self.result is None and (kept := _good(members)):
            self.interrupted = True
            self.result = self._result(*self.outcome.finished(kept))

    def initial(self, member: int) -> Weights:
        """Weights for a network to start from."""
        vocabulary, rng = self.corpus.vocabulary, np.random.default_rng(self._seed(member, 0))
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

    def _going_on(self, way: MemberRun) -> Iterator[TrainEvent]:
        """Go on with a way that was begun by another process."""
        assert self.store is not None
        way.latest = min(way.latest, self._deadline())  # what comes after it may take longer now
        way.end = min(way.end, way.latest)
        yield Warned(
            f"This training was interrupted after {self.seconds / 60.0:.0f} of {self.config.minutes:g} minutes; it "
            "resumes from there.",
            f"To start over, press Ctrl-C twice, delete “{self.store.path}”, and train again.",
        )

    def _begun(self, number: int) -> MemberRun | None:
        """The way of another network, from its beginning; None if there is no time for it."""
        if number:
            if self._deadline() - self.seconds < LEAST_STEPS_MORE * self.so_far.step_seconds:
                return None
            self.learner.assign(self.initial(number))
        self._time_scoring()
        begin = self.seconds
        end = begin + (self._deadline() - begin) / (self.plan.members - number)
        pace = self._pace(self.so_far.step_seconds, end - begin)
        return MemberRun(number, begin, end, end, pace, self.learner.zero_states())

    def _train(self, way: MemberRun) -> Iterator[TrainEvent]:
        """One network to the end of its way; the best of its weights are in ``way.best`` then, if any are good."""
        so_far, meter, laps = self.so_far, Meter(self.seconds), Laps(self.seconds)
        chunks = self.learner.batcher().chunks(self.corpus.train, self._seed(way.member, 1), way.place)
        for chunk in ahead(chunks):
            self.clock.wait()
            share = min(1.0, max(self.seconds - way.begin, 0.0) / max(way.end - way.begin, 1e-9))
            self.interrupted = self.stop()
            if self.interrupted or (share >= 1.0 and (way.steps >= LEAST_STEPS or way.member)):
                break
            if chunk.fresh:
                way.states = self.learner.zero_states()
            # What reading or compiling left no time for is a short training of its own.
            height = schedule(share if share < 1.0 else way.steps / LEAST_STEPS)
            way.states = self._step(chunk, way.states, way.pace, height, meter)
            way.steps, way.place = way.steps + 1, chunk.after
            if (lap := laps.add(self.seconds)) is not None:
                so_far.step_seconds = lap
                yield from self._shorten(way)
                way.pace = self._pace(lap, way.end - self.seconds + way.steps * lap)
            if not meter.sound:
                yield Warned(f"Training diverged after {so_far.steps} steps.", "A smaller --learning-rate may help.")
                break
            yield from self._progress(meter)
            if way.looks and share >= way.looks[0]:
                way.looks.pop(0)
                yield from self._look(way)
            if self.seconds - self._kept >= checkpoint.EVERY:
                self._kept = self.seconds
                yield from self._save(way)
        if self.interrupted and self.seconds >= checkpoint.EVERY and so_far.steps:
            yield from self._save(way)
        if way.steps:
            yield from self._look(way)

    def _step(self, chunk: Chunk, states: States, pace: Pace, height: float, meter: Meter) -> States:
        """The states after one step at this share of the learning rate."""
        cost, states = self.learner.step(chunk, states, pace, height, (self.config.seed, self.so_far.steps))
        self.so_far.steps += 1
        meter.add(cost, chunk.stems.size)
        return states

    def _pace(self, seconds_a_step: float, seconds: float) -> Pace:
        """How fast to learn and how much to drop in this time, if steps take so long."""
        readings = max(seconds, 0.0) / max(seconds_a_step * self._steps_a_reading, 1e-9)
        if self.plan.from_base:
            readings = min(readings, ENOUGH_FROM_BASE)
        return self._paced(self.config, self.plan, readings)

    def _shorten(self, way: MemberRun) -> Iterator[Shortened]:
        """End the way of a network that begins with a model where reading on would only be learning by heart; and say
        so, again if it is much sooner than was said before."""
        if not self.plan.from_base:
            return
        steps = ENOUGH_FROM_BASE * self._steps_a_reading - way.steps
        way.end = min(way.latest, self.seconds + steps * self.so_far.step_seconds)
        self.so_far.spare = (way.latest - way.end) * (self.plan.members - way.member)
        if way.member == 0 and self.budget < MUCH_SOONER * self._promised:
            self._promised = self.budget
            yield Shortened(self.budget, self.config.seconds)

    @property
    def _steps_a_reading(self) -> float:
        return len(self.corpus.train) / (self.plan.batch * self.plan.steps)

    def _seed(self, member: int, use: int) -> list[int]:
        """Of the random numbers of a member: for its first weights (0), for what it reads (1), or for the end (2)."""
        return [self.config.seed, member, use]

    def _look(self, way: MemberRun) -> Iterator[TrainEvent]:
        """Score the held-out part, keep the weights if they are the best so far, and let them say something."""
        arrays = self.learner.network.arrays()
        if not sound(arrays):
            return
        model = self.outcome.model(arrays)
        if len(self.corpus.held_out) > 1:
            bits = self.outcome.bits(model)
            if not bits < HOPELESS:
                return
            best = way.best is None or bits < way.best[0]
            if best:
                way.best = (bits, arrays)
            yield Validated(self.seconds, self.so_far.steps, bits, best)
        else:
            way.best = (0.0, arrays)
        yield sample_of(model, self.config.seed)

    def _save(self, way: MemberRun) -> Iterator[TrainEvent]:
        """Save a checkpoint of the training as it stands; if that cannot be done, say so once."""
        network, optimiser = self.learner.network, self.learner.optimiser
        try:
            if self.store is not None:
                self.store.save(checkpoint_of(self.so_far, way, self.seconds, self.plan, network, optimiser))
        except (OutputError, MemoryError) as error:
            if not self._told:
                yield Warned(
                    f"Training progress could not be saved: {error}",
                    "If it is interrupted now, it will resume from what was saved before, if anything was.",
                )
            self._told = True

    def _progress(self, meter: Meter) -> Iterator[Progress]:
        """How the training gets on, once a second."""
        if (read := meter.read(self.seconds)) is not None:
            bits, tokens_per_second = read
            tokens, steps = len(self.corpus.train), self.so_far.steps
            bits_per_character = bits / (self.corpus.characters / max(tokens, 1))
            epoch = steps / self._steps_a_reading
            yield Progress(self.seconds, self.budget, steps, epoch, bits_per_character, tokens_per_second)

    def _learn_rest(self, result: Result, members: list[Weights], rest: Stream, pace: Pace) -> Iterator[TrainEvent]:
        """Learn what was held out, every network of the result in its turn, as far as there is time.

        Args:
            pace: of the network that was trained last.
        """
        learnt: list[Weights] = []
        for number, arrays in enumerate(members):
            self.learner.assign(arrays)
            end = self.budget - self.outcome.seconds_to_remember
            end = self.seconds + (end - self.seconds) / (len(members) - number)
            yield from self._read_rest(number, rest, pace, end)
            after = self.learner.network.arrays()
            learnt.append(after if sound(after) else arrays)
            if self.interrupted:  # nothing of it is learnt then
                self.result = self._result(result.model, result.evaluation)
                return
        self.outcome.remember(afterwards.joined(self.corpus.train, rest, 0, len(rest)))
        counts, cache = result.model.counts, result.model.cache
        model = dataclasses.replace(self.outcome.model(*learnt), counts=counts, cache=cache)
        self.result = self._result(model, result.evaluation)

    def _read_rest(self, member: int, rest: Stream, pace: Pace, end: float) -> Iterator[TrainEvent]:
        """Learn what was held out, with one network, to a second of the budget at the latest."""
        batcher, begin = self.learner.batcher(), self.seconds
        total = afterwards.steps(batcher, rest, self.corpus.train)
        states, meter = self.learner.zero_states(), Meter(begin)
        chunks = ahead(afterwards.chunks(batcher, rest, self.corpus.train, self._seed(member, 2)))
        for taken, chunk in enumerate(chunks):
            self.clock.wait()
            share = max(taken / total, (self.seconds - begin) / max(end - begin, 1e-9))
            self.interrupted = self.stop()
            if self.interrupted or end <= begin or share >= 1.0:
                break
            if chunk.fresh:
                states = self.learner.zero_states()
            states = self._step(chunk, states, pace, afterwards.GENTLY * (1.0 - share), meter)
            yield from self._progress(meter)

    def _result(self, model: Model, evaluation: Evaluation | None) -> Result:
        return Result(model, evaluation, self.seconds, self.so_far.steps, self.interrupted)

    def _deadline(self) -> float:
        """The second of the budget at which the last network has to be done."""
        return self.config.seconds - self._last_look_seconds() - self._afterwards_seconds()

    def _last_look_seconds(self) -> float:
        """How long the end will take: scoring the held-out part, fitting the cache."""
        return self.outcome.seconds_to_score * (FITTING + self.plan.members)

    def _time_scoring(self) -> None:
        self.outcome.time_scoring(self.outcome.model(self.learner.network.arrays()))

    def _afterwards_seconds(self) -> float:
        """How long learning what was held out may take."""
        if self.rest is None:
            return 0.0
        steps = self.plan.members * afterwards.steps(self.learner.batcher(), self.rest, self.corpus.train)
        seconds = min(afterwards.SHARE * self.config.seconds, steps * self.so_far.step_seconds)
        return self.outcome.seconds_to_remember + seconds


def _good(members: list[tuple[float, Weights]]) -> list[Weights]:
    """The weights of those networks that are not much worse than the best."""
    best = min((bits for bits, _ in members), default=0.0)
    return [arrays for bits, arrays in members if bits <= GOOD_ENOUGH * best]
