"""Several ways to answer, and which of them is taken.

A person reads five words a second and a laptop draws thousands, so there is time to draw several replies before the
first word is seen.  The one that is taken has the fewest flaws, and among those alike the most to do with what was
said before::

    relevance(reply) = log p(reply | conversation) − λ log p(reply | nothing),   per word, of which some are added

(Li et al., *A diversity-promoting objective function for neural conversation models*, 2016).  Both are what the network
alone expects, for all replies in one pass.  With λ = 1 the oddest reply wins, with 0 the most trite;
without the words that are added, the shortest: the mean of few words spreads most.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from scriptbot.config import SampleConfig
from scriptbot.lm.engine import Engine, Speech
from scriptbot.lm.scoring import continuations
from scriptbot.lm.state import Piece, State
from scriptbot.text.vocabulary import Token, pieces, split_case

LONGEST = 80  # words after which speeches that are over are not kept waiting for those that are not
RECENT = 200  # words of the conversation in which a reply that was given before is looked for
LOOP, AGAIN = 4, 6  # words in a row that are said twice within a reply, or again
LAMBDA, ADDED = 0.7, 4  # docs/decisions/replies.md
UNSPACED = 3  # how many times as many characters, where those are the pieces
UNKNOWN = -1  # the number of a word that the model has never read

_OPENS = {"(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "《": "》", "【": "】"}
_CLOSES = frozenset(_OPENS.values())
_QUOTES = "“”„«»"  # which of them opens depends on the language, so they are only counted
_TWICE = re.compile(r"\b([^\W\d_]+(?:['’][^\W\d_]+)?) \1\b", re.IGNORECASE)
_INCHES = re.compile(r'(?<=\d)"')


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
    opened = engine.open_speech(state, character, settings, rng)
    drawn = draw(engine, opened, settings.candidates, rng)
    found = relevances(engine, state, character, [speech.text for speech in drawn])
    best = drawn[min(range(len(drawn)), key=lambda number: (flaws(engine, state, drawn[number]), -found[number]))]
    yield Piece("cue", character, character, score, opened.state)
    memory, key = opened.state.cache, opened.state.key
    for token, piece in zip(best.tokens, best.pieces, strict=True):  # into the conversation's own cache
        memory, after = memory.add(key, token.stem, token.form), piece.state
        best.state, key = replace(after, cache=memory), after.key
        yield replace(piece, state=best.state)
    while not best.ended and (more := best.choose()):  # only if all of them are very long
        yield best.take(engine.read(best.state, [more], learn=False))
    yield Piece("end", "", character, 0.0, best.state)


def draw(engine: Engine, opened: Speech, count: int, rng: np.random.Generator) -> list[Speech]:
    """So many speeches that go on from an opened one side by side, each with random numbers of its own.

    After :data:`LONGEST` words those that are over are enough; if there are none, one that is not.
    """
    speeches = [opened.fork(np.random.default_rng(int(seed))) for seed in rng.integers(2**63, size=count)]
    talking, answers = list(speeches), np.repeat(engine.network.answers(opened.state.query[None]), count, axis=0)
    for _ in range(LONGEST):
        chosen = [speech.choose(row) for speech, row in zip(talking, answers, strict=True)]
        tokens = [token for token in chosen if token is not None]
        talking = [speech for speech in talking if not speech.ended]
        if not talking:
            break
        states, answers = engine.read_together([speech.state for speech in talking], tokens)
        for speech, after in zip(talking, states, strict=True):
            speech.take(after)
    return [speech for speech in speeches if speech.ended] or speeches[:1]


def relevances(engine: Engine, state: State, character: str, texts: Sequence[str]) -> list[float]:
    """How likely every text is as a speech of this character now, beyond what it is at the beginning of a scene."""
    cue = engine.coder.open_speech(character)
    words = [engine.coder.encode(text, cue[-1].speaker) for text in texts]
    asked = [number for number, row in enumerate(words) if row]
    rows: list[list[Token]] = [[*cue, *words[number]] for number in asked]
    starts = [state.recurrent] * len(rows) + [engine.start().recurrent] * len(rows)
    likely = [float(row[len(cue) :].sum()) for row in continuations(engine.network, starts, rows * 2)]
    found = [-math.inf] * len(texts)
    for place, number in enumerate(asked):
        found[number] = (likely[place] - LAMBDA * likely[len(rows) + place]) / (len(words[number]) + ADDED)
    return found


def flaws(engine: Engine, state: State, speech: Speech) -> int:
    """How many things are wrong with a speech: it was cut short or has no words, leaves something open, goes round in
    circles or stutters, says again what was said before, or copies the training text."""
    words = [split_case(body)[1] for _, body in pieces(speech.text) if body[:1].isalnum()]
    before = [engine.coder.stem(number) for number in state.cache.latest(RECENT)]
    longer = UNSPACED if engine.model.vocabulary.unspaced else 1
    again = _runs(words, AGAIN * longer) & _runs((stem for stem in before if stem[:1].isalnum()), AGAIN * longer)
    round_ = goes_round(words, LOOP * longer) or (longer == 1 and stutters(speech.text))
    cut = not speech.whole or not words
    return cut + (not balanced(speech.text)) + round_ + bool(again) + copied(engine, words)


def balanced(text: str) -> bool:
    """Whether every bracket that opens is closed, in order, and quotation marks come in pairs.

    What closes without having been opened is let be: a) for example.
    """
    opened: list[str] = []
    for sign in text:
        if sign in _OPENS:
            opened.append(_OPENS[sign])
        elif sign in _CLOSES and opened and opened.pop() != sign:
            return False
    pairs = _INCHES.sub("", text).count('"') % 2 == 0 and sum(map(text.count, _QUOTES)) % 2 == 0
    return not opened and pairs


def goes_round(words: Sequence[str], length: int = LOOP) -> bool:
    """Whether so many words in a row are said twice."""
    return len(_runs(words, length)) < max(len(words) - length + 1, 0)


def stutters(text: str) -> bool:
    """Whether a word is said twice with nothing between."""
    return _TWICE.search(text) is not None


def copied(engine: Engine, words: Sequence[str]) -> bool:
    """Whether a run of words is that of the training text, as far as the model remembers it."""
    copies, vocabulary = engine.model.copies, engine.model.vocabulary
    numbers = (vocabulary.number(word) for word in words)
    return copies is not None and copies.among([UNKNOWN if number is None else number for number in numbers]) > 0


def _runs(words: Iterable[str], length: int) -> set[tuple[str, ...]]:
    listed = list(words)
    return {tuple(listed[begin : begin + length]) for begin in range(len(listed) - length + 1)}
