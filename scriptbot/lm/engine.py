"""Text in, pieces of text out, and a state that is passed along: what a conversation is made of.

The engine keeps nothing of a conversation itself.  A :class:`State` goes in and a new one comes out, so that whoever
holds the states can go back, fork and compare.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from scriptbot.config import SampleConfig
from scriptbot.lm import aside, cache
from scriptbot.lm.choosing import Chooser, Form
from scriptbot.lm.model import Model
from scriptbot.lm.network import NO_PAST, Network, Past
from scriptbot.lm.output import entry
from scriptbot.lm.params import Array
from scriptbot.lm.relevance import Relevance
from scriptbot.lm.state import Piece, State
from scriptbot.text.vocabulary import DIRECTION, LEADS, NOBODY, SCENE, STRUCTURE, Coder, Token, render

Begun: TypeAlias = aside.Job[list[Array]]
FEW_SPEECHES = 3  # below which the products are faster speech by speech, docs/decisions/talking.md
_SENTENCE_ENDS = frozenset(".!?…。！？")


class Speech:
    """A speech in the making.  For each word, call :meth:`form`, then :meth:`word` with that form; read that token, and
    call :meth:`take` with the state after it.

    It ends where the model says so, from ``max_words`` on also at the end of a sentence, and at twice ``max_words`` in
    any case.

    Attributes:
        state: after what was said so far.
        ended: whether it is over.
        whole: whether it ended at the end of a sentence or where the model said so, not for its length alone.
        tokens, pieces: what was said so far, as the network reads it and as text.
    """

    def __init__(
        self, chooser: Chooser, name: str, speaker: int, settings: SampleConfig, rng: np.random.Generator, state: State
    ) -> None:
        self.name, self.state, self.ended, self.whole = name, state, False, False
        self.tokens: list[Token] = []
        self.pieces: list[Piece] = []
        self._chooser, self._speaker, self._settings, self._rng = chooser, speaker, settings, rng
        self._score = 0.0

    def fork(self, rng: np.random.Generator) -> Speech:
        """Another speech that goes on from here, with random numbers of its own.

        If it is dropped, it leaves no trace but the numbers of the words that it invented.
        """
        other = copy.copy(self)
        other._rng, other.state = rng, replace(self.state, cache=self.state.cache.apart())
        other.tokens, other.pieces = list(self.tokens), list(self.pieces)
        return other

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(piece.text for piece in self.pieces)

    def form(self) -> Form | None:
        """Draw the form of the next word, for :meth:`word`; None when the speech is over."""
        words, most = len(self.tokens), self._settings.max_words
        full = words >= most and self.state.last[-1:] in _SENTENCE_ENDS
        if full or words >= 2 * most:
            self.ended, self.whole = True, full
            return None
        leads = LEADS if words else (LEADS[0],)
        form = self._chooser.form(self.state, self._settings, self._rng, leads, may_end=words > 0)
        if form is None:
            self.ended = self.whole = True
        return form

    def word(self, form: Form, logits: Array | None = None) -> Token:
        """Draw the next word, in a form that was chosen.

        Args:
            logits: [V] of the stems in that form, if already computed, see :meth:`Network.stem_logits_each`.
        """
        stem, number, self._score = self._chooser.stem(self.state, form, self._settings, self._rng, logits)
        self.tokens.append(Token(stem, number, self._speaker))
        return self.tokens[-1]

    def take(self, state: State) -> Piece:
        """Add the word that was drawn, given the state after reading it; returns its piece."""
        self.state = state
        self.pieces.append(Piece("text", state.last, self.name, self._score, state))
        return self.pieces[-1]


class Engine:
    """A model, ready to read and to speak."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.coder = Coder(model.vocabulary)
        self.network = Network(model, self.coder.stem)
        self.relevance = Relevance(model.exchanges) if model.exchanges else None
        self._chooser = Chooser(self.network, self.coder, model.cache)

    @property
    def cast(self) -> tuple[str, ...]:
        """The characters the model knows, most lines first; empty for a model of plain text."""
        return self.model.vocabulary.cast

    def start(self) -> State:
        """A fresh conversation, at the start of a scene."""
        memory = cache.empty(self.model.cache.window, self.network.key_kernel.shape[1], self.network.words)
        recurrent = self.network.start()
        query, form_logits, key = self.network.ahead(recurrent.hidden[-1])
        blank = State(recurrent, query, form_logits, key, NO_PAST, memory)
        return self.read(blank, [Token(SCENE, STRUCTURE)], remember=False)

    def read(
        self,
        state: State,
        tokens: Iterable[Token],
        *,
        remember: bool = True,
        learn: bool = True,
        begun: Begun | None = None,
    ) -> State:
        """The state after more tokens.

        Args:
            remember: whether they are put into the cache, see :mod:`scriptbot.lm.cache`.
            learn: whether the softmax adapts to them and they vote in the cache; False for what the model itself says.
            begun: a job that computes :meth:`Network.recurrence` of the state, if one was begun.
        """
        recurrent, memory, spelled = state.recurrent, state.cache, state.spelled
        query, form_logits, key = state.query, state.form_logits, state.key
        past, adaptation, rate = state.past, state.adaptation, self.model.cache.rate
        token = None
        for token in tokens:
            if remember:
                memory = memory.add(key, token.stem, token.form if learn else cache.SAID)
                if rate and learn:
                    adaptation = self.network.adapter.after(adaptation, query, token.stem, token.form, rate)
            recurrence, begun = (begun.result() if begun else None), None
            hidden, recurrent = self.network.step(token, recurrent, recurrence)
            query, form_logits, key = self.network.ahead(hidden)
            past, spelled = self._behind(past, spelled, token)
        if token is None:
            return state
        return State(
            recurrent=recurrent,
            query=query,
            form_logits=form_logits,
            key=key,
            past=past,
            cache=memory,
            adaptation=adaptation,
            spelled=spelled,
            last=self._text(token),
        )

    def go_on_alone(self, speech: Speech, form: Form) -> Piece:
        """Add one word to a speech, in a form from :meth:`Speech.form`."""
        begun = self._begin(speech.state)
        return speech.take(self.read(speech.state, [speech.word(form)], learn=False, begun=begun))

    def go_on(self, speeches: Sequence[Speech]) -> None:
        """Add one word to each of several speeches, and read it without learning; the products are computed together,
        unless the speeches are few.  Speeches that are over get none.
        """
        forms = [(speech, form) for speech in speeches if (form := speech.form())]
        if len(forms) < FEW_SPEECHES:
            for speech, form in forms:
                self.go_on_alone(speech, form)
            return
        network = self.network
        states = [speech.state for speech, _ in forms]
        begun = aside.begin(lambda: network.recurrences([state.recurrent for state in states]))
        logits = network.stem_logits_each(
            np.stack([state.query for state in states]), [form.number for _, form in forms]
        )
        tokens = [speech.word(form, known) for (speech, form), known in zip(forms, logits, strict=True)]
        after = network.steps(tokens, [state.recurrent for state in states], begun.result())
        ahead = network.aheads(np.stack([recurrent.hidden[-1] for recurrent in after]))
        rows = zip(forms, states, tokens, after, *ahead, strict=True)
        for (speech, _), state, token, recurrent, query, form_logits, key in rows:
            past, spelled = self._behind(state.past, state.spelled, token)
            speech.take(
                State(
                    recurrent=recurrent,
                    query=query,
                    form_logits=form_logits,
                    key=key,
                    past=past,
                    cache=state.cache.add(state.key, token.stem, cache.SAID),
                    adaptation=state.adaptation,
                    spelled=spelled,
                    last=self._text(token),
                )
            )

    def read_speech(self, state: State, character: str, text: str, *, learn: bool = True) -> State:
        """The state after a whole speech by anybody, in the cast or not."""
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

    def anywhere(self, state: State, stems: Sequence[int]) -> Array:
        """[T] natural logarithms of how likely stems are regardless of context, see :meth:`Chooser.anywhere`."""
        places = {stem: self.network.words + place for place, stem in enumerate(state.cache.outside)}
        unheard = self.network.words + len(places)
        found = [stem if stem < self.network.words else places.get(stem, unheard) for stem in stems]
        result: Array = np.log(self._chooser.anywhere(state, np.array(found, np.int64)))
        return result

    def next_speaker(
        self, state: State, settings: SampleConfig, rng: np.random.Generator, silent: Sequence[str] = ()
    ) -> tuple[str, float]:
        """(the member of the cast who speaks next, the log-probability of that), leaving out the ``silent``."""
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
        """One speech: a cue, its words, an end.  With ``character`` None the model chooses who speaks, see
        :meth:`next_speaker`."""
        name, score = (character, 0.0) if character else self.next_speaker(state, settings, rng, silent)
        speech = self.open_speech(state, name, settings, rng)
        yield Piece("cue", name, name, score, speech.state)
        while form := speech.form():
            yield self.go_on_alone(speech, form)
        yield Piece("end", "", name, 0.0, speech.state)

    def open_speech(self, state: State, name: str, settings: SampleConfig, rng: np.random.Generator) -> Speech:
        """A speech in which nothing but the cue is said yet."""
        cue = self.coder.open_speech(name)
        return Speech(self._chooser, name, cue[-1].speaker, settings, rng, self.read(state, cue, learn=False))

    def _begin(self, state: State) -> Begun:
        """Begin the part of the next step that does not depend on the word, while the word is chosen."""
        network, recurrent = self.network, state.recurrent
        return aside.begin(lambda: network.recurrence(recurrent))

    def _behind(self, past: Past, spelled: tuple[int, ...], token: Token) -> tuple[Past, tuple[int, ...]]:
        """(the context of the n-grams, the remembered words outside the softmax) after one more token."""
        if token.stem >= self.network.words:
            spelled = (*spelled, token.stem)[-self.model.config.recall :]
        return (entry(token.stem, self.network.words), past[0]), spelled

    def _text(self, token: Token) -> str:
        return "" if token.form == STRUCTURE else render(self.coder.stem(token.stem), token.form)

    def write(self, state: State, settings: SampleConfig, rng: np.random.Generator) -> Iterator[Piece]:
        """Continue plain text for ``settings.lines`` lines, of which the first is the rest of the present one."""
        lines = 0
        for words in range(2 * settings.max_words * settings.lines):
            given, begun = state.lead, self._begin(state)
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
            state = self.read(state, [Token(stem, form, NOBODY)], learn=False, begun=begun)
            yield Piece("text", text[len(given or "") :], "", score, state)
        yield Piece("end", "", "", 0.0, state)
