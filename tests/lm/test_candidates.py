"""Of several replies the one that has most to do with what was said, and fewest flaws."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import candidates, flaws, scoring
from scriptbot.lm.engine import Engine, Speech
from scriptbot.lm.model import Model

SETTINGS = SampleConfig(max_words=6, candidates=5)


def by_juliet(texts: Iterable[str]) -> list[tuple[str, str]]:
    return [("JULIET", text) for text in texts]


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
            forms = network.form_log_probabilities(state.hidden)
            wanted = logits[stem] - np.logaddexp.reduce(logits) + forms[token.form]
            assert score == pytest.approx(wanted, abs=1e-4)
            state = engine.read(state, [token])


def test_nothing_asked_is_nothing_answered() -> None:
    assert scoring.continuations(Engine(support.model()).network, [], []) == []


@pytest.mark.parametrize("side_by_side", [1, 7, 16])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("members", [1, 2])
def test_speeches_that_are_drawn_are_what_each_is_alone(
    side_by_side: int, layers: int, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SIDE_BY_SIDE", side_by_side)
    engine = Engine(support.model(layers=layers, members=members))
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love? Zanzibar!")
    opened = engine.open_speech(heard, "JULIET", SETTINGS, np.random.default_rng(3))
    together = candidates.draw(engine, opened, dataclasses.replace(SETTINGS, candidates=9), np.random.default_rng(3))
    seeds = np.random.default_rng(3).integers(2**63, size=9)
    for seed, found in zip(seeds, together, strict=True):
        alone = list(engine.speak(heard, "JULIET", SETTINGS, np.random.default_rng(int(seed))))[1:-1]
        assert [piece.text for piece in found.pieces] == [piece.text for piece in alone]
        wanted = [piece.log_probability for piece in alone]
        assert [piece.log_probability for piece in found.pieces] == pytest.approx(wanted, abs=1e-4)
        assert found.state.cache.latest(30) == alone[-1].state.cache.latest(30)
        assert np.allclose(found.state.recurrent.cell, alone[-1].state.recurrent.cell, atol=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("members", [1, 2])
def test_a_step_of_several_is_a_step_of_each(layers: int, members: int) -> None:
    engine = Engine(support.model(layers=layers, members=members))
    network, words = engine.network, engine.coder.encode("What light is Zanzibar?", 2)
    states = [engine.read_speech(engine.start(), "ROMEO", text) for text in ("Soft!", "I", "love the moon", "", "is?")]
    together = network.steps(words, [state.recurrent for state in states])
    ahead = network.aheads(np.stack([recurrent.hidden[-1] for recurrent in together]))
    logits = network.stem_logits_each(ahead[0], [word.form for word in words])
    for word, state, recurrent, query, forms, key, row in zip(words, states, together, *ahead, logits, strict=True):
        hidden, alone = network.step(word, state.recurrent)
        for found, wanted in zip((recurrent.hidden, recurrent.cell), (alone.hidden, alone.cell), strict=True):
            assert np.allclose(found, wanted, atol=1e-5)
        for found, wanted in zip((query, forms, key), network.ahead(hidden), strict=True):
            assert np.allclose(found, wanted, atol=1e-5)
        probabilities = network.stem_probabilities(row, word.form, state.past)
        assert np.allclose(
            probabilities,
            network.stem_probabilities(network.stem_logits(query, word.form), word.form, state.past),
            atol=1e-5,
        )


def test_what_is_said_holds_no_more_than_its_own() -> None:
    engine = Engine(support.model(layers=2))
    every = dataclasses.replace(SETTINGS, candidates=9)
    *said, last = candidates.speak(engine, engine.start(), "JULIET", every, np.random.default_rng(3))
    texts = [piece.state for piece in (*said, last) if piece.kind != "cue"]
    for state in texts:
        for array in (state.recurrent.hidden, state.recurrent.cell, state.query, state.form_logits, state.key):
            assert array.base is None
    assert len(texts) > 2


def test_as_many_are_drawn_as_have_words_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them in their order, however many are drawn together: the short ones come to their end sooner."""
    engine, settings = Engine(support.model()), SampleConfig(max_words=8, candidates=40)
    opened = engine.open_speech(engine.start(), "JULIET", settings, np.random.default_rng(1))
    every = [one.text for one in candidates.draw(engine, opened, settings, np.random.default_rng(1))]
    monkeypatch.setattr(candidates, "ENOUGH_WORDS_TOGETHER", 60)
    found = []
    for side_by_side in (1, 7, 40):
        monkeypatch.setattr(candidates, "SIDE_BY_SIDE", side_by_side)
        found.append([one.text for one in candidates.draw(engine, opened, settings, np.random.default_rng(1))])
    assert found[0] == found[1] == found[2] == every[: len(found[0])]
    assert 3 < len(found[0]) < 40


