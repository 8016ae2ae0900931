"""Bits per character, exactly as measured: total −log2 p of a text over all its characters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scriptbot.lm import scoring
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network
from scriptbot.lm.tokens import Reader
from scriptbot.text.script import Scene
from scriptbot.text.vocabulary import Coder, Token


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a model expects a text.

    Attributes:
        bits_per_character: with the cache where it was asked for.
        bits_per_character_static: without it.
        characters: Unicode characters scored; for a script, those of its plain form ``NAME: speech``.
        words: tokens scored.
        word_perplexity: 2 to the bits per token.
        spelled_bits_share: share of the static bits spent on spelling words outside the softmax.
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
    """
    coder = Coder(model.vocabulary)
    reader = Reader(coder, as_text=as_text)
    tokens: list[Token] = [token for scene in scenes for token in reader.scene(scene)]
    return evaluate_tokens(model, coder, tokens, reader.characters, cache=cache)


def evaluate_tokens(
    model: Model, coder: Coder, tokens: Sequence[Token], characters: int, *, cache: bool = True
) -> Evaluation:
    """Score tokens of ``coder``; the first one only sets the stage."""
    network = Network(model, coder.stem)
    mixer = scoring.CacheScorer(model.cache)
    static = mixed = spelled = 0.0
    for chunk in scoring.score(network, tokens):
        static -= float(chunk.static.sum(dtype=np.float64))
        spelled -= float((chunk.spellings + np.where(chunk.spellings < 0, chunk.stems, 0)).sum(dtype=np.float64))
        mixed -= float((mixer.mix(chunk) if cache else chunk.static).sum(dtype=np.float64))
    words, scale = max(len(tokens) - 1, 1), math.log(2.0) * max(characters, 1)
    return Evaluation(mixed / scale, static / scale, characters, words, math.exp(mixed / words), spelled / max(static, 1e-9))
