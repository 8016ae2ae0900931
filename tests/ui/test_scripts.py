"""``inspect`` and ``convert`` as a person runs them: a child process, real files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scriptbot.text.load import open_source

PLAY = "".join(
    f"MRS. HART. It rains, and it rains, and it has rained {number} days.\n\nTOM. I know.\n\n" for number in range(12)
)
FOUNTAIN = """\
Title: The Kiosk

# Act one

INT. KIOSK - NIGHT #1#

= They wait.

Rain.

@Mirkó
Is the kettle _on_?

TOM ^
It was.

[[He lies.]]

CUT TO:

EXT. LAKE - DAWN

TOM
(to himself)
Nobody.
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scriptbot", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_inspect(tmp_path: Path) -> None:
    path = write(tmp_path / "hart.txt", f"{PLAY}MRS. HAHT. Who are you?\n\nTOM. Tom.\n")
    done = run("inspect", path)
    assert done.returncode == 0, done.stderr
    for told in (
        "read as a script (play)",
        "MRS. HART",
        "██",
        "a misprint of MRS. HART?",
        "line 49",
        "spelled",
        "--minutes",
    ):
        assert told in done.stdout, (told, done.stdout)


def test_inspect_for_programs(tmp_path: Path) -> None:
    done = run("inspect", write(tmp_path / "hart.txt", PLAY), "--json")
    facts = json.loads(done.stdout)
    assert facts["speeches"] == 24 and facts["said_twice"] == 0  # "I know." is a common phrase
    assert [(member["name"], member["speeches"]) for member in facts["cast"]] == [("MRS. HART", 12), ("TOM", 12)]
    assert facts["files"][0]["format"] == "play" and facts["advised"]["minutes"] >= 1


@pytest.mark.parametrize("text", ["", "\x00\x01\x02" * 100])
def test_inspect_of_nothing(tmp_path: Path, text: str) -> None:
    done = run("inspect", write(tmp_path / "a.txt", text))
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stdout == ""


@pytest.mark.parametrize("middle", ["fdx", "jsonl"])
def test_convert_there_and_back(tmp_path: Path, middle: str) -> None:
    first = write(tmp_path / "kiosk.fountain", FOUNTAIN)
    second, third = tmp_path / f"kiosk.{middle}", tmp_path / "again.fountain"
    for source, output in ((first, second), (second, third)):
        done = run("convert", source, output)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stderr
    assert third.read_text("utf-8") == FOUNTAIN


def test_a_title_page_is_no_scene(tmp_path: Path) -> None:
    source = write(tmp_path / "kiosk.fountain", FOUNTAIN.replace("# Act one\n\n", ""))
    done = run("convert", source, tmp_path / "kiosk.fdx")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_format_cannot_hold_is_told(tmp_path: Path) -> None:
    done = run("convert", write(tmp_path / "kiosk.fountain", FOUNTAIN), "-", "--to", "colon")
    assert "Mirkó: Is the kettle on?" in done.stdout and "He lies." in done.stdout
    told = done.stderr
    for loss in ("1 note", "1 transition", "2 scene headings", "1 synopsis", "1 place with emphasis", "1 title page"):
        assert loss in told, told
    assert "words are there" in told


def test_what_is_written_is_known_again(tmp_path: Path) -> None:
    source = write(tmp_path / "kiosk.fountain", FOUNTAIN + "\nADA\nTea?\n\nTOM\nNo.\n" * 12)
    assert run("convert", source, tmp_path / "kiosk.txt").returncode == 0
    again = run("inspect", tmp_path / "kiosk.txt", "--json")
    facts = json.loads(again.stdout)
    assert facts["format"] == "colon" and facts["speeches"] == 27


def test_scenes_without_headings_get_some(tmp_path: Path) -> None:
    source = write(tmp_path / "a.txt", "Ada: One.\nTom: Two.\nAda: One.\nTom: Two.\n\n\nTom: Three.\nAda: Four.\n")
    done = run("convert", source, tmp_path / "a.fountain")
    assert "1 scenes without a heading were given one" in done.stderr
    assert ".SCENE 2\n" in (tmp_path / "a.fountain").read_text("utf-8")
    assert [len(list(s.speeches)) for s in open_source([tmp_path / "a.fountain"]).scenes()] == [4, 2]


def test_convert_never_writes_over_anything(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", FOUNTAIN)
    there = write(tmp_path / "b.fdx", "precious")
    assert run("convert", source, there).returncode == 1 and there.read_text() == "precious"
    assert run("convert", source, there, "--force").returncode == 0 and "<FinalDraft" in there.read_text()
    done = run("convert", source, source, "--force")
    assert done.returncode == 1 and source.read_text("utf-8") == FOUNTAIN


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", FOUNTAIN.replace("@Mirkó", "@A: B"))
    there = write(tmp_path / "b.txt", "precious")
    done = run("convert", source, there, "--to", "colon", "--force")
    assert done.returncode == 1 and "A: B" in done.stderr and there.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fountain", "b.txt"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("a.fountain", "b.doc"), "--to"), (("a.fountain", "b", "--to", "play"), "play"), (("a.fountain", "-"), "--to")],
)
def test_formats_that_cannot_be_written(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    write(tmp_path / "a.fountain", FOUNTAIN)
    done = run("convert", *(tmp_path / name if name[0] in "ab" else name for name in arguments))
    assert done.returncode == 2 and told in done.stderr


def test_plain_text_is_no_script(tmp_path: Path) -> None:
    done = run("convert", write(tmp_path / "a.txt", "It was late.\nNobody cared.\n"), tmp_path / "b.fountain")
    assert done.returncode == 2 and "--format" in done.stderr
