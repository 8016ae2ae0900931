"""Tokens: lossless for every string, and small in number for ordinary ones."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scriptbot.text.vocabulary import STRUCTURE, Coder, Vocabulary, analyse, build, count, written

ANYTHING = st.text(st.characters(exclude_categories=()))
WORDY = st.text(st.sampled_from("aA bB\n\t  'éßŒİ好のガ①½’-_.,!?\r\x00\u0301\u200d\U0001f600\ud800"))


@given(ANYTHING | WORDY)
@settings(max_examples=500)
@example("ǅ ǅǅ ŉ İi ﬃ Ⅷ ⅷ")
@example("\r\n\n\n \n  \u3000「そうだ」\u3000\n")
@example("a" * 5000)
def test_every_string_comes_back(text: str) -> None:
    coder = Coder(Vocabulary((), ("the", "a", ".")))
    assert coder.decode(coder.encode(text)) == text


@pytest.mark.parametrize(
    "text", ["吾輩は猫である。名前はまだ無い。", "却说那女娲氏炼石补天之时", "สวัสดีครับ", "क्या हाल है"]
)
def test_scripts_of_the_world(text: str) -> None:
    coder = Coder(build(count([text]), (), minimum_count=1, limit=100))
    tokens = coder.encode(text)
    assert coder.decode(tokens) == text
    assert coder.novel == []


def test_han_and_kana_are_pieces_of_their_own() -> None:
    assert [stem for stem, _ in analyse("猫である")] == ["猫", "で", "あ", "る"]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("天’tし。", "天|’t|し|。"),
        ("I’mし", "I|’m|し"),
        ("don’t can'tし't", "don|’t| can|'t|し|'t"),
        ("rock'n'roll d'abcde", "rock|'n|'|roll| d|'|abcde"),
        ("l’été", "l|’été"),
    ],
)
def test_clitics_are_pieces_and_never_of_two_scripts(text: str, cut: str) -> None:
    assert list(written(text)) == cut.split("|")


def test_case_and_lead_are_no_part_of_the_stem() -> None:
    stems = [stem for stem, _ in analyse("The night, THE NIGHT\nThe night")]
    assert Counter(stems)["the"] == 3 and Counter(stems)["night"] == 3


def test_a_word_never_seen_gets_a_number_and_keeps_it() -> None:
    coder = Coder(Vocabulary(("ADA",), ("the",), ("owl",)))
    first, second = coder.number("zebra"), coder.number("zebra")
    assert first == second == coder.vocabulary.known
    assert coder.stem(first) == "zebra"


def test_cues() -> None:
    coder = Coder(Vocabulary(("ADA", "TOM"), ("the",)))
    (cue,) = coder.open_speech("TOM")
    assert cue.stem == coder.vocabulary.cue(1) and cue.form == STRUCTURE
    stranger = coder.open_speech("The Mayor")
    assert coder.decode(stranger) == "The Mayor"
    assert stranger[0].form == stranger[-1].form == STRUCTURE


def test_the_softmax_takes_what_is_frequent() -> None:
    vocabulary = build(Counter({"a": 9, "b": 3, "c": 2, "d": 1}), (), minimum_count=3, limit=10)
    assert vocabulary.frequent == ("a", "b") and set(vocabulary.rare) == {"c", "d"}
    assert build(Counter({"a": 9, "b": 3}), (), minimum_count=1, limit=1).frequent == ("a",)


def test_what_is_inherited_is_frequent_however_seldom_it_occurs() -> None:
    counts, inherited = Counter({"a": 9, "b": 3, "c": 1, "d": 1}), ("x", "d", "a", "w")
    vocabulary = build(counts, (), minimum_count=3, limit=10, inherited=inherited)
    assert vocabulary.frequent == ("a", "b", "d", "x", "w") and vocabulary.rare == ("c",)
    for limit, frequent in ((4, ("a", "b", "d", "x")), (2, ("a", "b"))):
        assert build(counts, (), minimum_count=3, limit=limit, inherited=inherited).frequent == frequent
