"""Spelling new words: a mixture of the network's speller and n-grams of the letters of known words.

The two are unsure in different places, so their mixture needs fewer bits than either (docs/decisions/ngrams.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import spelling
from scriptbot.lm.counting import LETTERS_BEFORE, of_spellings
from scriptbot.lm.ngrams import Ngrams, before
from scriptbot.lm.params import BEGIN, BYTES, PAD, Array, Parameters


class Speller:
    """Scores and draws spellings.

    Args:
        known: words whose letters are counted.
        share: of the n-grams in the probability of a spelling.
    """

    def __init__(self, parameters: Parameters, known: tuple[str, ...], share: float) -> None:
        self.parameters, self.known, self.share = parameters, known, share

    @cached_property
    def ngrams(self) -> Ngrams:
        """The n-grams of the letters of known words."""
        return of_spellings(self.known)

    def log_probabilities(self, words: Sequence[str], hidden: Array, forms: NDArray[np.int64]) -> Array:
        """Natural log-probability, [N], of spelling each word, given hidden states [N, H] and forms [N]."""
        own = spelling.log_probabilities(self.parameters, words, hidden, forms)
        if not self.share:
            return own
        counted = np.array([self._counted(word) for word in words], np.float32)
        share = np.float32(self.share)
        result: Array = np.logaddexp(np.log1p(-share) + own, np.log(share) + counted)
        return result

    def _counted(self, word: str) -> float:
        """Log-probability of spelling a word, by the n-grams alone."""
        codes = np.array([BEGIN, *spelling.codes(word)])
        past = before(codes, LETTERS_BEFORE)[1:]
        return float(self.ngrams.log_probabilities(np.zeros(len(past), np.int64), past, codes[1:]).sum())

    def spell(self, hidden: Array, form: int, rng: np.random.Generator, temperature: float) -> str:
        """A word drawn after one hidden state [H], always valid Unicode and never empty."""
        if rng.random() < self.share:
            past = [PAD] * LETTERS_BEFORE

            def ahead(code: int) -> Array:
                past[:] = code, *past[:-1]
                probabilities = np.zeros(BYTES, np.float32)
                self.ngrams.add(probabilities, 0, past, 1.0)
                logs: Array = np.log(probabilities)
                return logs

        else:
            h = spelling.start(self.parameters, hidden, form)
            c = np.zeros_like(h)

            def ahead(code: int) -> Array:
                nonlocal h, c
                logs, h, c = spelling.step(self.parameters, code, h, c)
                return logs

        return spelling.spell(ahead, rng, temperature)
