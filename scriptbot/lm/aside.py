"""Work that another core does meanwhile.

NumPy lets go of the interpreter during a product, so a thread can multiply while words are chosen.  Nothing ever waits
for a thread that has not begun: whoever needs the result first does the work.  So a busy machine, a single core and a
process without the thread, as after a fork, cost nothing but the saving.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")
_LONG = 1.0  # seconds that the last product may take
_UNREAD = 2  # jobs before the thread, from which on it is taken to have no core of its own


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Job(Generic[Result]):
    """Something to be done once, by whoever comes first."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._begun, self._ended = Lock(), Lock()
        self._result: Result
        self._error: BaseException | None = None
        self._ended.acquire()

    def ahead(self) -> None:
        """Do it, if nobody does."""
        if self._begun.acquire(blocking=False):
            try:
                self._result = self._work()
            except Exception as error:
                self._error = error
            finally:
                self._ended.release()

    def result(self) -> Result:
        """What comes of it, once.

        Raises:
            Exception: whatever the work raised.
        """
        self.ahead()
        self._ended.acquire()
        if self._error is not None:
            raise self._error
        return self._result


class Aside:
    """A thread that works ahead, from the first job on; none where there is one core."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job[object] | None] = SimpleQueue()
        self._alone = cores() < 2
        self._thread: Thread | None = None

    def begin(self, work: Callable[[], Result]) -> Job[Result]:
        """Have something done; ask the job for its result, or forget it."""
        job = Job(work)
        if not self._alone and self._jobs.qsize() < _UNREAD:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="aside", daemon=True)
                self._thread.start()
                atexit.register(self._end)  # no product may be under way when the interpreter is taken down
            self._jobs.put(job)  # type: ignore[arg-type]
        return job

    def _run(self) -> None:
        while job := self._jobs.get():
            job.ahead()

    def _end(self) -> None:
        self._alone = True
        self._jobs.put(None)
        if self._thread:
            self._thread.join(_LONG)


ASIDE = Aside()  # of the process


def begin(work: Callable[[], Result]) -> Job[Result]:
    """See :meth:`Aside.begin`."""
    return ASIDE.begin(work)
