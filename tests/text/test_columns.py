"""Tables whose columns somebody names, because their titles do not tell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from scriptbot.errors import InputError, UsageError
from scriptbot.text.load import open_source

HEADER = ("Part", "Id", "Who", "Said  aloud")
ROWS = (
    ("1", "x1", "Ada", "Is the kettle, on?"),
    ("1", "x2", "Tom", "It was; all day."),
    ("1", "x3", "Ada", "Good."),
    ("2", "x4", "Tom", "Nobody came."),
    ("2", "x5", "", "Rain."),
    ("2", "x6", "Ada", "Then pour it out."),
)
SAID = [(who, words) for _, _, who, words in ROWS if who]
BY_TITLE = "character=WHO,line= said aloud ,Scene=part"
BY_NUMBER = "character=3,line=4,scene=1"


def write(path: Path, *rows: tuple[str, ...], separator: str = ",") -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def said(*paths: Path, columns: str | None, format: str | None = None) -> list[tuple[str, str]]:
    scenes = open_source(paths, columns=columns, format=format).scenes()
    return [(speech.character, speech.text) for scene in scenes for speech in scene.speeches]


@pytest.mark.parametrize("columns", [BY_TITLE, BY_NUMBER, "character=3,line=Said aloud,scene=1"])
@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";"), ("a.CSV", "|")])
def test_columns_that_are_named(tmp_path: Path, columns: str, name: str, separator: str) -> None:
    path = write(tmp_path / name, HEADER, *ROWS, separator=separator)
    assert open_source([path]).format == "text"  # without a word nobody would know
    source = open_source([path], columns=columns)
    assert (source.format, source.warnings) == ("table", [])
    scenes = list(source.scenes())
    assert [scene.heading for scene in scenes] == ["1", "2"]
    assert [(s.character, s.text) for scene in scenes for s in scene.speeches] == SAID
    assert [element.text for element in scenes[1].elements] == ["Nobody came.", "Rain.", "Then pour it out."]
    assert list(source.scenes()) == scenes


def test_a_table_without_scenes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, *ROWS)
    (scene,) = open_source([path], columns="line=4,character=who").scenes()
    assert scene.heading == "" and len(scene.elements) == len(ROWS)
    assert [(speech.character, speech.text) for speech in scene.speeches] == SAID


@pytest.mark.parametrize(
    "first",
    [
        ("1", "x0", "Ada", "Well"),  # who speaks again
        ("1", "x0", "Mum", "Is it you?"),  # which is a sentence
        ("1", "x0", "花子", "お湯は？"),
        ("1", "x0", "", "Morning"),
    ],
)
def test_a_table_without_titles(tmp_path: Path, first: tuple[str, ...]) -> None:
    path = write(tmp_path / "a.csv", first, *(row for row in ROWS if row[2]))
    (scene, _) = open_source([path], columns=BY_NUMBER).scenes()
    assert scene.elements[0].text == first[3] and len(scene.elements) == 4


def test_a_title_that_looks_like_a_speech(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ("Part", "Id", "Who?", "What?"), *ROWS)
    assert said(path, columns="character=who?,line=what?") == SAID


def test_the_word_of_a_person_goes_before_the_titles(tmp_path: Path) -> None:
    rows = [(who, words, words.upper(), who.upper()) for who, words in SAID]
    path = write(tmp_path / "a.csv", ("character", "line", "louder", "name tag"), *rows)
    assert said(path, columns=None) == SAID
    assert said(path, columns="character=name tag,line=louder") == [(w.upper(), t.upper()) for w, t in SAID]


def test_another_name_than_csv(tmp_path: Path) -> None:
    """The titles show which file is meant; numbers need the format beside them."""
    path = write(tmp_path / "a.txt", HEADER, *ROWS, separator="\t")
    assert said(path, columns=BY_TITLE) == SAID
    assert said(path, columns=BY_NUMBER, format="tsv") == SAID
    with pytest.raises(UsageError, match="no file is a table") as caught:
        open_source([path], columns=BY_NUMBER)
    assert "--format table" in caught.value.hint


def test_a_header_is_the_first_row_with_something_in_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ("", "", "", ""), HEADER, *ROWS)
    assert said(path, columns=BY_TITLE) == SAID
    ordinary = write(tmp_path / "b.csv", ("", ""), ("character", "line"), *SAID)
    assert said(ordinary, columns=None) == SAID


@pytest.mark.parametrize(
    "other", ["Tom: And yet it rains.\nAda: It does.\n" * 50, "It was late, and it rained.\n" * 50]
)
def test_only_tables_have_columns(tmp_path: Path, other: str) -> None:
    """Whatever the rest of a folder is, and however much there is of it."""
    table = write(tmp_path / "plays" / "a.csv", HEADER, *ROWS)
    (tmp_path / "plays" / "b.txt").write_text(other, "utf-8")
    source = open_source([tmp_path / "plays"], columns=BY_TITLE)
    assert source.format != "text"
    first, second = source.files
    assert first.format == "table" and second.format != "table"
    assert [s for scene in first.scenes() for s in scene.speeches] == [
        s for scene in open_source([table], columns=BY_TITLE).scenes() for s in scene.speeches
    ]
    assert list(second.scenes()) == list(open_source([second.path]).scenes())


@pytest.mark.parametrize(
    ("columns", "told", "advice"),
    [
        ("", "“” in --columns", "character=Who"),
        ("Who", "“Who” in --columns", "character=Who"),
        ("character=,line=4", "“character=” in --columns", "character=Who"),
        ("who=Who,line=4", "“who=Who” in --columns", "character=Who"),
        ("character=Who,line=Said, aloud", "“aloud” in --columns", "number"),
        ("character=Who,character=3,line=4", "“character” twice", "character=Who"),
        ("character=Who,scene=Part", "does not say which column is “line”", "character=Who"),
        ("line=4", "does not say which column is “character”", "character=Who"),
        ("character=Who,line=Sad", "no column “Sad” in “.*a.csv”", "“Said aloud”"),
        ("character=Who,line=5", "no column “5” in “.*a.csv”", "“Part”, “Id”, “Who”, “Said aloud”"),
        ("character=0,line=4", "no column “0” in “.*a.csv”", "“Part”"),
        (f"character={'9' * 5000},line=4", "no column “999", "“Part”"),
        ("character=Who,line=3", "as both “character” and “line”", "character=Who"),
        ("character=Who,line=4,scene=said aloud", "as both “line” and “scene”", "character=Who"),
    ],
)
def test_mistakes(tmp_path: Path, columns: str, told: str, advice: str) -> None:
    path = write(tmp_path / "a.csv", HEADER, *ROWS)
    with pytest.raises(UsageError, match=told) as caught:
        open_source([path], columns=columns)
    assert advice in caught.value.hint and caught.value.exit_code == 2


@pytest.mark.parametrize("format", [None, "colon", "text"])
def test_what_is_no_table_has_no_columns(tmp_path: Path, format: str | None) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Ada: Is the kettle on, Tom?\nTom: It was, Ada.\nAda: Good, good.\n" * 3, "utf-8")
    with pytest.raises(UsageError, match="no file is a table"):
        open_source([path], columns="character=1,line=2", format=format)


def test_every_table_must_have_them(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.csv", HEADER, *ROWS), write(tmp_path / "b.csv", ("x", "y", "z"), *SAID)
    with pytest.raises(UsageError, match=r"“WHO” in “.*b\.csv”"):
        open_source([first, second], columns=BY_TITLE)


@pytest.mark.parametrize("format", [None, "table"])
def test_whoever_names_none_is_told_that_one_can(tmp_path: Path, format: str | None) -> None:
    path = write(tmp_path / "a.csv", HEADER, *ROWS)
    if format is None:
        (warning,) = open_source([path]).warnings
        assert "could not be identified" in warning and "--columns" in warning
    else:
        with pytest.raises(InputError, match="could not be identified") as caught:
            list(open_source([path], format=format).scenes())
        assert "--columns" in caught.value.hint
