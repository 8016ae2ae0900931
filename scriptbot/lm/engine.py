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

from scriptbot.config import SampleConfig
from scriptbot.lm import cache, sampling, spelling
from scriptbot.lm.cache import Cache
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network, Recurrent
from scriptbot.lm.params import Array
from scriptbot.text.vocabulary import (
    CASES,
    LEADS,
    NOBODY,
    SCENE,
    SPELL,
    STRUCTURE,
    Coder,
    Token,
    render,
)

RECENT = 64  # words that the repetition penalty looks back on
_SENTENCE_ENDS = frozenset(".!?…。！？")


@dataclass(frozen=True, slots=True)
class State:
    """A moment of a conversation.  Nothing in it is ever changed; keeping one is cheap.

    Attributes:
        recurrent: of the word LSTM.
        hidden: [H] its output, from which the next word is foretold.
        cache: words of this conversation.
        recent: stems just said, for the repetition penalty.
        lead: white space that the text read last ended in; the next piece has to begin with it.
    """

    recurrent: Recurrent
    hidden: Array
    cache: Cache
    recent: tuple[int, ...] = ()
    lead: str | None = None


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

    @property
    def cast(self) -> tuple[str, ...]:
        """The characters the model knows, most lines first; empty for a model of plain text."""
        return self.model.vocabulary.cast

    def start(self) -> State:
        """A fresh conversation, at the start of a scene."""
        memory = cache.empty(self.model.cache.window, self.model.config.embedding)
        recurrent = self.network.start()
        return self.read(State(recurrent, recurrent.hidden[-1], memory), [Token(SCENE, STRUCTURE)], remember=False)

    def read(self, state: State, tokens: Iterable[Token], *, remember: bool = True) -> State:
        """The state after more tokens."""
        recurrent, hidden, memory = state.recurrent, state.hidden, state.cache
        recent = list(state.recent)
        for token in tokens:
            if remember:
                memory = memory.add(self.network.query(hidden), token.stem, token.form)
            hidden, recurrent = self.network.step(token, recurrent)
            recent.append(token.stem)
        return State(recurrent, hidden, memory, tuple(recent[-RECENT:]), None)

    def read_speech(self, state: State, character: str, text: str) -> State:
        """The state after a whole speech of anybody, known or not."""
        cue = self.coder.open_speech(character)
        return self.read(state, [*cue, *self.coder.encode(text.strip(), cue[-1].speaker)])

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
        first = self.coder.vocabulary.cue(0)
        odds = np.exp(self.network.stems(self.network.query(state.hidden), STRUCTURE))[first : first + len(self.cast)]
        member = sampling.draw(sampling.temper(odds.astype(np.float64), settings.temperature), rng)
        return self.cast[member], math.log(odds[member] / odds.sum())

    def _next(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, leads: Iterable[str], *, may_end: bool
    ) -> tuple[int, int, float] | None:
        """(stem, form, log-probability) of the next piece; None for the end of the speech."""
        query = self.network.query(state.hidden)
        share, votes = 0.0, None
        if settings.cache and len(state.cache):
            share, votes = self.model.cache.weight, state.cache.votes(query, self.model.cache.sharpness)
        words = state.cache.words
        forms = (1.0 - share) * np.exp(self.network.forms(state.hidden)).astype(np.float64)
        if votes is not None:
            forms += share * np.bincount(words[:, 1], votes, minlength=len(forms))
        allowed = [LEADS.index(lead) * CASES + case for lead in leads for case in range(CASES)]
        mask = np.zeros(len(forms), np.bool_)
        mask[allowed] = True
        mask[STRUCTURE] = may_end
        form = sampling.draw(sampling.temper(np.where(mask, forms, 0.0), settings.temperature), rng)
        if form == STRUCTURE:
            return None
        from_network = float(np.exp(self.network.forms(state.hidden)[form])) * (1.0 - share)
        odds = from_network * np.exp(self.network.stems(query, form)).astype(np.float64)
        odds[1 : self.coder.vocabulary.first_stem] = 0.0
        if not (self.coder.vocabulary.rare or settings.invent):
            odds[SPELL] = 0.0
        beyond = np.zeros(0, np.int64)
        if votes is not None:
            here = words[:, 1] == form
            stems, weights = words[here, 0], share * votes[here]
            inside = stems < len(odds)
            odds += np.bincount(stems[inside], weights[inside], minlength=len(odds))
            beyond, which = np.unique(stems[~inside], return_inverse=True)
            odds = np.concatenate([odds, np.bincount(which, weights[~inside], minlength=len(beyond))])
        index = self._choose(odds, beyond, state, settings, rng)
        score = math.log(max(float(odds[index]), 1e-300))
        if index >= self.network.words:
            return int(beyond[index - self.network.words]), form, score
        return (self._outside(state.hidden, form, settings, rng) if index == SPELL else index), form, score

    def _choose(
        self, odds: sampling.Weights, beyond: np.ndarray, state: State, settings: SampleConfig, rng: np.random.Generator
    ) -> int:
        if settings.repetition_penalty > 1.0:
            odds = odds.copy()
            for stem in set(state.recent):
                index = stem
                if stem >= self.network.words:
                    index = self.network.words + int(np.searchsorted(beyond, stem))
                    if index - self.network.words >= len(beyond) or beyond[index - self.network.words] != stem:
                        continue
                if self.coder.stem(stem)[:1].isalpha():
                    odds[index] /= settings.repetition_penalty
        return sampling.draw(sampling.restrict(sampling.temper(odds, settings.temperature), settings), rng)

    def _outside(self, hidden: Array, form: int, settings: SampleConfig, rng: np.random.Generator) -> int:
        """A stem outside the softmax: one seen in training, or with ``invent`` perhaps a new one."""
        vocabulary = self.coder.vocabulary
        if settings.invent and rng.random() < float(self.network.novelty(hidden)):
            return self.coder.number(spelling.spell(self.network.parameters, hidden, form, rng, settings.temperature))
        odds = np.exp(self.network.rare(hidden, form)).astype(np.float64)
        return vocabulary.words + sampling.draw(sampling.temper(odds, settings.temperature), rng)
