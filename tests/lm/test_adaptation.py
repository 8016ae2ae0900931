"""The softmax gets used to a conversation: in a text that is scored as in one that is read word by word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import scoring
from scriptbot.lm.adaptation import LONGEST_ROW, NOTHING, WORDS_A_STEP
from scriptbot.lm.engine import Engine
from scriptbot.lm.evaluate import evaluate
from scriptbot.lm.model import CacheConfig, Model
from scriptbot.lm.network import Network
from scriptbot.text.formats import find_format
from scriptbot.text.vocabulary import SCENE, SPELL, STRUCTURE, Coder, Token

RATE = 0.02
TEXT = "The moon is soft, the night is envious. You love the window; Zanzibar breaks. " * 20  # more than a chunk


def model(rate: float = RATE, members: int = 1) -> Model:
    return replace(support.model(members=members), cache=CacheConfig(support.weights(0.2), 0.3, 50, rate=rate))


@pytest.mark.parametrize("members", [1, 3])
def test_a_conversation_learns_what_a_text_that_is_scored_learns(members: int) -> None:
    engine = Engine(model(members=members))
    tokens = [Token(SCENE, STRUCTURE), *engine.coder.encode(TEXT, 2)]
    coder = Coder(engine.model.vocabulary)
    same = [Token(SCENE, STRUCTURE), *coder.encode(TEXT, 2)]
    parts = list(scoring.score(Network(engine.model, coder.stem), same, (RATE,)))
    scored = np.concatenate([part.stems(RATE) for part in parts])
    state, network = engine.start(), engine.network
    for place, token in enumerate(tokens[1:]):
        shift = network.adapted(state.adaptation, state.key, token.form)
        assert (shift is None) == (place < WORDS_A_STEP)
        probabilities = network.stem_probabilities(
            network.stem_logits(state.query, token.form), token.form, state.past, shift=shift
        )
        inside = token.stem if token.stem < network.words else SPELL
        assert np.log(probabilities[inside]) == pytest.approx(scored[place], abs=1e-4)
        state = engine.read(state, [token])
    assert len(scored) > scoring.CHUNK_TOKENS + WORDS_A_STEP
    assert not np.allclose(scored, np.concatenate([part.stems() for part in parts]), atol=0.1)


def test_many_words_at_once_or_one_by_one_is_the_same() -> None:
    engine = Engine(model())
    tokens = engine.coder.encode(TEXT, 2)
    at_once = engine.read(engine.start(), tokens).adaptation
    state = engine.start()
    for token in tokens:
        state = engine.read(state, [token])
    assert np.array_equal(at_once.weights, state.adaptation.weights)
    waiting = tokens[len(tokens) // WORDS_A_STEP * WORDS_A_STEP :]
    assert at_once.stems == state.adaptation.stems == tuple(token.stem for token in waiting)


def test_a_step_goes_down_the_gradient_of_the_surprise() -> None:
    """Against finite differences of −log p, summed over the words of the step."""
    adapter = Network(model(), str).adapter
    rng = np.random.default_rng(3)
    asked = rng.normal(size=(WORDS_A_STEP, 16)).astype(np.float32)
    targets = rng.integers(0, model().vocabulary.words, WORDS_A_STEP)
    logits = asked @ adapter.parameters.embedding.T
    weights = rng.normal(0.0, 0.05, (logits.shape[1], adapter.directions.shape[1])).astype(np.float32)
    small = 1e-3
    _, after = adapter.learn(weights, logits, asked, targets, small)
    for entry in [(0, 0), (int(targets[0]), 3), (5, 15)]:
        moved = [weights.copy(), weights.copy()]
        moved[0][entry] -= 1e-2
        moved[1][entry] += 1e-2
        less, more = (-adapter.learn(one, logits, asked, targets, 1.0)[0].sum(dtype=np.float64) for one in moved)
        assert (after - weights)[entry] / small == pytest.approx(-(more - less) / 2e-2, rel=0.02, abs=5e-3)


def test_a_text_that_repeats_itself_becomes_likelier() -> None:
    scenes = list(find_format("text").parse([TEXT]))
    plain, used = (evaluate(model(rate), scenes, as_text=True) for rate in (0.0, RATE))
    assert used.bits_per_character < plain.bits_per_character - 0.03
    assert used.bits_per_character_static == plain.bits_per_character_static


def test_what_was_learnt_can_be_taken_back_and_left_aside() -> None:
    engine = Engine(model())
    before = engine.read_speech(engine.start(), "ROMEO", TEXT)
    kept = before.adaptation.weights.copy() if before.adaptation.weights is not None else None
    engine.read_speech(before, "JULIET", TEXT)
    assert np.array_equal(before.adaptation.weights, kept)
    said = {}
    for cache in (True, False):
        for adaptation in (before.adaptation, NOTHING):
            state = replace(before, adaptation=adaptation)
            pieces = engine.speak(state, None, SampleConfig(seed=1, cache=cache), np.random.default_rng(1))
            said[cache, adaptation is NOTHING] = [piece.log_probability for piece in pieces]
    assert said[True, False][0] != said[True, True][0]  # who speaks
    assert said[True, False][1] != said[True, True][1]
    assert said[False, False] == said[False, True]


def test_the_model_does_not_learn_from_itself() -> None:
    engine = Engine(model())
    heard = engine.read_speech(engine.start(), "ROMEO", TEXT)
    *_, last = engine.speak(heard, "JULIET", SampleConfig(max_words=50), np.random.default_rng(1))
    *_, written = engine.write(heard, SampleConfig(lines=5), np.random.default_rng(1))
    for after in (last.state, written.state):
        assert not np.array_equal(after.hidden, heard.hidden)
        assert after.adaptation is heard.adaptation


def test_a_word_over_and_over_does_not_run_away() -> None:
    engine = Engine(model(0.01))
    state = engine.start()
    for _ in range(20):
        state = engine.read_speech(state, "ROMEO", "love " * WORDS_A_STEP)
    assert state.adaptation.weights is not None
    assert np.linalg.norm(state.adaptation.weights, axis=1).max() <= LONGEST_ROW * 1.001