def test_very_long_speeches_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, settings = Engine(support.model()), SampleConfig(max_words=30)
    opened = engine.open_speech(engine.start(), "JULIET", settings, np.random.default_rng(1))
    asked = SampleConfig(max_words=1, candidates=8)  # as short as may be, so that the limit is MOST_WORDS_EACH
    every = candidates.draw(engine, opened, asked, np.random.default_rng(1))
    lengths = sorted(len(one.tokens) for one in every)
    assert len(every) == 8 and lengths[0] < lengths[-1] - 1
    monkeypatch.setattr(candidates, "MOST_WORDS_EACH", lengths[0] + 2)
    assert len(candidates.draw(engine, opened, dataclasses.replace(asked, max_words=80), np.random.default_rng(1))) == 8
    some = candidates.draw(engine, opened, asked, np.random.default_rng(1))
    assert [one.text for one in some] == [one.text for one in every if len(one.tokens) <= lengths[0] + 1]
    monkeypatch.setattr(candidates, "ENOUGH_WORDS_TOGETHER", 1)
    few = candidates.draw(engine, opened, asked, np.random.default_rng(1))
    assert [one.text for one in few] == [one.text for one in some[:1]]  # the first that is over, and no more
    monkeypatch.setattr(candidates, "MOST_WORDS_EACH", lengths[0] - 1)
    drawn = list[int]()
    monkeypatch.setattr(candidates, "SIDE_BY_SIDE", 1)
    monkeypatch.setattr(candidates, "MOST_WORDS_TOGETHER", 2 * max(candidates.MOST_WORDS_EACH, 2))
    fork = Speech.fork
    monkeypatch.setattr(Speech, "fork", lambda self, rng: drawn.append(1) or fork(self, rng))
    (one,) = candidates.draw(engine, opened, asked, np.random.default_rng(1))
    assert not one.ended and every[0].text.startswith(one.text)
    assert len(drawn) == 2  # where none comes to an end, not all are waited for
    alone = dataclasses.replace(settings, candidates=8, max_words=1)
    said = list(candidates.speak(engine, engine.start(), "JULIET", alone, np.random.default_rng(1)))
    assert said[-1].kind == "end" and len(said) > lengths[0]  # and it goes on by itself


def test_the_best_of_those_with_the_fewest_flaws_is_said() -> None:
    engine, decided = Engine(support.model()), set()
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love?")
    for seed in range(12):
        opened = engine.open_speech(heard, "JULIET", SETTINGS, np.random.default_rng(seed))
        drawn = candidates.draw(engine, opened, SETTINGS, np.random.default_rng(seed))
        wrong = [flaws.count(engine, heard, one) for one in drawn]
        good = candidates.scores(engine, heard, opened, drawn)
        best = min(range(len(drawn)), key=lambda number: (wrong[number], -good[number]))
        taken = candidates.speak(engine, heard, "JULIET", SETTINGS, np.random.default_rng(seed))
        assert "".join(piece.text for piece in taken if piece.kind == "text") == drawn[best].text
        decided |= {("flaws", good[best] < max(good)), ("score", wrong.count(wrong[best]) > 1), ("first", best == 0)}
    assert decided == {(what, whether) for what in ("flaws", "score", "first") for whether in (True, False)}


def test_a_reply_is_to_be_fluent_and_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(support.model())
    heard = engine.read_direction(engine.start(), "A window breaks.")
    heard = engine.read_speech(heard, "A STRANGER", "What light is love?")
    heard = engine.read_speech(heard, "ROMEO", "Yonder moon?")
    texts = ["The moon.", "", "What light is love you moon, the night?"]
    assert engine.relevance is not None
    monkeypatch.setattr(candidates, "LEAST_LOG_PROBABILITY", -1000.0)
    fit = engine.relevance.scores([["what", "ligh", "is", "love", "?"], ["yond", "moon", "?"]], [["the", "moon"]])
    found = candidates.scores_of(engine, heard, by_juliet(texts))
    state, fluent = engine.read(heard, engine.coder.open_speech("JULIET")), []
    for token in engine.coder.encode(texts[0], 3):
        (expected,) = scoring.continuations(engine.network, [state.recurrent], [[token]], heard.spelled)
        fluent.append(float(expected[0]))
        state = engine.read(state, [token])
    lengths = [len(engine.coder.encode(text, 3)) for text in texts]
    short = candidates.BREVITY * lengths[0] / np.mean(lengths)
    assert found[0] == pytest.approx(float(fit[0]) + candidates.FLUENCY * np.mean(fluent) - short, abs=1e-4)
    assert found[1] == -np.inf and np.isfinite(found[2])
    bias, first = engine.network.parameters.output_bias, engine.model.vocabulary.first_stem
    stems = [token.stem for token in engine.coder.encode(texts[0], 3)]
    probabilities = np.exp(bias) / np.exp(bias).sum()
    anywhere = [np.log(probabilities[stem] if stem < len(bias) else probabilities[first:].min()) for stem in stems]
    assert max(stems) >= len(bias) > min(stems)
    contrasted = candidates.scores_of(engine, heard, by_juliet(texts), 0.7)
    assert contrasted[0] == pytest.approx(found[0] - 0.7 * candidates.FLUENCY * np.mean(anywhere), abs=1e-4)


