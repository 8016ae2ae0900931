"""One network learns, chunk by chunk.

For how long, how fast, and what becomes of its weights is the matter of :mod:`scriptbot.training.trainer`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import tensorflow as tf

from scriptbot.lm.spelling import reading_table
from scriptbot.training.batches import Batcher, Chunk
from scriptbot.training.corpus import Corpus
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.outcome import Weights
from scriptbot.training.plan import Pace, Plan
from scriptbot.training.step import Step, places, rates, training_step

NOVELTY = 0.9  # share of the local words that are treated as new
SPELLED_SHARE = 0.2  # places per chunk that practise spelling
PRACTICE = 0.3  # weight of a spelled word that the softmax has
PRACTISED = 6.0  # times that a word of the softmax may be spelled for practice in a reading, at most on average
RARE_SAMPLE = 512  # rare stems drawn as negatives beside the true ones


class Learner:
    """Trains one network at a time; the next one takes its variables over.

    Args:
        corpus: what to learn.
        plan: the network, and what it reads at once.
        arrays: weights to begin with.
        dtype: of the large products.
    """

    def __init__(self, corpus: Corpus, plan: Plan, arrays: Weights, dtype: tf.DType) -> None:
        self.corpus, self.plan = corpus, plan
        stems = [corpus.vocabulary.stem(number) for number in range(corpus.vocabulary.known)]
        self.network = Network(plan.model, arrays, reading_table(stems), corpus.counts, dtype)
        self.variables = list(self.network.variables.values())
        self.optimiser = Adam(self.variables)

    @property
    def parameters(self) -> int:
        """How many numbers one network learns."""
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def assign(self, arrays: Weights) -> None:
        """Go on from these weights, with an optimiser that remembers nothing."""
        self.network.assign(arrays)
        self.optimiser.reset()

    def step(
        self, chunk: Chunk, states: States, pace: Pace, height: float, seed: tuple[int, int]
    ) -> tuple[float, States]:
        """(loss of the words in nats, states of all streams) after learning from a chunk.

        Args:
            states: those before it.
            height: of the learning rate, over its peak.
            seed: of what is dropped.
        """
        rate = tf.constant(pace.learning_rate * height, tf.float32)
        cost, states = self._learn(places(chunk), states, rate, rates(pace), tf.constant(seed, tf.int32))
        return float(cost), states

    def zero_states(self) -> States:
        """The states of all streams before anything was read."""
        zero = tf.zeros([self.plan.batch, self.plan.model.hidden])
        return [(zero, zero) for _ in range(self.plan.model.layers)]

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
