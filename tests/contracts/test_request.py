"""What is asked of a training process arrives as it was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptbot.config import TrainConfig
from scriptbot.request import TrainRequest, decode, encode


def test_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = TrainRequest(
        (Path("a play.txt"), Path("雪.txt")),
        Path("m.safetensors"),
        TrainConfig(minutes=2.5, members=3),
        "table",
        "cp932",
        "hiragana",
        "who=2",
        Path("base.safetensors"),
        True,
        (Path("last.txt"),),
    )
    line = encode(said)
    assert "\n" not in line
    heard = decode(line)
    assert heard.paths == (tmp_path / "a play.txt", tmp_path / "雪.txt") and heard.validation == (
        tmp_path / "last.txt",
    )
    assert heard.output == tmp_path / "m.safetensors" and heard.base == tmp_path / "base.safetensors"
    for name in ("train", "format", "encoding", "reading", "columns", "english"):
        assert getattr(heard, name) == getattr(said, name)
    assert decode(encode(heard)) == heard


def test_what_was_not_chosen(tmp_path: Path) -> None:
    heard = decode(encode(TrainRequest((tmp_path,), tmp_path / "m.safetensors", TrainConfig())))
    assert heard == TrainRequest((tmp_path,), tmp_path / "m.safetensors", TrainConfig())


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"paths": []}'])
def test_what_is_none(line: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode(line)
