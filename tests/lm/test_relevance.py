"""A reply that has to do with what was said scores higher than one that has not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import support

from scriptbot.lm.exchanges import bag
from scriptbot.lm.relevance import WEIGHTS, Relevance
from scriptbot.text.vocabulary import Vocabulary, analyse

CORPUS = (
    ("Is there soup?", "Leek soup, and bread with it."),
    ("Is there bread?", "There is. Do you want it with soup?"),
    ("Where is the boat?", "On the sea. The boat is late."),
    ("Is the boat late?", "It is late, and the sea is wet."),
    ("Who are you?", "I am Otto, the harbour master."),
    ("Hello.", "Hello, dear."),
    ("Goodbye!", "Goodbye, dear."),
)
STEMS = sorted({stem for scene in CORPUS for text in scene for stem, _ in analyse(text)})
WORDS = Vocabulary((), tuple(STEMS), ())
KNOWN = Relevance(support.exchanges(WORDS, CORPUS))


def of(text: str) -> list[str]:
    return bag(stem for stem, _ in analyse(text))


def features(before: list[str], *replies: str) -> np.ndarray:
    return KNOWN.features([of(text) for text in before], [of(text) for text in replies])


def weight(seen: int) -> float:
    """Of a word that so many of the speeches have."""
    return math.log((2 * len(CORPUS) + 1) / (seen + 0.5)) ** 2


def test_words_said_again_count_by_how_rare_they_are_and_where_they_were() -> None:
    found = features(["Zanzibar!", "Dear boat.", "Soup?"], "Soup", "Boat", "Zanzibar", "Late")
    soup, boat, unknown = weight(3), weight(3), weight(0)
    assert found[:, 0] == pytest.approx([soup / math.sqrt(1 + soup), 0, 0, 0])
    assert found[:, 1] == pytest.approx([0, boat / math.sqrt(1 + boat), 0, 0])
    assert found[:, 2] == pytest.approx([0, 0, unknown / math.sqrt(1 + unknown), 0])
    assert found[:, 4].tolist() == [1, 1, 1, 1]
    both, alone = features(["Soup?"], "Soup, dear", "Soup")[:, 0]
    assert 0 < both < alone
    (again,) = features(["Soup!", "Dear boat", "Soup?"], "Soup")
    assert again[0] > 0 and again[2] == 0  # where it was said last


def test_words_that_answered_such_words() -> None:
    """“Hello” was answered once in seven times, always with “hello, dear”; “dear” stands in two answers."""
    (found,) = features(["Hello"], "Dear")[:, 3]
    gain = math.log((1 + 1) / (1 * 2 / 7 + 1))  # hello as a word, and as what opens the line
    opening = 2 * math.log((0 + 1) / (0 + 1))  # nobody opened a reply with “dear”
    assert found == pytest.approx((2 * gain + opening) / math.sqrt(4), abs=1e-6)
    sea, boat, otto = features(["Where"], "Sea.", "Boat.", "Otto.")[:, 3]
    assert sea == pytest.approx(2 * math.log(2 / (1 * 2 / 7 + 1)) / 2, abs=1e-6)  # both stand in two answers
    assert boat == pytest.approx(2 * math.log(2 / (1 * 1 / 7 + 1)) / 2, abs=1e-6)  # in one, and in lines
    assert sea > otto and features(["Soup"], "Soup")[0, 3] == 0  # a word with itself says nothing


def test_words_of_the_same_scenes() -> None:
    (wet, leek), (alone,) = features(["The boat!"], "Wet", "Leek")[:, 5], features(["Boat"], "Wet")[:, 5]
    assert wet > 0 > leek
    gains = [math.log((1 + 1) / (present / 7 + 1)) for present in (3, 2, 1)]  # the, boat, !
    gains[2] = math.log(1 / (1 / 7 + 1))
    assert wet == pytest.approx(sum(gains) / 3 / math.sqrt(4), abs=1e-6)
    assert alone == pytest.approx(gains[1] / math.sqrt(4), abs=1e-6)
    (old,) = features(["The boat!"], "Boat wet")[:, 5]
    assert old == pytest.approx(sum(gains) / 3 / math.sqrt(5), abs=1e-6)  # only what is new


@pytest.mark.parametrize(
    ("line", "fits", "does_not"),
    [
        ("Is there bread?", "There is bread, dear.", "I am Otto."),
        ("Where is the boat?", "On the sea.", "Leek, and bread."),
        ("Who are you?", "I am the master.", "It is wet."),
        ("Have you got Zanzibar?", "Zanzibar is late.", "The boat is late."),
    ],
)
def test_what_fits_scores_higher(line: str, fits: str, does_not: str) -> None:
    yes, no = KNOWN.scores([of(line)], [of(fits), of(does_not)])
    assert yes > no


def test_nothing_before_and_nothing_said() -> None:
    found = KNOWN.features([], [of("The sea is wet."), []])
    assert not found[:, [0, 1, 2, 3, 5]].any() and found[:, 4].tolist() == [4, 0]
    assert KNOWN.scores([[], of("Soup?")], []).shape == (0,)
    empty = Relevance(support.exchanges(WORDS, ()))
    assert np.isfinite(empty.scores([of("Soup?")], [of("The sea."), []])).all()
    assert len(WEIGHTS) == found.shape[1]
