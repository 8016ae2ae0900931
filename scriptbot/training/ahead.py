"""Cutting chunks in a thread of its own, so that the network never waits for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from scriptbot.training.batches import Chunk

AHEAD = 2  # chunks that are cut while the network works on another


def ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next few always cut before they are asked for."""
    waiting: queue.Queue[Chunk | BaseException | None] = queue.Queue(AHEAD)
    over = threading.Event()

    def hand(what: Chunk | BaseException | None) -> bool:
        """Put something into the queue; False if nobody wants it any more."""
        while not over.is_set():
            try:
                waiting.put(what, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def cut() -> None:
        try:
            for chunk in chunks:
                if not hand(chunk):
                    return
            hand(None)
        except BaseException as error:  # handed over to whoever waits for the next chunk
            hand(error)

    threading.Thread(target=cut, daemon=True).start()
    try:
        while (chunk := waiting.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        over.set()
