"""Several networks that decide together: the geometric mean of their probabilities, in every part of the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import scoring, spelling
from scriptbot.lm.engine import Engine
from scriptbot.lm.lstm import advance, log_softmax
from scriptbot.lm.model import Model
from scriptbot.lm.network import NO_PAST, Network
from scriptbot.lm.params import BEGIN
from scriptbot.text.vocabulary import SCENE, STRUCTURE, Coder, Token

TEXT = "The envious moon, yonder moon: Zanzibar! What light is Zanzibar? I love the envious window."


def read(model: Model, layers: int) -> tuple[Network, list[Token], list[np.ndarray]]:
    """A network, a text, and the hidden vector behind every token of it."""
    coder = Coder(model.vocabulary)
    network, tokens = Network(model, coder.stem), [Token(SCENE, STRUCTURE), *coder.encode(TEXT, 2)]
    state, hidden = network.start(), []
    for token in tokens:
        top, state = network.step(token, state)
        hidden.append(top)
    return network, tokens, hidden


@pytest.mark.parametrize("layers", [1, 2])
def test_every_decision_is_the_geometric_mean(layers: int) -> None:
    together = replace(support.model(layers, members=3), ngrams=None)
    pool, tokens, hidden = read(together, layers)
    alone = [read(replace(together, parameters=one, more_members=()), layers) for one in together.members]
    for place, token in enumerate(tokens[1:]):
        tops = [hiddens[place] for _, _, hiddens in alone]
        assert np.allclose(hidden[place], np.concatenate(tops), atol=1e-5)
        networks = list(zip([network for network, _, _ in alone], tops, strict=True))
        query, logits, key = pool.ahead(hidden[place])
        assert np.allclose(query, pool.query(hidden[place]), atol=1e-5)
        assert np.allclose(log_softmax(logits), pool.form_log_probabilities(hidden[place]), atol=1e-4)
        assert np.allclose(key, hidden[place] @ pool.key_kernel, atol=1e-4)
        forms = log_softmax(np.mean([network.form_log_probabilities(top) for network, top in networks], axis=0))
        assert np.allclose(pool.form_log_probabilities(hidden[place]), forms, atol=1e-4)
        logs = [
            np.log(network.stem_probabilities(network.stem_logits(network.query(top), token.form), token.form, NO_PAST))
            for network, top in networks
        ]
        found = np.log(
            pool.stem_probabilities(pool.stem_logits(pool.query(hidden[place]), token.form), token.form, NO_PAST)
        )
        assert np.allclose(found, log_softmax(np.mean(logs, axis=0)), atol=1e-4)
        kind = np.array([token.form])
        rare = log_softmax(np.mean([network.rare(top[None], kind) for network, top in networks], axis=0))
        assert np.allclose(pool.rare(hidden[place][None], kind), rare, atol=1e-4)
        novel = [np.log(network.novelty(top) / (1 - network.novelty(top))) for network, top in networks]
        together_novel = pool.novelty(hidden[place])
        assert np.log(together_novel / (1 - together_novel)) == pytest.approx(np.mean(novel), abs=1e-3)
        past = (pool.words, pool.words + 2)
        recalled = log_softmax(
            np.mean([np.log(network.recall_probabilities(top, token.form, past)) for network, top in networks], axis=0)
        )
        assert np.allclose(np.log(pool.recall_probabilities(hidden[place], token.form, past)), recalled, atol=1e-4)


def test_a_word_is_spelled_together() -> None:
    model = support.model(members=2)
    network = Network(model, Coder(model.vocabulary).stem)
    hidden = np.random.default_rng(2).normal(size=48).astype(np.float32)
    total, code = 0.0, BEGIN
    states = []
    for number, one in enumerate(model.members):
        h = spelling.start(one, hidden[24 * number : 24 * number + 24], 4)
        states.append((one, h, np.zeros_like(h)))
    for following in spelling.codes("yonder"):
        logits, after = [], []
        for one, h, c in states:
            z = one.speller_embedding[code] @ one.speller_kernel + h @ one.speller_recurrent_kernel + one.speller_bias
            h, c = advance(z, c)
            logits.append(h @ one.speller_output + one.speller_output_bias)
            after.append((one, h, c))
        total += float(log_softmax(np.mean(logits, axis=0))[following])
        states, code = after, following
    found = spelling.log_probabilities(network.parameters, ["yonder"], hidden[None], np.array([4]))[0]
    assert found == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
def test_twice_the_same_network_is_that_network(layers: int) -> None:
    model = support.model(layers)
    twice = replace(model, more_members=(model.parameters,))
    found = []
    for one in (model, twice):
        coder = Coder(one.vocabulary)
        tokens = [Token(SCENE, STRUCTURE), *coder.encode(TEXT * 10, 2)]
        found.append(np.concatenate([part.static for part in scoring.score(Network(one, coder.stem), tokens)]))
    assert np.allclose(*found, atol=1e-3)


def test_who_talks_arrives_where_a_reader_of_it_arrives() -> None:
    engine = Engine(support.model(2, members=3))
    pieces = list(engine.speak(engine.start(), "JULIET", SampleConfig(max_words=30), np.random.default_rng(1)))
    said = "".join(piece.text for piece in pieces if piece.kind == "text")
    again = engine.read_speech(engine.start(), "JULIET", said, learn=False)
    assert np.array_equal(again.hidden, pieces[-1].state.hidden)
    ways = [state.cache.votes(again.key, 4, engine.model.cache) for state in (again, pieces[-1].state)]
    assert all(np.array_equal(mine, other) for mine, other in zip(*ways, strict=True))
    assert again.cache.latest(30) == pieces[-1].state.cache.latest(30)
