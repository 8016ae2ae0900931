"""The state of a conversation at one moment, and a piece of what is said in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from scriptbot.lm.adaptation import NOTHING, Adaptation
from scriptbot.lm.cache import Cache
from scriptbot.lm.network import Past, Recurrent
from scriptbot.lm.params import Array


@dataclass(frozen=True, slots=True)
class State:
    """The state of a conversation at one moment.  Nothing in it is ever changed, so that keeping one costs little.

    States share what they can; each has some vectors of its own, and an adaptation (64 bytes per word of the softmax
    for one network, more for several) if 16 words were heard since the one before.

    Attributes:
        recurrent: hidden and cell of the word LSTM.
        query: [D] the query to the softmax, without a form.
        form_logits: [X] logits of the next form.
        key: [Q] what the keys in the cache are compared with.
        past: the last two words, the context of the n-grams.
        cache: words of this conversation.
        adaptation: what the softmax has learnt from what was read in it, not from what the model said.
        spelled: stems from outside the softmax that the network remembers.
        lead: white space that the text read last ended in; the next piece has to begin with it.
        last: the text of the last piece; empty after structure.
    """

    recurrent: Recurrent
    query: Array
    form_logits: Array
    key: Array
    past: Past
    cache: Cache
    adaptation: Adaptation = NOTHING
    spelled: tuple[int, ...] = ()
    lead: str | None = None
    last: str = ""

    @property
    def hidden(self) -> Array:
        """[H] the output of the word LSTM, from which the next word is predicted."""
        top: Array = self.recurrent.hidden[-1]
        return top

    def alone(self) -> State:
        """A copy with vectors of its own: those of speeches that were drawn together are parts of large arrays."""
        recurrent = Recurrent(self.recurrent.hidden.copy(), self.recurrent.cell.copy())
        query, form_logits, key = self.query.copy(), self.form_logits.copy(), self.key.copy()
        return replace(self, recurrent=recurrent, query=query, form_logits=form_logits, key=key)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply.

    Attributes:
        kind: ``cue`` opens a speech (text: the name), ``text`` is part of it, ``end`` closes it.
        text: as it is shown, leading white space included.
        character: who is speaking; empty in plain text.
        log_probability: natural, under the model at temperature 1; words just said count less if they are penalised.
        state: after this piece.
    """

    kind: Literal["cue", "text", "end"]
    text: str
    character: str
    log_probability: float
    state: State
