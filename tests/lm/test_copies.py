"""Runs of the training text are known again, and only those."""

from __future__ import annotations

import numpy as np
import pytest

from scriptbot.lm import copies
from scriptbot.lm.tokens import Reader
from scriptbot.text.script import Scene, Span, Speech
from scriptbot.text.vocabulary import Coder, Vocabulary

WORDS = [f"w{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(200)]
VOCABULARY = Vocabulary(("ROMEO",), (",", ".", "'s", *WORDS[:150]), tuple(WORDS[150:]))


def learnt(*speeches: str) -> tuple[copies.Copies, Coder]:
    coder = Coder(VOCABULARY)
    elements = tuple(Speech("ROMEO", text, Span(0, 0)) for text in speeches)
    tokens = list(Reader(coder, as_text=False).scene(Scene(elements, Span(0, 0))))
    stems, forms = np.array([t.stem for t in tokens], np.int32), np.array([t.form for t in tokens], np.uint8)
    return copies.of_text(stems, forms, VOCABULARY), coder


def numbers(coder: Coder, text: str) -> list[int]:
    return [coder.number(word) for word in text.split()]


def test_runs_are_known_whatever_signs_stand_between() -> None:
    known, coder = learnt(f"{', '.join(WORDS[:9])}. {' '.join(WORDS[20:25])}'s.", " ".join(WORDS[30:37]))
    assert known.one_in == 1 and len(known.numbers) == 7
    assert known.among(numbers(coder, " ".join(WORDS[:9]))) == 2
    assert known.among(numbers(coder, " ".join([*WORDS[40:44], *WORDS[1:9], WORDS[50]]))) == 1
    assert known.among(numbers(coder, " ".join([*WORDS[1:8], WORDS[60]]))) == 0
    assert known.among(numbers(coder, " ".join(reversed(WORDS[:9])))) == 0
    assert known.among(numbers(coder, " ".join(WORDS[:7]))) == 0
    assert known.among([]) == 0


def test_no_run_goes_from_speech_to_speech() -> None:
    known, coder = learnt(" ".join(WORDS[:6]), " ".join(WORDS[6:12]))
    assert len(known.numbers) == 0
    assert known.among(numbers(coder, " ".join(WORDS[:12]))) == 0


def test_words_that_are_not_known_are_in_no_run() -> None:
    known, _ = learnt(" ".join([*WORDS[:5], "zanzibar", *WORDS[5:9]]))
    assert len(known.numbers) == 0


def test_of_many_runs_one_in_so_many_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_RUNS", 40)
    monkeypatch.setattr(copies, "BLOCK_TOKENS", 64)
    known, coder = learnt(" ".join(WORDS))
    assert known.one_in >= 4 and 0 < len(known.numbers) <= 40
    assert not (known.numbers % known.one_in).any()
    assert known.among(numbers(coder, " ".join(WORDS))) == len(known.numbers)


@pytest.mark.parametrize("words", [1_000, 5_000, 20_000])
def test_as_many_are_kept_of_many_blocks_as_of_few(words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block alone has more runs than are kept; their share falls with the length of the text, not faster."""
    monkeypatch.setattr(copies, "MOST_RUNS", 200)
    monkeypatch.setattr(copies, "BLOCK_TOKENS", 1_024)
    said = np.random.default_rng(1).choice(WORDS, words).tolist()
    known, coder = learnt(" ".join(said))
    assert 200 // 3 <= len(known.numbers) <= 200
    assert words / 200 / 1.1 <= known.one_in <= 4 * words / 200
    assert not (known.numbers % known.one_in).any()
    assert known.among(numbers(coder, " ".join(said))) >= len(known.numbers)
