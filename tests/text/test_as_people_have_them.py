"""Scripts as people leave them: labels with more than a name, notes in the middle, names that are set wide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from given import scenes, source

from scriptbot.errors import OutputError
from scriptbot.text.cast import fold
from scriptbot.text.convert import converted
from scriptbot.text.inspection import inspect
from scriptbot.text.labels import require_label


def test_how_a_line_is_said_is_no_part_of_the_name(tmp_path: Path) -> None:
    text = """\
Tom: Good night.
Ada (quietly, to herself): He is asleep.
Tom: Yes.
Ada (as she was leaving): Stay.
Tom (V.O.): No.
鲁侍萍（忽然严厉地，站起来）：你来。
鲁侍萍：坐。
"""
    assert scenes(source(tmp_path, "x.txt", text)) == [
        [
            ("Tom", "Good night."),
            ("Ada", "(quietly, to herself) He is asleep."),
            ("Tom", "Yes."),
            ("Ada", "(as she was leaving) Stay."),
            ("Tom (V.O.)", "No."),
            ("鲁侍萍", "（忽然严厉地，站起来）你来。"),
            ("鲁侍萍", "坐。"),
        ]
    ]


@pytest.mark.parametrize(
    "label",
    [
        *("ADA (V.O.) (CONT'D)", "ADA (O.S.) (CONT’D)", "ADA (V.O./CONT'D)", "ADA (V.O., CONT'D)"),
        *("ADA (O/S)", "ADA (V/O)", "ADA (PRE-LAP)", "ADA_(CONT'D"),
    ],
)
def test_what_final_draft_puts_behind_a_name_is_nobody_else(label: str) -> None:
    assert fold(label) == fold("Ada") != fold("ADA (GHOST)")


def test_a_note_in_the_middle_of_a_speech(tmp_path: Path) -> None:
    text = "INT. X - DAY\n\nADA\nHello.\n[[note]]\nMore.\n\nTOM\nYes.\n/* cut line */\nNo.\n\nTHE END\n[[n]]\n"
    assert scenes(source(tmp_path, "x.fountain", text)) == [[("ADA", "Hello.\nMore."), ("TOM", "Yes.\nNo.")]]


@pytest.mark.parametrize("title", ["scene,line,character,text", "Scene #,No.,Character,Dialogue"])
def test_a_column_of_numbers_holds_no_words(tmp_path: Path, title: str) -> None:
    rows = [f"{n // 4},{n},{who},Is the kettle on {n}?" for n, who in enumerate(["Ada", "Tom"] * 6)]
    found = scenes(source(tmp_path, "x.csv", "\n".join([title, *rows])))
    assert [len(scene) for scene in found] == [4, 4, 4] and found[0][0] == ("Ada", "Is the kettle on 0?")


def test_how_somebody_speaks_in_an_old_play_is_nobody(tmp_path: Path) -> None:
    text = "〔卜儿云〕你来何事？〔对正旦云〕孩儿过来。〔正旦云〕是。〔低云〕我去。"
    text += "〔卜儿大叫云〕来人！〔大笑云〕哈哈。〔答云〕好。\n"
    assert {who for who, _ in scenes(source(tmp_path, "x.txt", text * 3, format="xiqu"))[0]} == {"卜儿", "正旦"}


def test_names_that_are_set_as_wide_as_others(tmp_path: Path) -> None:
    text = "花　子　お湯は沸いた？\n四　凤　老爷，好了。\n三太郎　はい。\n" * 4
    assert {who for who, _ in scenes(source(tmp_path, "x.txt", text, format="aozora"))[0]} == {"花子", "四凤", "三太郎"}


def test_a_name_that_begins_like_a_film(tmp_path: Path) -> None:
    text = "RIFF: Against the Sharks we need every man.\nTONY: No.\nRIFF: Yes, we do.\nTONY: Fine.\n"
    assert scenes(source(tmp_path, "x.txt", text))[0][0] == ("RIFF", "Against the Sharks we need every man.")


def test_a_title_page_is_no_scene_when_scenes_are_counted(tmp_path: Path) -> None:
    text = "Title: Rain\n\nINT. A - DAY\n\nADA\nIs it on?\n\nINT. B - DAY\n\nTOM\nIt was.\n"
    read = source(tmp_path, "x.fountain", text)
    assert inspect(read, rarest=2).scenes == 2
    records = [json.loads(line) for line in converted(read.scenes, "chat")]
    assert [record["scene"] for record in records if "character" in record] == [1, 2]


def test_one_space_is_left_where_a_note_was(tmp_path: Path) -> None:
    text = "INT. X - DAY\n\nADA\nI came [[why?]] to say goodbye. [[check]] Really.\n"
    assert scenes(source(tmp_path, "x.fountain", text)) == [[("ADA", "I came to say goodbye. Really.")]]


def test_how_a_line_is_said_above_it(tmp_path: Path) -> None:
    text = "Ada:\nIs it on?\n\nTom (smiling):\nIt was.\n\nAda (quietly):\nGood.\n\nTom:\nYes.\n"
    read = source(tmp_path, "x.txt", text)
    assert read.format == "named"
    assert scenes(read)[0][1:3] == [("Tom", "(smiling)\nIt was."), ("Ada", "(quietly)\nGood.")]
    rows = "1\n00:00:01,000 --> 00:00:02,000\nADA (quietly):\nIs the kettle on?\n"
    assert scenes(source(tmp_path, "x.srt", rows)) == [[("ADA", "(quietly) Is the kettle on?")]]


def test_how_a_line_is_said_in_any_language(tmp_path: Path) -> None:
    labels = ["Anne (à part) :", "Ада (тихо):", "**Ada (quietly):**", "Ada (cont'd):", "Ada (v.o.):", "Anne:", "Ада:"]
    found = scenes(source(tmp_path, "x.txt", "".join(f"{label} Hm.\n" for label in labels * 2), format="colon"))[0]
    assert found[:5] == [
        ("Anne", "(à part) Hm."),
        ("Ада", "(тихо) Hm."),
        ("Ada", "(quietly) Hm."),
        ("Ada (cont'd)", "Hm."),
        ("Ada (v.o.)", "Hm."),
    ]


def test_a_name_that_would_be_read_as_another_is_not_written() -> None:
    with pytest.raises(OutputError):
        require_label("Tom (work)", "colon")
    assert require_label("Tom (V.O.)", "colon") == "Tom (V.O.)"


def test_a_tail_that_never_ends() -> None:
    assert fold("ADA (" + "MORE " * 2000 + "X)").startswith("ada")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TOM\nBye.\n[[beat]]\nADA\nBye.\n", [("TOM", "Bye."), ("ADA", "Bye.")]),
        ("ADA\nHello.\n/*\nx\n\ny\n*/\nShe leaves.\n", [("ADA", "Hello.")]),
        ("ADA\nHello.\n[[loud]]\nNO!\n", [("ADA", "Hello.\nNO!")]),
        ("ADA\n[[angry?]]\nHello.\n", [("ADA", "Hello.")]),
        ("TOM\n/* (sighs) */\nYes.\n", [("TOM", "Yes.")]),
        ("ADA\nI came [[why?]] [[x]] to say.\n", [("ADA", "I came to say.")]),
        ("ADA\nHello\n  [[indented]]\nyou.\n", [("ADA", "Hello\nyou.")]),
    ],
)
def test_notes_between_the_lines_of_a_screenplay(tmp_path: Path, text: str, told: list[tuple[str, str]]) -> None:
    assert scenes(source(tmp_path, "x.fountain", text)) == [told]


@pytest.mark.parametrize("between", ["# Act One", "= They meet.", "[[To do]]"])
def test_what_stands_before_the_first_scene_is_none(tmp_path: Path, between: str) -> None:
    text = f"Title: Rain\n\n{between}\n\nINT. A - DAY\n\nADA\nIs it on?\n\nINT. B - DAY\n\nTOM\nIt was.\n"
    read = source(tmp_path, "x.fountain", text)
    assert inspect(read, rarest=2).scenes == 2
    records = [json.loads(line) for line in converted(read.scenes, "chat")]
    assert [record["scene"] for record in records if "character" in record] == [1, 2]


def test_names_in_kana_that_are_set_wide(tmp_path: Path) -> None:
    text = "お　菊　お茶です。\nお　辰　はい。\n三太郎　うん。\n" * 4
    found = scenes(source(tmp_path, "x.txt", text, format="aozora"))
    assert {who for who, _ in found[0]} == {"お菊", "お辰", "三太郎"}


def test_whom_somebody_speaks_to_in_an_old_play(tmp_path: Path) -> None:
    text = "〔卜儿向正旦云〕你来。〔张千对卜儿云〕是。〔向敏中云〕我来也。〔向正旦云〕看。\n" * 3
    found = scenes(source(tmp_path, "x.txt", text, format="xiqu"))[0]
    assert {who for who, _ in found} == {"卜儿", "张千", "向敏中"}


def test_rows_that_begin_like_a_speech_and_are_none_are_told(tmp_path: Path) -> None:
    text = (
        "Cast\n  Lea: old\n\nLea: Not me.\n NINA: It is\tthe fuse.\nNina: Look.\nlea – Where?\nBut: no.\nLea: There.\n"
    )
    read = source(tmp_path, "x.txt", text, format="colon")
    assert inspect(read, rarest=2).unread == (2, "NINA: It is the fuse.")
    read = source(tmp_path, "y.txt", "Lea: Not me.\nNina: It is: the fuse.\nLea: Nina: No.\n")
    assert inspect(read, rarest=2).unread == (0, "")
