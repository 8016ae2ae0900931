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
from scriptbot.lm import cache, recall, sampling, spelling
from scriptbot.lm.cache import Cache
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network, Recurrent
from scriptbot.lm.params import Array
from scriptbot.text.vocabulary import (
    CASES,
    DIRECTION,
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
_NOTHING: Stems = np.zeros(0, np.int64)
_SENTENCE_ENDS = frozenset(".!?…。！？")


@dataclass(frozen=True, slots=True)
class State:
    """A moment of a conversation.  Nothing in it is ever changed; keeping one is cheap.

    Attributes:
        recurrent: of the word LSTM.
        hidden: [H] its output, from which the next word is foretold.
        cache: words of this conversation.
        recent: stems just said, for the repetition penalty.
        spelled: stems from outside the softmax that the network remembers.
        lead: white space that the text read last ended in; the next piece has to begin with it.
        last: the text of the last piece; empty after structure.
    """

    recurrent: Recurrent
    hidden: Array
    cache: Cache
    recent: tuple[int, ...] = ()
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
        spelled = state.spelled
        token = None
        for token in tokens:
            if remember:
                memory = memory.add(self.network.query(hidden), token.stem, token.form)
            hidden, recurrent = self.network.step(token, recurrent)
            recent.append(token.stem)
            if token.stem >= self.network.words:
                spelled = (*spelled, token.stem)[-self.model.config.recall :]
        if token is None:
            return state
        last = "" if token.form == STRUCTURE else render(self.coder.stem(token.stem), token.form)
        return State(recurrent, hidden, memory, tuple(recent[-RECENT:]), spelled, None, last)

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
        first = self.coder.vocabulary.cue(0)
        odds = self.network.stem_odds(self.network.query(state.hidden), STRUCTURE)[first : first + len(self.cast)]
        member = sampling.draw(sampling.temper(odds, settings.temperature), rng)
        return self.cast[member], math.log(odds[member] / odds.sum())

    def _next(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, leads: Iterable[str], *, may_end: bool
    ) -> tuple[int, int, float] | None:
        """(stem, form, log-probability) of the next piece; None for the end of the speech.

        The form is drawn first, then the stem; the network's odds and the cache's are mixed both times.
        """
        query = self.network.query(state.hidden)
        share, votes, words = np.float32(0.0), None, state.cache.words
        if settings.cache and len(state.cache):
            share = np.float32(self.model.cache.weight)
            votes = share * state.cache.votes(query, self.model.cache.sharpness)
        by_network = (np.float32(1.0) - share) * self.network.form_odds(state.hidden)
        forms = by_network
        if votes is not None:
            forms = forms + np.bincount(words[:, 1], votes, minlength=len(forms)).astype(np.float32)
        mask = np.zeros(len(forms), np.float32)
        for lead in leads:
            if list(pieces(f"{state.last}{lead}."))[-1] != (lead, "."):
                continue  # white space that would run into that before it
            mask[LEADS.index(lead) * CASES : LEADS.index(lead) * CASES + CASES] = 1.0
        mask[STRUCTURE] = may_end
        if not mask.any():
            return None
        form = sampling.draw(sampling.temper(forms * mask, settings.temperature), rng)
        if form == STRUCTURE:
            return None
        odds = self.network.stem_odds(query, form)
        odds *= by_network[form]
        odds[1 : self.coder.vocabulary.first_stem] = 0.0
        if not (self.coder.vocabulary.rare or state.spelled or settings.invent):
            odds[SPELL] = 0.0
        beyond = _NOTHING
        if votes is not None:
            here = np.flatnonzero(words[:, 1] == form)
            stems, weights = words[here, 0], votes[here]
            if len(stems) and stems.max() >= len(odds):
                inside = stems < len(odds)
                beyond, which = np.unique(stems[~inside], return_inverse=True)
                more = np.bincount(which, weights[~inside], minlength=len(beyond)).astype(np.float32)
                odds = np.concatenate([odds, more])
                stems, weights = stems[inside], weights[inside]
            np.add.at(odds, stems, weights)
        self._penalise(odds, beyond, state, settings)
        return self._fitting(odds, beyond, form, state, settings, rng)

    def _penalise(self, odds: Array, beyond: Stems, state: State, settings: SampleConfig) -> None:
        """Divide the odds of words just said."""
        if settings.repetition_penalty <= 1.0:
            return
        places = {int(stem): self.network.words + place for place, stem in enumerate(beyond)}
        for stem in set(state.recent):
            place = stem if stem < self.network.words else places.get(stem)
            if place is not None and self.coder.stem(stem)[:1].isalpha():
                odds[place] /= np.float32(settings.repetition_penalty)

    def _fitting(
        self, odds: Array, beyond: Stems, form: int, state: State, settings: SampleConfig, rng: np.random.Generator
    ) -> tuple[int, int, float]:
        """A stem that fits behind the last piece, as (stem, form, log-probability)."""
        for _ in range(MOST_TRIES):
            index = sampling.choose(odds, settings, rng)
            score = math.log(max(float(odds[index]), 1e-38))
            stem = index if index < self.network.words else int(beyond[index - self.network.words])
            if index == SPELL:
                stem, spelled = self._outside(state, form, settings, rng)
                score += spelled
            settled = self._settled(state.last, stem, form)
            if settled is not None:
                return (*settled, score)
            if index != SPELL:
                odds[index] = 0.0
            if not odds.any():
                break
        return stem, form, score

    def _settled(self, last: str, stem: int, form: int) -> tuple[int, int] | None:
        """The piece as reading would number it; None if behind ``last`` it would be read as something else, or not
        at all, like white space at the beginning of a speech.

        So that two words never run into one, and whoever reads what was said gets into the state of who said it.
        """
        text = render(self.coder.stem(stem), form)
        *_, (lead, body) = pieces(last + text)
        if lead + body != text or lead != LEADS[form // CASES] or (not last and body.isspace()):
            return None
        case, name = split_case(body)
        return self.coder.number(name), LEADS.index(lead) * CASES + case

    def _outside(self, state: State, form: int, settings: SampleConfig, rng: np.random.Generator) -> tuple[int, float]:
        """A stem outside the softmax and its log-probability: spelled lately, seen in training, or with ``invent``
        perhaps new."""
        p, hidden, score = self.network.parameters, state.hidden, 0.0
        novelty = float(self.network.novelty(hidden))
        may_be_other = bool(self.coder.vocabulary.rare) or settings.invent
        if state.spelled:
            memory = np.array([state.spelled], np.int32)
            pad = np.full((1, self.model.config.recall - len(state.spelled)), recall.NONE, np.int32)
            memory = np.concatenate([pad, memory], axis=1)
            none, again = self.network.recall(hidden[None], np.array([form]), memory)
            odds: Array = np.exp(np.concatenate([none if may_be_other else none - np.inf, again[0]]))
            chosen = sampling.draw(sampling.temper(odds, settings.temperature), rng)
            score = math.log(max(float(odds[chosen]), 1e-38))
            if chosen:
                return int(memory[0, chosen - 1]), score
        if settings.invent and rng.random() < novelty:
            word = spelling.spell(p, hidden, form, rng, settings.temperature)
            spelled = spelling.log_probabilities(p, [word], hidden[None], np.array([form]))[0]
            return self.coder.number(word), score + math.log(novelty) + float(spelled)
        odds = np.exp(self.network.rare(hidden, form))
        chosen = sampling.draw(sampling.temper(odds, settings.temperature), rng)
        score += math.log(max(1.0 - novelty, 1e-38)) + math.log(max(float(odds[chosen]), 1e-38))
        return self.coder.vocabulary.words + chosen, score
