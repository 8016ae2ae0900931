"""Choosing the next piece from what network and cache predict, as the settings say.

The form is drawn first, then the stem, from the probabilities of network and n-grams with the cache's votes mixed in.
A piece is chosen only if it fits behind the piece before it, i.e. if the text, read back, is cut into the same pieces;
so reading a reply leads to the same state as speaking it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig
from scriptbot.lm import sampling
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.network import Network
from scriptbot.lm.params import Array
from scriptbot.lm.state import State
from scriptbot.text.vocabulary import (
    CAPITALISED,
    CASES,
    LEADS,
    LOWER,
    SPELL,
    STRUCTURE,
    Coder,
    pieces,
    render,
    split_case,
)

PENALISED_WORDS = 64  # that the repetition penalty looks back over
MOST_DRAWS = 16  # attempts to draw a word that fits behind the last one
MOST_ANSWERS = 4_000  # about pieces that are remembered, of each kind
SAID_LATELY_WORDS = 200  # within which the model's own words count as likely anywhere
NEW_STEM = -1  # stands for a word that nobody has used

CLEARLY_NATS = 1.0  # by which a capital must be likelier to be put in, so that no habit of the script is corrected
_SENTENCE_ENDS = frozenset(".!?")

_NO_PLACES: NDArray[np.int32] = np.zeros(0, np.int32)
_NO_VOTES: Array = np.zeros(0, np.float32)


class Form(NamedTuple):
    """The form of the next piece, and how likely it was."""

    number: int
    likely: float


class Crowd(NamedTuple):
    """Stems outside the softmax, the probability of each given that it is one of them, and those tempered."""

    stems: NDArray[np.int64]
    probabilities: Array
    weights: sampling.Weights


class Chooser:
    """Draws pieces; the only thing it keeps is what it has found out about pieces, to save time.

    Args:
        network, coder: of the same model.
        cache: how the cache is mixed in.
    """

    def __init__(self, network: Network, coder: Coder, cache: CacheConfig) -> None:
        self.network, self.coder, self.cache = network, coder, cache
        self._first = coder.vocabulary.first_stem
        self._read = np.arange(coder.vocabulary.words, coder.vocabulary.known)  # stems that the softmax lacks
        self._opens: dict[tuple[str, tuple[str, ...], bool], tuple[int, ...]] = {}
        self._settlements: dict[tuple[str, int, int], tuple[int, int] | None] = {}

    def cast(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, silent: Sequence[int] = ()
    ) -> tuple[int, float]:
        """(the member of the cast who speaks next, the log-probability of that given that one of the cast does).

        Args:
            silent: members who are not to speak, the most important first; if that is all of them, the last one may.
        """
        probabilities, _ = self._probabilities(state, STRUCTURE, 1.0, settings)
        vocabulary = self.coder.vocabulary
        cues = probabilities[vocabulary.cue(0) : vocabulary.first_stem]
        quiet = list(silent)[: len(cues) - 1]
        cues[quiet] = 0.0
        if not cues.any():  # nobody is likely at all
            cues = np.ones_like(cues)
            cues[quiet] = 0.0
        member = sampling.draw(sampling.temper(cues, settings.temperature), rng)
        return member, _log(cues[member] / cues.sum())

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
        form = self.form(state, settings, rng, leads, may_end=may_end)
        return self.stem(state, form, settings, rng) if form else None

    def form(
        self,
        state: State,
        settings: SampleConfig,
        rng: np.random.Generator,
        leads: tuple[str, ...],
        *,
        may_end: bool,
    ) -> Form | None:
        """The form of the next piece; None for the end.  Arguments are those of :meth:`next`."""
        opens = self._open(state.last, leads, may_end)
        if not opens:
            return None
        form = _form(opens, state.form_logits.tolist(), settings, rng)
        return None if form.number == STRUCTURE else form

    def stem(
        self,
        state: State,
        form: Form,
        settings: SampleConfig,
        rng: np.random.Generator,
        logits: Array | None = None,
    ) -> tuple[int, int, float]:
        """(stem, form, log-probability) of a piece whose form is chosen; the form may become another one.

        Args:
            logits: [V] of the stems in that form, if they are known, see :meth:`Network.stem_logits_each`.
        """
        probabilities, outside = self._probabilities(state, *form, settings, logits)
        probabilities[1 : self.coder.vocabulary.first_stem] = 0.0
        if not (self.coder.vocabulary.rare or state.spelled or settings.invent):
            probabilities[SPELL] = 0.0
        if settings.repetition_penalty > 1.0:
            self._penalise(probabilities, outside, state, settings.repetition_penalty)
        return self._fitting(probabilities, outside, form.number, state, settings, rng)

    def _probabilities(
        self, state: State, form: int, likely: float, settings: SampleConfig, logits: Array | None = None
    ) -> tuple[Array, Sequence[int]]:
        """(probabilities that sum to ``likely``, of the softmax and of the stems behind it; those stems, in order)."""
        places, votes, share, shift = _NO_PLACES, _NO_VOTES, likely, None
        outside: Sequence[int] = ()
        if logits is None:  # the long product first: meanwhile the other thread can begin, see lm/aside.py
            logits = self.network.stem_logits(state.query, form)
        if settings.cache and len(state.cache):
            shift = self.network.adapted(state.adaptation, state.key, form)
            if weight := self.cache.weights[form]:
                places, votes = state.cache.votes(state.key, form, self.cache, weight * likely)
                if len(places):
                    share, outside = likely - float(votes.sum()), state.cache.outside
        room = -(self.network.words + len(outside)) % sampling.BLOCK_ENTRIES + len(outside)
        probabilities = self.network.stem_probabilities(logits, form, state.past, share, shift, room)
        np.add.at(probabilities, places, votes)
        return probabilities, outside

    def _open(self, last: str, leads: tuple[str, ...], may_end: bool) -> tuple[int, ...]:
        """The forms whose white space can follow the last piece without running into it; and that of structure, for the
        end, if there may be one."""
        key = last, leads, may_end
        found = self._opens.get(key)
        if found is None:
            if len(self._opens) > MOST_ANSWERS:
                self._opens.clear()
            fit = [LEADS.index(lead) for lead in leads if list(pieces(f"{last}{lead}."))[-1] == (lead, ".")]
            forms = [lead * CASES + case for lead in fit for case in range(CASES)]
            found = self._opens[key] = (*forms, *([STRUCTURE] if may_end else []))
        return found

    def anywhere(self, state: State, places: NDArray[np.integer]) -> Array:
        """[places] how likely the stems at some places, as :meth:`_probabilities` numbers them, are regardless of
        context: by their frequency in the script, and in what the model has said lately, so that its own odd words do
        not keep coming back.
        """
        ever = self.network.anywhere
        said = np.bincount(state.cache.said(SAID_LATELY_WORDS), minlength=int(places.max(initial=0)) + 1)
        again: Array = ever[np.minimum(places, len(ever) - 1)] + said[places] * np.float32(1.0 / SAID_LATELY_WORDS)
        return again

    def _penalise(self, probabilities: Array, outside: Sequence[int], state: State, penalty: float) -> None:
        """Divide the probabilities of words just said."""
        places = {stem: self.network.words + place for place, stem in enumerate(outside)}
        for stem in set(state.cache.latest(PENALISED_WORDS)):
            place = stem if stem < self.network.words else places.get(stem)
            if place is not None and self.coder.stem(stem)[:1].isalpha():
                probabilities[place] /= np.float32(penalty)

    def _fitting(
        self,
        probabilities: Array,
        outside: Sequence[int],
        form: int,
        state: State,
        settings: SampleConfig,
        rng: np.random.Generator,
    ) -> tuple[int, int, float]:
        """Draw a piece that fits behind the last one: (stem, form, log-probability).

        Whether the stem stands outside the softmax is drawn first: as a single entry among the others, all that stands
        outside would crowd them out where only the likeliest are kept.
        """
        words, first = self.network.words, self.coder.vocabulary.first_stem
        share, probabilities[SPELL] = float(probabilities[SPELL]), 0.0
        weights = sampling.temper(probabilities, settings.temperature)
        crowd = self._beyond(form, state, settings) if share and settings.temperature > 1.0 else None
        chance_outside = sampling.chance(
            _raised(share, crowd, settings.temperature), probabilities, weights, settings.temperature
        )
        for _ in range(MOST_DRAWS):
            if rng.random() >= chance_outside:
                break
            crowd = crowd or self._beyond(form, state, settings)
            found = self._outside(crowd, share, form, state, settings, rng)
            if found is None or not (settings.invent or sampling.possible(probabilities, math.exp(found[1]), settings)):
                continue
            if settled := self._settled(state.last, found[0], self._cased(found[0], form, state)):
                return (*settled, found[1])
        stem, score = first, 0.0
        for _ in range(MOST_DRAWS):
            index = sampling.pick(weights, settings, rng, lambda places: self.anywhere(state, places))
            if index is not None:
                stem, score = index if index < words else outside[index - words], _log(probabilities[index])
                weights[index] = 0.0
            elif share or first == words:
                crowd = self._beyond(form, state, settings, must=True)
                stem, score = self._outside(crowd, share, form, state, settings, rng, must=True) or (stem, score)
            else:  # only words that cannot come here had any probability; then any other is as good
                stem = int(rng.integers(first, words))
            if settled := self._settled(state.last, stem, self._cased(stem, form, state)):
                return (*settled, score)
        spaced = LEADS.index(" ") * CASES + form % CASES
        return (*(self._settled(state.last, stem, spaced) or (stem, spaced)), score)

    def _cased(self, stem: int, form: int, state: State) -> int:
        """The form, with a capital where the word needs one: the form was drawn before the word was known.

        That is where a sentence begins, if a capital is much likelier there (signs and numbers have the lower-case
        form, so that it is never unlikely); and in names: words outside the softmax that had a capital wherever they
        were heard, at least once within a sentence.
        """
        if form % CASES != LOWER:
            return form
        capital = form - LOWER + CAPITALISED
        begins = state.last == "" or (state.last in _SENTENCE_ENDS and form >= CASES and state.past[0] != state.past[1])
        logits = state.form_logits
        if begins and logits[capital] - logits[form] > CLEARLY_NATS:  # not behind “...”, nor within “p.m.”
            return capital if self.coder.stem(stem)[:1].isalpha() else form
        if stem < self.network.words:
            return form
        heard = state.cache.heard(stem)
        always = all(form % CASES == CAPITALISED for form, _ in heard)
        amid = any(self.coder.stem(before)[-1].isalnum() for _, before in heard if before >= self._first)
        return capital if always and amid else form

    def _settled(self, last: str, stem: int, form: int) -> tuple[int, int] | None:
        """(stem, form) of the piece as reading would number them; None if behind ``last`` it would be read as something
        else, or not at all, like white space at the beginning of a speech.
        """
        if form >= CASES and last and not last[-1].isspace():
            last = "x"  # with white space between them, it does not matter which word came before
        key = last, stem, form
        if key not in self._settlements:
            if len(self._settlements) > MOST_ANSWERS:
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

    def _beyond(self, form: int, state: State, settings: SampleConfig, *, must: bool = False) -> Crowd:
        """The stems outside the softmax, given that one of them is said.

        Args:
            must: whether one of them has to be.
        """
        network, vocabulary, hidden = self.network, self.coder.vocabulary, state.hidden
        newness = float(network.novelty(hidden))
        unread = sorted({stem for stem in state.spelled if stem >= vocabulary.known})
        stems = np.concatenate([self._read, np.array([*unread, NEW_STEM], np.int64)])
        p, none = np.zeros(len(stems), np.float32), 1.0
        if state.spelled:
            again = network.recall_probabilities(hidden, form, state.spelled)
            none = float(again[0])
            np.add.at(p, np.searchsorted(stems[:-1], state.spelled), again[1:])
        if vocabulary.rare:
            p[: len(vocabulary.rare)] += network.rare_probabilities(hidden, form, none * (1.0 - newness))
        if settings.invent or (must and not p.any()):
            p[-1] = max(none * newness, 1e-38)
        if settings.repetition_penalty > 1.0:
            p[np.isin(stems, state.cache.latest(PENALISED_WORDS))] /= np.float32(settings.repetition_penalty)
        # Where there must be one, the likeliest is scaled to 1, so that not all of them underflow when raised to 1 / T.
        weights = sampling.temper(p, settings.temperature) if must else p ** (1.0 / settings.temperature)
        return Crowd(stems, p, weights)

    def _outside(
        self,
        crowd: Crowd,
        share: float,
        form: int,
        state: State,
        settings: SampleConfig,
        rng: np.random.Generator,
        *,
        must: bool = False,
    ) -> tuple[int, float] | None:
        """(stem, log-probability) of a word outside the softmax: spelled lately, seen in training, or with ``invent``
        perhaps new; None if it is to be drawn again.

        A single entry of the softmax stands for thousands of rare words, each of them unlikely.  Temperature has to act
        on the probability of each, not on their sum.  So below 1 some draws are rejected with None (unless there
        ``must`` be one, since nothing else is possible); above 1 such words are drawn more often, see :func:`_raised`.

        Args:
            share: the probability that the word is outside the softmax.
        """
        if not must and rng.random() >= crowd.weights.sum():
            return None
        chosen = sampling.draw(crowd.weights, rng)
        stem, score = int(crowd.stems[chosen]), _log(share * crowd.probabilities[chosen])
        if stem != NEW_STEM:
            return stem, score
        network, hidden = self.network, state.hidden
        word = network.speller.spell(hidden, form, rng, settings.temperature)
        spelled = network.speller.log_probabilities([word], hidden[None], np.array([form]))[0]
        return self.coder.number(word), score + float(spelled)


def _raised(share: float, crowd: Crowd | None, temperature: float) -> float:
    """The probability that a single entry would need in order to be drawn, at this temperature, as often as the stems
    of a crowd, tempered one by one, are together.

    It is raised above ``share`` only; below a temperature of 1, rejecting draws has the same effect.
    """
    return share if crowd is None else share * max(float(crowd.weights.sum()), 1.0) ** temperature


def _form(opens: tuple[int, ...], logits: list[float], settings: SampleConfig, rng: np.random.Generator) -> Form:
    """Draw one of the open forms; for a dozen numbers plain Python is faster than an array.

    Top-k, top-p and min-p keep the likeliest, as they do of words, and always the end: otherwise a speech whose end is
    never among the likeliest would go on for ever.
    """
    top = max(logits)
    relative = [math.exp(logit - top) for logit in logits]
    left = sampling.restrict_few([relative[form] for form in opens], settings)
    weights = [relative[form] if left[place] or form == STRUCTURE else 0.0 for place, form in enumerate(opens)]
    form = opens[sampling.draw_few(weights, settings.temperature, rng)]
    return Form(form, relative[form] / sum(relative))


def _log(probability: float) -> float:
    return math.log(max(float(probability), 1e-38))
