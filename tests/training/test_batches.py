"""The stream in chunks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from scriptbot.lm.recall import NONE
from scriptbot.training.batches import Batcher, Chunk, Stream

WORDS, KNOWN = 20, 30


def stream(length: int = 401) -> Stream:
    rng = np.random.default_rng(0)
    stems = rng.integers(5, KNOWN, length).astype(np.int32)
    return Stream(stems, (stems % 13).astype(np.uint8), (stems % 3).astype(np.uint16))


def batcher(novelty: float = 0.0, spelled: int = 12) -> Batcher:
    return Batcher(
        batch=4,
        steps=10,
        words=WORDS,
        known=KNOWN,
        spelled=spelled,
        recall=5,
        practice=0.3,
        practised_share=np.full(WORDS, 0.5, np.float32),
        sample=6,
        local=np.arange(KNOWN) >= 15,
        novelty=novelty,
    )


def chunks(count: int, **options: float) -> list[Chunk]:
    return list(itertools.islice(batcher(**options).chunks(stream(), [1]), count))  # type: ignore[arg-type]


def read(chunk: Chunk) -> np.ndarray:
    return chunk.different[chunk.stems].reshape(10, 4)


def test_each_stream_goes_on_where_it_was() -> None:
    first, second = chunks(2)
    assert first.fresh and not second.fresh
    following = first.next_stems.reshape(10, 4)
    assert np.array_equal(read(first)[1:], following[:-1])
    assert np.array_equal(read(second)[0], following[-1])


@pytest.mark.parametrize("read_before", [1, 7, 10, 14])
def test_a_reading_goes_on_where_it_was(read_before: int) -> None:
    whole = chunks(20, novelty=0.5)
    rest = batcher(novelty=0.5).chunks(stream(), [1], whole[read_before - 1].after)
    for one, other in zip(whole[read_before:], rest, strict=False):
        assert one.fresh == other.fresh and one.after.chunks == other.after.chunks
        for name in ("different", "stems", "next_stems", "spelled", "recalled", "sample"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert any((chunk.recalled != NONE).any() for chunk in whole)


def test_an_epoch_reads_everything_once_and_the_next_is_laid_anew() -> None:
    epoch = chunks(11)
    assert [chunk.fresh for chunk in epoch] == [True, *[False] * 9, True]
    seen = np.sort(np.concatenate([read(chunk).reshape(-1) for chunk in epoch[:10]]))
    assert np.array_equal(seen, np.sort(stream().stems[:-1]))
    assert not np.array_equal(read(epoch[0]), read(epoch[10]))


def test_what_stands_outside_the_softmax_is_spelled() -> None:
    for chunk in chunks(10):
        places = np.flatnonzero(chunk.next_stems >= WORDS)
        chosen = chunk.spelled[chunk.outside > 0]
        assert set(chosen) <= set(places) and len(chosen) == min(len(places), 12)
        assert chunk.weight[chunk.outside > 0].sum() == pytest.approx(len(places))
        assert np.array_equal(chunk.different[chunk.spelled_stems], chunk.next_stems[chunk.spelled])
        assert np.array_equal(chunk.different[chunk.sampled], chunk.sample)
        assert len(set(chunk.sample)) == 6 and (chunk.sample >= WORDS).all()


def test_local_words_are_taken_for_new() -> None:
    taken = set[int]()
    for chunk in chunks(60, novelty=0.5):
        new = chunk.different[chunk.different >= KNOWN] - KNOWN
        assert (new >= 15).all()
        taken |= set(new.tolist())
        whole = np.concatenate([chunk.different[chunk.stems], chunk.next_stems])
        remembered = chunk.different[chunk.recalled[chunk.recalled != NONE]]
        whole = np.concatenate([whole, remembered])
        assert set(new) <= set(whole[whole >= KNOWN] - KNOWN)
    assert len(taken) > 10
    first = chunks(10, novelty=0.5)
    new = np.unique(np.concatenate([chunk.next_stems for chunk in first]))
    assert not set(new[new >= KNOWN] - KNOWN) & set(new)  # in one epoch either new or not
