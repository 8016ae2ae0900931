"""Where a training from nothing begins: frequencies, and the company that words keep."""

from __future__ import annotations

import numpy as np
import pytest

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.lm.params import initial
from scriptbot.text.load import open_source
from scriptbot.text.vocabulary import SPELL
from scriptbot.training import beginning
from scriptbot.training.batches import Stream
from scriptbot.training.corpus import Corpus, lay_out


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Cats and dogs do the same things, and so do days and nights; some names occur once."""
    rng, lines = np.random.default_rng(0), []
    for number in range(1200):
        beast, time = rng.choice(["cat", "dog"]), rng.choice(["day", "night"])
        name = f"Q{''.join(rng.choice(list('aeioubcd'), 6))}" if number % 40 == 0 else "Tom"
        lines.append(f"ADA: The {beast} of {name} slept all {time} long.\nTOM: My {beast} eats every {time} too.\n")
    path = tmp_path_factory.mktemp("corpus") / "beasts.txt"
    path.write_text("\n".join(lines))
    return lay_out(open_source([path], format="colon"), None, TrainConfig())


def stream(stems: list[int]) -> Stream:
    return Stream(np.array(stems, np.int32), np.zeros(len(stems), np.uint8), np.zeros(len(stems), np.uint16))


def test_biases_are_frequencies(corpus: Corpus) -> None:
    vocabulary, config = corpus.vocabulary, ModelConfig(embedding=16, hidden=16)
    arrays = initial(config, vocabulary.words, vocabulary.speakers, np.random.default_rng(0))
    biases = beginning.counted(corpus, arrays)
    assert {name: bias.shape for name, bias in biases.items()} == {name: arrays[name].shape for name in biases}
    stems = np.where(corpus.train.stems < vocabulary.words, corpus.train.stems, SPELL)
    wanted = np.maximum(np.bincount(stems, minlength=vocabulary.words), 0.5) / len(stems)
    assert np.exp(biases["output_bias"]) == pytest.approx(wanted, rel=1e-5)
    assert biases["output_bias"][[SPELL, vocabulary.cue(0), vocabulary.cue(1)]].min() > -8
    forms = np.bincount(corpus.train.forms) / len(stems)
    assert np.exp(biases["form_bias"][: len(forms)])[forms > 0] == pytest.approx(forms[forms > 0], rel=1e-5)
    letters = biases["speller_output_bias"]
    assert letters.max() > -4 > letters.min() + 1
    assert biases["novel_bias"][0] > 2  # all that is spelled was said once


def test_words_in_like_company_begin_near_each_other(corpus: Corpus) -> None:
    vocabulary = corpus.vocabulary
    placed = beginning.company(corpus.train, vocabulary.words, 16)
    assert placed.shape == (vocabulary.words, 16) and placed.std() == pytest.approx(beginning.SPREAD, rel=1e-3)

    def near(one: str, other: str) -> float:
        a, b = (placed[vocabulary.number(word)] for word in (one, other))
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    assert near("cat", "dog") > 0.9 < near("day", "night") and near("cat", "day") < 0.5
    assert np.array_equal(placed, beginning.company(corpus.train, vocabulary.words, 16))


def test_networks_begin_apart_but_with_the_same_company(corpus: Corpus) -> None:
    placed = beginning.company(corpus.train, corpus.vocabulary.words, 16)
    one, other = (beginning.turned(placed, np.random.default_rng(seed)) for seed in (1, 2))
    known = placed.any(axis=1)
    unseen = np.flatnonzero(corpus.targets == 0)
    assert len(unseen) and not known[unseen].any()
    assert np.abs(one - other).mean() > 0.01 < one[unseen].std(axis=1).min()
    assert np.allclose(one[known] @ one[known].T, other[known] @ other[known].T, atol=1e-4)


@pytest.mark.parametrize("stems", [[7], [7, 7], [1, 2] * 40, list(range(30)) * 3, [99, 7, 99, 98] * 9])
def test_small_and_odd_texts(stems: list[int]) -> None:
    placed = beginning.company(stream(stems), 30, 16)
    assert placed.shape == (30, 16) and np.isfinite(placed).all()
    assert np.isfinite(beginning.turned(placed, np.random.default_rng(0))).all()


def test_of_a_large_text_some_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "BLOCK", 10)
    parts = list(beginning._parts(stream([0] * 1005)))
    assert len(parts) == beginning.MOST_BLOCKS and parts[0].start == 0 and parts[-1].stop <= 1010
    assert len(list(beginning._parts(stream([0] * 25)))) == 3
    monkeypatch.setattr(beginning, "MOST_CELLS", 300)
    assert beginning._table(stream(list(range(100)) * 3), 100).shape == (100, 6)
