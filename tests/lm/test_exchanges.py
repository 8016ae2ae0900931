"""Which words the speeches of a script have, one behind the other."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest
import support

from scriptbot.lm import exchanges
from scriptbot.lm.engine import Engine
from scriptbot.lm.exchanges import Exchanges
from scriptbot.text.vocabulary import Vocabulary

WORDS = support.vocabulary()
SCENES = (support.LINES, ("Breaks yonder moon! Zanzibar; the, the breaks?", "But soft."))


def said(known: Exchanges) -> list[list[str]]:
    names = list(known.places)
    ends = [0, *known.speeches.tolist()]
    return [[names[word] for word in known.words[begin:end]] for begin, end in itertools.pairwise(ends)]


def test_every_word_once_in_its_speech_by_its_first_letters() -> None:
    known = support.exchanges(WORDS, SCENES)
    assert said(known)[:2] == [["what", "ligh", "is", "the", "nigh", "?"], ["the", "nigh", "is", "soft"]]
    assert said(known)[4:] == [["brea", "yond", "moon", "!", "the", "?"], ["but", "soft"]]  # Zanzibar it never learnt
    assert known.stretches.tolist() == [4, 6]
    assert known.answers.tolist() == [False, True, True, True, False, True]
    assert known.stretch.tolist() == [0, 0, 0, 0, 1, 1]


def test_who_has_a_word_and_who_opens_with_it() -> None:
    known = support.exchanges(WORDS, SCENES)
    places, count = known.places, len(known.places)
    assert known.having(places["the"]).tolist() == [0, 1, 2, 4]
    assert known.having(places["what"] + count).tolist() == [0, 3]
    assert known.having(places["the"] + count).tolist() == [1]
    assert known.having(places["you"]).tolist() == []


def test_long_scenes_are_stretches_and_long_scripts_some_of_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "STRETCH_SPEECHES", 2)
    known = support.exchanges(WORDS, (*SCENES, ("The moon.",)))
    assert known.stretches.tolist() == [2, 4, 6, 7]
    monkeypatch.setattr(exchanges, "MOST_SPEECHES", 4)
    some = support.exchanges(WORDS, (*SCENES, ("The moon.",)))
    assert some.stretches.tolist() == [2, 4]
    assert said(some) == said(known)[:2] + said(known)[4:6]


def test_the_speeches_of_a_conversation() -> None:
    engine = Engine(support.model())
    state = engine.read_speech(engine.start(), "ROMEO", "The night.")
    state = engine.read_direction(state, "A window breaks.")
    state = engine.read_speech(state, "A STRANGER", "Love!")
    state = engine.read_speech(state, "JULIET", "")
    for count, wanted in ((50, ["The night.", "Love!"]), (9, ["Love!"]), (2, [])):
        found = exchanges.cut(state.cache.latest(count), WORDS)
        assert ["".join(map(engine.coder.stem, speech)) for speech in found] == [
            text.lower().replace(" ", "") for text in wanted
        ]


def test_nothing_said_is_nothing_remembered() -> None:
    known = support.exchanges(WORDS, ())
    assert not len(known.words) and not len(known.stretches) and known.having(0).tolist() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda known: {"words": np.full_like(known.words, len(known.places))},
        lambda known: {"words": known.words[:-1]},
        lambda known: {"words": known.words.astype(np.float32)},
        lambda known: {"words": known.words[:, None]},
        lambda known: {"speeches": known.speeches[::-1]},
        lambda known: {"speeches": known.speeches[:0]},
        lambda known: {"stretches": known.stretches[:0]},
        lambda known: {"stretches": known.stretches.astype(np.int64)},
    ],
)
def test_what_are_no_exchanges(damage: Callable[[Exchanges], dict[str, np.ndarray]]) -> None:
    known = support.exchanges(WORDS, SCENES)
    with pytest.raises(ValueError, match="exchanges"):
        dataclasses.replace(known, **damage(known))


def test_scripts_without_spaces() -> None:
    words = Vocabulary(("甲",), ("。", "？", "今", "日", "は"), ())
    assert list(support.exchanges(words).places) == ["？", "今", "日", "は"]
