"""Of several replies the one that has most to do with what was said, and fewest flaws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import candidates, scoring
from scriptbot.lm.copies import of_text
from scriptbot.lm.engine import Engine
from scriptbot.lm.state import Piece
from scriptbot.text.vocabulary import STRUCTURE, Token

SETTINGS = SampleConfig(max_words=6, candidates=5)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("layers", [1, 2])
def test_many_rows_at_once_are_what_each_is_alone(members: int, layers: int) -> None:
    engine = Engine(support.model(layers=layers, members=members))
    heard = engine.read_speech(engine.start(), "ROMEO", "The night, the moon?")
    texts = ("What light", "I", "Soft! but yonder window breaks.", "love")
    starts = [heard, engine.start(), heard, heard]
    rows = [engine.coder.encode(text, 2) for text in texts]
    found = scoring.continuations(engine.network, [start.recurrent for start in starts], rows)
    for start, row, together in zip(starts, rows, found, strict=True):
        state, network = start, engine.network
        assert len(together) == len(row)
        for token, score in zip(row, together, strict=True):
            p = network.parameters
            logits = p.embedding @ (state.query + p.query_form[token.form]) + p.output_bias
            stem = token.stem if token.stem < network.words else 0
            wanted = logits[stem] - np.logaddexp.reduce(logits) + network.forms(state.hidden)[token.form]
            assert score == pytest.approx(wanted, abs=1e-4)
            state = engine.read(state, [token])


def test_nothing_asked_is_nothing_answered() -> None:
    assert scoring.continuations(Engine(support.model()).network, [], []) == []


def speech(engine: Engine, text: str) -> list[Piece]:
    state = engine.start()
    pieces = [Piece("text", part, "ROMEO", 0.0, state) for part in text.split("|")]
    return [Piece("cue", "ROMEO", "ROMEO", 0.0, state), *pieces, Piece("end", "", "ROMEO", 0.0, state)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("What light is this?", 0),
        ("“What light is this?”", 0),
        ("(Softly.) The moon.", 0),
        ("It is the east, and", 1),
        ("", 1),
        ("(Softly. The moon.", 1),
        ('He said "Soft! but.', 1),
        ("Softly.) The moon.", 1),
        ("What is the light? What is the moon.", 0),
        ("What is the light, what is the light.", 1),
        ("The night is soft, and what is love. What light?", 1),  # was said before
        ("(The night is soft, and what is love. The night is soft", 4),
    ],
)
def test_flaws(text: str, wrong: int) -> None:
    engine = Engine(support.model())
    heard = engine.read_speech(engine.start(), "JULIET", "The night is soft, and what is love.")
    assert candidates.flaws(engine, heard, speech(engine, text)) == wrong


def test_a_copy_is_a_flaw() -> None:
    model = support.model()
    engine = Engine(model)
    line = "The night is soft, what light but love you moon."
    tokens = [Token(0, STRUCTURE), *engine.coder.encode(line)]
    stems, forms = (np.array(column) for column in zip(*((t.stem, t.form) for t in tokens), strict=True))
    engine = Engine(dataclasses.replace(model, copies=of_text(stems, forms, model.vocabulary)))
    assert candidates.flaws(engine, engine.start(), speech(engine, line)) == 1
    assert candidates.flaws(engine, engine.start(), speech(engine, "But " + line.partition("but ")[2])) == 0


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("layers", [1, 2])
def test_speeches_drawn_side_by_side_are_what_each_is_alone(members: int, layers: int) -> None:
    engine = Engine(support.model(layers=layers, members=members))
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love? Zanzibar!")
    together = candidates.draw(engine, heard, "JULIET", SETTINGS, np.random.default_rng(3))
    assert len(together) == SETTINGS.candidates
    rng = np.random.default_rng(3)
    engine.open_speech(heard, "JULIET", SETTINGS, rng)
    for seed, found in zip(rng.integers(2**63, size=SETTINGS.candidates), together, strict=True):
        alone = list(engine.speak(heard, "JULIET", SETTINGS, np.random.default_rng(int(seed))))
        assert [(piece.kind, piece.text, piece.character) for piece in found] == [
            (piece.kind, piece.text, piece.character) for piece in alone
        ]
        for one, other in zip(found, alone, strict=True):
            assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)
            assert np.allclose(one.state.recurrent.cell, other.state.recurrent.cell, atol=1e-5)
            assert np.allclose(one.state.key, other.state.key, atol=1e-4) and one.state.past == other.state.past
            assert np.allclose(one.state.forms, other.state.forms, atol=1e-4) and one.state.last == other.state.last
            assert one.state.spelled == other.state.spelled
            assert one.state.cache.latest(30) == other.state.cache.latest(30)
        after = [engine.read_speech(speech[-1].state, "ROMEO", "But soft!").hidden for speech in (found, alone)]
        assert np.allclose(*after, atol=1e-4)


def test_long_speeches_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MOST_DRAWN", 12)
    engine = Engine(support.model())
    found = candidates.draw(engine, engine.start(), "JULIET", SETTINGS, np.random.default_rng(1))
    assert 0 < len(found) < SETTINGS.candidates
    monkeypatch.setattr(candidates, "MOST_DRAWN", 1000)
    every = candidates.draw(engine, engine.start(), "JULIET", SETTINGS, np.random.default_rng(1))
    assert len(every) == SETTINGS.candidates
    assert {candidates.said(one) for one in found} < {candidates.said(one) for one in every}


def test_the_best_of_what_is_drawn_is_said() -> None:
    engine = Engine(support.model())
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love?")
    drawn = candidates.draw(engine, heard, "JULIET", SETTINGS, np.random.default_rng(3))
    taken = list(candidates.speak(engine, heard, "JULIET", SETTINGS, np.random.default_rng(3)))
    texts = [candidates.said(one) for one in drawn]
    relevant = candidates.relevances(engine, heard, "JULIET", texts)
    ranks = [(candidates.flaws(engine, heard, one), -score) for one, score in zip(drawn, relevant, strict=True)]
    assert candidates.said(taken) == texts[ranks.index(min(ranks))]
    assert len(set(texts)) > 1


def test_one_candidate_is_what_the_engine_says() -> None:
    engine = Engine(support.model())
    alone = dataclasses.replace(SETTINGS, candidates=1)
    one = list(candidates.speak(engine, engine.start(), None, alone, np.random.default_rng(1)))
    other = list(engine.speak(engine.start(), None, alone, np.random.default_rng(1)))
    assert [(piece.kind, piece.text, piece.log_probability) for piece in one] == [
        (piece.kind, piece.text, piece.log_probability) for piece in other
    ]


def test_all_candidates_are_of_one_character_and_the_silent_are_silent() -> None:
    engine = Engine(support.model())
    for seed in range(10):
        first, *rest = candidates.speak(engine, engine.start(), None, SETTINGS, np.random.default_rng(seed), ["ROMEO"])
        assert first.character == "JULIET" and {piece.character for piece in rest} == {"JULIET"}


def test_a_relevant_reply_is_worth_more_where_it_belongs() -> None:
    """Worth more behind its own line than at the beginning of a scene, by what the network expects."""
    engine = Engine(support.model())
    texts = ["What light is love?", "The moon."]
    at_start = candidates.relevances(engine, engine.start(), "JULIET", texts)
    assert at_start == pytest.approx([0.0, 0.0], abs=1e-4)
    heard = engine.read_speech(engine.start(), "ROMEO", "But soft!")
    later = candidates.relevances(engine, heard, "JULIET", [*texts, ""])
    assert later[2] == -np.inf and later[0] != pytest.approx(0.0, abs=1e-3)
    cue = engine.coder.open_speech("JULIET")
    assert cue == [Token(cue[0].stem, STRUCTURE, cue[0].speaker)]
