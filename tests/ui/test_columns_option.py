"""``--columns`` of every command that takes it, as a person runs them: a child process, real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import run, write

from scriptbot.text.load import open_source

TABLE = "Part,Take,Who,Said aloud\n" + "".join(
    f'{number // 2},take {number},{("ADA", "TOM")[number % 2]},"It rains, and it has rained {number} days."\n'
    for number in range(6)
)
KNOWN = TABLE.replace("Part,Take,Who,Said aloud", "scene,take,character,line")  # what everybody calls them
COLUMNS = "character=who,line=said aloud,scene=1"


def test_columns_of_a_table_are_inspected(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", TABLE)
    done = run("inspect", path, "--columns", COLUMNS, "--json")
    facts = json.loads(done.stdout)
    assert [(member["name"], member["speeches"]) for member in facts["cast"]] == [("ADA", 3), ("TOM", 3)]
    assert (facts["format"], facts["scenes"], facts["warnings"]) == ("table", 3, []) and done.stderr == ""
    assert "--columns" in run("inspect", path).stdout  # which is what somebody without it is told


def test_columns_of_a_table_are_converted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", TABLE)
    done = run("convert", path, tmp_path / "a.fountain", "--columns", COLUMNS)
    assert (done.returncode, done.stderr) == (0, "")
    scenes = list(open_source([tmp_path / "a.fountain"]).scenes())
    assert [len(list(scene.speeches)) for scene in scenes] == [2, 2, 2]
    assert run("convert", path, tmp_path / "b.fountain").returncode == 2


def test_columns_of_a_table_are_evaluated(tiny: Path, tmp_path: Path) -> None:
    known, path = write(tmp_path / "known.csv", KNOWN), write(tmp_path / "a.csv", TABLE)
    expected, found, plain = (
        json.loads(run("evaluate", tiny, *arguments, "--json").stdout)
        for arguments in ((known,), (path, "--columns", COLUMNS), (path,))
    )
    assert found == expected != plain


def test_columns_of_a_table_are_trained_on(tmp_path: Path) -> None:
    """Too few words for a training; those that it tells of are the words of the speeches alone."""
    known, path = write(tmp_path / "known.csv", KNOWN), write(tmp_path / "a.csv", TABLE)
    told = [
        run("train", *arguments, "--output", tmp_path / "m.safetensors")
        for arguments in ((path, "--columns", COLUMNS), (known,), (path,))
    ]
    words = [done.stderr.partition("There are only ")[2].partition(" words")[0] for done in told]
    assert words[0] == words[1] != words[2] and words[0].isdigit(), [done.stderr for done in told]


@pytest.mark.parametrize("command", ["inspect", "convert", "evaluate", "train"])
@pytest.mark.parametrize(
    ("columns", "told", "advice"),
    [
        ("character=Who,line=Sad", "no column “Sad” in “", "“Said aloud”"),
        ("character=Who,line=3", "both “character” and “line”", "number"),
        ("who=Who", "“who=Who”", "character="),
    ],
)
def test_columns_that_there_are_not(
    tiny: Path, tmp_path: Path, command: str, columns: str, told: str, advice: str
) -> None:
    path = write(tmp_path / "a.csv", TABLE)
    more: dict[str, tuple[str | Path, ...]] = {
        "inspect": (path,),
        "convert": (path, tmp_path / "a.fountain"),
        "evaluate": (tiny, path),
        "train": (path, "--output", tmp_path / "m.safetensors"),
    }
    done = run(command, *more[command], "--columns", columns)
    sentence, hint = done.stderr.strip().splitlines()[-2:]
    assert (done.returncode, done.stdout) == (2, "") and told in sentence and advice in hint, done.stderr
    assert "Traceback" not in done.stderr and list(tmp_path.iterdir()) == [path]