@pytest.mark.parametrize("model", [support.model(members=2), dataclasses.replace(support.model(), exchanges=None)])
def test_what_was_drawn_is_as_good_as_its_words(model: Model) -> None:
    engine = Engine(model)
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love? Zanzibar!")
    opened = engine.open_speech(heard, "JULIET", SETTINGS, np.random.default_rng(3))
    drawn = candidates.draw(engine, opened, dataclasses.replace(SETTINGS, candidates=9), np.random.default_rng(3))
    wanted = candidates.scores_of(engine, heard, by_juliet(one.text for one in drawn))
    assert candidates.scores(engine, heard, opened, drawn) == pytest.approx(wanted, abs=1e-4)
    assert len(drawn) > 5


def test_what_is_drawn_with_contrast_is_chosen_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, asked = Engine(support.model()), list[float]()
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love?")
    weighed = candidates._weighed
    monkeypatch.setattr(candidates, "_weighed", lambda *given: asked.append(given[-1]) or weighed(*given))
    settings = dataclasses.replace(SETTINGS, candidates=4, contrast=0.6)
    assert list(candidates.speak(engine, heard, "JULIET", settings, np.random.default_rng(3))) and asked == [0.6]


def test_an_echo_where_no_such_word_can_stand_is_no_merit(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(support.model())
    heard, texts = engine.read_speech(engine.start(), "ROMEO", "Zanzibar, the moon?"), ["The moon.", "The zanzibar."]
    asked: list[list[list[str]]] = []
    monkeypatch.setattr(engine.relevance, "scores", lambda _, bags: asked.append(bags) or np.zeros(len(bags)))
    for least in (-1000.0, 1.0):
        monkeypatch.setattr(candidates, "LEAST_LOG_PROBABILITY", least)
        candidates.scores_of(engine, heard, by_juliet(texts))
    assert asked == [[["the", "moon"], ["the", "zanz"]], [[], []]]


def test_how_a_word_outside_the_softmax_is_spelled_counts_too() -> None:
    engine = Engine(support.model())
    heard = engine.read_speech(engine.start(), "ROMEO", "Zanzibar!")
    rows = [engine.coder.encode(word, 3) for word in ("Zanzibar", "Timbuktu")]
    starts, known = [heard.recurrent] * 2, scoring.continuations(engine.network, [heard.recurrent] * 2, rows)
    again, new = scoring.continuations(engine.network, starts, rows, heard.spelled)
    assert known[0][0] == pytest.approx(known[1][0], abs=1e-5) and known[0][0] > again[0] > new[0]


def test_of_a_line_longer_than_memory_its_end_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(support.model())
    monkeypatch.setattr(candidates, "RECENT_WORDS", 3)
    heard = engine.read_speech(engine.start(), "ROMEO", "What light is love the moon.")
    assert candidates.before(engine, heard) == [["the", "moon"]]


def test_without_knowing_what_fits_all_are_alike() -> None:
    engine = Engine(dataclasses.replace(support.model(), exchanges=None))
    assert candidates.scores_of(engine, engine.start(), by_juliet(["The moon.", "", "?"])) == [0.0, -np.inf, 0.0]


def test_what_was_not_said_leaves_no_trace() -> None:
    """Neither in the cache nor in what a conversation holds in memory."""
    engine, rng = Engine(support.model()), np.random.default_rng(1)
    state, buffers = engine.start(), set()
    for _ in range(12):
        state = engine.read_speech(state, "ROMEO", "What light is love?")
        *_, last = candidates.speak(engine, state, "JULIET", SETTINGS, rng)
        state = last.state
        buffers.add(id(state.cache._buffer))
    assert len(buffers) <= 12 * 12 // 50 + 1  # a new one where one is full, and for nothing else
    twin = engine.start()
    rng = np.random.default_rng(1)
    for _ in range(12):
        twin = engine.read_speech(twin, "ROMEO", "What light is love?")
        said = list(candidates.speak(engine, twin, "JULIET", SETTINGS, rng))
        twin = engine.read_speech(twin, "JULIET", "".join(p.text for p in said if p.kind == "text"), learn=False)
    assert twin.cache.latest(50) == state.cache.latest(50)
    assert np.allclose(twin.recurrent.cell, state.recurrent.cell, atol=1e-4)


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
        cast = next(engine.speak(engine.start(), None, SETTINGS, np.random.default_rng(seed), ["ROMEO"]))
        assert first.log_probability == cast.log_probability
    anybody = next(candidates.speak(engine, engine.start(), None, SETTINGS, np.random.default_rng(1)))
    assert anybody.log_probability < 0.0  # how likely it was that this one spoke
