"""Tokens of large texts: in a file, written once, gone on with after whatever happened."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scriptbot.config import TrainConfig
from scriptbot.errors import InputError, OutputError, TrainingError
from scriptbot.text.load import open_source
from scriptbot.training import corpus, layout
from scriptbot.training.batches import Batcher
from scriptbot.training.corpus import Corpus, lay_out

SCENES = "".join(
    f"ADA: Is kettle number {number} on, Tom?\nTOM: It was on all day {number % 7}.\nADA: Then pour it out.\n\n\n"
    for number in range(400)
)


@pytest.fixture(params=["colon", "text"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "script.txt"
    path.write_text(SCENES * (20 if request.param == "text" else 4), "utf-8")
    return path, request.param


@pytest.fixture
def large(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every text is a large one, and what is read is saved at every scene.  Where the tokens go."""
    monkeypatch.setattr(corpus, "LARGE", 1)
    monkeypatch.setattr(corpus, "SAVE_EVERY", 0.0)
    return home / "cache" / "scriptbot" / "tokens"


def read(script: tuple[Path, str], stop_at: float = 2.0) -> Corpus:
    def watch(share: float) -> None:
        if share >= stop_at:
            raise TrainingError("stopped")

    return lay_out(open_source([script[0]], format=script[1]), None, TrainConfig(), watch)


def same(one: Corpus, other: Corpus) -> bool:
    columns = ("stems", "forms", "speakers")
    return (
        all(np.array_equal(getattr(one.train, column), getattr(other.train, column)) for column in columns)
        and one.vocabulary == other.vocabulary
        and one.held_out == other.held_out
        and np.array_equal(one.counts, other.counts)
        and np.array_equal(one.local, other.local)
        and (one.characters, one.held_out_characters) == (other.characters, other.held_out_characters)
    )


@pytest.fixture
def in_memory(script: tuple[Path, str]) -> Corpus:
    return read(script)


def test_a_file_holds_the_same_tokens_as_memory(in_memory: Corpus, script: tuple[Path, str], large: Path) -> None:
    first = read(script)
    assert first.train.file is not None and in_memory.train.file is None
    assert same(in_memory, first)


@pytest.mark.parametrize("stop_at", [0.2, 0.49, 0.6, 0.9])
def test_a_reading_goes_on_where_it_was_stopped(
    in_memory: Corpus, script: tuple[Path, str], large: Path, stop_at: float
) -> None:
    with pytest.raises(TrainingError):
        read(script, stop_at)
    (folder,) = large.iterdir()
    assert (folder / ("counts.json" if stop_at < 0.5 else "progress.json")).is_file()
    assert same(in_memory, read(script))


def test_what_is_written_is_not_written_again(script: tuple[Path, str], large: Path) -> None:
    first = read(script)
    (tokens,) = large.glob("*/tokens.bin")
    before = tokens.stat().st_mtime_ns, tokens.stat().st_ino
    del first
    read(script)
    assert (tokens.stat().st_mtime_ns, tokens.stat().st_ino) == before


