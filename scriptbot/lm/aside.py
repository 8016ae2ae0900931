"""Work that another core does in the background.

NumPy releases the interpreter lock during a product, so a thread can multiply while words are chosen.  Nobody waits for
a job that has not begun: whoever needs its result does the work instead.  So with one core, no thread, or another
program on the other core, nothing is lost, unless the thread loses its core in the middle of a product.

It is off until :func:`allow`, which is for programs in which NumPy itself uses one thread (docs/decisions/talking.md).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
_LONGEST_SECONDS = 1.0  # to wait for the last product at the end
_UNREAD_JOBS = 2  # in the queue, from which on the thread is taken to have no core of its own


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Job(Generic[Result]):
    """Work to be done once, by whichever thread gets to it first."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._begun, self._ended = Lock(), Lock()
        self._result: Result
        self._error: Exception | None = None
        self._ended.acquire()

    def do(self) -> None:
        """Do the work, unless somebody has begun it."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._result = self._work()
        except Exception as error:
            self._error = error
        finally:
            self._ended.release()

    def result(self) -> Result:
        """The result, computed here if nobody has begun, else waited for.  It can be asked for only once.

        Raises:
            Exception: whatever the work raised.
        """
        self.do()
        self._ended.acquire()
        if self._error is not None:
            raise self._error
        return self._result


class Aside:
    """A thread that works in the background, started with the first job; none on a machine with one core."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._alone = cores() < 2
        self._thread: Thread | None = None

    def begin(self, work: Callable[[], Result]) -> Job[Result]:
        """Have some work done in the background; ask the job for its result, or drop it."""
        job = Job(work)
        if not self._alone and self._jobs.qsize() < _UNREAD_JOBS:
            if self._thread is None:
                self._start()
            self._jobs.put(job)
        return job

    def end(self) -> None:
        """Begin nothing more, and wait: no product may be under way when the interpreter shuts down."""
        self._alone = True
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(_LONGEST_SECONDS)

    def _start(self) -> None:
        self._thread = Thread(target=self._run, name="aside", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads can be started
            self._alone, self._thread = True, None
        atexit.register(self.end)

    def _run(self) -> None:
        while job := self._jobs.get():
            job.do()
            del job  # it holds on to a whole model


_aside: Aside | None = None  # of the process, if it may have one


def allow() -> None:
    """Let another thread work in the background from now on."""
    global _aside
    if _aside is None:
        _aside = Aside()


def begin(work: Callable[[], Result]) -> Job[Result]:
    """A job that is done in the background if that is allowed, else when its result is asked for."""
    return _aside.begin(work) if _aside else Job(work)
