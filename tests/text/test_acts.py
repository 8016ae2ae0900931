"""Headings of numbered acts and scenes, in every format that has them on lines of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from given import NOWHERE, plain, read, rewrite, source

from scriptbot.errors import OutputError
from scriptbot.text.convert import written
from scriptbot.text.formats import colon, detect_format, named, play
from scriptbot.text.labels import is_label
from scriptbot.text.screenplay import is_heading
from scriptbot.text.script import Scene, Span, Speech

ENGLISH = [
    "SCENE 1",
    "SCENE 1. A kitchen at night.",
    "SCENE ONE - THE KITCHEN",
    "Scene 3: A kitchen",
    "Scene 12a (a lake)",
    "Scene #4",
    "Scene Twenty.",
    "ACT I",
    "ACT XIV: THE LAST DAY",
    "ACT TWO",
    "Act 2, Scene 1",
    "Act 2 Scene 1: A garden",
    "Scene 3：厨房",
    "ACT I SCENE II",
    "ACT I, SCENE 2. THE GARDEN",
    "THE THIRD ACT",
]
EASTERN = [
    "第一幕",
    "第二場",
    "第三场",
    "第一幕　第二場",
    "第2場：台所",
    "第十一場「台所」",
    "第一幕。",
    "シーン３：台所",
]
SMALL = [
    "scene 3",
    "scene 3:",
    "scene 3: the kitchen",
    "scene 12a - A lake",
    "scene three",
    "act ii, scene 4",
    "act 2 scene 1: a garden",
]
BRACKETED = ["[SCENE 2]", "[Scene 2: The kitchen]", "[ ACT ONE ]", "[scene 3]", "[THE THIRD ACT]", "[第二場]"]
NONE = [
    "Scene of the crime.",
    "SCENE",
    "ACT",
    "Act one would like to forget.",
    "Act first, think of me later!",
    "Scene one, I thought, was dull.",
    "Act 1, and it was good.",
    "Scene 3 is mine",
    "Scene 3. I hated it.",
    "scene 3, where he dies",
    "The third act",
    "Act ill.",
    "ACTIVE 3",
    "第一印象",
    "第一幕は終わった。",
    "scene 3 was dull",
    "scene 3.",
    "scene 3: I hated it",
    "scene 3-4",
    "scene one or two",
    "act first",
    "act 1 of the play",
    "[Scene 2 begins.]",
    "[Scene 2] Ada enters [left]",
    "[Scene 2",
    "[ ]",
]


@pytest.mark.parametrize("line", ENGLISH + EASTERN + SMALL)
def test_a_numbered_act_or_scene_begins_a_scene(line: str) -> None:
    assert is_heading(line)
    expected = [[("Ada", "x"), ("Tom", "y")], [("#", line), ("Tom", "z"), ("Ada", "x")]]
    for gap in ("", "\n"):
        for below in ("", "\n"):
            script = f"Ada: x\nTom: y\n{gap}{line}\n{below}Tom: z\nAda: x\n"
            assert plain(read(colon, script)) == expected
            begin = script.index(line)
            assert read(colon, script)[1].span == Span(begin, len(script) - 1)
    for below in ("", "\n"):
        assert plain(read(named, f"Ada:\nx\n\nTom:\ny\n\n{line}\n{below}Tom:\nz\n\nAda:\nx\n")) == expected


@pytest.mark.parametrize("line", BRACKETED)
def test_in_brackets_it_is_one_without_them(line: str) -> None:
    assert is_heading(line)
    bare = line.strip("[] ")
    expected = [[("Ada", "x"), ("Tom", "y")], [("#", bare), ("Tom", "z"), ("Ada", "x")]]
    for gap in ("", "\n"):
        found = read(colon, f"Ada: x\nTom: y\n{gap}{line}\nTom: z\nAda: x\n")
        assert plain(found) == expected
        assert plain(read(colon, rewrite(colon, found))) == expected
    assert plain(read(named, f"Ada:\nx\n\nTom:\ny\n\n{line}\nTom:\nz\n\nAda:\nx\n")) == expected


@pytest.mark.parametrize("line", ["Scene 2: The kitchen", "scene 2"])
def test_a_heading_off_the_first_column_is_none(line: str) -> None:
    for shown in (line, f"[{line}]"):
        assert plain(read(colon, f"Ada: x\n  {shown}\nTom: y\n")) == [[("Ada", f"x\n{shown}"), ("Tom", "y")]]


def test_a_long_line_takes_no_time_to_tell() -> None:
    """A line of a million characters is read at once, not after minutes."""
    for part in ("[", "act ", "[Scene 2: ", "scene 3 ", "[scene 1 "):
        assert not is_heading(part * (1_000_000 // len(part)))


@pytest.mark.parametrize("line", ENGLISH)
def test_printed_plays_have_the_same(line: str) -> None:
    scenes = read(play, "ADA. Is the kettle on?\n\nTOM. It was.\n\n" * 3 + f"{line}\n\nADA. Good.\n")
    assert [bool(scene.heading) for scene in scenes] == [False, True]


@pytest.mark.parametrize("line", NONE)
def test_without_a_number_or_within_a_sentence_it_is_none(line: str) -> None:
    assert not is_heading(line)
    assert plain(read(colon, f"Ada: x\n{line}\nTom: y\n")) == [[("Ada", f"x\n{line}"), ("Tom", "y")]]
    assert plain(read(colon, f"Ada: {line}\nTom: Scene 2. The garden.\n")) == [
        [("Ada", line), ("Tom", "Scene 2. The garden.")]
    ]


@pytest.mark.parametrize("name", ["ACT", "SCENE", "Scene", "Actor 2", "Acton", "シーン"])
def test_somebody_called_so_is_somebody(name: str) -> None:
    assert plain(read(colon, f"{name}: 2 for me\nTom: y\n" * 2)) == [[(name, "2 for me"), ("Tom", "y")] * 2]


@pytest.mark.parametrize("name", ["Scene 3", "Act 2", "ACT TWO", "Act 2, Scene 1", "第二場", "scene 3", "[Scene 2"])
def test_a_numbered_scene_is_nobody(name: str) -> None:
    assert not is_label(name)
    for module in (colon, named):
        with pytest.raises(OutputError):
            rewrite(module, [Scene((Speech(name, "x", NOWHERE),), NOWHERE)])


SCRIPT = """\
ACT I

