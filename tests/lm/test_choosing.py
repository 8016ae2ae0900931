"""Choices of models that nobody would want."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import candidates, scoring
from scriptbot.lm.choosing import _form
from scriptbot.lm.engine import Engine
from scriptbot.lm.model import CacheConfig, Model
from scriptbot.lm.params import LARGEST_WEIGHT, assemble, shapes
from scriptbot.text.vocabulary import (
    CAPITALISED,
    CASES,
    LEADS,
    SCENE,
    SPELL,
    STRUCTURE,
    Token,
    Vocabulary,
    render,
    split_case,
)


@pytest.mark.parametrize("largest", [50.0, 1000.0, 0.99 * LARGEST_WEIGHT])
@pytest.mark.parametrize(
    "settings",
    [SampleConfig(), SampleConfig(0.05, invent=True), SampleConfig(5.0, 3, min_p=0.1), SampleConfig(contrast=2.0)],
)
def test_any_weights_that_a_file_may_have_say_something(largest: float, settings: SampleConfig) -> None:
    """A training that has half diverged ends in such; no product runs over, and something is always drawn."""
    model = support.model()
    for seed in range(8):
        arrays = {name: array * np.float32(largest / 2.0) for name, array in support.arrays(seed=seed).items()}
        for array in arrays.values():
            np.clip(array, -largest, largest, out=array)
        parameters = assemble(arrays, model.config, model.vocabulary.words, model.vocabulary.speakers)
        engine, rng = Engine(dataclasses.replace(model, parameters=parameters)), np.random.default_rng(seed)
        with np.errstate(over="raise", invalid="raise"):
            state = engine.read_speech(engine.start(), "ROMEO", "What is yonder, the moon? " * 5)
            for _ in range(3):
                *_, last = engine.speak(state, None, settings, rng)
                state = last.state
        assert np.isfinite(state.hidden).all()


TEXT = "The moon is soft, the night is envious. You love the window; Zanzibar breaks Quux. Moon ONE two zanzibar! "


@pytest.mark.parametrize("members", [1, 2])
def test_what_is_drawn_from_is_what_is_scored(members: int) -> None:
    """Network, counts, votes and adaptation together, cues, new words and a full window included."""
    cache = CacheConfig(support.weights(0.2), 0.3, 50, rate=0.02)
    engine = Engine(dataclasses.replace(support.model(members=members), cache=cache))
    tokens = [Token(SCENE, STRUCTURE)]
    for number in range(6):
        tokens += [*engine.coder.open_speech("NURSE" if number % 2 else "ROMEO"), *engine.coder.encode(TEXT)]
    scored = list(scoring.score(engine.network, tokens, (cache.rate,)))
    mixer = scoring.CacheScorer(cache)
    expected = np.concatenate([mixer.mix(part) - part.forms for part in scored])
    spelled = np.concatenate([part.spellings for part in scored])
    state, words = engine.start(), engine.network.words
    for token, wanted, spelling in zip(tokens[1:], expected, spelled, strict=True):
        probabilities, outside = engine._chooser._probabilities(state, token.form, 1.0, SampleConfig())
        place = token.stem if token.stem < words else words + [*outside, token.stem].index(token.stem)
        found = probabilities[place] if place < len(probabilities) else 0.0
        found += probabilities[SPELL] * np.exp(spelling) * (token.stem >= words)
        assert np.log(found) == pytest.approx(wanted, abs=1e-4)
        state = engine.read(state, [token])
    assert len(tokens) > 3 * cache.window and any(token.stem >= engine.model.vocabulary.known for token in tokens)


def test_what_the_model_says_has_no_vote() -> None:
    """Neither one by one nor as the best of several; yet what was said is known."""
    engine = Engine(support.model())
    heard = engine.read_speech(engine.start(), "ROMEO", "What light?")
    for count in (1, 4):
        settings = SampleConfig(max_words=6, candidates=count)
        *said, end = candidates.speak(engine, heard, "JULIET", settings, np.random.default_rng(1))
        assert len(end.state.cache) > len(heard.cache)
        for form in range(STRUCTURE + 1):
            places, _ = end.state.cache.votes(end.state.key, form, engine.model.cache)
            assert set(places.tolist()) == set(heard.cache.votes(heard.key, form, engine.model.cache)[0].tolist())
        spoken = [piece.state.last for piece in said if piece.kind == "text"]
        latest = end.state.cache.latest(len(spoken))
        assert [engine.coder.stem(stem) for stem in latest] == [split_case(text.strip())[1] for text in spoken]


def test_who_speaks_next_is_drawn_among_the_cast() -> None:
    engine = Engine(support.model())
    state = engine.read_speech(engine.start(), "ROMEO", "What light?")
    probabilities, _ = engine._chooser._probabilities(state, STRUCTURE, 1.0, SampleConfig())
    cues = probabilities[[engine.model.vocabulary.cue(member) for member in range(2)]]
    rng, said = np.random.default_rng(0), [0, 0]
    for _ in range(2000):
        member, score = engine._chooser.cast(state, SampleConfig(temperature=1.0), rng)
        said[member] += 1
        assert np.exp(score) == pytest.approx(cues[member] / cues.sum(), rel=1e-4)
    assert np.allclose(np.array(said) / 2000, cues / cues.sum(), atol=0.05)


@pytest.mark.parametrize("settings", [SampleConfig(), SampleConfig(cache=False), SampleConfig(invent=True)])
def test_a_vocabulary_of_rare_words_alone(settings: SampleConfig) -> None:
    words = Vocabulary(support.CAST, (), ("moon", "sun", "."))
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes(support.config(), words.words, 4).items()}
    arrays["output_bias"][:] = 400.0
    arrays["output_bias"][SPELL] = -400.0
    model = Model(support.config(), words, assemble(arrays, support.config(), words.words, 4), cast_lines=(2, 1))
    engine, rng = Engine(model), np.random.default_rng(0)
    assert any(piece.kind == "text" for _ in range(5) for piece in engine.speak(engine.start(), None, settings, rng))


@pytest.mark.parametrize("settings", [SampleConfig(0.05), SampleConfig(1.0, 1), SampleConfig(1.0, top_p=0.2)])
def test_careful_settings_take_no_rare_word_that_is_hardly_likely(settings: SampleConfig) -> None:
    """All rare words together may be likelier than any other word, each of them is not."""
    words = support.vocabulary()
    rare = tuple(f"w{number:03}" for number in range(400))
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, rare), copies=None)
    model.parameters.output_bias[SPELL] += 12.0
    engine, rng = Engine(dataclasses.replace(model, exchanges=None)), np.random.default_rng(2)
    state = engine.read_speech(engine.start(), "ROMEO", "What is the night?")
    logits = engine.network.stem_logits(state.query, 0)
    assert engine.network.stem_probabilities(logits, 0, state.past)[SPELL] > 0.5
    said = [piece.text for _ in range(8) for piece in engine.speak(state, "JULIET", settings, rng)]
    assert not any(text.strip().lower() in rare for text in said)


def test_nothing_is_invented_unless_asked() -> None:
    """Not even where there are no rare words and no word that was spelled lately is likely to be meant."""
    words = support.vocabulary()
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, ()), copies=None)
    model.parameters.output_bias[SPELL] += 12.0
    model.parameters.sentinel_bias[:] = 300.0
    engine, rng = Engine(dataclasses.replace(model, exchanges=None)), np.random.default_rng(2)
    state = engine.read_speech(engine.start(), "ROMEO", "What is zork?")
    pieces = [piece for _ in range(4) for piece in engine.speak(state, "JULIET", SampleConfig(), rng)]
    said = [piece.text for piece in pieces if piece.kind == "text"]
    known = {*words.frequent, "zork"}
    assert all(text.strip().lower() in known or not text.strip() for text in said), said


def _said(
    engine: Engine, probabilities: dict[str, float], settings: SampleConfig, count: int = 400
) -> dict[str, float]:
    """The share of each word behind “What is zork?” where the softmax says this of them; “” is what is outside."""
    state = engine.read_speech(engine.start(), "ROMEO", "What is zork?")
    whole = np.zeros(engine.network.words, np.float32)
    for word, probability in probabilities.items():
        whole[engine.coder.number(word) if word else SPELL] = probability
    rng, found = np.random.default_rng(5), dict[str, float]()
    for _ in range(count):
        stem, _, score = engine._chooser._fitting(whole.copy(), (), 0, state, settings, rng)
        word = engine.coder.stem(stem)
        found[word] = found.get(word, 0.0) + 1.0 / count
        assert score <= 0.0
    return found


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("My cat is called Zork.", "Zork"),  # a capital that no sentence asks for is a name's
        ("Zork. What, Zork? My Zork!", "Zork"),
        ("Zork is yonder. Zork?", "zork"),  # these may be there for the sentence
        ("My Zork, your zork.", "zork"),
        ("WHAT IS ZORK?", "zork"),
        ("What is zork?", "zork"),
    ],
)
def test_a_name_keeps_its_capital(heard: str, said: str) -> None:
    """The form of a word is drawn before the word; behind “is” it is a small one."""
    words = support.vocabulary()
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, ()), copies=None)
    engine = Engine(model)
    state = engine.read_speech(engine.start(), "ROMEO", heard)
    state = engine.read_speech(state, "JULIET", "Zork is", learn=False)  # what the model says does not count
    zork, lower = engine.coder.number("zork"), LEADS.index(" ") * CASES
    outside, rng, found = state.cache.outside, np.random.default_rng(3), list[str]()
    for place in (SPELL, engine.network.words + outside.index(zork)):  # as one of those spelled lately; by a vote
        probabilities = np.zeros(engine.network.words + len(outside), np.float32)
        probabilities[place] = 1.0
        drawn = (
            engine._chooser._fitting(probabilities.copy(), outside, lower, state, SampleConfig(), rng)
            for _ in range(200)
        )
        stem, form, _ = next(one for one in drawn if one[0] == zork)
        found.append(render(engine.coder.stem(stem), form))
    assert found == [f" {said}"] * 2


@pytest.mark.parametrize("capitals", [2.0, 0.5, -1.0])
@pytest.mark.parametrize(
    ("read", "lead", "begins"),
    [
        ("", "", True),
        ("The night?", " ", True),
        ("Night!", " ", True),
        ("Night.", "\n", True),
        ("The night", " ", False),
    ]
    + [("Love,", " ", False), ("The night...", " ", False), ("the a.", "", False)],
)
def test_sentences_begin_as_sentences_do(read: str, lead: str, begins: bool, capitals: float) -> None:
    """With a capital where those are much likelier than small letters, and as it was drawn where they are not."""
    engine, forms = Engine(support.model()), np.zeros(STRUCTURE + 1, np.float32)
    lower = LEADS.index(lead) * CASES
    forms[lower + CAPITALISED] = capitals
    cue = engine.coder.open_speech("ROMEO")
    state = engine.read(engine.start(), [*cue, *engine.coder.encode(read, cue[-1].speaker)])
    state = dataclasses.replace(state, form_logits=forms)
    for word in ("night", ","):
        probabilities = np.zeros(engine.network.words, np.float32)
        probabilities[engine.coder.number(word)] = 1.0
        _, form, _ = engine._chooser._fitting(probabilities, (), lower, state, SampleConfig(), np.random.default_rng(1))
        capital = begins and word == "night" and capitals > 1.0
        assert render(word, form).strip() == ("Night" if capital else word) or (word == "," and not read)


def test_words_spelled_lately_are_as_likely_as_the_model_says() -> None:
    """Without rare words the rest of what is outside the softmax is nothing that could be said."""
    words = support.vocabulary()
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, ()), copies=None)
    engine = Engine(model)
    engine.network.parameters.sentinel_bias[:] = 1.0
    state = engine.read_speech(engine.start(), "ROMEO", "What is zork?")
    again = float(engine.network.recall_probabilities(state.hidden, 0, state.spelled)[1])
    said = _said(engine, {"": 0.3, "night": 0.7}, SampleConfig(temperature=1.0, top_p=1.0))
    assert 0.3 < again < 0.9 and set(said) == {"night", "zork"}
    assert said["zork"] == pytest.approx(0.3 * again / (0.7 + 0.3 * again), abs=0.05)


def test_rare_words_just_said_are_penalised_among_their_like() -> None:
    engine, probabilities = Engine(support.model()), {"": 0.9, "night": 0.1}
    usual, penalised = (
        _said(engine, probabilities, SampleConfig(1.0, top_p=1.0, repetition_penalty=penalty))
        for penalty in (1.0, 10.0)
    )
    assert penalised["zork"] == pytest.approx(0.09 / 0.19, abs=0.07) and usual["zork"] > 0.8


@pytest.mark.parametrize("settings", [SampleConfig(1.0, top_p=1.0, min_p=0.2), SampleConfig(1.0, 9, top_p=1.0)])
def test_what_is_outside_the_softmax_is_in_no_likely_word_s_way(settings: SampleConfig) -> None:
    words = support.vocabulary()
    rare = tuple(f"w{number:03}" for number in range(400))
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, rare), copies=None)
    model.parameters.sentinel_bias[:] = 300.0
    others = [word for word in words.frequent if word.isalpha() and word != "night"][:8]
    said = _said(Engine(model), {"": 0.4, "night": 0.2, **dict.fromkeys(others, 0.05)}, settings)
    assert not set(rare) & set(said)
    assert said["night"] == pytest.approx(0.2 / 0.6, abs=0.07)


def test_forms_are_chosen_as_the_settings_say_and_speeches_end_all_the_same() -> None:
    logits = np.log(np.array([0.6, 0.25, 0.1] + [0.0001] * (STRUCTURE - 3) + [0.05])).tolist()
    forms, rng = (0, 1, 2, STRUCTURE), np.random.default_rng(1)

    def drawn(settings: SampleConfig) -> set[int]:
        return {_form(forms, logits, settings, rng)[0] for _ in range(400)}

    assert drawn(SampleConfig(1.0, top_p=1.0)) == {0, 1, 2, STRUCTURE}
    assert drawn(SampleConfig(1.0, top_p=0.8)) == {0, 1, STRUCTURE}
    assert drawn(SampleConfig(1.0, 1)) == drawn(SampleConfig(1.0, min_p=0.5, top_p=1.0)) == {0, STRUCTURE}
    assert drawn(SampleConfig(0.05)) == {0}


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_rare_words_at_a_temperature_are_drawn_as_words_of_the_softmax_would_be(temperature: float) -> None:
    """Four hundred of them, each hardly likely: the warmer, the more they are together."""
    words = support.vocabulary()
    rare = tuple("w" + "".join(letters) for letters in itertools.product("abcdefghijklmnopqrst", repeat=2))
    model = dataclasses.replace(support.model(), vocabulary=Vocabulary(words.cast, words.frequent, rare), copies=None)
    model.parameters.sentinel_bias[:] = 300.0  # not one that was just said
    engine = Engine(model)
    state = engine.read_speech(engine.start(), "ROMEO", "What is zork?")
    beyond = engine._chooser._beyond(0, state, SampleConfig()).probabilities
    outside = ((0.5 * beyond) ** (1.0 / temperature)).sum()
    wanted = outside / (outside + 0.5 ** (1.0 / temperature))
    said = _said(engine, {"": 0.5, "night": 0.5}, SampleConfig(temperature, top_p=1.0))
    assert 1.0 - said.get("night", 0.0) == pytest.approx(wanted, abs=0.06)


def test_with_contrast_words_that_are_likely_anywhere_give_way() -> None:
    """Of two that are as likely here the rarer one is drawn more often, by as much as is asked for."""
    engine = Engine(support.model())
    bias = engine.network.parameters.output_bias
    bias[:] = 0.0
    bias[engine.coder.number("night")], bias[engine.coder.number("love")] = 3.0, 1.0
    for contrast in (0.0, 0.5, 1.0):
        settings = SampleConfig(1.0, top_p=0.9, contrast=contrast)
        said = _said(engine, {"night": 0.5, "love": 0.5}, settings, 2000)
        assert said["love"] == pytest.approx(1.0 / (1.0 + np.exp(-2.0 * contrast)), abs=0.04) and len(said) == 2


def test_what_is_outside_the_softmax_is_as_rare_as_the_rarest_within() -> None:
    engine = Engine(support.model())
    bias, first = engine.network.parameters.output_bias, engine.model.vocabulary.first_stem
    bias[:] = np.arange(len(bias), 0, -1) * 0.1  # so that neither the last but one nor a cue is the rarest
    bias[first + 1], bias[0] = -1.0, -2.0
    probabilities = np.exp(bias) / np.exp(bias).sum()
    heard = engine.read_speech(engine.start(), "ROMEO", "zork")
    (zork,) = np.exp(engine.anywhere(heard, [engine.coder.number("zork")]))
    assert zork == pytest.approx(probabilities[first + 1]) and zork > 1e-3


def test_what_the_model_said_lately_is_no_news() -> None:
    """However rare a word is anywhere, once the model has said it, contrast no longer brings it back; a person may."""
    engine = Engine(support.model())
    places = np.array([engine.coder.number("love"), engine.coder.number("window")])
    start = engine.start()
    fresh = engine._chooser.anywhere(start, places)
    heard = engine._chooser.anywhere(engine.read_speech(start, "ROMEO", "love love"), places)
    said = engine._chooser.anywhere(engine.read_speech(start, "ROMEO", "love love", learn=False), places)
    assert heard.tolist() == fresh.tolist() and said[1] == fresh[1]
    assert said[0] == pytest.approx(fresh[0] + 2 / 200)
    stems = places.tolist()
    state = engine.read_speech(start, "ROMEO", "Quux, love", learn=False)
    found = engine.anywhere(state, [*stems, engine.coder.number("quux"), engine.coder.number("zork")])
    assert np.exp(found[0]) == pytest.approx(fresh[0] + 1 / 200) and np.exp(found[1]) == pytest.approx(fresh[1])
    assert np.exp(found[2]) - np.exp(found[3]) == pytest.approx(1 / 200)
