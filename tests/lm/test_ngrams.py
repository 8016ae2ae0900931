"""Counts: against a slow and plain implementation, and as probabilities that add up."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict

import numpy as np
import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as st

from scriptbot.lm import scoring
from scriptbot.lm.counting import of_spellings, of_words
from scriptbot.lm.model import everywhere
from scriptbot.lm.network import Network
from scriptbot.lm.ngrams import Ngrams, before, compact, restored
from scriptbot.lm.params import BEGIN, BYTES, END
from scriptbot.lm.speller import Speller
from scriptbot.lm.spelling import codes, log_probabilities
from scriptbot.text.vocabulary import SPELL, STRUCTURE, Coder

WORDS = 9
TEXT = np.random.default_rng(3).choice(WORDS + 4, 600, p=np.arange(WORDS + 4, 0, -1) / 91.0)
FORMS = np.random.default_rng(4).choice(STRUCTURE + 1, 600, p=[0.6, *[0.4 / STRUCTURE] * STRUCTURE])


class Plain:
    """Kneser–Ney smoothing as the paper has it, one dictionary per order."""

    def __init__(self, rows: list[tuple[int, tuple[int, ...], int]], size: int) -> None:
        order = len(rows[0][1])
        self.size = size
        self.counts: list[dict[tuple[int, ...], Counter[int]]] = [defaultdict(Counter) for _ in range(order + 1)]
        for base, past, target in rows:
            self.counts[order][(base, *past)][target] += 1
        for depth in range(order, 0, -1):
            for context, followers in self.counts[depth].items():
                for target in followers:
                    self.counts[depth - 1][context[:-1]][target] += 1
        self.discounts = []
        for counts in self.counts:
            many = Counter(count for followers in counts.values() for count in followers.values())
            ratio = many[1] / (many[1] + 2 * many[2])
            found = [n - (n + 1) * ratio * many[n + 1] / many[n] for n in (1, 2, 3)]
            self.discounts.append([0.0, *(min(max(d, 0.1), 0.95 * n) for n, d in enumerate(found, 1))])

    def probability(self, base: int, past: tuple[int, ...], target: int) -> float:
        p = 1.0 / self.size
        for depth, (counts, discounts) in enumerate(zip(self.counts, self.discounts, strict=True)):
            followers = counts.get((base, *past[:depth]))
            if not followers:
                break
            total = sum(followers.values())
            left = sum(discounts[min(count, 3)] for count in followers.values()) / total
            count = followers.get(target, 0)
            p = max(count - discounts[min(count, 3)], 0.0) / total + left * p
        return p


def probabilities(ngrams: Ngrams, base: int, past: tuple[int, ...]) -> np.ndarray:
    result = np.zeros(ngrams.size, np.float32)
    ngrams.add(result, base, past, 1.0)
    return result


def test_probabilities_of_words_are_those_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptbot.lm.counting.LEAST_TIMES", 1)
    ngrams = of_words(TEXT, FORMS, WORDS)
    symbols = np.where(TEXT < WORDS, TEXT, SPELL).tolist()
    past = [(symbols[t - 1] if t else 0, symbols[t - 2] if t > 1 else 0) for t in range(len(symbols))]
    rows = [(int(FORMS[t]), past[t], symbols[t]) for t in range(len(symbols)) if FORMS[t] != STRUCTURE]
    plain = Plain(rows, WORDS)
    for base, before_it, target in [*rows[:80], (1, (3, 3), 2), (0, (WORDS - 1, WORDS - 1), 1), (11, (0, 5), 8)]:
        assert probabilities(ngrams, base, before_it)[target] == pytest.approx(
            plain.probability(base, before_it, target), rel=1e-4
        )


def test_all_probabilities_add_up_and_both_ways_of_asking_agree() -> None:
    ngrams = of_words(TEXT, FORMS, WORDS)
    for base in range(STRUCTURE):
        for past in ((0, 0), (1, 0), (2, 5), (WORDS - 1, 3)):
            found = probabilities(ngrams, base, past)
            assert found.sum() == pytest.approx(1.0, abs=1e-5) and (found > 0.0).all()
            targets = np.arange(WORDS)
            logs = ngrams.log_probabilities(np.full(WORDS, base), np.tile(past, (WORDS, 1)), targets)
            assert np.allclose(np.exp(logs), found, atol=1e-6)


def test_of_too_many_contexts_the_most_frequent_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def kept() -> Ngrams:
        return of_words(TEXT, np.zeros(600, int), WORDS)

    whole = kept()
    monkeypatch.setattr("scriptbot.lm.counting.MOST_ENTRIES", 60)
    few = kept()
    assert 20 < len(few.levels[2].successors) <= 60 < len(whole.levels[2].successors)
    assert np.array_equal(few.levels[1].shares, whole.levels[1].shares)
    symbols = np.where(TEXT < WORDS, TEXT, SPELL)
    often = Counter(zip(symbols[1:].tolist(), symbols.tolist(), strict=False)).most_common(1)[0][0]
    assert np.allclose(probabilities(few, 0, often), probabilities(whole, 0, often))
    assert probabilities(few, 0, (8, 8)).sum() == pytest.approx(1.0, abs=1e-5)


def test_contexts_seen_once_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    few = of_words(TEXT, FORMS, WORDS)
    monkeypatch.setattr("scriptbot.lm.counting.LEAST_TIMES", 1)
    every = of_words(TEXT, FORMS, WORDS)
    assert 0 < len(few.levels[2].keys) < len(every.levels[2].keys)
    assert set(few.levels[2].keys) < set(every.levels[2].keys)


def test_of_a_long_text_parts_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptbot.lm.counting.BLOCK_WORDS", 10)
    monkeypatch.setattr("scriptbot.lm.counting.MOST_WORDS", 30)
    stems = np.concatenate([np.full(40, 1), np.full(40, 2), np.full(40, 3)])
    found = probabilities(of_words(stems, np.zeros(120, int), 6), 0, (0, 0))
    assert (found[1:4] > 0.1).all() and found[4] < 0.05


def test_what_was_said_becomes_likelier() -> None:
    stems = np.array([1, 2, 3, 4] * 30)
    ngrams = of_words(stems, np.zeros(120, int), 6)
    assert probabilities(ngrams, 0, (2, 1))[3] > 0.9
    assert probabilities(ngrams, 1, (2, 1)).max() == pytest.approx(1 / 6)  # nothing was ever said in that form


def test_a_share_is_added_to_what_is_there() -> None:
    ngrams = of_words(TEXT, FORMS, WORDS)
    there = np.full(WORDS, 0.5, np.float32)
    ngrams.add(there, 0, (1, 2), 0.25)
    assert np.allclose(there, 0.5 + 0.25 * probabilities(ngrams, 0, (1, 2)), atol=1e-6)


def test_through_a_file() -> None:
    ngrams = of_words(TEXT, FORMS, WORDS)
    arrays = compact(ngrams)
    again = restored(arrays, WORDS, STRUCTURE, 2)
    for base in (0, 5):
        for past in ((0, 0), (1, 2)):
            assert np.allclose(probabilities(again, base, past), probabilities(ngrams, base, past), atol=1e-3)
            assert probabilities(again, base, past).sum() == pytest.approx(1.0, abs=1e-5)
    assert sum(array.nbytes for array in arrays.values()) < sum(8 * len(level.successors) for level in ngrams.levels)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_arrays_of_another_file_are_refused_or_still_probabilities(data: st.DataObject) -> None:
    """Whatever numbers stand in the file: it is refused, or what it says are probabilities."""
    arrays = dict(compact(of_words(TEXT, FORMS, WORDS)))
    name = data.draw(st.sampled_from(sorted(arrays)))
    array = arrays[name].copy()
    place = data.draw(st.integers(0, len(array) - 1))
    array[place] = data.draw(st.integers(0, 255) if array.dtype.kind == "u" else st.floats(width=16))
    arrays[name] = array if data.draw(st.booleans()) else array[: data.draw(st.integers(0, len(array)))]
    try:
        ngrams = restored(arrays, WORDS, STRUCTURE, 2)
    except (ValueError, KeyError):
        return
    for base in range(STRUCTURE):
        found = probabilities(ngrams, base, (1, 2))
        assert (found >= 0.0).all() and found.sum() == pytest.approx(1.0, abs=0.01)
        ngrams.log_probabilities(np.full(3, base), np.tile([1, 2], (3, 1)), np.arange(3))


def test_the_past_begins_with_nothing() -> None:
    assert before(np.array([5, 6, 7]), 2).tolist() == [[0, 0], [5, 0], [6, 5]]


KNOWN = ("light", "night", "might", "\n", "é")


def test_letters_of_one_word_end_with_it() -> None:
    ngrams = of_spellings(KNOWN)
    assert probabilities(ngrams, 0, (BEGIN, 0, 0, 0))[codes("l")[0]] > 1.0 / BYTES
    assert probabilities(ngrams, 0, (*codes("igh")[-2::-1], BEGIN))[codes("t")[0]] > 0.5
    assert probabilities(ngrams, 0, tuple(codes("ight")[-2::-1]))[END] > 0.5


def test_a_spelling_is_half_counted() -> None:
    model = support.model()
    speller = Speller(model.parameters, KNOWN, 0.4)
    hidden, forms = np.ones((2, model.config.hidden), np.float32), np.array([1, 4])
    own = np.exp(log_probabilities(model.parameters, ["fight", "ü"], hidden, forms))
    counted = np.exp(Speller(model.parameters, KNOWN, 0.999999).log_probabilities(["fight", "ü"], hidden, forms))
    both = np.exp(speller.log_probabilities(["fight", "ü"], hidden, forms))
    assert np.allclose(both, 0.6 * own + 0.4 * counted, rtol=1e-3)
    alone = Speller(model.parameters, KNOWN, 0.0)
    assert np.allclose(np.exp(alone.log_probabilities(["fight", "ü"], hidden, forms)), own) and "ngrams" not in vars(
        alone
    )


def test_words_are_drawn_from_both() -> None:
    model = support.model()
    rng, hidden = np.random.default_rng(0), np.ones(model.config.hidden, np.float32)
    counted = Speller(model.parameters, KNOWN, 0.99)
    words = [counted.spell(hidden, 1, rng, 0.3) for _ in range(60)]
    assert sum(word in KNOWN for word in words) > 30
    network = Speller(model.parameters, KNOWN, 0.0)
    assert not any(network.spell(hidden, 1, rng, 0.3) in KNOWN for _ in range(20))


def test_without_counts_a_model_is_the_network_alone() -> None:
    from scriptbot.lm.engine import Engine

    model = support.model()
    bare = dataclasses.replace(model, ngrams=None)
    silent = dataclasses.replace(model, counts=dataclasses.replace(model.counts, words=everywhere(0.0)))
    state = Engine(model).start()
    networks = [Engine(one).network for one in (model, bare, silent)]
    found = [network.stem_probabilities(network.stem_logits(state.query, 4), 4, (3, 2)) for network in networks]
    assert np.array_equal(found[1], found[2]) and not np.allclose(found[0], found[1], atol=1e-3)


def test_chunks_of_a_text_know_what_stood_before_them() -> None:
    model = support.model()
    coder = Coder(model.vocabulary)
    tokens = coder.encode("the night is soft, and what a light is love! " * 60, 2)
    forms, symbols = (np.array([getattr(token, name) for token in tokens]) for name in ("form", "stem"))
    symbols[symbols >= model.vocabulary.words] = SPELL
    ngrams = of_words(symbols, forms, model.vocabulary.words)
    network = Network(dataclasses.replace(model, ngrams=ngrams), coder.stem)
    in_chunks = np.concatenate([part.ngrams for part in scoring.score(network, tokens)])
    past = before(symbols, 2)[1:]
    assert len(tokens) > 2 * scoring.CHUNK_TOKENS
    assert np.array_equal(in_chunks, ngrams.log_probabilities(forms[1:], past, symbols[1:]))
    past[:, 1] = SPELL  # what is known if only the last word is
    forgotten = ngrams.log_probabilities(forms[1:], past, symbols[1:])
    assert forgotten[scoring.CHUNK_TOKENS] != in_chunks[scoring.CHUNK_TOKENS]


@pytest.mark.parametrize("name", ["0.successors", "0.lengths", "1.symbols", "1.children"])
def test_numbers_too_large_to_count_with_are_refused(name: str) -> None:
    arrays = dict(compact(of_words(TEXT, FORMS, WORDS)))
    arrays[name] = arrays[name].astype(np.uint64)
    arrays[name][0] = 2**64 - 2**40  # less than nothing, where numbers have signs
    with pytest.raises(ValueError, match="do not fit"):
        restored(arrays, WORDS, STRUCTURE, 2)
