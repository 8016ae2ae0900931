"""Chats and tables: whoever made them, who speaks and what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.errors import InputError
from scriptbot.text.clean import tidy
from scriptbot.text.formats import chat, chat_yaml, chatlog, detect_format, table
from scriptbot.text.load import open_source
from scriptbot.text.script import Direction, Scene, Span, Speech

KETTLE = [("Ada", "Is the kettle on?"), ("Tom", "It was."), ("Ada", "Good."), ("Tom", "Is it?")]


def told(scenes: list[Scene]) -> list[list[tuple[str, str]]]:
    return [[(e.character if isinstance(e, Speech) else "", e.text) for e in scene.elements] for scene in scenes]


def lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


MESSAGES = [{"role": name, "content": words} for name, words in KETTLE]
SHAPES = {
    "one record a line": lines(*MESSAGES),
    "a list": json.dumps(MESSAGES, indent=1),
    "a list in an object": json.dumps({"model": "x", "messages": MESSAGES}, indent=2),
    "a conversation a line": lines({"messages": MESSAGES}),
    "share": lines({"id": "x1", "conversations": [{"from": name, "value": words} for name, words in KETTLE]}),
    "export": json.dumps(
        {"name": "Kiosk", "messages": [{"id": n, "from": a, "text": b} for n, (a, b) in enumerate(KETTLE)]}
    ),
    "parts": lines(*({"role": a, "content": [{"type": "text", "text": b}]} for a, b in KETTLE)),
    "export of a program": json.dumps(
        {
            "title": "Kettle",
            "mapping": {
                str(n): {"message": {"author": {"role": a}, "content": {"content_type": "text", "parts": [b]}}}
                for n, (a, b) in enumerate(KETTLE)
            },
        }
    ),
    "mixed parts": lines(*({"from": a, "text": [b[:3], {"type": "bold", "text": b[3:]}]} for a, b in KETTLE)),
    "author": lines(*({"author": {"role": a}, "text": b} for a, b in KETTLE)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_of_json(shape: str) -> None:
    text = SHAPES[shape]
    assert detect_format(text) == "chat"
    (scene,) = chat.parse(text.splitlines(keepends=True))
    assert told([scene]) == [KETTLE]


def test_nothing_is_lost() -> None:
    def of(text: str) -> list[list[tuple[str, str]]]:
        return told(list(chat.parse(text.splitlines(keepends=True))))

    assert of(lines(["Hi", None, "Hello"], ["How?", "Fine."])) == [
        [("user", "Hi"), ("bot", "Hello")],
        [("user", "How?"), ("bot", "Fine.")],
    ]
    assert of(lines({"character": "Ada", "line": "Well?", "direction": "(sighing)"})) == [
        [("", "(sighing)"), ("Ada", "Well?")]
    ]
    pair = {"system": "Be brief.", "instruction": "Translate.", "input": "Guten Tag", "output": "Good day"}
    assert of(lines(pair)) == [[("", "Be brief."), ("user", "Translate.\nGuten Tag"), ("bot", "Good day")]]
    assert of(lines(*({"id": n, "speaker": a, "text": b} for n, (a, b) in enumerate(KETTLE)))) == [KETTLE]
    history = {"instruction": "Q?", "output": "A.", "history": [["Q1", "A1"]]}
    assert [words for scene in of(lines(history)) for _, words in scene] == ["Q1", "A1", "Q?", "A."]
    assert of(lines({**history, "history": []})) == [[("user", "Q?"), ("bot", "A.")]]
    answered = {"author": "Ada", "text": "Hi", "replies": [{"author": "Tom", "text": "Ho"}]}
    assert [words for scene in of(lines(answered)) for words in scene] == [("Ada", "Hi"), ("Tom", "Ho")]
    exported = lines(
        {"id": 1, "from": "Ada", "text": "Hi"},
        {"id": 2, "from": None, "text": "Lost"},
        {"id": 3, "from": 7, "text": "x"},
    )
    assert of(exported) == [[("Ada", "Hi"), ("", "Lost"), ("7", "x")]]
    for offstage in (
        {"from": "system", "value": "Be brief."},
        {"author": {"role": "developer"}, "content": "Be brief."},
    ):
        assert of(lines(offstage, MESSAGES[0]))[0][0] == ("", "Be brief.")
    yaml = "conversations:\n- - How are you?\n  - Well: I am fine.\n- Hello\n- Hi\n"
    found = told(list(chat_yaml.parse(yaml.splitlines(keepends=True))))
    assert [words for scene in found for _, words in scene] == ["How are you?", "Well: I am fine.", "Hello", "Hi"]


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\u2029"])
def test_other_line_ends_within_strings(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"role": "Ada", "content": f"one{sign}two"}, ensure_ascii=False) + "\n" * 2, "utf-8")
    (scene,) = open_source([path], format="chat").scenes()
    assert [speech.text for speech in scene.speeches] == ["one\ntwo"]
    again = "".join(chat.write([scene]))
    assert told(list(chat.parse(again.splitlines(keepends=True)))) == [[("Ada", "one\ntwo")]]


def test_escapes_are_cleaned_as_files_are() -> None:
    text = lines({"role": "A\u001b[31mda", "content": "half \ud83d \u001b]0;x\u0007pair\r\nand \u009b31mmore"})
    assert told(list(chat.parse(text.splitlines(keepends=True)))) == [[("Ada", "half \ufffd pair\nand more")]]


def test_a_document_longer_than_what_is_looked_at_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"messages": MESSAGES * 2000}))
    assert open_source([tmp_path / "a.json"]).format == "chat"


def test_json_within_json_is_told_at_once() -> None:
    text = '{"role": "user", "content": "' + '\\"' * 60_000
    assert detect_format(text) == "text"


def test_large_documents_are_read_in_one_go() -> None:
    """The parser starts anew for no line: otherwise this takes minutes."""
    text = json.dumps({"messages": MESSAGES * 4000}, indent=2)
    (scene, *_) = chat.parse(text.splitlines(keepends=True))
    assert len(scene.elements) > 1000


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "kiosk", "version": 1}\n',
        '{"name": "kiosk", "keywords": ["tea", "kettle"], "files": ["dist", "src"]}\n',
        '["apple", "pear"]\n',
        "- name: Install\n  hosts: all\n  roles:\n    - common\n    - web\n",
        json.dumps([{"name": name, "text": "red"} for name in ("Bolt", "Nut", "Rod", "Pin", "Cog")]),
        '{"level": "info", "message": "started", "time": 1}\n' * 5,
        "env:\n- name: A\n  value: x\n- name: B\n  value: y\n",
        "- a\n- b\n",
    ],
)
def test_what_is_no_chat(text: str) -> None:
    assert detect_format(text) == "text"


def test_conversations_are_scenes() -> None:
    text = lines({"messages": MESSAGES}, {"messages": MESSAGES[:2]}, {"prompt": "Tea?", "response": "Tea."})
    assert told(list(chat.parse(text.splitlines(keepends=True)))) == [
        KETTLE,
        KETTLE[:2],
        [("user", "Tea?"), ("bot", "Tea.")],
    ]
    text = lines(*({"scene": n // 2, "character": a, "line": b} for n, (a, b) in enumerate(KETTLE)))
    assert told(list(chat.parse(text.splitlines(keepends=True)))) == [KETTLE[:2], KETTLE[2:]]


def test_what_a_system_is_told_is_a_direction() -> None:
    text = lines({"role": "system", "content": "Be brief."}, *MESSAGES)
    (scene,) = chat.parse(text.splitlines(keepends=True))
    assert isinstance(scene.elements[0], Direction)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"role": "user", "content": "a"}\n{"role": broken}\n', "character 42"),
        ('[{"role": "user", "content": "a"}\n', "not valid JSON"),
        ('{"weather": "rain"}\n', "no messages"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"role": "user", "content": ' + "9" * 10_000 + "}", "JSON|no messages"),
    ],
)
def test_json_that_is_no_chat(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(chat.parse(text.splitlines(keepends=True)))


names = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)
words = st.text(max_size=40).map(tidy).map(str.strip).filter(bool)


@given(st.lists(st.lists(st.builds(Speech, names, words, st.just(Span(0, 0))), min_size=1), min_size=1))
def test_what_is_written_reads_the_same(script: list[list[Speech]]) -> None:
    scenes = [Scene(tuple(speeches), Span(0, 0)) for speeches in script]
    text = "".join(chat.write(scenes))
    assert told(list(chat.parse(text.splitlines(keepends=True)))) == told(scenes)


YAML = """\
categories:
- greetings
conversations:
- - Hello
  - 'Hi: how are you?'
