"""Chunks are cut by a thread of their own, so that the network never waits for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from scriptbot.training.batches import Chunk

AHEAD = 2  # chunks that are cut while the network works on another


def ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, some of them before they are asked for."""
    waiting: queue.Queue[Chunk | BaseException] = queue.Queue(AHEAD)
    over = threading.Event()

    def cut() -> None:
        try:
            for chunk in chunks:
                while not over.is_set():
                    try:
                        waiting.put(chunk, timeout=0.2)
                        break
                    except queue.Full:
                        continue
                if over.is_set():
                    return
        except BaseException as error:  # handed over to whoever waits for the next chunk
            waiting.put(error)

    threading.Thread(target=cut, daemon=True).start()
    try:
        while True:
            chunk = waiting.get()
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        over.set()
