"""The command that looks at scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from opened import opened

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import Said
from scriptbot.errors import InputError, UsageError


def test_scripts_are_inspected_as_one_says(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada: Is the kettle on?\nTom: It was on all day.\n" * 20)
    for typed in (f"{tmp_path}/a.txt --format text", f"--format=text {tmp_path}/a.txt"):
        told = REGISTRY.run(opened(), f":inspect {typed}")
        assert isinstance(told, Said) and "plain text" in str(told.lines[0])
    for wrong in ("--format", "--fromat text", "--encoding="):
        with pytest.raises(UsageError):
            REGISTRY.run(opened(), f":inspect {tmp_path}/a.txt {wrong}")
    with pytest.raises(UsageError, match="no script to look at"):
        REGISTRY.run(opened(), ":inspect --format text")


def test_the_training_that_is_advised_here_is_on_what_was_named(tmp_path: Path) -> None:
    for name in ("a.txt", "b c.txt", "other.txt"):
        (tmp_path / name).write_text("Ada: Is the kettle on?\nTom: It was on all day.\n" * 20)
    told = REGISTRY.run(opened(), f":inspect {tmp_path}/a.txt '{tmp_path}/b c.txt'")
    assert isinstance(told, Said)
    assert any(
        str(line).startswith(f"  :retrain {tmp_path}/a.txt '{tmp_path}/b c.txt' --minutes") for line in told.lines
    )


def test_several_words_of_which_one_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "my").mkdir()
    quotes = "Put names with spaces in quotes."
    for typed in (f"{tmp_path}/my scene.txt", f"{tmp_path}/my scene.txt --format colon"):
        with pytest.raises(InputError) as told:
            REGISTRY.run(opened(), f":inspect {typed}")
        assert told.value.hint.splitlines()[-1] == quotes
    with pytest.raises(InputError) as told:
        REGISTRY.run(opened(), f":inspect {tmp_path}/scene.txt")
    assert quotes not in told.value.hint


def test_inspecting_one_file_with_spaces_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "my first scene.txt").write_text("Ada: Is it on?\nTom: It was.\n" * 30)
    told = REGISTRY.run(opened(), f":inspect {tmp_path}/my first scene.txt")
    assert isinstance(told, Said) and "read as a script (colon)" in told.lines[0]
    assert any(line.startswith("To train on it for 1 min, as long as is worthwhile on a two") for line in told.lines)
    (advice,) = (line for line in told.lines if "--minutes" in line)
    assert advice.startswith(f"  :retrain '{tmp_path}/my first scene.txt' --minutes ")
    (tmp_path / "my").mkdir()  # part of the name is that of a folder
    (tmp_path / "Tom's  last scene.txt").write_text("Ada: Is it on?\nTom: It was.\n" * 30)
    for typed in ("my first scene.txt", "my first scene.txt --format colon", "Tom's  last scene.txt"):
        told = REGISTRY.run(opened(), f":inspect {tmp_path}/{typed}")
        assert isinstance(told, Said) and "read as a script (colon)" in told.lines[0]
    (tmp_path / "long.txt").write_text("The kettle was on all day and nobody came. " * 60)
    told = REGISTRY.run(opened(), f":inspect {tmp_path}/long.txt --format text")
    assert isinstance(told, Said) and any(
        f"{tmp_path}/long.txt --format text --minutes" in str(line) for line in told.lines
    )


def test_rows_that_begin_like_a_speech_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Lea: Not me.\n Nina: No.\nNina: Look.\nLea: Where?\n" * 2)
    told = REGISTRY.run(opened(), f":inspect {tmp_path}/a.txt")
    assert isinstance(told, Said)
    assert "  2 rows begin with a name, but are read as part of something else; the first: Nina: No." in told.lines
