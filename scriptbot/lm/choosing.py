"""The next piece: from the network, the cache and the settings to one choice.

The form is drawn first, then the stem, from the odds of the network and its counts with the cache's votes mixed in.
What is chosen fits behind the piece before it, so that whoever reads what was said gets into the state of who said it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig
from scriptbot.lm import sampling
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.network import Network
from scriptbot.lm.params import Array
from scriptbot.lm.state import State
from scriptbot.text.vocabulary import CASES, LEADS, SPELL, STRUCTURE, Coder, pieces, render, split_case

RECENT = 64  # words that the repetition penalty looks back on
MOST_TRIES = 16  # draws of a word that fits behind the last one
MOST_KNOWN = 4_000  # answers about pieces that are kept

_NO_PLACES: NDArray[np.int32] = np.zeros(0, np.int32)
_NO_VOTES: Array = np.zeros(0, np.float32)


class Chooser:
    """Draws pieces; it keeps nothing but answers that are worth having once.

    Args:
        network, coder: of the same model.
        cache: how the cache is mixed in.
    """

    def __init__(self, network: Network, coder: Coder, cache: CacheConfig) -> None:
        self.network, self.coder, self.cache = network, coder, cache
        self._opens: dict[tuple[str, tuple[str, ...], bool], tuple[int, ...]] = {}
        self._settlements: dict[tuple[str, int, int], tuple[int, int] | None] = {}

    def cast(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, silent: Sequence[int] = ()
    ) -> tuple[int, float]:
        """The member of the cast who speaks next, and the log-probability of that, given that one does.

        Args:
            silent: members who do not, the most silent first; the last one left may speak all the same.
        """
        odds, _ = self._odds(state, STRUCTURE, 1.0, settings)
        vocabulary = self.coder.vocabulary
        cues = odds[vocabulary.cue(0) : vocabulary.first_stem]
        quiet = list(silent)[: len(cues) - 1]
        cues[quiet] = 0.0
        if not cues.any():  # nobody is likely at all
            cues = np.ones_like(cues)
            cues[quiet] = 0.0
        member = sampling.draw(sampling.temper(cues, settings.temperature), rng)
        return member, math.log(max(float(cues[member]) / float(cues.sum()), 1e-38))

    def next(
        self,
        state: State,
        settings: SampleConfig,
        rng: np.random.Generator,
        leads: tuple[str, ...],
        *,
        may_end: bool,
    ) -> tuple[int, int, float] | None:
        """(stem, form, log-probability) of the next piece; None for the end of the speech.

        Args:
            leads: white space that the piece may begin with.
            may_end: whether the speech may be over.
        """
        opens = self._open(state.last, leads, may_end)
        if not opens:
            return None
        form, likely = _form(opens, state.forms.tolist(), settings.temperature, rng)
        if form == STRUCTURE:
            return None
        odds, others = self._odds(state, form, likely, settings)
        odds[1 : self.coder.vocabulary.first_stem] = 0.0
        if not (self.coder.vocabulary.rare or state.spelled or settings.invent):
            odds[SPELL] = 0.0
        if settings.repetition_penalty > 1.0:
            self._penalise(odds, others, state, settings.repetition_penalty)
        return self._fitting(odds, others, form, state, settings, rng)

    def _odds(self, state: State, form: int, likely: float, settings: SampleConfig) -> tuple[Array, Sequence[int]]:
        """(odds that sum to ``likely``, of the softmax and of the stems behind it; those stems, in their order)."""
        places, votes, share, shift = _NO_PLACES, _NO_VOTES, likely, None
        others: Sequence[int] = ()
        if settings.cache and len(state.cache):
            shift = self.network.adapted(state.adaptation, state.key, form)
            if weight := self.cache.weights[form]:
                places, votes = state.cache.votes(state.key, form, self.cache, weight * likely)
                if len(places):
                    share, others = likely * (1.0 - weight), state.cache.others
        room = -(-(self.network.words + len(others)) // sampling.BLOCK) * sampling.BLOCK - self.network.words
        odds = self.network.stem_odds(state.query, form, state.past, share, shift, room)
        np.add.at(odds, places, votes)
        return odds, others

    def _open(self, last: str, leads: tuple[str, ...], may_end: bool) -> tuple[int, ...]:
        """The forms whose white space can follow the last piece without running into it."""
        key = last, leads, may_end
        found = self._opens.get(key)
        if found is None:
            if len(self._opens) > MOST_KNOWN:
                self._opens.clear()
            fit = [LEADS.index(lead) for lead in leads if list(pieces(f"{last}{lead}."))[-1] == (lead, ".")]
            forms = [lead * CASES + case for lead in fit for case in range(CASES)]
            found = self._opens[key] = (*forms, *([STRUCTURE] if may_end else []))
        return found

    def _penalise(self, odds: Array, others: Sequence[int], state: State, penalty: float) -> None:
        """Divide the odds of words just said."""
        places = {stem: self.network.words + place for place, stem in enumerate(others)}
        for stem in set(state.cache.latest(RECENT)):
            place = stem if stem < self.network.words else places.get(stem)
            if place is not None and self.coder.stem(stem)[:1].isalpha():
                odds[place] /= np.float32(penalty)

    def _fitting(
        self,
        odds: Array,
        others: Sequence[int],
        form: int,
        state: State,
        settings: SampleConfig,
        rng: np.random.Generator,
    ) -> tuple[int, int, float]:
        """A stem that fits behind the last piece, as (stem, form, log-probability)."""
        words = self.network.words
        stem = first = self.coder.vocabulary.first_stem
        for tries in range(MOST_TRIES):
            if tries == MOST_TRIES // 2 and odds.any(where=np.arange(len(odds)) != SPELL):
                odds[SPELL] = 0.0  # each of those behind it is hardly likely
            index = sampling.choose(odds, settings, rng)
            if index is None:  # all was on what cannot come here; then any word is as good
                index = int(rng.integers(first, words)) if first < words else SPELL
            score = math.log(max(float(odds[index]), 1e-38))
            stem = index if index < words else others[index - words]
            if index == SPELL:
                must = tries >= MOST_TRIES // 2
                outside = self._outside(state, form, settings, rng, must=must)
                if outside is None:
                    continue
                stem, spelled = outside
                score += spelled
                if not (must or settings.invent or sampling.possible(odds, SPELL, math.exp(score), settings)):
                    continue
            settled = self._settled(state.last, stem, form)
            if settled is not None:
                return (*settled, score)
            if index != SPELL:
                odds[index] = 0.0
        spaced = LEADS.index(" ") * CASES + form % CASES
        return (*(self._settled(state.last, stem, spaced) or (stem, spaced)), score)

    def _settled(self, last: str, stem: int, form: int) -> tuple[int, int] | None:
        """The piece as reading would number it; None if behind ``last`` it would be read as something else, or not
        at all, like white space at the beginning of a speech.
        """
        if form >= CASES and last and not last[-1].isspace():
            last = "x"  # behind white space it does not matter which word there was
        key = last, stem, form
        if key not in self._settlements:
            if len(self._settlements) > MOST_KNOWN:
                self._settlements.clear()
            self._settlements[key] = self._settle(last, stem, form)
        return self._settlements[key]

    def _settle(self, last: str, stem: int, form: int) -> tuple[int, int] | None:
        text = render(self.coder.stem(stem), form)
        if last in ("'", "’"):  # there may be a letter before it, so that both would be read as one: ’ll
            last = f"x{last}"
        *_, (lead, body) = pieces(last + text)
        if lead + body != text or lead != LEADS[form // CASES] or (not last and body.isspace()):
            return None
        case, name = split_case(body)
        return self.coder.number(name), LEADS.index(lead) * CASES + case

    def _outside(
        self, state: State, form: int, settings: SampleConfig, rng: np.random.Generator, *, must: bool
    ) -> tuple[int, float] | None:
        """A stem outside the softmax and its log-probability: spelled lately, seen in training, or with ``invent``
        perhaps new.

        Behind one entry of the softmax stand thousands of rare words, each hardly likely.  Temperature has to lower
        the odds of each, not of all together, so that some draws of them come to nothing: None, to be drawn again
        (unless there ``must`` be one, since nothing else is possible).
        """
        network, hidden, score = self.network, state.hidden, 0.0
        has_others = bool(self.coder.vocabulary.rare) or settings.invent
        if state.spelled:
            odds = network.recall_odds(hidden, form, state.spelled)
            skipped = 0 if has_others else 1
            chosen = skipped + sampling.draw_few(odds[skipped:].tolist(), settings.temperature, rng)
            score = math.log(max(float(odds[chosen]), 1e-38))
            if chosen:
                return state.spelled[chosen - 1], score
        hidden_behind = max(len(self.coder.vocabulary.rare), 1)
        if not (must or settings.invent) and rng.random() > hidden_behind ** (1.0 - 1.0 / settings.temperature):
            return None
        novelty = float(network.novelty(hidden))
        if (settings.invent and rng.random() < novelty) or not self.coder.vocabulary.rare:
            word = network.speller.spell(hidden, form, rng, settings.temperature)
            spelled = network.speller.log_probabilities([word], hidden[None], np.array([form]))[0]
            return self.coder.number(word), score + math.log(novelty) + float(spelled)
        rare = network.rare_odds(hidden, form)
        chosen = sampling.draw(sampling.temper(rare, settings.temperature), rng)
        score += math.log(max(1.0 - novelty, 1e-38)) + math.log(max(float(rare[chosen]), 1e-38))
        return self.coder.vocabulary.words + chosen, score


def _form(
    opens: tuple[int, ...], logits: list[float], temperature: float, rng: np.random.Generator
) -> tuple[int, float]:
    """(one of the forms that are open, its probability); for a dozen numbers Python is faster than an array."""
    top = max(logits)
    odds = [math.exp(logit - top) for logit in logits]
    form = opens[sampling.draw_few([odds[form] for form in opens], temperature, rng)]
    return form, odds[form] / sum(odds)
