"""Several ways to answer, and which of them is taken.

A person reads five words a second and a laptop draws thousands, so there is time to draw several replies before the
first word is seen.  The one that is taken has the fewest flaws, and among those alike the most to do with what was
said before::

    relevance(reply) = log p(reply | conversation) − log p(reply | nothing),   per root of its words

(Li et al., *A diversity-promoting objective function for neural conversation models*, 2016).  Both are what the network
alone expects, for all replies in one pass.  The mean over words would favour a short echo, the sum whoever talks most.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scriptbot.config import SampleConfig
from scriptbot.lm.engine import Engine
from scriptbot.lm.scoring import continuations
from scriptbot.lm.state import Piece, State
from scriptbot.text.vocabulary import Token, pieces

MOST_DRAWN = 400  # words drawn for one reply; with long speeches there are fewer candidates
RECENT = 200  # words of the conversation in which a reply that was given before is looked for
LOOP, AGAIN = 4, 6  # words in a row that are said twice within a reply, or again

_PAIRS = {")": "(", "]": "[", "}": "{", "”": "“", "）": "（", "」": "「", "』": "『", "》": "《"}
_ENDS = re.compile(r"[.!?…。！？—–-][\"'”’)\]）」』》_*]*$")


def speak(
    engine: Engine,
    state: State,
    character: str | None,
    settings: SampleConfig,
    rng: np.random.Generator,
    silent: Sequence[str] = (),
) -> Iterator[Piece]:
    """One speech, as :meth:`Engine.speak` says it: the best of ``settings.candidates``, all by the same character."""
    if settings.candidates == 1:
        yield from engine.speak(state, character, settings, rng, silent)
        return
    score = 0.0
    if character is None:
        character, score = engine.next_speaker(state, settings, rng, silent)
    drawn = draw(engine, state, character, settings, rng)
    found = relevances(engine, state, character, [said(speech) for speech in drawn])
    best = min(range(len(drawn)), key=lambda number: (flaws(engine, state, drawn[number]), -found[number]))
    cue, *rest = drawn[best]
    yield replace(cue, log_probability=score)
    yield from rest


def draw(
    engine: Engine, state: State, character: str, settings: SampleConfig, rng: np.random.Generator
) -> list[list[Piece]]:
    """``settings.candidates`` speeches side by side, word for word, each with random numbers of its own.

    Once there are more than :data:`MOST_DRAWN` words, those that are over are enough, if there are any.
    """
    opened = engine.open_speech(state, character, settings, rng)
    seeds = rng.integers(2**63, size=settings.candidates)
    speeches = [opened.fork(np.random.default_rng(int(seed))) for seed in seeds]
    drawn = [[Piece("cue", character, character, 0.0, opened.state)] for _ in seeds]
    talking, answers = list(range(len(speeches))), np.stack([engine.network.answers(opened.state.query)] * len(seeds))
    while talking:
        tokens = [speeches[number].choose(row) for number, row in zip(talking, answers, strict=True)]
        talking = [number for number in talking if not speeches[number].ended]
        if len(talking) < len(speeches) and sum(map(len, drawn)) > MOST_DRAWN:
            break
        chosen = [token for token in tokens if token is not None]
        if chosen:
            states, answers = engine.read_together([speeches[number].state for number in talking], chosen)
            for number, after in zip(talking, states, strict=True):
                drawn[number].append(speeches[number].take(after))
    for speech, one in zip(speeches, drawn, strict=True):
        one.append(Piece("end", "", character, 0.0, speech.state))
    return [one for speech, one in zip(speeches, drawn, strict=True) if speech.ended]


def said(speech: Sequence[Piece]) -> str:
    """The words of a speech."""
    return "".join(piece.text for piece in speech if piece.kind == "text")


def relevances(engine: Engine, state: State, character: str, texts: Sequence[str]) -> list[float]:
    """How much more likely every text is as a speech of this character now than at the beginning of a scene."""
    cue = engine.coder.open_speech(character)
    words = [engine.coder.encode(text, cue[-1].speaker) for text in texts]
    asked = [number for number, row in enumerate(words) if row]
    rows: list[list[Token]] = [[*cue, *words[number]] for number in asked]
    starts = [state.recurrent] * len(rows) + [engine.start().recurrent] * len(rows)
    likely = [float(row[len(cue) :].sum()) for row in continuations(engine.network, starts, rows * 2)]
    found = [-math.inf] * len(texts)
    for place, number in enumerate(asked):
        found[number] = (likely[place] - likely[len(rows) + place]) / math.sqrt(len(words[number]))
    return found


def flaws(engine: Engine, state: State, speech: Sequence[Piece]) -> int:
    """How many things are wrong with a speech: it was cut short or says nothing, leaves something open, goes round in
    circles, says again what was said before, or copies the training text."""
    text = said(speech)
    stems = [stem for _, stem in pieces(text)]
    ended = _ENDS.search(text) is not None
    before = [engine.coder.stem(number) for number in state.cache.latest(RECENT)]
    again = _runs([stem.lower() for stem in stems], AGAIN) & _runs(before, AGAIN)
    return (not ended) + (not balanced(text)) + goes_round(stems) + bool(again) + copied(engine, stems)


def balanced(text: str) -> bool:
    """Whether every bracket and quotation mark that opens is closed, in order; straight ones come in pairs."""
    opened: list[str] = []
    for sign in text:
        if sign in _PAIRS.values():
            opened.append(sign)
        elif sign in _PAIRS and (not opened or opened.pop() != _PAIRS[sign]):
            return False
    return not opened and text.count('"') % 2 == 0


def goes_round(stems: Sequence[str]) -> bool:
    """Whether some words in a row are said twice."""
    words = [stem.lower() for stem in stems if stem[:1].isalnum()]
    return len(_runs(words, LOOP)) < max(len(words) - LOOP + 1, 0)


def copied(engine: Engine, stems: Sequence[str]) -> bool:
    """Whether eight words in a row are those of the training text, as far as the model remembers it."""
    copies = engine.model.copies
    words = [engine.coder.number(stem.lower()) for stem in stems if stem[:1].isalnum()]
    return copies is not None and copies.among(words) > 0


def _runs(stems: Sequence[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(stems[begin : begin + length]) for begin in range(len(stems) - length + 1)}
