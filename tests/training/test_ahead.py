"""Chunks that are cut while the network works on others."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from scriptbot.training.ahead import AHEAD, ahead


def test_all_of_them_in_their_order_to_the_end() -> None:
    chunks: Any = list(range(20))
    assert list(ahead(iter(chunks))) == chunks


def test_what_goes_wrong_is_told_where_the_chunk_is_missing() -> None:
    def chunks() -> Iterator[Any]:
        yield from range(3)
        raise ValueError("the text has changed")

    found = ahead(chunks())
    assert list(itertools.islice(found, 3)) == [0, 1, 2]
    with pytest.raises(ValueError, match="has changed"):
        next(found)


def test_nobody_goes_on_cutting_when_nobody_wants_them() -> None:
    cut = 0

    def chunks() -> Iterator[Any]:
        nonlocal cut
        for number in itertools.count():
            cut += 1
            yield number

    before = threading.active_count()
    found = ahead(chunks())
    next(found)
    found.close()  # type: ignore[attr-defined]
    end = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert cut <= AHEAD + 3
