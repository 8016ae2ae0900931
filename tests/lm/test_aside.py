"""Work that another core does meanwhile."""

import os
import threading
from collections.abc import Callable

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
def two_cores(monkeypatch: pytest.MonkeyPatch) -> aside.Aside:
    monkeypatch.setattr(aside, "cores", lambda: 2)
    return aside.Aside()


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
    assert two_cores._jobs.qsize() <= aside._UNREAD  # nor do they pile up
    done.set()
    assert held.result() is None


def test_one_core_has_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "cores", lambda: 1)
    alone = aside.Aside()
    assert alone.begin(_who()).result() == threading.current_thread().name and alone._thread is None


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


def _said(engine: Engine, candidates: int) -> list[str]:
    """Five speeches of a conversation."""
    settings, rng, state = SampleConfig(seed=3, candidates=candidates), np.random.default_rng(3), engine.start()
    said = []
    for _ in range(5):
        for piece in speak(engine, state, None, settings, rng):
            state = piece.state
            said.append(piece.text)
    return said


@pytest.mark.parametrize("candidates", [1, 8])
def test_what_is_said_is_the_same_on_one_core(candidates: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(support.model())
    found = []
    for count in (1, 2):
        monkeypatch.setattr(aside, "cores", lambda count=count: count)
        monkeypatch.setattr(aside, "ASIDE", aside.Aside())
        found.append(_said(engine, candidates))
    assert found[0] == found[1] and len(found[0]) > 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_has_no_thread_and_talks_all_the_same(two_cores: aside.Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "ASIDE", two_cores)
    engine = Engine(support.model())
    here = _said(engine, 1)
    child = os.fork()
    if not child:
        os._exit(0 if _said(engine, 1) == here else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
