"""What becomes of weights: a model that is looked at on the way, or the one that is kept."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from scriptbot.config import ModelConfig, SampleConfig
from scriptbot.errors import TrainingError
from scriptbot.events import Sample
from scriptbot.lm import copies, exchanges, scoring
from scriptbot.lm.counting import of_words
from scriptbot.lm.engine import Engine
from scriptbot.lm.evaluate import Evaluation, measure
from scriptbot.lm.fitting import RATES, fit_cache, fit_counts
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network as Runtime
from scriptbot.lm.params import Array, assemble
from scriptbot.training.batches import Stream
from scriptbot.training.clock import Counting
from scriptbot.training.corpus import Corpus

Weights = dict[str, Array]


@dataclass(frozen=True)
class Result:
    """What came out of a training run; ``evaluation`` is None if nothing was held out."""

    model: Model
    evaluation: Evaluation | None
    seconds: float
    steps: int
    interrupted: bool


class Outcome:
    """Makes models of weights and of what is remembered of the text beside them.

    Args:
        corpus: what is learnt.
        shape: of the network.
        clock: that what is done here is timed by.
    """

    def __init__(self, corpus: Corpus, shape: ModelConfig, clock: Counting) -> None:
        self.corpus, self.shape, self.clock = corpus, shape, clock
        began = clock.seconds
        self.remember(corpus.train)
        self.seconds_to_remember = clock.seconds - began
        self._seconds_a_token = math.inf  # of scoring, the least so far

    def remember(self, text: Stream) -> None:
        """Count and remember what a model keeps of its text beside the network."""
        vocabulary = self.corpus.vocabulary
        self._remembered: dict[str, Any] = {"ngrams": of_words(text.stems, text.forms, vocabulary.words)}
        if vocabulary.cast:  # only of replies several are drawn, to have one that is no copy and fits
            self._remembered["copies"] = copies.of_text(text.stems, text.forms, vocabulary, text.release)
            self._remembered["exchanges"] = exchanges.of_text(text.stems, text.forms, vocabulary)

    def model(self, *members: Weights) -> Model:
        """One of networks with these weights."""
        vocabulary = self.corpus.vocabulary
        first, *more = (assemble(weights, self.shape, vocabulary.words, vocabulary.speakers) for weights in members)
        lines = self.corpus.cast_lines
        return Model(self.shape, vocabulary, first, cast_lines=lines, more_members=tuple(more), **self._remembered)

    def bits(self, model: Model) -> float:
        """Bits per character of the held-out part, without the cache, roughly."""
        log_probability = scoring.estimate(Runtime(model, self.corpus.coder.stem), self.corpus.held_out)
        return -log_probability / math.log(2.0) / max(self.corpus.held_out_characters, 1)

    @property
    def seconds_to_score(self) -> float:
        """How long it takes to score the held-out part with one network."""
        return self._seconds_a_token * len(self.corpus.held_out)

    def time_scoring(self, model: Model) -> None:
        """Score a little of the held-out part, to know how long all of it takes.

        The least of all times counts: what held up one of them is over when the end comes.
        """
        few = self.corpus.held_out[:1024]
        if len(few) < 2:
            self._seconds_a_token = 0.0
            return
        runtime = Runtime(model, self.corpus.coder.stem)
        runtime.speller.ngrams  # noqa: B018  counted once for all looks, and so not timed
        began = self.clock.seconds
        for _ in scoring.score(runtime, few, RATES):
            pass
        self._seconds_a_token = min(self._seconds_a_token, (self.clock.seconds - began) / len(few))

    def finished(self, members: list[Weights]) -> tuple[Model, Evaluation | None]:
        """The model of some networks with counts and cache fitted, and what it is worth; None if nothing was held out.

        Raises:
            TrainingError: there are none.
        """
        if not members:
            raise TrainingError("Training diverged before anything was kept.", "Choose a smaller --learning-rate.")
        model = self.model(*members)
        scored = list(scoring.score(Runtime(model, self.corpus.coder.stem), self.corpus.held_out, RATES))
        counts = fit_counts(scored)
        scored = [dataclasses.replace(part, ngram_shares=counts.words) for part in scored]
        model = dataclasses.replace(model, counts=counts, cache=fit_cache(scored))
        return model, measure(scored, lambda: self.corpus.held_out_characters, model.cache) if scored else None


def sample_of(model: Model, seed: int) -> Sample:
    """What the model says at this stage."""
    engine = Engine(model)
    rng, settings = np.random.default_rng(seed), SampleConfig(max_words=24, cache=False)
    state = engine.start()
    pieces = list(engine.speak(state, None, settings, rng) if engine.cast else engine.write(state, settings, rng))
    text = "".join(piece.text for piece in pieces if piece.kind == "text")
    return Sample(pieces[0].character, text.strip().replace("\n", " "))
