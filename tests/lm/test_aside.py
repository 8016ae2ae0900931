"""Work that another core does meanwhile."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm import aside
from scriptbot.lm.candidates import speak
from scriptbot.lm.engine import Engine

PATIENCE = 30.0  # seconds


def _who(begun: threading.Event | None = None) -> Callable[[], str]:
    def work() -> str:
        if begun:
            begun.set()
        return threading.current_thread().name

    return work


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[aside.Aside]:
    monkeypatch.setattr(aside, "cores", lambda: 2)
    one = aside.Aside()
    yield one
    one.end()


def test_another_thread_works_while_this_one_does_not(two_cores: aside.Aside) -> None:
    begun = threading.Event()
    job = two_cores.begin(_who(begun))
    assert begun.wait(PATIENCE)
    assert job.result() == "aside"


def test_whoever_needs_the_result_first_does_the_work(two_cores: aside.Aside) -> None:
    busy, done = threading.Event(), threading.Event()

    def stuck() -> None:
        busy.set()
        done.wait(PATIENCE)

    held = two_cores.begin(stuck)
    assert busy.wait(PATIENCE)
    for _ in range(100):
        assert two_cores.begin(_who()).result() == threading.current_thread().name
    assert two_cores._jobs.qsize() <= aside._UNREAD_JOBS  # nor do they pile up
    done.set()
    assert held.result() is None


def test_one_core_has_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "cores", lambda: 1)
    alone = aside.Aside()
    assert alone.begin(_who()).result() == threading.current_thread().name and alone._thread is None


def test_there_may_be_no_more_threads(two_cores: aside.Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    for _ in range(3):
        assert two_cores.begin(_who()).result() == threading.current_thread().name


def test_it_is_done_once_though_both_want_to(two_cores: aside.Aside) -> None:
    done: list[int] = []
    jobs = []
    for number in range(2_000):
        jobs.append(two_cores.begin(lambda number=number: done.append(number)))  # type: ignore[misc]
        if number % 3 == 0:
            jobs[-1].result()
    for number, job in enumerate(jobs):
        if number % 3:
            job.result()
    assert sorted(done) == list(range(2_000))


def test_what_goes_wrong_is_told_to_who_asks(two_cores: aside.Aside) -> None:
    begun = threading.Event()

    def wrong() -> None:
        begun.set()
        raise ValueError("no such kernel")

    job = two_cores.begin(wrong)
    assert begun.wait(PATIENCE)
    with pytest.raises(ValueError, match="no such kernel"):
        job.result()
    assert two_cores.begin(_who()).result()  # and the thread goes on


def test_nothing_is_held_on_to(two_cores: aside.Aside) -> None:
    class Model:
        pass

    model, begun, next_ = Model(), threading.Event(), threading.Event()
    gone = weakref.ref(model)

    def work(model: Model = model) -> Model:
        begun.set()
        next_.wait(PATIENCE)
        return model

    job = two_cores.begin(work)
    assert begun.wait(PATIENCE)
    next_.set()
    assert job.result() is model
    del model, work, job
    until = time.monotonic() + PATIENCE
    while gone() is not None and time.monotonic() < until:
        time.sleep(0.01)
        gc.collect()
    assert gone() is None


def _said(engine: Engine, candidates: int) -> list[str]:
    """Five speeches of a conversation, and some plain text."""
    settings, rng, state = SampleConfig(seed=3, candidates=candidates), np.random.default_rng(3), engine.start()
    said = []
    for _ in range(5):
        for piece in speak(engine, state, None, settings, rng):
            state = piece.state
            said.append(piece.text)
    return said + [piece.text for piece in engine.write(engine.start(), settings, rng)]


@pytest.mark.parametrize("candidates", [1, 8])
@pytest.mark.parametrize("layers", [1, 2])
def test_what_is_said_is_the_same_whoever_multiplies(
    candidates: int, layers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products that are always made by another thread, and such as never are."""
    engine, done = Engine(support.model(layers=layers)), []

    def ahead(work: Callable[[], Any]) -> aside.Job[Any]:
        job = aside.Job(work)
        thread = threading.Thread(target=job.do)
        thread.start()
        thread.join()
        done.append(job)
        return job

    alone = _said(engine, candidates)
    monkeypatch.setattr(aside, "begin", ahead)
    assert _said(engine, candidates) == alone and len(done) > 15


def test_a_fork_has_no_thread_and_talks_all_the_same() -> None:
    code = """if True:
        import os, threading
        import numpy, support
        from scriptbot.config import SampleConfig
        from scriptbot.lm import aside
        from scriptbot.lm.engine import Engine

        def said():
            pieces = engine.speak(engine.start(), None, SampleConfig(seed=3), numpy.random.default_rng(3))
            return [piece.text for piece in pieces]

        aside.cores = lambda: 2
        aside.allow()
        engine = Engine(support.model())
        here = said()
        assert "aside" in [thread.name for thread in threading.enumerate()]
        child = os.fork()
        if not child:
            try:
                print("as before" if said() == here else "otherwise", flush=True)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
    """
    if sys.platform == "win32":
        pytest.skip("there is no fork")
    command, folder = [sys.executable, "-W", "ignore", "-c", code], Path(support.__file__).parent
    done = subprocess.run(command, cwd=folder, timeout=60, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "as before\n"), done.stderr
