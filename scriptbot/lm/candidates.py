"""Drawing several replies, and choosing the best of them.

A person reads five words a second and a laptop draws thousands, so there is time to draw several replies before the
first word is seen.  The one that is chosen has the fewest flaws (:mod:`scriptbot.lm.flaws`), and among those with as
few the greatest sum of three terms: how relevant it is to what was said before (:mod:`scriptbot.lm.relevance`); how
fluent it is, by the network's mean log-probability of its words, with as much contrast as they were drawn with; and how
short it is, since of more words more are out of place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scriptbot.config import SampleConfig
from scriptbot.lm import flaws
from scriptbot.lm.cache import SAID
from scriptbot.lm.engine import Engine, Speech
from scriptbot.lm.exchanges import bag, cut
from scriptbot.lm.flaws import RECENT_WORDS, pieces_a_word
from scriptbot.lm.params import Array
from scriptbot.lm.scoring import continuations, expected
from scriptbot.lm.state import Piece, State
from scriptbot.text.vocabulary import Token

MOST_WORDS_EACH = 80  # after which (or after max_words, if more) an unfinished speech is given up, if any is finished
ENOUGH_WORDS_TOGETHER = 400  # in all speeches, after which no more are drawn
MOST_WORDS_TOGETHER = 1_500  # the same if none is finished
SIDE_BY_SIDE = 16  # speeches that are drawn together, docs/decisions/talking.md
LEAST_LOG_PROBABILITY = -10.0  # of a word by the network alone, below which it does not count as relevant
FLUENCY = 1.0  # weight of a nat per word, beside the log-odds of relevance; docs/decisions/replies.md
BREVITY = 1.0  # nats taken from a reply that is as long as the candidates are on average; same place


def speak(
    engine: Engine,
    state: State,
    character: str | None,
    settings: SampleConfig,
    rng: np.random.Generator,
    silent: Sequence[str] = (),
) -> Iterator[Piece]:
    """One speech as from :meth:`Engine.speak`, but the best of ``settings.candidates``, all by the same character."""
    if settings.candidates == 1:
        yield from engine.speak(state, character, settings, rng, silent)
        return
    score = 0.0
    if character is None:
        character, score = engine.next_speaker(state, settings, rng, silent)
    opened = engine.open_speech(state, character, settings, rng)
    drawn = draw(engine, opened, settings, rng)
    best = best_of(engine, state, drawn, scores(engine, state, opened, drawn, settings.contrast))
    yield Piece("cue", character, character, score, opened.state)
    memory, key = opened.state.cache, opened.state.key
    for token, piece in zip(best.tokens, best.pieces, strict=True):  # now into the conversation's own cache
        memory, after = memory.add(key, token.stem, SAID), piece.state.alone()
        best.state, key = replace(after, cache=memory), after.key
        yield replace(piece, state=best.state)
    while not best.ended and (form := best.form()):  # only if all of them are very long
        yield engine.go_on_alone(best, form)
    yield Piece("end", "", character, 0.0, best.state)


def draw(engine: Engine, opened: Speech, settings: SampleConfig, rng: np.random.Generator) -> list[Speech]:
    """Draw speeches that continue an opened one, each with random numbers of its own: ``settings.candidates`` of them,
    or fewer if they are long; if none comes to its end, one that is unfinished.

    Up to rounding, they are the speeches that drawing one after the other, until there are words enough, would give;
    some more are begun and dropped.
    """
    longer = pieces_a_word(engine.model.vocabulary)
    longest = max(MOST_WORDS_EACH * longer, settings.max_words + 1)  # + 1, so that one may still end at max_words
    seeds = iter(rng.integers(2**63, size=settings.candidates).tolist())
    speeches: list[Speech] = []
    while True:
        enough = _enough(speeches, longer)
        del speeches[enough or len(speeches) :]  # the later ones are not needed, however long these become
        running = [speech for speech in speeches if not speech.ended and len(speech.tokens) < longest]
        new = () if enough else itertools.islice(seeds, SIDE_BY_SIDE - len(running))
        running += (begun := [opened.fork(np.random.default_rng(seed)) for seed in new])
        speeches += begun
        if not running:
            return [speech for speech in speeches if speech.ended] or speeches[:1]
        engine.go_on(running)


def _enough(speeches: Sequence[Speech], longer: int) -> int:
    """How many speeches, from the first on, already have words enough together; 0 if not even all of them have."""
    words, ended = 0, False
    for number, speech in enumerate(speeches, 1):
        words += len(speech.tokens)
        ended |= speech.ended
        if words >= (ENOUGH_WORDS_TOGETHER if ended else MOST_WORDS_TOGETHER) * longer:
            return number
    return 0


def best_of(engine: Engine, state: State, drawn: Sequence[Speech], scored: Sequence[float]) -> Speech:
    """The speech with the greatest score among those with the fewest flaws; the first, if there are several.

    Args:
        state: before the cue.
        drawn: at least one.
        scored: the score of each, see :func:`scores`.
    """
    least, best = math.inf, drawn[0]
    for number in sorted(range(len(drawn)), key=lambda number: -scored[number]):
        if (wrong := flaws.count(engine, state, drawn[number])) < least:
            least, best = wrong, drawn[number]
        if not least:  # mostly one of the first is flawless, and the others, with lower scores, need not be checked
            break
    return best


def scores(engine: Engine, state: State, opened: Speech, drawn: Sequence[Speech], contrast: float = 0.0) -> list[float]:
    """How good every speech is as the next one, by relevance, fluency and brevity; the higher the better.

    If the model has no exchanges to tell relevance by, all score alike: the most fluent would be the most trite.

    Args:
        state: before the cue.
        opened: the speech that all of them continue, with nothing but the cue said in it.
        contrast: how much a word's log-probability regardless of context is deducted, see
            :func:`scriptbot.lm.sampling.pick`.
    """
    words = [speech.tokens for speech in drawn]
    if engine.relevance is None:
        return _alike(words)
    befores = [
        hidden
        for speech in drawn
        if speech.tokens
        for hidden in (opened.state.hidden, *(piece.state.hidden for piece in speech.pieces[:-1]))
    ]
    tokens = [token for row in words for token in row]
    if not tokens:
        return _alike(words)
    likely = expected(engine.network, np.stack(befores), tokens, state.spelled)
    return _weighed(engine, state, words, np.split(likely, np.cumsum([len(row) for row in words])[:-1]), contrast)


def scores_of(engine: Engine, state: State, lines: Sequence[tuple[str, str]], contrast: float = 0.0) -> list[float]:
    """The scores of given lines, (character, text), as of :func:`scores`; for measuring what the score is worth."""
    cues = [engine.coder.open_speech(character) for character, _ in lines]
    words = [engine.coder.encode(text, cue[-1].speaker) for cue, (_, text) in zip(cues, lines, strict=True)]
    if engine.relevance is None:
        return _alike(words)
    rows: list[list[Token]] = [[*cue, *row] for cue, row in zip(cues, words, strict=True)]
    likely = continuations(engine.network, [state.recurrent] * len(rows), rows, state.spelled)
    chances = [row[len(cue) :] for cue, row in zip(cues, likely, strict=True)]
    return _weighed(engine, state, words, chances, contrast)


def _alike(words: Sequence[Sequence[Token]]) -> list[float]:
    return [0.0 if row else -math.inf for row in words]


def _weighed(
    engine: Engine, state: State, words: Sequence[Sequence[Token]], likely: Sequence[Array], contrast: float
) -> list[float]:
    """Relevance, fluency and brevity together; ``likely`` are the network's log-probabilities of the words."""
    assert engine.relevance is not None
    merits = [
        bag(engine.coder.stem(token.stem) for token, p in zip(row, chances, strict=True) if p > LEAST_LOG_PROBABILITY)
        for row, chances in zip(words, likely, strict=True)
    ]
    fit = engine.relevance.scores(before(engine, state), merits)
    a_word = BREVITY * len(words) / max(sum(map(len, words)), 1)
    return [
        fits
        + FLUENCY * float((chances - contrast * engine.anywhere(state, [token.stem for token in row])).mean())
        - a_word * len(row)
        if row
        else -math.inf
        for fits, row, chances in zip(fit.tolist(), words, likely, strict=True)
    ]


def before(engine: Engine, state: State) -> list[list[str]]:
    """The words of what was said lately, speech by speech; of a line longer than that, the words of its end."""
    latest = state.cache.latest(RECENT_WORDS)
    speeches = cut(latest, engine.model.vocabulary) or [latest]
    return [bag(map(engine.coder.stem, said)) for said in speeches]
