"""Text in, pieces of text out, and a state that is handed round: what a conversation is made of.

The engine keeps nothing of a conversation itself.  A :class:`State` goes in and a new one comes out, so that whoever
holds the states can go back, fork and compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from scriptbot.config import SampleConfig
from scriptbot.lm import cache
from scriptbot.lm.choosing import Chooser
from scriptbot.lm.model import Model
from scriptbot.lm.network import NO_PAST, Network
from scriptbot.lm.state import Piece, State
from scriptbot.text.vocabulary import DIRECTION, LEADS, NOBODY, SCENE, STRUCTURE, Coder, Token, render

_SENTENCE_ENDS = frozenset(".!?…。！？")


class Engine:
    """A model, ready to read and to speak."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.coder = Coder(model.vocabulary)
        self.network = Network(model, self.coder.stem)
        self._chooser = Chooser(self.network, self.coder, model.cache)

    @property
    def cast(self) -> tuple[str, ...]:
        """The characters the model knows, most lines first; empty for a model of plain text."""
        return self.model.vocabulary.cast

    def start(self) -> State:
        """A fresh conversation, at the start of a scene."""
        memory = cache.empty(self.model.cache.window, self.network.key_kernel.shape[1], self.network.words)
        recurrent = self.network.start()
        hidden = recurrent.hidden[-1]
        blank = State(recurrent, hidden, *self.network.ahead(hidden), NO_PAST, memory)
        return self.read(blank, [Token(SCENE, STRUCTURE)], remember=False)

    def read(self, state: State, tokens: Iterable[Token], *, remember: bool = True, learn: bool = True) -> State:
        """The state after more tokens.

        Args:
            remember: whether they may come back, see :mod:`scriptbot.lm.cache`.
            learn: whether the softmax adapts to them; it had better not to what the model itself says.
        """
        recurrent, hidden, memory, spelled = state.recurrent, state.hidden, state.cache, state.spelled
        query, forms, key = state.query, state.forms, state.key
        past, adaptation, rate = state.past, state.adaptation, self.model.cache.rate
        token = None
        for token in tokens:
            if remember:
                memory = memory.add(key, token.stem, token.form)
                if rate and learn:
                    adaptation = self.network.adapter.after(adaptation, query, token.stem, token.form, rate)
            hidden, recurrent = self.network.step(token, recurrent)
            query, forms, key = self.network.ahead(hidden)
            past = (self.network.symbol(token.stem), past[0])
            if token.stem >= self.network.words:
                spelled = (*spelled, token.stem)[-self.model.config.recall :]
        if token is None:
            return state
        last = "" if token.form == STRUCTURE else render(self.coder.stem(token.stem), token.form)
        return State(recurrent, hidden, query, forms, key, past, memory, adaptation, spelled, None, last)

    def read_speech(self, state: State, character: str, text: str, *, learn: bool = True) -> State:
        """The state after a whole speech of anybody, known or not."""
        cue = self.coder.open_speech(character)
        return self.read(state, [*cue, *self.coder.encode(text.strip(), cue[-1].speaker)], learn=learn)

    def read_direction(self, state: State, text: str, *, learn: bool = True) -> State:
        """The state after something that nobody says."""
        return self.read(state, [Token(DIRECTION, STRUCTURE), *self.coder.encode(text.strip())], learn=learn)

    def read_text(self, state: State, text: str, *, learn: bool = True) -> State:
        """The state after plain text.

        White space at its end belongs to the piece that is still to come, so it is kept aside in ``lead``.
        """
        text = (state.lead or "") + text
        body = text.rstrip(" \n")
        lead = text[len(body) :]
        if lead not in LEADS[1:]:  # white space of another kind is a piece of its own
            body, lead = text, ""
        state = self.read(state, self.coder.encode(body), learn=learn)
        return replace(state, lead=lead or None)

    def next_speaker(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, silent: Sequence[str] = ()
    ) -> tuple[str, float]:
        """(who of the cast speaks next, the log-probability of that), but for the silent."""
        unheard = [self.cast.index(other) for other in dict.fromkeys(silent) if other in self.cast]
        member, score = self._chooser.cast(state, settings, rng, unheard)
        return self.cast[member], score

    def speak(
        self,
        state: State,
        character: str | None,
        settings: SampleConfig,
        rng: np.random.Generator,
        silent: Sequence[str] = (),
    ) -> Iterator[Piece]:
        """One speech: a cue, its words, an end.  ``character`` None lets the model cast it, but for the silent.

        It ends where the model says so; past ``max_words`` at the next end of a sentence, at the latest after as
        many words again.
        """
        name, score = (character, 0.0) if character else self.next_speaker(state, settings, rng, silent)
        cue = self.coder.open_speech(name)
        speaker = cue[-1].speaker
        state = self.read(state, cue, learn=False)
        yield Piece("cue", name, name, score, state)
        for words in range(2 * settings.max_words):
            leads = (LEADS[0],) if words == 0 else LEADS
            chosen = self._chooser.next(state, settings, rng, leads, may_end=words > 0)
            if chosen is None:
                break
            stem, form, score = chosen
            token = Token(stem, form, speaker)
            state = self.read(state, [token], learn=False)
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
            chosen = self._chooser.next(state, settings, rng, leads, may_end=given is None and words > 0)
            if chosen is None:
                break
            stem, form, score = chosen
            text = render(self.coder.stem(stem), form)
            begins_line = words > 0 and "\n" in text
            if begins_line:
                lines += 1
                if lines >= settings.lines:
                    break
            state = self.read(state, [Token(stem, form, NOBODY)], learn=False)
            yield Piece("text", text[len(given or "") :], "", score, state)
        yield Piece("end", "", "", 0.0, state)
