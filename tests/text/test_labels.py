"""What stands before a colon and is somebody, or is not."""

from __future__ import annotations

import pytest
from given import read

from scriptbot.text.formats import colon, detect_format
from scriptbot.text.labels import is_label
from scriptbot.text.script import Speech


@pytest.mark.parametrize(
    "label",
    [
        "Moe",
        "Tom_Reed",
        "HOMER_(CONT'D",
        "C._Montgomery_Burns",
        "Mrs. Reed",
        "7-Year-Old_Boy",
        "Patron_#1",
        'Carll"',
    ]
    + [
        "Ghost of King Henry VI",
        "Man at the bar",
        "ADA, TOM",
        "Senators, &C",
        "太郎",
        "B-52'S",
        "O'Neil",
        "Zoë",
        "you",
        "Monica, Rachel and Phoebe",
        "Lenny, Carl, and Moe",
        "Lieut. Rook",
        "SERGT. TROY",
    ],
)
def test_a_name_is_a_label(label: str) -> None:
    assert is_label(label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "Note this",
        "He said",
        "I tell you",
        "Well, then",
        "Is it so? No",
        "It ended. Then",
        "- item",
        "# group",
    ]
    + [
        "and so it came that nobody",
        "x" * 49,
        "One Two Three Four Five Six Seven",
        "彼が静かに立ち上がって言った言葉",
        "a=b",
        "well, Moe and Carl",
        "Later. Then",
    ],
)
def test_a_sentence_is_no_label(text: str) -> None:
    assert not is_label(text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("花子「お湯は？」", ("花子", "「お湯は？」")),
        ("**Ada:** Tea?", ("Ada", "Tea?")),
        ("**Ada**: Tea?", ("Ada", "Tea?")),
    ],
)
def test_other_signs_than_a_colon(line: str, expected: tuple[str, str]) -> None:
    text = f"{line}\n" * 6
    assert detect_format(text) == "colon"
    found = [(speech.character, speech.text) for scene in read(colon, text) for speech in scene.speeches]
    assert found == [expected] * 6


@pytest.mark.parametrize("line", ["彼は「そうだ」と言った。", "彼は「そうだ」", "**bold** words"])
def test_quotations_and_bold_words_are_no_labels(line: str) -> None:
    assert detect_format(f"{line}\n" * 6) == "text"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("店員（男）：はい。", ("店員（男）", "はい。")),
        ("店員（笑）：はい。", ("店員", "（笑）はい。")),
        ("Guard (young): Hi.", ("Guard (young)", "Hi.")),
        ("Guard (quietly): Hi.", ("Guard", "(quietly) Hi.")),
        ("GUARD (MALE): Hi.", ("GUARD (MALE)", "Hi.")),
    ],
)
def test_who_it_is_and_how_it_is_said(line: str, expected: tuple[str, str]) -> None:
    ((speech,),) = (scene.elements for scene in read(colon, line))
    assert isinstance(speech, Speech) and (speech.character, speech.text) == expected