SCENE 1. A kitchen at night.
Ada: Is the kettle on?
Tom: It was.
Ada: Scene of the crime.


Scene 2: The garden
[A garden.]
Tom: Who is this?
Ada: My aunt.
"""


def test_the_format_is_told_in_spite_of_headings() -> None:
    assert detect_format(SCRIPT) == "colon"
    assert detect_format("Scene 1\n\nAda:\nTea?\n\nTom:\nYes.\n\nScene 2: A garden\nAda:\nGood.\n\n") == "named"
    assert detect_format("Scene 1: A kitchen\n\nIt was night.\n\nScene 2: A garden\n\nIt was day.\n" * 4) == "text"


@pytest.mark.parametrize("module", [colon, named])
def test_headings_are_written_and_read_again(module: object) -> None:
    script = read(colon, SCRIPT)
    assert plain(script) == [
        [("#", "ACT I")],
        [
            ("#", "SCENE 1. A kitchen at night."),
            ("Ada", "Is the kettle on?"),
            ("Tom", "It was."),
            ("Ada", "Scene of the crime."),
        ],
        [("#", "Scene 2: The garden"), ("", "[A garden.]"), ("Tom", "Who is this?"), ("Ada", "My aunt.")],
    ]
    assert plain(read(module, rewrite(module, script))) == plain(script)  # type: ignore[arg-type]


def test_no_headings_are_invented(tmp_path: Path) -> None:
    given = source(tmp_path, "good.txt", SCRIPT)
    text, lost = written(given.scenes, "fountain", None)
    headings = [line for line in text.splitlines() if line.startswith(".")]
    assert headings == [".ACT I", ".SCENE 1. A kitchen at night.", ".Scene 2: The garden"]
    assert not lost
