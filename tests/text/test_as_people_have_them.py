"""Scripts as programs and people leave them: exports, captions, tables, and labels with more than a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scriptbot.errors import UndecodableText
from scriptbot.text.cast import fold
from scriptbot.text.convert import converted
from scriptbot.text.inspection import inspect
from scriptbot.text.load import Source, open_source


def source(tmp_path: Path, name: str, text: str, encoding: str = "utf-8", **options: str) -> Source:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return open_source([path], **options)  # type: ignore[arg-type]


def scenes(read: Source) -> list[list[tuple[str, str]]]:
    return [[(speech.character, speech.text) for speech in scene.speeches] for scene in read.scenes()]


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
    ["ADA (V.O.) (CONT'D)", "ADA (O.S.) (CONT’D)", "ADA (V.O./CONT'D)", "ADA (O/S)", "ADA (PRE-LAP)", "ADA_(CONT'D"],
)
def test_what_final_draft_puts_behind_a_name_is_nobody_else(label: str) -> None:
    assert fold(label) == fold("Ada") != fold("ADA (GHOST)")


def test_a_note_in_the_middle_of_a_speech(tmp_path: Path) -> None:
    text = "INT. X - DAY\n\nADA\nHello.\n[[note]]\nMore.\n\nTOM\nYes.\n/* cut line */\nNo.\n\nTHE END\n[[n]]\n"
    assert scenes(source(tmp_path, "x.fountain", text)) == [[("ADA", "Hello.\nMore."), ("TOM", "Yes.\nNo.")]]


def test_the_minutes_of_a_meeting(tmp_path: Path) -> None:
    names = ["Ada Lovelace", "Tom Reed"] * 4
    cues = [f"00:00:{n:02}.000 --> 00:00:{n:02}.900\n{name}: Number {n}.\n" for n, name in enumerate(names, 1)]
    found = scenes(source(tmp_path, "x.vtt", "\n".join(["WEBVTT\n", *cues])))
    assert found == [[(name, f"Number {n}.") for n, name in enumerate(names, 1)]]
    heard = "1\n00:00:01,000 --> 00:00:02,000\nLook: a boat.\n\n2\n00:00:03,000 --> 00:00:04,000\nIt is late.\n"
    assert scenes(source(tmp_path, "y.srt", heard)) == [[]]


def test_captions_that_roll(tmp_path: Path) -> None:
    rows = [("", "is", "the kettle on"), ("is the kettle on", "it", "was on"), ("it was on", "so", "it is")]
    cues = [
        f"00:00:{t:02}.000 --> 00:00:{t:02}.990\n{above}\n{first}<00:00:{t:02}.500><c> {rest}</c>\n\n"
        f"00:00:{t:02}.990 --> 00:00:{t + 1:02}.000\n{first} {rest}\n"
        for t, (above, first, rest) in enumerate(rows, 1)
    ]
    read = source(tmp_path, "x.vtt", "\n".join(["WEBVTT\n", *cues]))
    assert " ".join(e.text for scene in read.scenes() for e in scene.elements) == "is the kettle on it was on so it is"


@pytest.mark.parametrize("shape", ["mapping", "chat_messages"])
def test_a_long_export_on_one_line_is_a_chat(tmp_path: Path, shape: str) -> None:
    who = ["user", "assistant"]
    if shape == "mapping":
        messages = {
            str(n): {"message": {"author": {"role": who[n % 2]}, "content": {"parts": [f"number {n} " + "x" * 500]}}}
            for n in range(400)
        }
        record = [{"title": "Kettles", "mapping": messages}]
    else:
        record = [{"chat_messages": [{"sender": who[n % 2], "text": f"number {n} " + "x" * 500} for n in range(400)]}]
    read = source(tmp_path, "conversations.json", json.dumps(record))
    assert read.format == "chat" and sum(len(scene) for scene in scenes(read)) == 400
    told = source(tmp_path, "numbers.json", json.dumps({"numbers": list(range(99))}))
    assert told.format == "text" and "No chat was found" in told.warnings[0]


@pytest.mark.parametrize("indent", [None, 1])
def test_scenes_of_records_however_they_are_laid_out(tmp_path: Path, indent: int | None) -> None:
    records = [{"scene": s, "character": c, "line": "Is it on?"} for s in (1, 2) for c in ("Ada", "Tom")]
    assert [len(s) for s in scenes(source(tmp_path, "x.json", json.dumps(records, indent=indent)))] == [2, 2]


def test_the_newest_message_first(tmp_path: Path) -> None:
    told = [("Ada", 4, "At eight."), ("Tom", 3, "When?"), ("Ada", 2, "At the kiosk."), ("Tom", 1, "Where?")]
    messages = [{"sender_name": name, "timestamp_ms": time, "content": words} for name, time, words in told]
    found = scenes(source(tmp_path, "x.json", json.dumps({"participants": [], "messages": messages})))
    assert found == [[("Tom", "Where?"), ("Ada", "At the kiosk."), ("Tom", "When?"), ("Ada", "At eight.")]]


def test_names_of_contacts_and_what_a_channel_says(tmp_path: Path) -> None:
    log = "".join(f"3/12/24, 9:1{n} PM - {who}: It was {n}.\n" for n, who in enumerate(["Tom (work)", "Ada"] * 4))
    assert {who for who, _ in scenes(source(tmp_path, "x.txt", log))[0]} == {"Tom (work)", "Ada"}
    log = "".join(f"[21:3{n}] <{who}> Hello.\n" for n, who in enumerate(["Ada", "Tom"] * 4))
    channel = f"{log}[21:38] * Topic is: tea\n[21:39] * Ada sets mode: +o Tom\n"
    assert {who for who, _ in scenes(source(tmp_path, "y.txt", channel))[0]} == {"Ada", "Tom"}


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


def test_what_is_not_certain_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UndecodableText):
        source(tmp_path, "x.txt", "Ada: Günaydın, nasılsın?\n" * 6, "cp1254")


def test_a_title_page_is_no_scene_when_scenes_are_counted(tmp_path: Path) -> None:
    text = "Title: Rain\n\nINT. A - DAY\n\nADA\nIs it on?\n\nINT. B - DAY\n\nTOM\nIt was.\n"
    read = source(tmp_path, "x.fountain", text)
    assert inspect(read, rarest=2).scenes == 2
    records = [json.loads(line) for line in converted(read.scenes, "chat")]
    assert [record["scene"] for record in records if "character" in record] == [1, 2]


def test_one_space_is_left_where_a_note_was(tmp_path: Path) -> None:
    text = "INT. X - DAY\n\nADA\nI came [[why?]] to say goodbye. [[check]] Really.\n"
    assert scenes(source(tmp_path, "x.fountain", text)) == [[("ADA", "I came to say goodbye. Really.")]]


def test_what_a_program_leaves_in_a_chat_is_not_said(tmp_path: Path) -> None:
    rows = ["Hello.", "IMG-20240312-WA0001.jpg (file attached)", "Brazil then <This message was edited>", "Yes."]
    log = "".join(f"3/12/24, 9:1{n} PM - {('Tom', 'Ada')[n % 2]}: {row}\n" for n, row in enumerate(rows * 2))
    assert scenes(source(tmp_path, "x.txt", log))[0][:3] == [("Tom", "Hello."), ("Tom", "Brazil then"), ("Ada", "Yes.")]
