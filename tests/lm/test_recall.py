"""Words spelled lately."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import scoring
from scriptbot.lm.engine import Engine
from scriptbot.lm.network import Network
from scriptbot.lm.recall import NONE, lately, nothing
from scriptbot.text.vocabulary import SCENE, STRUCTURE, Coder, Token

WORDS = 10


def naive(stems: list[int], places: int) -> list[list[int]]:
    """What is remembered after each step, spelled out."""
    memory, rows = [NONE] * places, []
    for stem in stems:
        if stem >= WORDS:
            memory = [*memory[1:], stem]
        rows.append(memory)
    return rows


@pytest.mark.parametrize("places", [1, 3, 40])
def test_what_is_remembered(places: int) -> None:
    rng = np.random.default_rng(0)
    stems = rng.integers(5, 20, (17, 4))
    memory, after = lately(stems, nothing(4, places), WORDS)
    for stream in range(4):
        assert memory[:, stream].tolist() == naive(stems[:, stream].tolist(), places)
    assert np.array_equal(after, memory[-1])


def test_chunk_by_chunk_is_the_same() -> None:
    stems = np.random.default_rng(1).integers(5, 20, (20, 3))
    whole, _ = lately(stems, nothing(3, 4), WORDS)
    past, parts = nothing(3, 4), []
    for begin, end in itertools.pairwise([0, 1, 8, 8, 20]):
        part, past = lately(stems[begin:end], past, WORDS)
        parts.append(part)
    assert np.array_equal(np.concatenate(parts), whole)


def test_everything_outside_the_softmax_sums_to_one() -> None:
    """Said again, or rare, or spelled: over the words remembered, and what is left of the sentinel."""
    network = Network(support.model(), Coder(support.vocabulary()).stem)
    hidden = np.random.default_rng(2).normal(size=(2, 24)).astype(np.float32)
    rare = network.words + 1
    for memory in ([NONE, NONE, NONE], [NONE, rare, rare], [rare, rare + 1, rare]):
        none, again = network.recall(hidden, np.array([0, 1]), np.array([memory, memory], np.int32))
        held = tuple(stem for stem in memory if stem != NONE) or (rare,)
        single = network.recall_probabilities(hidden[0], 0, held)
        both = np.exp(np.concatenate([none[:1], again[0][np.array(memory) != NONE]]))
        assert NONE in memory[2:] or np.allclose(single, both, atol=1e-5)
        assert np.allclose(np.exp(none) + np.exp(again).sum(axis=1), 1.0, atol=1e-5)
        assert (np.exp(again[:, np.array(memory) == NONE]) == 0.0).all()


def test_only_what_was_said_before_is_remembered() -> None:
    """A word is dear the first time however often it comes, and never foretold by itself."""
    model = support.model()
    coder = Coder(model.vocabulary)
    network = Network(model, coder.stem)
    tokens = [Token(SCENE, STRUCTURE), *coder.encode("zanzibar zanzibar")]
    once = next(scoring.score(network, tokens[:2])).spellings
    twice = next(scoring.score(network, tokens)).spellings
    assert once[0] == pytest.approx(twice[0], abs=1e-6)
    assert twice[1] > twice[0] + 1.0


def test_talking_repeats_what_was_just_heard() -> None:
    """Without rare words, new ones come from the memory alone."""
    model = support.model()
    bare = type(model.vocabulary)(support.CAST, support.FREQUENT)
    engine = Engine(type(model)(model.config, bare, model.parameters, cast_lines=(2, 1)))
    rng, settings = np.random.default_rng(1), SampleConfig(max_words=40, cache=False, top_p=1.0, temperature=2.0)
    heard = engine.read_speech(engine.start(), "JULIET", "Zanzibar!")
    said = "".join(piece.text for _ in range(20) for piece in engine.speak(heard, "ROMEO", settings, rng)).lower()
    silent = "".join(piece.text for _ in range(20) for piece in engine.speak(engine.start(), "ROMEO", settings, rng))
    assert "zanzibar" in said and "zanzibar" not in silent.lower()
