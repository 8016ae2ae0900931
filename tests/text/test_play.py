"""Printed plays: every way of setting a name that the plays of the data folder have, and what is none."""

from __future__ import annotations

import pytest

from scriptbot.text.formats import detect_format, play
from scriptbot.text.script import Direction, Scene, Speech

WAYS = {
    "stop": "{0}. {1}",
    "wide": "{0}.  {1}",
    "aside": "{0} [_sighing_]. {1}",
    "aside without stop": "{0} (sighing) {1}",
    "below": "{0}.\n{1}",
    "below, spaced": "{0}.\n\n{1}",
    "dash": "{0}.--{1}",
    "indented": "  {0}.  {1}",
    "bracketed": "  [{0}.]     {1}",
}
NAMES = ["MRS. HART", "TOM", "THE OLD MAN", "MRS. HART", "TOM", "MRS. HART", "TOM", "THE OLD MAN"]


def read(text: str) -> list[Scene]:
    return list(play.parse(text.splitlines(keepends=True)))


def speeches(text: str) -> list[tuple[str, str]]:
    return [(speech.character, speech.text) for scene in read(text) for speech in scene.speeches]


@pytest.mark.parametrize("way", WAYS)
def test_ways_of_setting_a_name(way: str) -> None:
    said = [f"I heard you the {number} time." for number in range(len(NAMES))]
    script = "\n\n".join(WAYS[way].format(name, words) for name, words in zip(NAMES, said, strict=True)) + "\n"
    assert detect_format(script) == "play"
    found = speeches(script)
    assert [name for name, _ in found] == NAMES
    assert all(text.endswith(words) for (_, text), words in zip(found, said, strict=True)), found


@pytest.mark.parametrize("way", ["{0}. {1}", "{0}.  {1}", "{0} (softly). {1}", "_{0}._ {1}"])
def test_names_in_small_letters(way: str) -> None:
    names = ["Mrs. Hart", "Tom", "Old Man", "Mrs. Hart", "Tom", "Mrs. Hart", "Tom", "Old Man"]
    script = "\n\n".join(way.format(name, f"It rains {number} times.") for number, name in enumerate(names)) + "\n"
    assert [name for name, _ in speeches(script)] == names


SCENES = """\
ACT I

A kiosk. ADA is wiping cups.

ADA. Is the kettle on?

TOM (looking up). It was,
before you came.

[TOM goes out.]

ADA. Tom! [He is gone.] Well.

Then I shall drink it alone; and you may
have none.

Ada sits down with her cup.

SCENE 2

ADA, Tom is back.

TOM. I am.

ADA AND TOM. Tea!

ADA }  { One?

TOM }  { Two?

CURTAIN.
"""


def test_speeches_directions_and_scenes() -> None:
    first, second = read(SCENES)
    assert (first.heading, second.heading) == ("ACT I", "SCENE 2")
    kinds = [(e.character, e.text) if isinstance(e, Speech) else ("", e.text) for e in first.elements]
    assert kinds == [
        ("", "A kiosk. ADA is wiping cups."),
        ("ADA", "Is the kettle on?"),
        ("TOM", "(looking up) It was,\nbefore you came."),
        ("", "[TOM goes out.]"),
        ("ADA", "Tom! [He is gone.] Well.\nThen I shall drink it alone; and you may\nhave none."),
        ("", "Ada sits down with her cup."),
    ]
    assert [(s.character, s.text, s.dual) for s in second.speeches][-2:] == [
        ("ADA", "One?", False),
        ("TOM", "Two?", True),
    ]
    last = second.elements[-1]
    assert isinstance(last, Direction) and last.text == "CURTAIN."


MODERN = {
    "numbered": "GUARD 1. Do you hear me?\n\nGUARD 2. I do.\n\n1ST WITCH. When?\n\n",
    "together": "TOM & ADA. Tea!\n\nTOM/ADA. Now!\n\nTOM AND ADA. Please!\n\n",
    "initials": "M. JOURDAIN. Is the kettle on?\n\nMME. JOURDAIN. It was.\n\nJ. SMITH. I see you.\n\n",
    "dash": "ADA — Is the kettle on?\n\nTOM — It was.\n\nADA — Good.\n\n",
    "bare": "ADA Is the kettle on?\n\nTOM I see it.\n\nADA A cup there, and you?\n\n",
    "small and close": "Ada. Is the kettle on?\nOld Tom. It was, and it\nwill be again.\nAda. Good, I say.\n",
    "small with a dash": "Ada - Is the kettle on?\n\nOld Tom — It was.\n\nAda - Good, I say.\n\n",
    "close": "ADA. Is the kettle on?\nTOM. It was, and it\nwill be again.\nADA. Good.\n",
}
SPEAKERS = {
    "numbered": ["GUARD 1", "GUARD 2", "1ST WITCH"],
    "together": ["TOM & ADA", "TOM/ADA", "TOM AND ADA"],
    "initials": ["M. JOURDAIN", "MME. JOURDAIN", "J. SMITH"],
    "dash": ["ADA", "TOM", "ADA"],
    "bare": ["ADA", "TOM", "ADA"],
    "small and close": ["Ada", "Old Tom", "Ada"],
    "small with a dash": ["Ada", "Old Tom", "Ada"],
    "close": ["ADA", "TOM", "ADA"],
}


