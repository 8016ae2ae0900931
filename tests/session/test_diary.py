"""Conversations that are kept as they go, and taken up another day."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
import support
from talk import LINES, session, talk

from scriptbot.config import SampleConfig
from scriptbot.errors import InputError, OutputError
from scriptbot.session import diary
from scriptbot.session.conversation import Stamp
from scriptbot.session.diary import KEPT, Diary, last
from scriptbot.session.history import MOST_TURNS
from scriptbot.session.session import Session


def again(place: Path) -> Session:
    """A session that goes on with the last conversation."""
    entry = last(place)
    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6), me=entry.me)
    one.take_up(entry.conversation(one.state))
    return one


def test_a_conversation_goes_on_where_it_was(tmp_path: Path) -> None:
    one, kept = session(me="Clara", character="JULIET"), Diary(tmp_path / "here")
    for line in LINES:
        talk(one, line)
        kept.keep(one)
    one.history.saved[tmp_path / "scene.fountain"] = Stamp(1, 2)
    kept.keep(one)
    assert stat.S_IMODE((tmp_path / "here").stat().st_mode) == 0o700
    (path,) = (tmp_path / "here").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry, other = last(tmp_path / "here"), again(tmp_path / "here")
    assert entry.character == "JULIET" and entry.lines == one.transcript
    assert other.transcript == one.transcript and other.me == "Clara" and other.history.saved == one.history.saved
    assert np.allclose(other.state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
    for _ in LINES:
        assert other.undo() is not None
    assert other.transcript == ()


def test_long_ones_are_whole(tmp_path: Path) -> None:
    one, kept = session(), Diary(tmp_path)
    talk(one, *(f"line number {number}." for number in range(MOST_TURNS + 3)))
    kept.keep(one)
    assert again(tmp_path).transcript == one.transcript


def test_a_fresh_conversation_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter(f"2026-11-{day}" for day in range(10, 99))
    monkeypatch.setattr(diary.time, "strftime", lambda pattern: next(days))
    one, kept = session(), Diary(tmp_path)
    kept.keep(one)
    assert not list(tmp_path.iterdir())  # nothing was said
    for number in range(KEPT + 3):
        talk(one, f"number {number}.")
        kept.keep(one)
        kept.keep(one)
        os.utime(max(tmp_path.iterdir()), ns=(number, number))
        one.reset()
        kept.keep(one)
    said = [json.loads(path.read_text())["turns"][0]["read"][0][1] for path in sorted(tmp_path.iterdir())]
    assert said == [f"number {number}." for number in range(3, KEPT + 3)]


def kept_lines(place: Path) -> list[list[str]]:
    """What the person said in each of the conversations that are kept."""
    entries = map(diary.read, place.iterdir())
    return sorted([line.text for line in entry.lines if line.character == "You"] for entry in entries)


def test_one_that_waits_keeps_its_file(tmp_path: Path) -> None:
    one, kept, cat = session(), Diary(tmp_path), support.unspaced()
    letter = cat.vocabulary.frequent[0]
    for then in (
        lambda: talk(one, "the moon"),
        lambda: one.swap(cat, "cat"),
        lambda: talk(one, letter),
        lambda: one.swap(support.model(), "tiny"),
        lambda: talk(one, "the night"),
        lambda: one.swap(cat, "cat"),
        lambda: talk(one, letter),
    ):
        then()
        kept.keep(one)
    assert kept_lines(tmp_path) == [["the moon", "the night"], [letter, letter]]
    assert last(tmp_path).lines == one.transcript  # the one that goes on is the one to be taken up


def test_what_is_taken_up_goes_on_in_its_file(tmp_path: Path) -> None:
    one = session()
    talk(one, "the moon")
    Diary(tmp_path).keep(one)
    (path,) = tmp_path.iterdir()
    os.utime(path, ns=(5, 5))
    for _ in range(2):
        other, kept = again(tmp_path), Diary(tmp_path, last(tmp_path))
        kept.keep(other)
    assert list(tmp_path.iterdir()) == [path] and path.stat().st_mtime_ns == 5  # nothing was said
    talk(other, "the night")
    kept.keep(other)
    assert kept_lines(tmp_path) == [["the moon", "the night"]]


def test_what_two_sessions_took_up_is_kept_twice(tmp_path: Path) -> None:
    one = session()
    talk(one, "the moon")
    Diary(tmp_path).keep(one)
    first, second = ((again(tmp_path), Diary(tmp_path, last(tmp_path))) for _ in range(2))
    for (other, kept), line in ((first, "the night"), (second, "the light"), (first, "the love")):
        talk(other, line)
        kept.keep(other)
    assert sorted(kept_lines(tmp_path)) == [["the moon", "the light"], ["the moon", "the night", "the love"]]


def test_what_was_taken_back_is_not_kept(tmp_path: Path) -> None:
    one, kept = session(), Diary(tmp_path)
    talk(one, "a secret")
    kept.keep(one)
    assert kept_lines(tmp_path) == [["a secret"]]
    one.undo()
    kept.keep(one)
    assert not list(tmp_path.iterdir())
    talk(one, "the moon")
    kept.keep(one)
    one.reset()
    kept.keep(one)  # what is forgotten is not taken back
    one.restore()
    talk(one, "the night")
    kept.keep(one)
    assert kept_lines(tmp_path) == [["the moon", "the night"]]


def test_where_nobody_said_anything_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the last real conversation is the one to be taken up."""
    one, fresh = session(), session()
    talk(one, "the moon")
    Diary(tmp_path).keep(one)
    support.stop_at_once(fresh.proceed(), monkeypatch)
    Diary(tmp_path).keep(fresh)
    assert kept_lines(tmp_path) == [["the moon"]] and last(tmp_path).lines == one.transcript


def test_a_model_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = Session(support.model(), name="my", settings=SampleConfig(max_words=6), place=Path("my.safetensors"))
    talk(one, "hello")
    Diary(tmp_path / "kept").keep(one)
    assert last(tmp_path / "kept").model == tmp_path / "my.safetensors"


def test_nothing_to_take_up(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="no conversation to resume") as told:
            last(place)
        assert told.value.hint == "Start one with: scriptbot"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"}, {"version": 2}, {"me": 3}, {"past": [["a"]]}, {"past": [["a", 1]]}, {"past": None},
        {"turns": [{}]}, {"turns": [{"read": [], "said": [], "character": 4}]}, {"saved": {"x": ["1", 2]}},
        {"saved": {"x": [1]}}, {"model": None}, {"unspaced": "no"},
    ],
)  # fmt: skip
def test_files_that_are_none(tmp_path: Path, change: dict[str, object]) -> None:
    one = session()
    talk(one, "hello")
    Diary(tmp_path).keep(one)
    (path,) = tmp_path.iterdir()
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match="not a conversation record"):
        last(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe\x00", b"{", b"[" * 100_000])
def test_bytes_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match="not a conversation record"):
        last(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    one = session()
    talk(one, "hello")
    with pytest.raises(OutputError):
        Diary(tmp_path / "file" / "here").keep(one)


def test_a_conversation_is_kept_though_the_current_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    one = Session(support.model(), name="my", settings=SampleConfig(max_words=6), place=Path("my.safetensors"))
    here.rmdir()
    talk(one, "What light?")
    Diary(tmp_path).keep(one)
    assert last(tmp_path).model == here / "my.safetensors"
