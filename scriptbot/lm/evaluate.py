"""Bits per character, computed exactly: the total −log2 p of a text over the number of its characters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from scriptbot.lm import scoring
from scriptbot.lm.model import CacheConfig, Model
from scriptbot.lm.network import Network
from scriptbot.lm.scoring import Scores
from scriptbot.lm.tokens import Reader
from scriptbot.text.script import Scene
from scriptbot.text.vocabulary import Coder

MOST_NATS = 700.0  # per token, beyond which the perplexity overflows


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a model predicts a text.

    Attributes:
        bits_per_character: with the cache where it was asked for.
        bits_per_character_static: without it.
        characters: Unicode characters scored; for a script, those of its plain form ``NAME: speech``.
        words: tokens scored: words, symbols, and in a script cues and other structure.
        word_perplexity: 2 to the bits per token; infinite if that overflows.
        spelled_bits_share: share of the static bits spent on words outside the softmax: announcing and spelling them.
    """

    bits_per_character: float
    bits_per_character_static: float
    characters: int
    words: int
    word_perplexity: float
    spelled_bits_share: float


def evaluate(model: Model, scenes: Iterable[Scene], *, as_text: bool, cache: bool = True) -> Evaluation:
    """Score a text from its first character to its last, the state carried through.

    Args:
        scenes: the text.
        as_text: whether the scenes are blocks of plain text and not speeches.
        cache: whether the cache is mixed in and the softmax adapts.
    """
    coder = Coder(model.vocabulary)
    reader = Reader(coder, as_text=as_text)
    tokens = (token for scene in scenes for token in reader.scene(scene))
    scores = scoring.score(Network(model, coder.stem), tokens, (model.cache.rate,) if cache else ())
    return measure(scores, lambda: reader.characters, model.cache if cache else None)


def measure(scores: Iterable[Scores], characters: Callable[[], int], cache: CacheConfig | None) -> Evaluation:
    """Sum up the scores of a text; ``characters`` is called for its length when all of it has been read."""
    mixer = scoring.CacheScorer(cache) if cache else None
    static = mixed = spelled = 0.0
    words = 0
    for chunk in scores:
        words += len(chunk.targets)
        static -= float(chunk.static.sum(dtype=np.float64))
        spelled -= float((chunk.spellings + np.where(chunk.spellings < 0, chunk.stems(), 0)).sum(dtype=np.float64))
        mixed -= float((mixer.mix(chunk) if mixer else chunk.static).sum(dtype=np.float64))
    size = characters()
    scale = math.log(2.0) * max(size, 1)
    each = mixed / max(words, 1)
    perplexity = math.exp(each) if each < MOST_NATS else math.inf
    return Evaluation(mixed / scale, static / scale, size, words, perplexity, spelled / max(static, 1e-9))