@pytest.mark.parametrize("way", MODERN)
def test_plays_of_today(way: str) -> None:
    text = MODERN[way] * 4
    assert detect_format(text) == "play"
    assert [name for name, _ in speeches(text)] == SPEAKERS[way] * 4
    assert not [e for scene in read(text) for e in scene.elements if isinstance(e, Direction)]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("ACT ONE", True),
        ("Scene Two", True),
        ("Act II. A kiosk.", True),
        ("SCENE 3 (a lake)", True),
        ("THE THIRD ACT", True),
        ("Act first, think of me later!", False),
        ("ACT I SCENE II", True),
        ("ACT I SCENE 1", True),
        ("SCENE 1 - THE LAKE", True),
        ("ACT I THE LAKE", True),
        ("Scene one would like to forget", False),
    ],
)
def test_headings(line: str, heading: bool) -> None:
    scenes = read("ADA. Is the kettle on?\n\nTOM. It was.\n\n" * 3 + f"{line}\n\nADA. Good.\n")
    assert any(scene.heading for scene in scenes) is heading


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [("Tomorrow I shall tell you.", True), ("Tom, I shall tell you.", True), ("Tom shows me the cup.", False)],
)
def test_who_is_spoken_to_is_not_told_of(paragraph: str, said: bool) -> None:
    text = "TOM. It was.\n\nADA. Good.\n\n" * 4 + f"{paragraph}\n"
    assert speeches(text)[-1][1].endswith(paragraph) is said


def test_a_title_is_nobody() -> None:
    """Where names stand beside the words, one alone on its line is a title or a place, unless it comes back."""
    script = "ADA. Is the kettle on?\n\nTOM. It was.\n\n" * 4 + "THE LAKE.\n\nA boat passes by.\n\nTOM. Cold.\n"
    assert speeches(script)[-2:] == [("TOM", "It was."), ("TOM", "Cold.")]


def test_a_stop_that_was_forgotten() -> None:
    script = (
        "".join(f"ADA. Cup {n}.\n\nTOM. Yes.\n\n" for n in range(6)) + "ADA So it is.\n\nADA, Oh!\n\nADA sits down.\n"
    )
    assert speeches(script)[-2:] == [("ADA", "So it is."), ("ADA", "Oh!")]


def test_spans_hold_label_and_words() -> None:
    for scene in read(SCENES):
        for speech in scene.speeches:
            stands = SCENES[speech.span.start : speech.span.end]
            assert stands.startswith(speech.character) and stands.endswith(speech.text.split("\n")[-1])


@pytest.mark.parametrize(
    "text",
    [
        "It was late. Nobody cared.\n\nThen it rained. Everybody did.\n\n" * 20,
        "FLOUR.\n\nSALT.\n\nFLOUR.\n\nSALT.\n\n" * 10,
        "I. Of Cups\n\nII. Of Kettles\n\nIII. Of Tea\n\n" * 3,
        "Monday. It rained all day.\n\nTuesday. It rained less.\n\nWednesday. Tea.\n\n" * 5,
        "SELECT Name, Age\nFROM Users\nWHERE Name = 'x'\n\n" * 9,
        "TODO Write it.\nDONE Read it.\nTODO Send it.\n\n" * 9,
        "Smith. The tea. London, 1902.\n\nJones. The cup. Paris, 1904.\n\nSmith. The pot. Rome, 1905.\n\n" * 5,
        "Step 1. Boil.\n\nStep 2. Pour.\n\nStep 3. Wait.\n\n" * 5,
        "ABSOLUTE, certain.\n\nBALE, of wool.\n\nCORN, a hard skin.\n\n" * 3,
    ],
)
def test_what_is_no_play(text: str) -> None:
    assert detect_format(text) == "text"


def test_memory_is_bounded_by_the_scene() -> None:
    """Nothing but the beginning is held back: scenes come out while the text goes in."""
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield f"ADA. Cup {taken}.\n" if taken % 2 else "\n"

    scenes = play.parse(endless())  # type: ignore[arg-type]
    for _ in range(1000):
        next(scenes)
    assert taken < 2 * 1000 * 41 + 60_000


def test_a_speech_without_end_is_cut() -> None:
    long = "ADA. Begin.\n\n" + "ADA. Yes.\n\nTOM. No.\n\n" * 4 + "TOM. And so\n" + "on and on I go with you\n" * 40_000
    found = speeches(long)
    assert max(len(text) for _, text in found) < 600_000 and sum(len(text) for _, text in found) > 900_000


@pytest.mark.parametrize("name", ["İBRAHİM", "IBRAHIM", "MRS. HART", "O'NEILL", "JEAN-LUC"])
def test_a_stop_that_was_forgotten_in_any_alphabet(name: str) -> None:
    lines = [f"{who}. I heard you the {number} time." for number, who in enumerate([name, "TOM"] * 8)]
    script = "\n\n".join([*lines, f"{name} Come in now, will you?"]) + "\n"
    assert speeches(script)[-1] == (name, "Come in now, will you?")


@pytest.mark.parametrize("aside", ["(to Bert)", "[to Bert]"])
def test_a_stop_behind_an_aside_is_not_said(aside: str) -> None:
    script = f"ANNA {aside}. Did you see it?\n\nBERT. (I know.) No.\n\n" * 3
    assert speeches(script)[:2] == [("ANNA", f"{aside} Did you see it?"), ("BERT", "(I know.) No.")]
