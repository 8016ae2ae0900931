"""One network learns: a step per chunk until its time is up, with looks at the held-out part on the way.

The looks decide which weights are kept.  How the time is shared out between several networks, and what becomes of them,
is the matter of :mod:`scriptbot.training.trainer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import tensorflow as tf

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError
from scriptbot.events import Progress, Shortened, TrainEvent, Validated, Warned
from scriptbot.lm.params import sound
from scriptbot.lm.spelling import reading_table
from scriptbot.training import afterwards, checkpoint
from scriptbot.training.ahead import ahead
from scriptbot.training.batches import Batcher, Chunk, Stream
from scriptbot.training.checkpoint import Store
from scriptbot.training.clock import Counting
from scriptbot.training.corpus import Corpus
from scriptbot.training.meter import Meter
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.outcome import Outcome, Weights, sample_of
from scriptbot.training.plan import ENOUGH_FROM_BASE, Pace, Plan, schedule
from scriptbot.training.run_state import MemberRun, RunState, checkpoint_of
from scriptbot.training.step import Step, places, rates, training_step

NOVELTY = 0.9  # share of the local words that are treated as new
SPELLED_SHARE = 0.2  # places per chunk that practise spelling
PRACTICE = 0.3  # weight of a spelled word that the softmax has
PRACTISED = 6.0  # times that a word of the softmax may be spelled for practice in a reading, at most on average
RARE_SAMPLE = 512  # rare stems drawn as negatives beside the true ones
HOPELESS = 64.0  # bits per character; twice what any character of Unicode takes if nothing was learnt
TIMED = 12  # steps after which the pace is set by how long they took
LEAST_STEPS = 10  # taken even if the budget was spent on reading and compiling


def seeds(config: TrainConfig, member: int, use: int) -> list[int]:
    """Of the random numbers of one member: for its first weights (0), for what it reads (1), or for the end (2)."""
    return [config.seed, member, use]


class Learner:
    """Trains one network at a time; the next one takes its variables over.

    Args:
        corpus: what to learn.
        config: how.
        plan: the network, and what it reads at once.
        arrays: weights to begin with.
        dtype: of the large products.
        outcome: makes models of weights, to look at.
        clock: counts the budget; a paused one pauses the training.
        stop: asked before every step; True ends the training.
        store: where checkpoints are saved; None: nowhere.
        paced: chooses the learning rate and what is dropped.

    Attributes:
        so_far: how far it has come.
        interrupted: whether it was stopped.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: TrainConfig,
        plan: Plan,
        arrays: Weights,
        dtype: tf.DType,
        outcome: Outcome,
        clock: Counting,
        stop: Callable[[], bool],
        *,
        store: Store | None,
        paced: Callable[..., Pace],
    ) -> None:
        self.corpus, self.config, self.plan, self.outcome, self.clock = corpus, config, plan, outcome, clock
        self.stop, self.store, self._paced = stop, store, paced
        stems = [corpus.vocabulary.stem(number) for number in range(corpus.vocabulary.known)]
        self.network = Network(plan.model, arrays, reading_table(stems), corpus.counts, dtype)
        self.variables = list(self.network.variables.values())
        self.optimiser = Adam(self.variables)
        self.so_far = RunState(plan.seconds_a_step)
        self.interrupted = False
        self._told = False  # that no checkpoint can be saved

    @property
    def seconds(self) -> float:
        """Seconds of the budget that are spent."""
        return self.clock.seconds

    @property
    def budget(self) -> float:
        """Seconds that all of the training may take."""
        return self.config.seconds - self.so_far.spare

    @property
    def parameters(self) -> int:
        """How many numbers one network learns."""
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def assign(self, arrays: Weights) -> None:
        """Go on from these weights, with an optimiser that remembers nothing."""
        self.network.assign(arrays)
        self.optimiser.reset()

    def way(self, member: int, end: float) -> MemberRun:
        """The way of a network from now to a second of the budget."""
        begin = self.seconds
        return MemberRun(member, begin, end, self._pace(self.so_far.step_seconds, end - begin), self._zero_states())

    def train(self, way: MemberRun) -> Iterator[TrainEvent]:
        """One network to the end of its way; the best of its weights are in ``way.best`` then, if any are good."""
        so_far, meter = self.so_far, Meter(self.seconds)
        laps, kept = [way.begin], self.seconds
        chunks = self.batcher().chunks(self.corpus.train, seeds(self.config, way.member, 1), way.place)
        for chunk in ahead(chunks):
            self.clock.wait()
            share = min(1.0, max(self.seconds - way.begin, 0.0) / max(way.end - way.begin, 1e-9))
            self.interrupted = self.stop()
            if self.interrupted or (share >= 1.0 and (way.steps >= LEAST_STEPS or way.member)):
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
                yield from self._shorten(way)
                way.pace = self._pace(so_far.step_seconds, way.end - self.seconds + TIMED * so_far.step_seconds)
            if not meter.sound:
                yield Warned(f"Training diverged after {so_far.steps} steps.", "A smaller --learning-rate may help.")
                break
            yield from self._progress(meter)
            if way.looks and share >= way.looks[0]:
                way.looks.pop(0)
                yield from self._look(way)
            if self.seconds - kept >= checkpoint.EVERY and way.steps > TIMED:
                kept = self.seconds
                yield from self._save(way)
        if self.interrupted and self.seconds >= checkpoint.EVERY and way.steps > TIMED:
            yield from self._save(way)
        if way.steps:
            yield from self._look(way)

    def learn_rest(self, member: int, rest: Stream, end: float) -> Iterator[TrainEvent]:
        """Learn what was held out (:mod:`scriptbot.training.afterwards`), to a second of the budget at the latest."""
        batcher, begin = self.batcher(), self.seconds
        total = afterwards.steps(batcher, rest, self.corpus.train)
        states, meter = self._zero_states(), Meter(begin)
        pace = self._pace(self.so_far.step_seconds, self.budget / self.plan.members)
        chunks = ahead(afterwards.chunks(batcher, rest, self.corpus.train, seeds(self.config, member, 2)))
        for taken, chunk in enumerate(chunks):
            self.clock.wait()
            share = max(taken / total, (self.seconds - begin) / max(end - begin, 1e-9))
            self.interrupted = self.stop()
            if self.interrupted or end <= begin or share >= 1.0:
                break
            if chunk.fresh:
                states = self._zero_states()
            states = self._step(chunk, states, pace, afterwards.GENTLY * (1.0 - share), meter)
            yield from self._progress(meter)

    def batcher(self) -> Batcher:
        """What cuts the text into chunks."""
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

    @cached_property
    def _learn(self) -> Step:
        return training_step(self.network, self.optimiser, self.plan)

    def _step(self, chunk: Chunk, states: States, pace: Pace, height: float, meter: Meter) -> States:
        """The states after one step at this share of the learning rate."""
        rate = tf.constant(pace.learning_rate * height, tf.float32)
        seed = tf.constant([self.config.seed, self.so_far.steps], tf.int32)
        cost, states = self._learn(places(chunk), states, rate, rates(pace), seed)
        self.so_far.steps += 1
        meter.add(float(cost), chunk.stems.size)
        return states

    def _pace(self, seconds_a_step: float, seconds: float) -> Pace:
        """How fast to learn and how much to drop in this time, if steps take so long."""
        readings = max(seconds, 0.0) / max(seconds_a_step * self._steps_a_reading, 1e-9)
        if self.plan.from_base:
            readings = min(readings, ENOUGH_FROM_BASE)
        return self._paced(self.config, self.plan, readings)

    def _shorten(self, way: MemberRun) -> Iterator[Shortened]:
        """End the way of a network that begins with a model where reading on would only be learning by heart."""
        steps = ENOUGH_FROM_BASE * self._steps_a_reading - way.steps
        enough = self.seconds + steps * self.so_far.step_seconds
        end = min(way.end, enough) if self.plan.from_base else way.end
        self.so_far.spare = (way.end - end) * (self.plan.members - way.member)
        way.end = end
        if self.so_far.spare and way.member == 0:
            yield Shortened(self.budget, self.config.seconds)

    @property
    def _steps_a_reading(self) -> float:
        return len(self.corpus.train) / (self.plan.batch * self.plan.steps)

    def _zero_states(self) -> States:
        zero = tf.zeros([self.plan.batch, self.plan.model.hidden])
        return [(zero, zero) for _ in range(self.plan.model.layers)]

    def _look(self, way: MemberRun) -> Iterator[TrainEvent]:
        """Score the held-out part, keep the weights if they are the best so far, and let them say something."""
        arrays = self.network.arrays()
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
        try:
            if self.store is not None:
                self.store.save(checkpoint_of(self.so_far, way, self.seconds, self.plan, self.network, self.optimiser))
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
