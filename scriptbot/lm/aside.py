"""Work that another core does meanwhile.

NumPy lets go of the interpreter during a product, so a thread can multiply while words are chosen.  Nobody waits for a
thread that has not begun: whoever needs the result first does the work.  So where there is one core, no thread, or
another program that has the other core, it is as if there were no thread, but for a product that is interrupted.

It is off until :func:`allow`, which is for whoever has NumPy use one thread of its own (docs/decisions/talking.md).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
_LONGEST_SECONDS = 1.0  # that the last product may take
_UNREAD_JOBS = 2  # before the thread, from which on it is taken to have no core of its own


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Job(Generic[Result]):
    """Something to be done once, by whoever comes first."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._begun, self._ended = Lock(), Lock()
        self._result: Result
        self._error: Exception | None = None
        self._ended.acquire()

    def do(self) -> None:
        """Do it, if nobody does."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._result = self._work()
        except Exception as error:
            self._error = error
        finally:
            self._ended.release()

    def result(self) -> Result:
        """What comes of it, to be asked once.

        Raises:
            Exception: whatever the work raised.
        """
        self.do()
        self._ended.acquire()
        if self._error is not None:
            raise self._error
        return self._result


class Aside:
    """A thread that works ahead, from the first job on; none where there is one core."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._alone = cores() < 2
        self._thread: Thread | None = None

    def begin(self, work: Callable[[], Result]) -> Job[Result]:
        """Have something done; ask the job for its result, or forget it."""
        job = Job(work)
        if not self._alone and self._jobs.qsize() < _UNREAD_JOBS:
            if self._thread is None:
                self._start()
            self._jobs.put(job)
        return job

    def end(self) -> None:
        """Begin nothing any more: no product may be under way when the interpreter is taken down."""
        self._alone = True
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(_LONGEST_SECONDS)

    def _start(self) -> None:
        self._thread = Thread(target=self._run, name="aside", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # there may be no more threads
            self._alone, self._thread = True, None
        atexit.register(self.end)

    def _run(self) -> None:
        while job := self._jobs.get():
            job.do()
            del job  # which holds on to a whole model


_aside: Aside | None = None  # of the process, if it may have one


def allow() -> None:
    """Let another thread work ahead from now on."""
    global _aside
    if _aside is None:
        _aside = Aside()


def begin(work: Callable[[], Result]) -> Job[Result]:
    """Something to be done meanwhile, if that is allowed; else when its result is asked for."""
    return _aside.begin(work) if _aside else Job(work)
