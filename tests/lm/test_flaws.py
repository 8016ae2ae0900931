"""What is wrong with a reply."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import candidates, flaws
from scriptbot.lm.copies import of_text, run_length
from scriptbot.lm.engine import Engine, Speech
from scriptbot.lm.state import Piece
from scriptbot.text.vocabulary import STRUCTURE, Token, Vocabulary

SETTINGS = SampleConfig(max_words=6, candidates=5)


def speech(engine: Engine, text: str, *, whole: bool = True) -> Speech:
    """A speech of which this was said."""
    said = engine.open_speech(engine.start(), "ROMEO", SETTINGS, np.random.default_rng(1))
    for token in engine.coder.encode(text, 2):
        said.take(engine.read(said.state, [token]))
    said.ended, said.whole = True, whole
    return said


def _whole(text: str, engine: Engine) -> Speech:
    said = engine.open_speech(engine.start(), "ROMEO", SETTINGS, np.random.default_rng(1))
    said.pieces, said.ended, said.whole = [Piece("text", text, "ROMEO", 0.0, said.state)], True, True
    return said


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("What light is this?", 0),
        ("“What light is this?”", 0),
        ("„Hallo“ to you. ”Hej” to me. « Viens ici. »", 0),
        ("It is 6'2\" tall. a) go b) stay ;-)", 0),
        ("(Softly.) The moon.", 0),
        ("It is the east, and", 0),  # as the model wants it
        ("", 1),
        ("?", 1),
        ("I don't don't know.", 1),
        ("Well, well. The night? The night!", 0),
        ("(Softly. The moon.", 1),
        ('He said "Soft! but.', 1),
        ("He said “Soft! but.", 1),
        ("[Softly.) The moon.", 1),
        ('Say " hello " now.', 1),
        ('" Soft, " he said.', 1),
        ("The “ moon.”", 1),
        ("The “moon ”", 1),
        ("What is the light? What is the moon.", 0),
        ("What is the light, what is the light.", 1),
        ("The night is soft, and what is love. What light?", 1),  # was said before
        ("the Night is Soft, and what is McDonald. What light?", 1),
        ("(The night is soft, and what is love. The night is soft", 3),
        (", what light?", 1),
        ("- what light?", 1),
        ("' what light?", 1),
        ("'Tis light.", 0),
        ("...light?", 0),
        ("。What light?", 1),
        (":) What light?", 0),
        ("What light :(", 0),
        ("(What light :) is soft", 1),
        ("Light. Light! Light?", 1),
        ("You love light. You love light!", 1),
        ("What is love!", 1),  # all of it was said before
        ("What is love, I?", 0),
        ("Is love.", 0),
    ],
)
def test_flaws(text: str, wrong: int) -> None:
    engine = Engine(support.model())
    heard = engine.read_speech(engine.start(), "JULIET", "The night is soft, and what is love.")
    heard = engine.read_speech(heard, "JULIET", "The night is soft and what is McDonald.")
    assert flaws.count(engine, heard, speech(engine, text)) == wrong
    assert flaws.count(engine, heard, speech(engine, text, whole=False)) == wrong + (text not in ("", "?"))


def test_a_copy_is_a_flaw() -> None:
    model = support.model()
    engine = Engine(model)
    line = "The night is soft, what light but love you moon."
    tokens = [Token(0, STRUCTURE), *engine.coder.encode(line)]
    stems, forms = (np.array(column) for column in zip(*((t.stem, t.form) for t in tokens), strict=True))
    engine = Engine(dataclasses.replace(model, copies=of_text(stems, forms, model.vocabulary)))
    assert flaws.count(engine, engine.start(), speech(engine, line)) == 1
    assert flaws.count(engine, engine.start(), speech(engine, "But " + line.partition("but ")[2])) == 0
    known = len(engine.coder.novel)
    assert not flaws.copied(engine, ["zanzibar"] * 9) and len(engine.coder.novel) == known  # looking adds nothing


def test_where_characters_are_the_pieces_more_of_them_make_a_run() -> None:
    model = support.model()
    words = Vocabulary(support.CAST, ("、", "。", *"今日は雨が降ると皆言うので傘を持つ人で道一杯だ"), ("moon",))
    assert words.unspaced and not model.vocabulary.unspaced
    engine, spaced = Engine(dataclasses.replace(model, vocabulary=words)), Engine(model)
    monkey = "今日は雨が降る、今日は雨が降る。"
    assert flaws.goes_round(list("今日は雨が降る今日は雨が降る")) and not flaws.goes_round(
        list("今日は雨が降る今日は雨が降る"), flaws.LOOP_WORDS * flaws.CHARACTERS_A_WORD
    )
    assert flaws.count(engine, engine.start(), _whole(monkey, engine)) == 0
    assert flaws.count(spaced, spaced.start(), _whole(monkey, spaced)) == 1
    assert run_length(words) > run_length(model.vocabulary)


def test_hammering_is_a_flaw() -> None:
    for text in ("Beep. Beep. Beep.", "Sit down, love. Sit down, love!", "No soup today. No soup today for you."):
        assert flaws.hammers([word.strip(".,!").lower() for word in text.split()])
    for text in ("Beep. Beep. Hello.", "Sit down, love. Then sit.", "The night? The night!"):
        assert not flaws.hammers([word.strip(".,!").lower() for word in text.split()])


def test_what_is_cut_in_the_middle_of_a_sentence_is_not_whole() -> None:
    engine, found = Engine(support.model()), set()
    for seed in range(60):
        said = engine.open_speech(engine.start(), "ROMEO", SampleConfig(max_words=2), np.random.default_rng(seed))
        while form := said.form():
            engine.go_on_alone(said, form)
        at_limit = len(said.tokens) == 4
        if at_limit and said.text[-1] not in ".!?":
            assert not said.whole
        elif not at_limit:
            assert said.whole
        found.add((at_limit, said.whole))
    assert {(True, False), (False, True)} <= found


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('She said "at 7".', True),
        ('Room "101" is free.', True),
        ('A pole of 7" and no more.', True),
        ('"I know.', False),
        ('A pole of 7" and "a rope.', True),
    ],
)
def test_inches_are_no_marks_unless_they_close(text: str, good: bool) -> None:
    assert flaws.balanced(text) is good


@pytest.mark.parametrize("text", ["It is the last one (room 8).", "(8)", "See [page 8] of it.", "So glad :-) you are."])
def test_a_number_in_brackets_is_no_face(text: str) -> None:
    assert flaws.balanced(text)


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ((3.0, 2.0, 1.0, 0.0), 2),  # one flaw, two flaws, none, none
        ((0.0, 0.0, 1.0, 2.0), 3),
        ((0.0, 0.0, 1.0, 1.0), 2),
    ],
)
def test_the_fewest_flaws_come_before_the_score(scores: tuple[float, ...], best: int) -> None:
    engine = Engine(support.model())
    texts = ("(Softly. The moon.", ", (what light?", "What light is this?", "The moon is soft.")
    drawn = [speech(engine, text) for text in texts]
    assert candidates.best_of(engine, engine.start(), drawn, scores) is drawn[best]


@pytest.mark.parametrize(("scores", "best"), [((0.0, 1.0, 2.0), 1), ((1.0, 0.0, 2.0), 0), ((1.0, 1.0, 0.0), 0)])
def test_among_flawed_replies_the_score_decides(scores: tuple[float, ...], best: int) -> None:
    engine = Engine(support.model())
    drawn = [speech(engine, text) for text in ("(Softly. The moon.", "[What light?", ", (what light?")]
    assert candidates.best_of(engine, engine.start(), drawn, scores) is drawn[best]