def test_other_columns_of_a_table_are_another_text(large: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Who,Said,Meant\n" + "ADA,Is the kettle on?,Go away.\nTOM,It was.,Never.\n" * 200, "utf-8")
    said, meant = (
        lay_out(open_source([path], columns=f"character=Who,line={line}"), None, TrainConfig())
        for line in ("Said", "Meant")
    )
    assert len(list(large.iterdir())) == 2
    assert "kettle" in said.vocabulary.frequent and "kettle" not in meant.vocabulary.frequent


def test_the_same_bytes_in_another_encoding_or_reading_are_another_text(large: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("ADA: カップは温かい。\nTOM: それは良かった。\n".encode("cp932") * 200)
    read_so = [{"encoding": "cp932"}, {"encoding": "latin-1"}, {"encoding": "cp932", "reading": "hiragana"}]
    corpora = [lay_out(open_source([path], format="colon", **how), None, TrainConfig()) for how in read_so]
    assert len(list(large.iterdir())) == 3
    assert [("カ" in one.vocabulary.frequent, "か" in one.vocabulary.frequent) for one in corpora] == [
        (True, True),
        (False, False),
        (False, True),
    ]


def test_after_kill_9(in_memory: Corpus, script: tuple[Path, str], large: Path) -> None:
    path, format = script
    child = f"""
import os, sys
from pathlib import Path
from scriptbot.config import TrainConfig
from scriptbot.text.load import open_source
from scriptbot.training import corpus
corpus.LARGE, corpus.SAVE_EVERY = 1, 0.0
def watch(share):
    if share > 0.8:
        os.kill(os.getpid(), {int(signal.SIGKILL)})
corpus.lay_out(open_source([Path({str(path)!r})], format={format!r}), None, TrainConfig(), watch)
"""
    done = subprocess.run([sys.executable, "-c", child], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    assert same(in_memory, read(script))


@pytest.mark.parametrize("name", ["counts.json", "progress.json", "tokens.bin"])
def test_what_is_damaged_is_made_anew(in_memory: Corpus, script: tuple[Path, str], large: Path, name: str) -> None:
    read(script)
    (file,) = large.glob(f"*/{name}")
    file.write_bytes(file.read_bytes()[:10])
    assert same(in_memory, read(script))


def test_another_text_has_another_folder(script: tuple[Path, str], large: Path) -> None:
    read(script)
    script[0].write_text(SCENES * 2, "utf-8")
    read(script)
    assert len(list(large.iterdir())) == 2


def test_what_nobody_has_used_for_long_goes(script: tuple[Path, str], large: Path) -> None:
    read(script)
    (old,) = large.iterdir()
    os.utime(old / "lock", (0, 0))
    script[0].write_text(SCENES * 2, "utf-8")
    read(script)
    assert len(list(large.iterdir())) == 1 and not old.exists()


def test_no_room(script: tuple[Path, str], large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "CHARACTERS_A_TOKEN", 1e-15)
    with pytest.raises(OutputError, match="GB are free"):
        read(script)


def test_two_at_once(script: tuple[Path, str], large: Path) -> None:
    pytest.importorskip("fcntl")
    with pytest.raises(TrainingError):
        read(script, 0.3)
    (folder,) = large.iterdir()
    first = layout.Folder(folder, 1)
    with pytest.raises(InputError, match="Another training"):
        read(script)
    del first


def test_more_words_than_a_vocabulary_knows(tmp_path: Path) -> None:
    letters = "bcdfghjklmnp"
    words = ["".join(word) + ending for word in itertools.product(letters, repeat=4) for ending in ("ing", "ed", "a")]
    path = tmp_path / "words.txt"
    path.write_text(" ".join([*words, *words[:3000], *words[:3000]]), "utf-8")
    config = TrainConfig(vocabulary=1000, validation_share=0.0, minimum_count=2)
    laid = lay_out(open_source([path], format="text"), None, config)
    known = laid.vocabulary.known
    assert known < 62_500 and len(set(laid.train.stems.tolist())) <= 2 * known
    beyond = laid.train.stems[laid.train.stems >= known]
    assert len(beyond) > 0 and beyond.max() < 2 * known
    place = int(np.flatnonzero(laid.train.stems >= known)[0])
    text = [*words, *words[:3000], *words[:3000]][place - 1]
    assert laid.vocabulary.stem(int(laid.train.stems[place]) - known)[-2:] == text[-2:]
    chunks = Batcher(
        batch=8,
        steps=10,
        words=laid.vocabulary.words,
        known=known,
        spelled=16,
        recall=4,
        practice=0.3,
        practised_share=np.zeros(laid.vocabulary.words, np.float32),
        sample=8,
        local=laid.local,
        novelty=0.5,
    ).chunks(laid.train, [0])
    for chunk in itertools.islice(chunks, 200):
        assert chunk.different.max() < 2 * known
