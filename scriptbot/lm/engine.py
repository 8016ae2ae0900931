"""Text in, pieces of text out, and a state that is handed round: what a conversation is made of.

The engine keeps nothing of a conversation itself.  A :class:`State` goes in and a new one comes out, so that whoever
holds the states can go back, fork and compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import SampleConfig
from scriptbot.lm import cache, sampling, spelling
from scriptbot.lm.cache import Cache
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network, Recurrent
from scriptbot.lm.params import Array
from scriptbot.text.vocabulary import (
    CASES,
    DIRECTION,
    FORMS,
    LEADS,
    NOBODY,
    SCENE,
    SPELL,
    STRUCTURE,
    Coder,
    Token,
    pieces,
    render,
    split_case,
)

RECENT = 64  # words that the repetition penalty looks back on
Stems = NDArray[np.int64]

MOST_TRIES = 16  # draws of a word that fits behind the last one
MOST_KNOWN = 4_000  # answers about pieces that are kept
_NOTHING: Stems = np.zeros(0, np.int64)
_NO_VOTES = [0.0] * FORMS
_SENTENCE_ENDS = frozenset(".!?…。！？")


@dataclass(frozen=True, slots=True)
class State:
    """A moment of a conversation.  Nothing in it is ever changed; keeping one is cheap.

    Attributes:
        recurrent: of the word LSTM.
        hidden: [H] its output, from which the next word is foretold.
        query: [D] what it asks the cache and the softmax for.
        forms: [X] logits of the next form.
        cache: words of this conversation.
        spelled: stems from outside the softmax that the network remembers.
        lead: white space that the text read last ended in; the next piece has to begin with it.
        last: the text of the last piece; empty after structure.
    """

    recurrent: Recurrent
    hidden: Array
    query: Array
    forms: Array
    cache: Cache
    spelled: tuple[int, ...] = ()
    lead: str | None = None
    last: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of a reply.

    Attributes:
        kind: ``cue`` opens a speech (text: the name), ``text`` is part of it, ``end`` closes it.
        text: for the eye, leading white space included.
        character: who is speaking; empty in plain text.
        log_probability: natural, under the model at temperature 1.
        state: after this piece.
    """

    kind: Literal["cue", "text", "end"]
    text: str
    character: str
    log_probability: float
    state: State