- - role: Ada
    content: >-
      Is the kettle
      on?
  - role: Tom
    content: "It was."
"""


def test_yaml() -> None:
    assert detect_format(YAML) == "chat-yaml"
    scenes = list(chat_yaml.parse(YAML.splitlines(keepends=True)))
    assert told(scenes) == [[("user", "Hello"), ("bot", "Hi: how are you?")], KETTLE[:2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("conversations:\n- &a [x, y]\n- *a\n", "aliases"),
        ("a: &a [b, b]\nconversations:\n- - *a\n  - x\n", "aliases"),
        ("conversations:\n- - a\n  - [b\n", "not valid YAML"),
        ("conversations:\n- " + "[" * 50 + "]" * 50 + "\n", "nested too deeply"),
    ],
)
def test_yaml_that_is_no_chat(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(chat_yaml.parse(text.splitlines(keepends=True)))


def test_tags_are_nothing() -> None:
    """A tag that would have a careless reader run a command is only text beside it."""
    text = "conversations:\n- - !!python/object/apply:os.system x\n  - !!int '5'\n"
    assert told(list(chat_yaml.parse(text.splitlines(keepends=True)))) == [[("user", "x"), ("bot", "5")]]


CSV = """\
scene,character,line,mood
1,Ada,"Is the kettle ""on"",
or off?",calm
1,Tom,It was.,calm
2,,Rain.,
2,Ada,Good.,glad
"""


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_tables(separator: str) -> None:
    text = CSV.replace(",\nor", "\nor").replace(",", separator)
    assert detect_format(text) == "table"
    first, second = table.parse(text.splitlines(keepends=True))
    assert told([first, second]) == [
        [("Ada", 'Is the kettle "on"\nor off?'), ("Tom", "It was.")],
        [("", "Rain."), ("Ada", "Good.")],
    ]
    assert first.heading == "1"
    tom = list(first.speeches)[1]
    assert text[tom.span.start : tom.span.end] == f"1{separator}Tom{separator}It was.{separator}calm\n"


def test_quotation_marks_of_somebody_in_a_table_with_tabs() -> None:
    text = 'character\tline\nAda\t"Well, hello\nTom\tHi there.\nAda\tHow are you?\nTom\tOh "yes" I see"\n'
    assert detect_format(text) == "table"
    (scene,) = table.parse(text.splitlines(keepends=True))
    assert [words for _, words in told([scene])[0]] == ['"Well, hello', "Hi there.", "How are you?", 'Oh "yes" I see"']


def test_titles_in_other_languages() -> None:
    text = "場面,人物,台詞\n一,花子,お湯は？\n一,太郎,沸いてゐた。\n"
    (scene,) = table.parse(text.splitlines(keepends=True))
    assert told([scene]) == [[("花子", "お湯は？"), ("太郎", "沸いてゐた。")]]


def test_a_table_without_titles() -> None:
    text = "".join(f"{number}\t{name}\t{words}\n" for number, (name, words) in enumerate(KETTLE * 2))
    assert detect_format(text) == "table"
    (scene,) = table.parse(text.splitlines(keepends=True))
    assert told([scene]) == [KETTLE * 2]


@pytest.mark.parametrize(
    "text",
    [
        "Go.\tVa !\nGo.\tMarche.\nRun!\tCours !\nRun!\tCourez !\n" * 3,
        "Rain, again\nTea, again\nRain, twice\nTea, twice\n",
        "a,b\n1,2\n3,4\n5,6\n",
        "line,part,quantity\n1,Bolt,4\n2,Nut,5\n3,Rod,6\n",
        "name,text\nred,#ff0000\nblue,#0000ff\ngreen,#00ff00\n",
    ],
)
def test_what_is_no_script_in_columns(text: str) -> None:
    assert detect_format(text) == "text"


def test_a_quotation_mark_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'character,line\nAda,Tea?\nTom,"It was\n' + "and is\n" * 60_000
    with pytest.raises(InputError, match="damaged"):
        list(table.parse(text.splitlines(keepends=True)))


LOGS = [
    "[12.03.24, 21:15:02] {}: {}\n",
    "12/03/2024, 9:15 pm - {}: {}\n",
    "2024-03-12 21:15:02 <{}> {}\n",
    "[21:15] <@{}> {}\n",
    "2024-03-12T21:15:02+00:00 {}: {}\n",
    "\u200e[12/03/24, 21:15:02] {}: {}\n",
    "[12/03/2024 21:10] {}\n{}\n\n",
    "{}, [12.03.2024 21:10]\n{}\n\n",
]


@pytest.mark.parametrize("line", LOGS)
def test_logs(line: str) -> None:
    text = "".join(line.format(*message) for message in KETTLE)
    assert detect_format(text) == "chatlog"
    assert told(list(chatlog.parse(text.splitlines(keepends=True)))) == [KETTLE]


def test_numbers_within_a_message_are_no_times() -> None:
    text = "".join(f"12/03/2024, 9:15 pm - {name}: {words}\n" for name, words in KETTLE)
    text += "12/03/2024, 9:16 pm - Tom: It costs\n12.50 in the shop\n9:30 tomorrow\n"
    text += "12/03/2024, 9:17 pm - Ada: <Media omitted>\n"
    *_, costs, media = told(list(chatlog.parse(text.splitlines(keepends=True))))[0]
    assert costs == ("Tom", "It costs\n12.50 in the shop\n9:30 tomorrow") and media == ("", "<Media omitted>")


def test_a_log_of_two_days() -> None:
    text = (
        "12.03.24, 21:15 - Messages are encrypted.\n12.03.24, 21:15 - Ada: Is the kettle\non?\n\n"
        "12.03.24, 21:16 - Tom: It was: twice.\n13.03.24, 09:00 - Ada: Good.\n13.03.24, 09:01 - Tom: Is it?\n"
    )
    assert detect_format(text) == "chatlog"
    assert told(list(chatlog.parse(text.splitlines(keepends=True)))) == [
        [("", "Messages are encrypted."), ("Ada", "Is the kettle\non?"), ("Tom", "It was: twice.")],
        [("Ada", "Good."), ("Tom", "Is it?")],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01 12:00:00,123 INFO: started\n2024-01-01 12:00:01,123 ERROR: stopped\n" * 4,
        "[12:00:01] [Server thread/INFO]: Done\n[12:00:02] [Server thread/INFO]: Saved\n" * 4,
        "10:15 Meeting: room two\n11:15 Lunch: downstairs\n12:15 Nap: anywhere\n13:00 Tea: yes\n",
        "2024-01-01 10:00:00 INFO: started\n" * 2 + "plain\n" * 8,
    ],
)
def test_what_is_no_log(text: str) -> None:
    assert detect_format(text) != "chatlog"


def test_real_chats(shared_data: Path) -> None:
    for language in ("english", "japanese", "chinese"):
        for path in sorted((shared_data / "dialogue/chatterbot" / language).glob("*.yml")):
            source = open_source([path])
            assert source.format == "chat-yaml", path
            assert all(len(list(scene.speeches)) >= 2 for scene in source.scenes()), path
