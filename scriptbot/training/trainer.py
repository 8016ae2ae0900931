"""Training against the clock: the schedule ends exactly when the time is up, and the best weights are kept.

What was held out to tell which are the best is learnt at the very end, see :mod:`scriptbot.training.afterwards`.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from scriptbot.config import SampleConfig, TrainConfig
from scriptbot.errors import TrainingError
from scriptbot.events import Prepared, Progress, Sample, TrainEvent, Validated, Warned
from scriptbot.lm import copies, exchanges, scoring
from scriptbot.lm.counting import of_words
from scriptbot.lm.engine import Engine
from scriptbot.lm.evaluate import Evaluation, measure
from scriptbot.lm.fitting import RATES, fit_cache, fit_counts
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network as Runtime
from scriptbot.lm.params import Array, assemble, initial, sound
from scriptbot.lm.plan import Pace, has_fast_bfloat16, pace, plan, schedule
from scriptbot.lm.spelling import reading_table
from scriptbot.lm.transfer import transferred
from scriptbot.training import afterwards
from scriptbot.training.ahead import ahead
from scriptbot.training.batches import Batcher, Chunk, Stream
from scriptbot.training.clock import Clock
from scriptbot.training.corpus import Corpus
from scriptbot.training.lstm_op import Tensor, speed
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.step import rates, tensors, training_step

LOOKS = (0.4, 0.7, 0.9)  # shares of the budget at which the held-out part is scored; and at the end
REPORT_EVERY = 1.0  # seconds between progress events
NOVELTY = 0.9  # share of the local words that are taken for new
SPELLED_SHARE = 0.2  # places per chunk that practise spelling
PRACTICE = 0.3  # weight of a spelled word that the softmax has
RARE_SAMPLE = 512  # rare stems drawn to stand against the true ones
HOPELESS = 64.0  # bits per character; twice what any character of Unicode takes if nothing was learnt
GOOD_ENOUGH = 1.05  # bits of a network that may decide with others, over those of the best one
LEAST_STEPS_MORE = 60  # for which there must be time before another network is begun
TIMED = 12  # steps after which the pace is set by how long they took
GENTLE = 2e-3  # learning rate of a network that has learnt before, at its peak, for 64 streams; docs/decisions/base.md
LEAST_STEPS = 10  # taken even if the budget was spent on reading and compiling


@dataclass(frozen=True)
class Result:
    """What came out of a training run; ``evaluation`` is None if nothing was held out."""

    model: Model
    evaluation: Evaluation | None
    seconds: float
    steps: int
    interrupted: bool


class Trainer:
    """One training run; iterate :meth:`run` for its events, then read ``result``.

    Args:
        corpus: what to learn.
        config: how.
        clock: counts the budget; a paused one pauses the training.
        stop: asked after every step; True ends the run early, keeping the best so far.
        base: a model to start from, which then gives the shape of the network; None: random weights.
    """

    def __init__(
        self, corpus: Corpus, config: TrainConfig, clock: Clock, stop: Callable[[], bool], base: Model | None = None
    ) -> None:
        if base is not None:
            shape = base.config
            config = dataclasses.replace(config, hidden=shape.hidden, embedding=shape.embedding, layers=shape.layers)
        self.corpus, self.config, self.clock, self.stop, self.base = corpus, config, clock, stop, base
        dtype = tf.bfloat16 if has_fast_bfloat16() else tf.float32
        self.plan = plan(config, len(corpus.train), speed(dtype))
        if base is not None:
            self.plan = dataclasses.replace(self.plan, model=base.config)
        vocabulary = corpus.vocabulary
        stems = [vocabulary.stem(number) for number in range(vocabulary.known)]
        self.network = Network(self.plan.model, self._initial(0), reading_table(stems), corpus.counts, dtype)
        self.variables = list(self.network.variables.values())
        self.optimiser = Adam(self.variables)
        began = time.monotonic()
        self.remembered = self._remember(corpus.train)
        self._remember_seconds = time.monotonic() - began
        self.rest = corpus.rest if corpus.rest is not None and afterwards.worth(corpus.rest, corpus.train) else None
        self._steps, self._step_seconds = 0, self.plan.seconds_a_step
        self._interrupted = False
        self._best: tuple[float, dict[str, Array]] | None = None
        self.result: Result | None = None

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
        deadline = self._budget - looking - self._afterwards_seconds()
        step_function = training_step(self.network, self.optimiser, self.plan)
        members: list[tuple[float, dict[str, Array]]] = []
        for number in range(self.plan.members):
            left = deadline - self.seconds
            if number and left < LEAST_STEPS_MORE * self._step_seconds:
                if self.config.members is not None:
                    yield Warned(f"There was time for {number} of {self.plan.members} networks.", "Give more minutes.")
                break
            if number:
                self._restart(number)
            yield from self._train(number, step_function, self.seconds + left / (self.plan.members - number))
            blind = len(self.corpus.held_out) <= 1  # nothing tells whether what was broken off is any good
            if self._best is not None and not (number and self._interrupted and blind):
                members.append(self._best)
            if self._interrupted:
                break
        if self._steps:
            best = min((bits for bits, _ in members), default=0.0)
            kept = [arrays for bits, arrays in members if bits <= GOOD_ENOUGH * best]
            self.result = self._finished(kept)
            if self.rest is not None and not self._interrupted:
                yield from self._learn_rest(self.result, kept, self.rest, step_function)

    def _train(self, member: int, step_function: Any, end: float) -> Iterator[TrainEvent]:
        """One network, to a second of the budget; the best of its weights are in ``_best`` then, if any are good."""
        begin, laps, steps = self.seconds, [self.seconds], 0
        states, pace = self._zero_states(), self._pace(self._step_seconds, end - begin)
        looks, reported, sums = list(LOOKS), begin, np.zeros(2)
        for chunk in ahead(self._batcher().chunks(self.corpus.train, self._rng(member, 1))):
            self.clock.wait()
            share = min(1.0, max(self.seconds - begin, 0.0) / max(end - begin, 1e-9))
            self._interrupted = self.stop()
            if self._interrupted or (share >= 1.0 and (steps >= LEAST_STEPS or member)):
                break
            if chunk.fresh:
                states = self._zero_states()
            # What reading or compiling left no time for is a short training of its own.
            height = schedule(share if share < 1.0 else steps / LEAST_STEPS)
            loss, states = self._step(step_function, chunk, states, pace, height)
            sums += (loss, chunk.stems.size)
            steps += 1
            if steps <= TIMED:
                laps.append(self.seconds)
            if steps == TIMED:
                self._step_seconds = float(
                    np.median(np.diff(laps))
                )  # one that was held up, or compiled, does not count
                pace = self._pace(self._step_seconds, end - self.seconds + TIMED * self._step_seconds)
            if not math.isfinite(sums[0]):
                yield Warned(f"The training diverged after {self._steps} steps.", "A smaller --learning-rate may help.")
                break
            if self.seconds - reported >= REPORT_EVERY:
                yield self._progress(sums, self.seconds - reported)
                reported, sums = self.seconds, np.zeros(2)
            if looks and share >= looks[0]:
                looks.pop(0)
                yield from self._look()
        if steps:
            yield from self._look()

    def _step(
        self, step_function: Any, chunk: Chunk, states: States, pace: Pace, height: float
    ) -> tuple[float, States]:
        """(what the words cost in nats, states after it) of one step at so much of the learning rate."""
        rate = tf.constant(pace.learning_rate * height, tf.float32)
        loss, states = step_function(*tensors(chunk), states, rate, rates(pace), self._seed(self._steps))
        self._steps += 1
        return float(loss), states

    def _learn_rest(
        self, result: Result, members: list[dict[str, Array]], rest: Stream, step_function: Any
    ) -> Iterator[TrainEvent]:
        """Learn what was held out, every network of the result in its turn, as far as there is time."""
        learnt: list[dict[str, Array]] = []
        for number, arrays in enumerate(members):
            self._assign(arrays)
            end = self._budget - self._remember_seconds
            end = self.seconds + (end - self.seconds) / (len(members) - number)
            yield from self._rounds(number, rest, step_function, end)
            after = self._arrays()
            learnt.append(after if sound(after) else arrays)
        self.remembered = self._remember(afterwards.joined(self.corpus.train, rest, 0, len(rest)))
        model = dataclasses.replace(self._model(*learnt), counts=result.model.counts, cache=result.model.cache)
        self.result = Result(model, result.evaluation, self.seconds, self._steps, self._interrupted)

    def _rounds(self, member: int, rest: Stream, step_function: Any, end: float) -> Iterator[TrainEvent]:
        """One network, to a second of the budget at the latest."""
        batcher, begin = self._batcher(), self.seconds
        total = afterwards.steps(batcher, rest, self.corpus.train)
        states, pace = self._zero_states(), self._pace(self._step_seconds, self._budget / self.plan.members)
        reported, sums = begin, np.zeros(2)
        chunks = ahead(afterwards.chunks(batcher, rest, self.corpus.train, self._rng(member, 2)))
        for taken, chunk in enumerate(chunks):
            self.clock.wait()
            share = max(taken / total, (self.seconds - begin) / max(end - begin, 1e-9))
            self._interrupted = self.stop()
            if self._interrupted or end <= begin or share >= 1.0:
                break
            if chunk.fresh:
                states = self._zero_states()
            loss, states = self._step(step_function, chunk, states, pace, afterwards.GENTLY * (1.0 - share))
            sums += (loss, chunk.stems.size)
            if self.seconds - reported >= REPORT_EVERY:
                yield self._progress(sums, self.seconds - reported)
                reported, sums = self.seconds, np.zeros(2)

    @property
    def _budget(self) -> float:
        return self.config.minutes * 60.0

    def _afterwards_seconds(self) -> float:
        """How long learning what was held out may take."""
        if self.rest is None:
            return 0.0
        steps = self.plan.members * afterwards.steps(self._batcher(), self.rest, self.corpus.train)
        return self._remember_seconds + min(afterwards.SHARE * self._budget, steps * self.plan.seconds_a_step)

    def _rng(self, member: int, use: int) -> np.random.Generator:
        """Random numbers of one member: for its beginnings (0), for what it reads (1), or for the end (2)."""
        return np.random.default_rng([self.config.seed, member, use])

    def _initial(self, member: int) -> dict[str, Array]:
        """Weights to start from."""
        vocabulary = self.corpus.vocabulary
        if self.base is not None:
            total = len(self.corpus.train)
            return transferred(self.base, vocabulary, self.corpus.counts, total, self._rng(member, 0))
        arrays = initial(self.plan.model, vocabulary.words, vocabulary.speakers, self._rng(member, 0))
        counts = self.corpus.counts[: vocabulary.words]
        arrays["output_bias"][:] = np.log(np.maximum(counts, 0.5) / len(self.corpus.train))
        return arrays

    def _restart(self, member: int) -> None:
        """Another network in the place of the one that is done."""
        self._assign(self._initial(member))
        self._best = None

    def _assign(self, arrays: dict[str, Array]) -> None:
        """Weights to go on from."""
        for name, array in arrays.items():
            self.network.variables[name].assign(array)
        self.optimiser.reset()

    def _remember(self, text: Stream) -> dict[str, Any]:
        """What a model keeps of its text beside the network, as :class:`Model` takes it."""
        vocabulary = self.corpus.vocabulary
        found: dict[str, Any] = {"ngrams": of_words(text.stems, text.forms, vocabulary.words)}
        if vocabulary.cast:  # only of replies several are drawn, to have one that is no copy and fits
            for name, room in (("copies", copies), ("exchanges", exchanges)):
                found[name] = room.of_text(text.stems, text.forms, vocabulary)
        return found

    def _finished(self, members: list[dict[str, Array]]) -> Result:
        if not members:
            raise TrainingError("The training diverged before anything was kept.", "Choose a smaller --learning-rate.")
        model = self._model(*members)
        scored = list(scoring.score(Runtime(model, self.corpus.coder.stem), self.corpus.held_out, RATES))
        counts = fit_counts(scored)
        scored = [dataclasses.replace(part, counted=counts.words) for part in scored]
        model = dataclasses.replace(model, counts=counts, cache=fit_cache(scored))
        evaluation = measure(scored, lambda: self.corpus.held_out_characters, model.cache) if scored else None
        return Result(model, evaluation, self.seconds, self._steps, self._interrupted)

    def _batcher(self) -> Batcher:
        counts = self.corpus.counts[: self.corpus.vocabulary.words]
        odds = np.where(counts > 0, np.minimum(1.0, 6.0 / np.maximum(counts, 1)), 0.0).astype(np.float32)
        return Batcher(
            batch=self.plan.batch,
            steps=self.plan.steps,
            words=self.corpus.vocabulary.words,
            known=self.corpus.vocabulary.known,
            spelled=max(8, int(SPELLED_SHARE * self.plan.batch * self.plan.steps)),
            recall=self.plan.model.recall,
            practice=PRACTICE,
            practice_odds=odds,
            sample=RARE_SAMPLE,
            local=self.corpus.local,
            novelty=NOVELTY,
        )

    def _pace(self, seconds_a_step: float, seconds: float) -> Pace:
        """How fast to learn and how much to drop in so many seconds, if steps take so long."""
        steps = max(seconds, 0.0) / max(seconds_a_step, 1e-9)
        chosen = pace(self.config, steps * self.plan.batch * self.plan.steps / len(self.corpus.train), self.plan.batch)
        if self.base is None or self.config.learning_rate is not None:
            return chosen
        return dataclasses.replace(chosen, learning_rate=GENTLE * math.sqrt(self.plan.batch / 64))

    def _seed(self, step: int) -> Tensor:
        return tf.constant([self.config.seed, step], tf.int32)

    def _zero_states(self) -> States:
        zero = tf.zeros([self.plan.batch, self.plan.model.hidden])
        return [(zero, zero) for _ in range(self.plan.model.layers)]

    def _arrays(self) -> dict[str, Array]:
        return {name: variable.numpy() for name, variable in self.network.variables.items()}

    def _model(self, *members: dict[str, Array]) -> Model:
        vocabulary = self.corpus.vocabulary
        first, *others = (
            assemble(arrays, self.plan.model, vocabulary.words, vocabulary.speakers) for arrays in members
        )
        return Model(
            self.plan.model,
            vocabulary,
            first,
            cast_lines=self.corpus.cast_lines,
            others=tuple(others),
            **self.remembered,
        )

    def _look(self) -> Iterator[TrainEvent]:
        """Score the held-out part, keep the weights if they are the best so far, and let them say something."""
        arrays = self._arrays()
        if not sound(arrays):
            return
        model = self._model(arrays)
        if len(self.corpus.held_out) > 1:
            log_probability = scoring.estimate(Runtime(model, self.corpus.coder.stem), self.corpus.held_out)
            bits = -log_probability / math.log(2.0) / max(self.corpus.held_out_characters, 1)
            if not bits < HOPELESS:
                return
            best = self._best is None or bits < self._best[0]
            if best:
                self._best = (bits, arrays)
            yield Validated(self.seconds, self._steps, bits, best)
        else:
            self._best = (0.0, arrays)
        yield _sample(model, self.config.seed)

    def _last_look_seconds(self) -> float:
        """How long the end will take: scoring the held-out part, fitting the cache.  A short one is timed."""
        few = self.corpus.held_out[:1024]
        if len(few) < 2:
            return 0.0
        runtime = Runtime(self._model(self._arrays()), self.corpus.coder.stem)
        runtime.speller.ngrams  # noqa: B018  counted once for all looks, and so not timed
        began = time.monotonic()
        for _ in scoring.score(runtime, few, RATES):
            pass
        one = (time.monotonic() - began) * len(self.corpus.held_out) / len(few)
        return one * (0.6 + self.plan.members)

    def _progress(self, sums: Any, seconds: float) -> Progress:
        per_token = self.corpus.characters / max(len(self.corpus.train), 1)
        tokens = max(sums[1], 1.0)
        epoch = self._steps * self.plan.batch * self.plan.steps / len(self.corpus.train)
        bits = sums[0] / math.log(2.0) / tokens / per_token
        return Progress(self.seconds, self._budget, self._steps, epoch, bits, tokens / seconds)


def _sample(model: Model, seed: int) -> Sample:
    """What the model says at this stage."""
    engine = Engine(model)
    rng, settings = np.random.default_rng(seed), SampleConfig(max_words=24, cache=False)
    state = engine.start()
    pieces = list(engine.speak(state, None, settings, rng) if engine.cast else engine.write(state, settings, rng))
    text = "".join(piece.text for piece in pieces if piece.kind == "text")
    return Sample(pieces[0].character, text.strip().replace("\n", " "))
