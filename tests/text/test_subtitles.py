"""Subtitles of both kinds: who speaks where that is told, sentences whole, sounds apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptbot.errors import InputError
from scriptbot.text.formats import detect_format, subtitles
from scriptbot.text.load import open_source
from scriptbot.text.script import Direction, Kind, Scene, Speech

SRT = """\
1
00:00:01,000 --> 00:00:03,000
ADA: Is the kettle
on, or did you

2
00:00:03,100 --> 00:00:05,000
forget <i>again</i>?

3
00:00:05,000 --> 00:00:07,000
- TOM: It was.
- Who is that?

4
00:00:08,000 --> 00:00:09,000
{\\an8}[DOOR SLAMS]

5
00:01:00,000 --> 00:01:02,000
♪ The kettle sings ♪
"""
VTT = """\
WEBVTT - The Kiosk
Kind: captions

STYLE
::cue { color: red }

NOTE made by hand

one
00:01.000 --> 00:03.000 line:90% align:left
<v Ada>Is the kettle on?</v>

00:03.000 --> 00:05.000
<v.loud Tom Reed>It was &amp; is.
<v Ada><b>Good.</b> 5 &lt; 6
"""


def read(text: str) -> list[Scene]:
    return list(subtitles.parse(text.splitlines(keepends=True)))


def told(scene: Scene) -> list[tuple[str, str]]:
    return [(e.character if isinstance(e, Speech) else "", e.text) for e in scene.elements]


def test_subrip() -> None:
    assert detect_format(SRT) == "subtitles"
    first, second = read(SRT)  # silence between them
    assert told(first) == [
        ("ADA", "Is the kettle on, or did you forget again?"),
        ("TOM", "It was."),
        ("", "Who is that?"),
        ("", "[DOOR SLAMS]"),
    ]
    (song,) = second.elements
    assert isinstance(song, Direction) and (song.text, song.kind) == ("The kettle sings", Kind.LYRICS)


def test_webvtt() -> None:
    assert detect_format(VTT) == "subtitles"
    (scene,) = read(VTT)
    assert told(scene) == [
        ("", "The Kiosk"),
        ("", "made by hand"),
        ("Ada", "Is the kettle on?"),
        ("Tom Reed", "It was & is."),
        ("Ada", "Good. 5 < 6"),
    ]
    assert [e.kind for e in scene.elements if isinstance(e, Direction)] == [Kind.NOTE, Kind.NOTE]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "1\n00:00:01,000 --> 00:00:02,000\nWait: what?\n\n2\n00:00:02,000 --> 00:00:03,000\nNo.\n",
            ["Wait: what?", "No."],
        ),
        ("1\n0:0:1,0 --> 0:0:2,0\nA.\n2\n0:0:2,0 --> 0:0:3,0\nB.\n", ["A.", "B."]),  # no blank line between
        ("1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:03,000\nB.\n", ["B."]),
    ],
)
def test_odd_files(text: str, found: list[str]) -> None:
    assert detect_format(text) == "subtitles"
    assert [element.text for scene in read(text) for element in scene.elements] == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("Hello\n\nsecond half.", [("", "Hello second half.")]),
        ("<v Ada>Hi</v> <v Tom>Hello", [("Ada", "Hi"), ("Tom", "Hello")]),
        ("I <heart> you {i love it}", [("", "I <heart> you {i love it}")]),
        ("ADA: (laughs)", [("ADA", "(laughs)")]),
        ("WOMAN (ON TV): Good evening.", [("WOMAN (ON TV)", "Good evening.")]),
        ("JOHN (V.O.): I was there.", [("JOHN (V.O.)", "I was there.")]),
        ("[ADA]: Hi.", [("ADA", "Hi.")]),
        ("#1 fan", [("", "#1 fan")]),
        ("TOM:\nYes.", [("TOM", "Yes.")]),
        ("<v Ada>Hi</v> there", [("Ada", "Hi"), ("", "there")]),
        ("<I>Hi</I><br>you", [("", "Hi you")]),
        ("I was going—\n\n00:00:03.000 --> 00:00:04.000\n- No.", [("", "I was going—"), ("", "No.")]),
        ("3\n\n00:00:03.000 --> 00:00:04.000\n2", [("", "3 2")]),
        ("In which year?\n1984\n\n00:00:03.000 --> 00:00:04.000\nYes.", [("", "In which year? 1984"), ("", "Yes.")]),
        (
            "- TOM: Ho,\n\nNOTE x\n\n00:00:03.000 --> 00:00:04.000\nand so on",
            [("TOM", "Ho,"), ("", "x"), ("", "and so on")],
        ),
        ("Ten\n\ncalled\n00:00:03.000 --> 00:00:04.000\nTwenty", [("", "Ten"), ("", "Twenty")]),
    ],
)
def test_nothing_is_lost(rows: str, found: list[tuple[str, str]]) -> None:
    (scene,) = read(f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{rows}\n")
    assert told(scene) == found


def test_captions_without_an_end_are_put_together_in_bounds() -> None:
    text = "".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nand so\n\n" for n in range(3000)
    )
    lengths = [len(element.text) for scene in read(text) for element in scene.elements]
    assert max(lengths) < 500 and sum(lengths) >= 6 * 3000


def test_a_file_without_subtitles(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("{1}{25}Hello\n{30}{50}There\n")
    with pytest.raises(InputError, match="no subtitles"):
        list(open_source([tmp_path / "a.srt"]).scenes())


def test_spans_are_where_subtitles_stand() -> None:
    speech = next(read(VTT)[0].speeches)
    assert VTT[speech.span.start : speech.span.end] == (
        "00:01.000 --> 00:03.000 line:90% align:left\n<v Ada>Is the kettle on?</v>"
    )


def test_a_real_file(shared_data: Path) -> None:
    source = open_source([shared_data / "subtitles/big-buck-bunny.srt"])
    elements = [element for scene in source.scenes() for element in scene.elements]
    assert source.format == "subtitles" and elements[0].text == "[SERENE MUSIC]" and len(elements) > 50
