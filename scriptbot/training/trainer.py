"""Training against the clock: the schedule ends exactly when the time is up, and the best weights are kept.

What was held out to tell which are the best is learnt at the very end, see :mod:`scriptbot.training.afterwards`.  A
long training leaves itself behind as it goes, see :mod:`scriptbot.training.checkpoint`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import tensorflow as tf

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.events import Prepared, Progress, TrainEvent, Validated, Warned
from scriptbot.lm.evaluate import Evaluation
from scriptbot.lm.model import Model
from scriptbot.lm.params import Array, initial, sound
from scriptbot.lm.spelling import reading_table
from scriptbot.lm.transfer import transferred
from scriptbot.training import afterwards, beginning, checkpoint
from scriptbot.training.ahead import ahead
from scriptbot.training.batches import Batcher, Chunk, Stream
from scriptbot.training.checkpoint import Store
from scriptbot.training.clock import Counting
from scriptbot.training.corpus import Corpus
from scriptbot.training.lstm_op import Tensor, speed
from scriptbot.training.meter import Meter
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.outcome import Outcome, Result, Weights, sample_of
from scriptbot.training.plan import Pace, Plan, has_fast_bfloat16, pace, plan, schedule
from scriptbot.training.so_far import SoFar, Way, checkpoint_of, plan_of, taken_up
from scriptbot.training.step import Step, places, rates, training_step

NOVELTY = 0.9  # share of the local words that are taken for new
SPELLED_SHARE = 0.2  # places per chunk that practise spelling
PRACTICE = 0.3  # weight of a spelled word that the softmax has
PRACTISED = 6.0  # times that a word of the softmax may be spelled for practice in a reading, at most on average
RARE_SAMPLE = 512  # rare stems drawn to stand against the true ones
HOPELESS = 64.0  # bits per character; twice what any character of Unicode takes if nothing was learnt
GOOD_ENOUGH = 1.05  # bits of a network that may decide with others, over those of the best one
LEAST_STEPS_MORE = 60  # for which there must be time before another network is begun
TIMED = 12  # steps after which the pace is set by how long they took
GENTLE = 2e-3  # learning rate of a network that has learnt before, at its peak, for 64 streams; docs/decisions/base.md
FITTING = 0.6  # the time it takes to fit cache and counts, in times that one network is scored
LEAST_STEPS = 10  # taken even if the budget was spent on reading and compiling


class Trainer:
    """One training run; iterate :meth:`run` for its events, then read ``result``.

    Args:
        corpus: what to learn.
        config: how.
        clock: counts the budget; a paused one pauses the training.
        stop: asked after every step; True ends the run early, keeping the best so far.
        base: a model to start from, which then gives the shape of the network; None: random weights.
        store: where the training leaves itself behind; it goes on from what is there.  None: nowhere.
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
        paced: Callable[[TrainConfig, float, int], Pace] = pace,
    ) -> None:
        if base is not None:
            shape = base.config
            config = dataclasses.replace(config, hidden=shape.hidden, embedding=shape.embedding, layers=shape.layers)
        self.corpus, self.config, self.clock, self.stop, self.base = corpus, config, clock, stop, base
        self._paced = paced
        dtype = tf.bfloat16 if has_fast_bfloat16() else tf.float32
        self.store, left = store, store.load() if store else None
        if left:
            self.plan = plan_of(left)
        else:
            self.plan = planned(config, len(corpus.train), speed(dtype), from_base=base is not None)
            if base is not None:
                self.plan = dataclasses.replace(self.plan, model=base.config)
        vocabulary = corpus.vocabulary
        stems = [vocabulary.stem(number) for number in range(vocabulary.known)]
        self.network = Network(self.plan.model, self.initial(0), reading_table(stems), corpus.counts, dtype)
        self.variables = list(self.network.variables.values())
        self.optimiser = Adam(self.variables)
        self.outcome = Outcome(corpus, self.plan.model, clock)
        self.rest = corpus.rest if corpus.rest is not None and afterwards.worth(corpus.rest, corpus.train) else None
        self._interrupted = False
        self._told = False  # that it cannot be left behind
        if left:
            self.clock.forgive(self.seconds - left.numbers["seconds"])
            self.so_far = taken_up(left, self.network, self.optimiser)
        else:
            self.so_far = SoFar(self.plan.seconds_a_step)
        self.result: Result | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it goes on from what another process has left behind."""
        return self.so_far.way is not None

    @property
    def seconds(self) -> float:
        """Seconds of the budget that are spent."""
        return self.clock.seconds

    def run(self) -> Iterator[TrainEvent]:
        """Train until the budget is spent or :attr:`stop` says so.

        Raises:
            TrainingError: the weights have grown beyond all numbers.
        """
        yield Prepared(
            self.corpus.characters,
            len(self.corpus.train),
            self.corpus.vocabulary.words,
            len(self.corpus.vocabulary.cast),
            self.plan.members * sum(int(np.prod(variable.shape)) for variable in self.variables),
            self.seconds,
        )
        looking = self._last_look_seconds()
        if looking > self._budget / 4:
            yield Warned(
                f"Scoring the held-out text will take about {looking:.0f} of the {self._budget:.0f} s.",
                "Give more minutes, or hold out less.",
            )
        so_far, deadline = self.so_far, self._budget - looking - self._afterwards_seconds()
        if so_far.way is not None:
            yield from self._going_on(so_far.way, deadline)
        for number in range(so_far.way.member if so_far.way else 0, self.plan.members):
            if so_far.way is None:
                so_far.way = self._begun(number, deadline)
            if so_far.way is None:
                if self.config.members is not None:
                    yield Warned(f"There was time for {number} of {self.plan.members} networks.", "Give more minutes.")
                break
            yield from self._train(so_far.way)
            so_far.way = None
            if so_far.best is not None and not (self._interrupted and number and self._blind):
                so_far.members.append(so_far.best)
            if self._interrupted:
                break
        if so_far.steps:
            kept = _good(so_far.members)
            self.result = self._result(*self.outcome.finished(kept))
            if self.rest is not None and not self._interrupted:
                yield from self._learn_rest(self.result, kept, self.rest)

    @property
    def _blind(self) -> bool:
        """Whether nothing tells if what was broken off is any good."""
        return len(self.corpus.held_out) <= 1

    def rescue(self) -> None:
        """Where :meth:`run` has failed: make a result of what was kept until then, as of a training that was
        interrupted, if anything was."""
        members, best, way = list(self.so_far.members), self.so_far.best, self.so_far.way
        if best is not None and way is not None and not (way.member and self._blind):
            members.append(best)
        if self.result is None and (kept := _good(members)):
            self._interrupted = True
            self.result = self._result(*self.outcome.finished(kept))

    def _begun(self, number: int, deadline: float) -> Way | None:
        """The way of another network, from its beginning; None if there is no time for it."""
        left = deadline - self.seconds
        if number:
            if left < LEAST_STEPS_MORE * self.so_far.step_seconds:
                return None
            self._restart(number)
        begin, end = self.seconds, self.seconds + left / (self.plan.members - number)
        return Way(number, begin, end, self._pace(self.so_far.step_seconds, end - begin), self._zero_states())

    def _train(self, way: Way) -> Iterator[TrainEvent]:
        """One network to its end; the best of its weights are in ``so_far.best`` then, if any are good."""
        so_far, meter = self.so_far, Meter(self.seconds)
        laps, kept = [way.begin], self.seconds
        chunks = self._batcher().chunks(self.corpus.train, self._seeds(way.member, 1), way.place)
        for chunk in ahead(chunks):
            self.clock.wait()
            share = min(1.0, max(self.seconds - way.begin, 0.0) / max(way.end - way.begin, 1e-9))
            self._interrupted = self.stop()
            if self._interrupted or (share >= 1.0 and (way.steps >= LEAST_STEPS or way.member)):
                break
            if chunk.fresh:
                way.states = self._zero_states()
            # What reading or compiling left no time for is a short training of its own.
            height = schedule(share if share < 1.0 else way.steps / LEAST_STEPS)
            way.states = self._step(chunk, way.states, way.pace, height, meter)
            way.steps, way.place = way.steps + 1, chunk.after
            if way.steps <= TIMED:
                laps.append(self.seconds)
            if way.steps == TIMED:  # one that was held up, or compiled, does not count
                so_far.step_seconds = float(np.median(np.diff(laps)))
                way.pace = self._pace(so_far.step_seconds, way.end - self.seconds + TIMED * so_far.step_seconds)
            if not meter.sound:
                yield Warned(
                    f"The training diverged after {so_far.steps} steps.", "A smaller --learning-rate may help."
                )
                break
            yield from self._progress(meter)
            if way.looks and share >= way.looks[0]:
                way.looks.pop(0)
                yield from self._look()
            if self.seconds - kept >= checkpoint.EVERY and way.steps > TIMED:
                kept = self.seconds
                yield from self._leave(way)
        if self._interrupted and self.seconds >= checkpoint.EVERY and way.steps > TIMED:
            yield from self._leave(way)
        if way.steps:
            yield from self._look()

    def _going_on(self, way: Way, deadline: float) -> Iterator[TrainEvent]:
        """Go on with a way that was begun by another process."""
        assert self.store is not None
        way.end = min(way.end, deadline)  # the end may take longer now
        yield Warned(
            f"This training was broken off after {self.seconds / 60.0:.0f} of {self.config.minutes:g} minutes; it goes "
            "on from there.",
            f"To begin anew press Ctrl-C twice, delete “{self.store.path}”, and ask again.",
        )

    def _leave(self, way: Way) -> Iterator[TrainEvent]:
        """Leave the training behind as it stands; if that cannot be done, it is said once."""
        try:
            if self.store is not None:
                self.store.save(checkpoint_of(self.so_far, way, self.seconds, self.plan, self.network, self.optimiser))
        except (OutputError, MemoryError) as error:
            if not self._told:
                yield Warned(
                    f"How far the training has come could not be kept: {error}",
                    "If it is broken off now, it will go on from what was kept before, if anything was.",
                )
            self._told = True

    @cached_property
    def _learn(self) -> Step:
        return training_step(self.network, self.optimiser, self.plan)

    def _step(self, chunk: Chunk, states: States, pace: Pace, height: float, meter: Meter) -> States:
        """The states after one step at so much of the learning rate."""
        rate = tf.constant(pace.learning_rate * height, tf.float32)
        cost, states = self._learn(places(chunk), states, rate, rates(pace), self._seed(self.so_far.steps))
        self.so_far.steps += 1
        meter.add(float(cost), chunk.stems.size)
        return states

    def _learn_rest(self, result: Result, members: list[Weights], rest: Stream) -> Iterator[TrainEvent]:
        """Learn what was held out, every network of the result in its turn, as far as there is time."""
        learnt: list[Weights] = []
        for number, arrays in enumerate(members):
            self._assign(arrays)
            end = self._budget - self.outcome.seconds_to_remember
            end = self.seconds + (end - self.seconds) / (len(members) - number)
            yield from self._rounds(number, rest, end)
            after = self.network.arrays()
            learnt.append(after if sound(after) else arrays)
            if self._interrupted:  # nothing of it is learnt then
                self.result = self._result(result.model, result.evaluation)
                return
        self.outcome.remember(afterwards.joined(self.corpus.train, rest, 0, len(rest)))
        counts, cache = result.model.counts, result.model.cache
        model = dataclasses.replace(self.outcome.model(*learnt), counts=counts, cache=cache)
        self.result = self._result(model, result.evaluation)

    def _rounds(self, member: int, rest: Stream, end: float) -> Iterator[TrainEvent]:
        """One network, to a second of the budget at the latest."""
        batcher, begin = self._batcher(), self.seconds
        total = afterwards.steps(batcher, rest, self.corpus.train)
        states, meter = self._zero_states(), Meter(begin)
        gentle = self._pace(self.so_far.step_seconds, self._budget / self.plan.members)
        chunks = ahead(afterwards.chunks(batcher, rest, self.corpus.train, self._seeds(member, 2)))
        for taken, chunk in enumerate(chunks):
            self.clock.wait()
            share = max(taken / total, (self.seconds - begin) / max(end - begin, 1e-9))
            self._interrupted = self.stop()
            if self._interrupted or end <= begin or share >= 1.0:
                break
            if chunk.fresh:
                states = self._zero_states()
            states = self._step(chunk, states, gentle, afterwards.GENTLY * (1.0 - share), meter)
            yield from self._progress(meter)

    def _result(self, model: Model, evaluation: Evaluation | None) -> Result:
        return Result(model, evaluation, self.seconds, self.so_far.steps, self._interrupted)

    @property
    def _budget(self) -> float:
        return self.config.minutes * 60.0

    def _afterwards_seconds(self) -> float:
        """How long learning what was held out may take."""
        if self.rest is None:
            return 0.0
        steps = self.plan.members * afterwards.steps(self._batcher(), self.rest, self.corpus.train)
        return self.outcome.seconds_to_remember + min(afterwards.SHARE * self._budget, steps * self.plan.seconds_a_step)

    def _seeds(self, member: int, use: int) -> list[int]:
        """Of the random numbers of one member: for its beginnings (0), for what it reads (1), or for the end (2)."""
        return [self.config.seed, member, use]

    def initial(self, member: int) -> Weights:
        """Weights to start from."""
        vocabulary, rng = self.corpus.vocabulary, np.random.default_rng(self._seeds(member, 0))
        if self.base is not None:
            total = len(self.corpus.train)
            return transferred(self.base, vocabulary, self.corpus.targets, total, rng)
        arrays = initial(self.plan.model, vocabulary.words, vocabulary.speakers, rng)
        arrays["embedding"] = beginning.turned(self._company, rng)
        return arrays | beginning.counted(self.corpus, arrays)

    @cached_property
    def _company(self) -> Array:
        """Where words are placed by their neighbours; every network begins with that."""
        return beginning.company(self.corpus.train, self.corpus.vocabulary.words, self.plan.model.embedding)

    def _restart(self, member: int) -> None:
        """Another network in the place of the one that is done."""
        self._assign(self.initial(member))
        self.so_far.best = None

    def _assign(self, arrays: Weights) -> None:
        """Weights to go on from."""
        self.network.assign(arrays)
        self.optimiser.reset()

    def _batcher(self) -> Batcher:
        counts = self.corpus.counts[: self.corpus.vocabulary.words]
        share = np.where(counts > 0, np.minimum(1.0, PRACTISED / np.maximum(counts, 1)), 0.0).astype(np.float32)
        return Batcher(
            batch=self.plan.batch,
            steps=self.plan.steps,
            words=self.corpus.vocabulary.words,
            known=self.corpus.vocabulary.known,
            spelled=max(8, int(SPELLED_SHARE * self.plan.batch * self.plan.steps)),
            recall=self.plan.model.recall,
            practice=PRACTICE,
            practised_share=share,
            sample=RARE_SAMPLE,
            local=self.corpus.local,
            novelty=NOVELTY,
        )

    def _pace(self, seconds_a_step: float, seconds: float) -> Pace:
        """How fast to learn and how much to drop in so many seconds, if steps take so long."""
        steps = max(seconds, 0.0) / max(seconds_a_step, 1e-9)
        readings = steps * self.plan.batch * self.plan.steps / len(self.corpus.train)
        chosen = self._paced(self.config, readings, self.plan.batch)
        if self.base is None or self.config.learning_rate is not None:
            return chosen
        return dataclasses.replace(chosen, learning_rate=GENTLE * math.sqrt(self.plan.batch / 64))

    def _seed(self, step: int) -> Tensor:
        return tf.constant([self.config.seed, step], tf.int32)

    def _zero_states(self) -> States:
        zero = tf.zeros([self.plan.batch, self.plan.model.hidden])
        return [(zero, zero) for _ in range(self.plan.model.layers)]

    def _look(self) -> Iterator[TrainEvent]:
        """Score the held-out part, keep the weights if they are the best so far, and let them say something."""
        arrays = self.network.arrays()
        if not sound(arrays):
            return
        model = self.outcome.model(arrays)
        if len(self.corpus.held_out) > 1:
            bits = self.outcome.bits(model)
            if not bits < HOPELESS:
                return
            best = self.so_far.best is None or bits < self.so_far.best[0]
            if best:
                self.so_far.best = (bits, arrays)
            yield Validated(self.seconds, self.so_far.steps, bits, best)
        else:
            self.so_far.best = (0.0, arrays)
        yield sample_of(model, self.config.seed)

    def _last_look_seconds(self) -> float:
        """How long the end will take: scoring the held-out part, fitting the cache."""
        seconds = self.outcome.seconds_to_score(self.outcome.model(self.network.arrays()))
        return seconds * (FITTING + self.plan.members)

    def _progress(self, meter: Meter) -> Iterator[Progress]:
        """How the training gets on, once a second."""
        if (read := meter.read(self.seconds)) is not None:
            bits, tokens_per_second = read
            tokens, steps = len(self.corpus.train), self.so_far.steps
            bits_per_character = bits / (self.corpus.characters / max(tokens, 1))
            epoch = steps * self.plan.batch * self.plan.steps / tokens
            yield Progress(self.seconds, self._budget, steps, epoch, bits_per_character, tokens_per_second)


def _good(members: list[tuple[float, Weights]]) -> list[Weights]:
    """The weights of those networks that are not much worse than the best."""
    best = min((bits for bits, _ in members), default=0.0)
    return [arrays for bits, arrays in members if bits <= GOOD_ENOUGH * best]