class Engine:
    """A model, ready to read and to speak."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.coder = Coder(model.vocabulary)
        self.network = Network(model, self.coder.stem)
        self._opens: dict[tuple[str, tuple[str, ...], bool], tuple[int, ...]] = {}
        self._settlements: dict[tuple[str, int, int], tuple[int, int] | None] = {}

    @property
    def cast(self) -> tuple[str, ...]:
        """The characters the model knows, most lines first; empty for a model of plain text."""
        return self.model.vocabulary.cast

    def start(self) -> State:
        """A fresh conversation, at the start of a scene."""
        memory = cache.empty(self.model.cache.window, self.model.config.embedding)
        recurrent = self.network.start()
        hidden = recurrent.hidden[-1]
        blank = State(recurrent, hidden, *self.network.ahead(hidden), memory)
        return self.read(blank, [Token(SCENE, STRUCTURE)], remember=False)

    def read(self, state: State, tokens: Iterable[Token], *, remember: bool = True) -> State:
        """The state after more tokens."""
        recurrent, hidden, memory, spelled = state.recurrent, state.hidden, state.cache, state.spelled
        query, forms = state.query, state.forms
        token = None
        for token in tokens:
            if remember:
                memory = memory.add(query, token.stem, token.form)
            hidden, recurrent = self.network.step(token, recurrent)
            query, forms = self.network.ahead(hidden)
            if token.stem >= self.network.words:
                spelled = (*spelled, token.stem)[-self.model.config.recall :]
        if token is None:
            return state
        last = "" if token.form == STRUCTURE else render(self.coder.stem(token.stem), token.form)
        return State(recurrent, hidden, query, forms, memory, spelled, None, last)

    def read_speech(self, state: State, character: str, text: str) -> State:
        """The state after a whole speech of anybody, known or not."""
        cue = self.coder.open_speech(character)
        return self.read(state, [*cue, *self.coder.encode(text.strip(), cue[-1].speaker)])

    def read_direction(self, state: State, text: str) -> State:
        """The state after something that nobody says."""
        return self.read(state, [Token(DIRECTION, STRUCTURE), *self.coder.encode(text.strip())])

    def read_text(self, state: State, text: str) -> State:
        """The state after plain text.

        White space at its end belongs to the piece that is still to come, so it is kept aside in ``lead``.
        """
        text = (state.lead or "") + text
        body = text.rstrip(" \n")
        lead = text[len(body) :]
        if lead not in LEADS[1:]:  # white space of another kind is a piece of its own
            body, lead = text, ""
        state = self.read(state, self.coder.encode(body))
        return replace(state, lead=lead or None)

    def speak(
        self, state: State, character: str | None, settings: SampleConfig, rng: np.random.Generator
    ) -> Iterator[Piece]:
        """One speech: a cue, its words, an end.  ``character`` None lets the model cast it.

        It ends where the model says so; past ``max_words`` at the next end of a sentence, at the latest after as
        many words again.
        """
        name, score = (character, 0.0) if character is not None else self._cast_next(state, settings, rng)
        cue = self.coder.open_speech(name)
        speaker = cue[-1].speaker
        state = self.read(state, cue)
        yield Piece("cue", name, name, score, state)
        for words in range(2 * settings.max_words):
            leads = (LEADS[0],) if words == 0 else LEADS
            chosen = self._next(state, settings, rng, leads, may_end=words > 0)
            if chosen is None:
                break
            stem, form, score = chosen
            token = Token(stem, form, speaker)
            state = self.read(state, [token])
            text = render(self.coder.stem(stem), form)
            yield Piece("text", text, name, score, state)
            if words + 1 >= settings.max_words and text[-1:] in _SENTENCE_ENDS:
                break
        yield Piece("end", "", name, 0.0, state)

    def write(self, state: State, settings: SampleConfig, rng: np.random.Generator) -> Iterator[Piece]:
        """Plain text to the end of the line, and ``settings.lines`` lines of it."""
        lines = 0
        for words in range(2 * settings.max_words * settings.lines):
            given = state.lead
            leads = (given,) if given is not None else LEADS
            chosen = self._next(state, settings, rng, leads, may_end=given is None and words > 0)
            if chosen is None:
                break
            stem, form, score = chosen
            text = render(self.coder.stem(stem), form)
            begins_line = words > 0 and "\n" in text
            if begins_line:
                lines += 1
                if lines >= settings.lines:
                    break
            state = self.read(state, [Token(stem, form, NOBODY)])
            yield Piece("text", text[len(given or "") :], "", score, state)
        yield Piece("end", "", "", 0.0, state)

    def _cast_next(self, state: State, settings: SampleConfig, rng: np.random.Generator) -> tuple[str, float]:
        odds = self.network.cast_odds(state.query)
        member = sampling.draw(sampling.temper(odds, settings.temperature), rng)
        return self.cast[member], math.log(max(float(odds[member]), 1e-38))

    def _next(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, leads: tuple[str, ...], *, may_end: bool
    ) -> tuple[int, int, float] | None:
        """(stem, form, log-probability) of the next piece; None for the end of the speech.

        The form is drawn first, then the stem; the network's odds and the cache's are mixed both times.
        """
        share, votes, seen = 0.0, None, state.cache
        if settings.cache and len(seen):
            share = self.model.cache.weight
            votes = seen.votes(state.query, self.model.cache.sharpness, share)
        forms = _few_odds(state.forms.tolist(), 1.0 - share)
        voted = _NO_VOTES if votes is None else np.bincount(seen.forms, votes, minlength=FORMS).tolist()
        opens = self._open(state.last, leads, may_end)
        if not opens:
            return None
        weights = [forms[form] + voted[form] for form in opens]
        form = opens[sampling.draw_few(weights, settings.temperature, rng)]
        if form == STRUCTURE:
            return None
        odds = self.network.stem_odds(state.query, form, forms[form])
        odds[1 : self.coder.vocabulary.first_stem] = 0.0
        if not (self.coder.vocabulary.rare or state.spelled or settings.invent):
            odds[SPELL] = 0.0
        beyond = _NOTHING
        if votes is not None:
            here = (seen.forms == form).nonzero()[0]
            odds, beyond = _with_votes(odds, seen.stems.take(here), votes.take(here))
        if settings.repetition_penalty > 1.0:
            self._penalise(odds, beyond, state, settings.repetition_penalty)
        return self._fitting(odds, beyond, form, state, settings, rng)

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

    def _penalise(self, odds: Array, beyond: Stems, state: State, penalty: float) -> None:
        """Divide the odds of words just said."""
        places = {int(stem): self.network.words + place for place, stem in enumerate(beyond)}
        for stem in set(state.cache.stems[-RECENT:].tolist()):
            place = stem if stem < self.network.words else places.get(stem)
            if place is not None and self.coder.stem(stem)[:1].isalpha():
                odds[place] /= np.float32(penalty)

    def _fitting(
        self, odds: Array, beyond: Stems, form: int, state: State, settings: SampleConfig, rng: np.random.Generator
    ) -> tuple[int, int, float]:
        """A stem that fits behind the last piece, as (stem, form, log-probability)."""
        for tries in range(MOST_TRIES):
            index = sampling.choose(odds, settings, rng)
            score = math.log(max(float(odds[index]), 1e-38))
            stem = index if index < self.network.words else int(beyond[index - self.network.words])
            if index == SPELL:
                outside = self._outside(state, form, settings, rng, must=tries == MOST_TRIES - 1)
                if outside is None:
                    continue
                stem, spelled = outside
                score += spelled
            settled = self._settled(state.last, stem, form)
            if settled is not None:
                return (*settled, score)
            if index != SPELL:
                odds[index] = 0.0
            if not odds.any():
                break
        spaced = LEADS.index(" ") * CASES + form % CASES
        return (*(self._settled(state.last, stem, spaced) or (stem, spaced)), score)

    def _settled(self, last: str, stem: int, form: int) -> tuple[int, int] | None:
        """The piece as reading would number it; None if behind ``last`` it would be read as something else, or not
        at all, like white space at the beginning of a speech.

        So that two words never run into one, and whoever reads what was said gets into the state of who said it.
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
        (unless there ``must`` be one).
        """
        network, hidden, score = self.network, state.hidden, 0.0
        has_others = bool(self.coder.vocabulary.rare) or settings.invent
        if state.spelled:
            odds = network.recall_odds(hidden, form, state.spelled)
            chosen = sampling.draw_few(
                odds.tolist() if has_others else [0.0, *odds[1:].tolist()], settings.temperature, rng
            )
            score = math.log(max(float(odds[chosen]), 1e-38))
            if chosen:
                return state.spelled[chosen - 1], score
        hidden_behind = max(len(self.coder.vocabulary.rare), 1)
        if not (must or settings.invent) and rng.random() > hidden_behind ** (1.0 - 1.0 / settings.temperature):
            return None
        novelty = float(network.novelty(hidden))
        if settings.invent and rng.random() < novelty:
            p = network.parameters
            word = spelling.spell(p, hidden, form, rng, settings.temperature)
            spelled = spelling.log_probabilities(p, [word], hidden[None], np.array([form]))[0]
            return self.coder.number(word), score + math.log(novelty) + float(spelled)
        rare = network.rare_odds(hidden, form)
        chosen = sampling.draw(sampling.temper(rare, settings.temperature), rng)
        score += math.log(max(1.0 - novelty, 1e-38)) + math.log(max(float(rare[chosen]), 1e-38))
        return self.coder.vocabulary.words + chosen, score


def _few_odds(logits: list[float], share: float) -> list[float]:
    """softmax times ``share``; for a dozen numbers Python is faster than an array."""
    top = max(logits)
    odds = [math.exp(logit - top) for logit in logits]
    scale = share / sum(odds)
    return [scale * one for one in odds]


def _with_votes(odds: Array, stems: Stems, votes: Array) -> tuple[Array, Stems]:
    """The odds [V] with the cache's votes added, longer by the stems beyond the softmax; and those stems."""
    far = stems >= len(odds)
    if not np.count_nonzero(far):
        np.add.at(odds, stems, votes)
        return odds, _NOTHING
    extra: dict[int, float] = {}
    for stem, vote in zip(stems[far].tolist(), votes[far].tolist(), strict=True):
        extra[stem] = extra.get(stem, 0.0) + vote
    near = np.flatnonzero(~far)
    np.add.at(odds, stems.take(near), votes.take(near))
    return np.concatenate((odds, np.fromiter(extra.values(), np.float32))), np.fromiter(extra, np.int64)
