"""Chats, captions and tables as programs leave them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from given import scenes, source

from scriptbot.text.formats import chat
from scriptbot.text.inspection import inspect
from scriptbot.text.load import open_source


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


def test_what_a_program_leaves_in_a_chat_is_not_said(tmp_path: Path) -> None:
    rows = ["Hello.", "IMG-20240312-WA0001.jpg (file attached)", "Brazil then <This message was edited>", "Yes."]
    log = "".join(f"3/12/24, 9:1{n} PM - {('Tom', 'Ada')[n % 2]}: {row}\n" for n, row in enumerate(rows * 2))
    assert scenes(source(tmp_path, "x.txt", log))[0][:3] == [("Tom", "Hello."), ("Tom", "Brazil then"), ("Ada", "Yes.")]


def test_somebody_in_brackets_who_writes_late(tmp_path: Path) -> None:
    log = "".join(f"3/12/24, 9:1{n % 10} PM - {'Tom' if n % 2 else 'Ada'}: It was {n}.\n" for n in range(600))
    found = scenes(source(tmp_path, "x.txt", f"{log}3/12/24, 9:20 PM - Mia (work): Late.\n"))
    assert found[-1][-1] == ("Mia (work)", "Late.")
    log = "".join(f"2024-03-12 21:15:0{n} worker (pid {n % 2}): session {n}\n" for n in range(8))
    assert source(tmp_path, "y.txt", log).format != "chatlog"


def test_what_a_telephone_leaves_in_a_chat(tmp_path: Path) -> None:
    rows = [
        "Hi.\u200e <This message was edited>",
        "POLL:\nTea?\nOPTION: tea (3 votes)\nOPTION: coffee (1 vote)",
        "\u200e<attached: 00000012-PHOTO-2024-03-12-21-15-02.jpg>",
        "IMG-2024.jpg (file attached)\nLook at this",
    ]
    log = "".join(f"[12.03.24, 21:15:0{n}] {('Ada', 'Tom')[n % 2]}: {row}\n" for n, row in enumerate(rows * 2))
    assert scenes(source(tmp_path, "x.txt", log)) == [[("Ada", "Hi."), ("Tom", "Look at this")] * 2]


MINUTES = """\
Ada Lovelace: We begin.
and so on
it goes
Tom Reed: Yes.|Remember: it leaks.
Ada Lovelace: Good.
as it was
before
Tom Reed: No.
"""


def test_minutes_that_name_who_begins(tmp_path: Path) -> None:
    cues = [
        f"00:00:{n:02}.000 --> 00:00:{n:02}.900\n{row.replace('|', chr(10))}\n"
        for n, row in enumerate(MINUTES.splitlines())
    ]
    found = scenes(source(tmp_path, "x.vtt", "\n".join(["WEBVTT\n", *cues])))[0]
    assert [who for who, _ in found] == ["Ada Lovelace", "Tom Reed", "Ada Lovelace", "Tom Reed"]
    assert found[1] == ("Tom Reed", "Yes. Remember: it leaks.")


def test_captions_that_roll_without_the_times_of_words(tmp_path: Path) -> None:
    rows = ["", "is the kettle on", "it was on", "so it is"]
    cues = [
        f"9\n00:00:{t:02},000 --> 00:00:{t:02},990\n{(above + chr(10)) if above else ''}{row}\n\n"
        f"9\n00:00:{t:02},990 --> 00:00:{t + 1:02},000\n{row}\n"
        for t, (above, row) in enumerate(pairwise(rows), 1)
    ]
    read = source(tmp_path, "x.srt", "\n".join(cues))
    assert " ".join(e.text for scene in read.scenes() for e in scene.elements) == "is the kettle on it was on so it is"


def test_a_list_of_articles_is_no_chat(tmp_path: Path) -> None:
    articles = [{"name": f"Kettle {n}", "text": "It is on. " * 600} for n in range(60)]
    assert source(tmp_path, "x.json", json.dumps(articles, indent=1)).format == "text"
    assert source(tmp_path, "y.json", json.dumps(articles)).format == "text"


@pytest.mark.parametrize("text", ['[{"x": "' + r"{\"k\": \"v\"}, " * 12_000, "[" * 4000 + '"a",' * 4000])
def test_a_document_that_is_cut_anywhere_is_told_at_once(text: str) -> None:
    cut = text.rindex("\\") + 1 if "\\" in text else len(text)
    assert chat.detect(text[:cut]) == 0.0


def test_what_conversations_are_called(tmp_path: Path) -> None:
    told = [("user", "Hi"), ("bot", "Ho")]
    plain, threaded, known = ([{"role": who, "content": words} for who, words in told] for _ in range(3))
    threaded[1]["thread"] = "Tea"
    for message in known:
        message["conversation_id"] = "8f3c-11"
    text = json.dumps([{"messages": messages} for messages in (plain, threaded, known)])
    read = source(tmp_path, "x.json", text)
    assert scenes(read) == [told, told[:1], told[1:], told]
    assert [scene.heading for scene in read.scenes()] == ["", "", "Tea", ""]


def test_a_list_is_read_in_its_order_however_it_is_laid_out(tmp_path: Path) -> None:
    told = [("Ada", 4, "At eight."), ("Tom", 3, "When?"), ("Ada", 2, "At the kiosk."), ("Tom", 1, "Where?")]
    messages = [{"sender_name": name, "timestamp_ms": time, "content": words} for name, time, words in told]
    found = [scenes(source(tmp_path, "x.json", json.dumps(messages, indent=indent))) for indent in (None, 1)]
    assert found[0] == found[1]


def test_no_chat_is_missed_where_none_was_looked_for(tmp_path: Path) -> None:
    talk = json.dumps([{"role": who, "content": "Is it on?"} for who in ("Ada", "Tom") * 4])
    assert source(tmp_path, "x.json", talk, format="text").warnings == []
    assert source(tmp_path, "x.csv", "character,line\nAda,Is it on?\nTom,It was.\n", format="text").warnings == []
    (tmp_path / "y.txt").write_text("It rained. " * 400)
    (tmp_path / "z.json").write_text(talk)
    among = open_source([tmp_path / "y.txt", tmp_path / "z.json"])
    assert among.format == "text" and not any("No chat was found" in warning for warning in among.warnings)


def test_an_export_whose_words_were_decoded_wrongly(tmp_path: Path) -> None:
    words = "It’s late, señor.".encode().decode("latin-1")
    messages = [{"sender_name": who, "content": words} for who in ("Ada", "Tom") * 3]
    read = source(tmp_path, "message_1.json", json.dumps({"messages": messages}))
    assert any("decoded wrongly" in warning for warning in inspect(read).warnings)
    right = source(tmp_path, "y.json", json.dumps({"messages": [{"role": "Ada", "content": "É às três, señor."}] * 6}))
    assert not right.warnings
