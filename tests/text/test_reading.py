"""Japanese by its sound, before training and in the conversation with what was trained."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm.model_file import load_model
from scriptbot.session.session import Session
from scriptbot.text.load import open_source
from scriptbot.text.reading import hiragana

pytest.importorskip("fugashi", reason="pip install fugashi unidic-lite")
GOLDEN = Path(__file__).parents[1] / "lm" / "golden"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("吾輩は猫である。名前はまだ無い。", "わがはいはねこである。なまえはまだない。"),
        ("ニャーニャー泣いて", "にゃーにゃーないて"),
        ("時々、重々しく", "ときどき、おもおもしく"),
        ("She said 「雨」.\n\n  2 cats\t", "She said 「あめ」.\n\n  2 cats\t"),
        ("", ""),
        ("no Japanese here", "no Japanese here"),
    ],
)
def test_hiragana(written: str, read: str) -> None:
    assert hiragana(written) == read


def test_a_source_by_its_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("花子：お湯は沸いて？\n太郎：沸いた。\n花子：さう。\n太郎：雨だ。\n", "utf-8")
    source = open_source([path], reading="hiragana")
    speeches = [speech for scene in source.scenes() for speech in scene.speeches]
    assert [(s.character, s.text) for s in speeches][:2] == [("花子", "おゆはわいて？"), ("太郎", "わいた。")]
    assert source.characters == sum(len(s.text) for s in speeches)
    assert open_source([path]).characters == len(path.read_text("utf-8"))


def test_what_a_person_writes_is_converted_for_a_model_that_reads_so() -> None:
    model = load_model(next(GOLDEN.glob("*2*.safetensors")))
    model = dataclasses.replace(model, provenance={**model.provenance, "reading": "hiragana"})
    session = Session(model, name="x", settings=SampleConfig(seed=1))
    for _ in session.say("吾輩は猫である"):
        pass
    assert session.transcript[0].text.strip() == "わがはいはねこである"


def test_without_the_dictionary_one_is_told_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "fugashi.py").write_text("raise ImportError")
    (tmp_path / "a.txt").write_text("吾輩は猫である", "utf-8")
    arguments = ["train", "a.txt", "--output", "m.safetensors", "--reading", "hiragana"]
    done = subprocess.run(
        [sys.executable, "-m", "scriptbot", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "pip install fugashi" in done.stderr and "Traceback" not in done.stderr


def test_unknown_readings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("吾輩は猫である", "utf-8")
    with pytest.raises(UsageError, match="no reading called"):
        open_source([tmp_path / "a.txt"], reading="romaji")
