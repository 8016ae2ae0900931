"""Headings, transitions and directions in scripts with a name before a colon."""

from __future__ import annotations

from types import ModuleType

import pytest
from given import NOWHERE, plain, read, rewrite

from scriptbot.errors import OutputError
from scriptbot.text.formats import colon, detect_format, named, play
from scriptbot.text.labels import is_label
from scriptbot.text.script import Direction, Scene, Speech

SCREENPLAY = """\
FADE IN:

INT. BAR - NIGHT

Ada: Hello there.
(She sits.)
Tom: Hi. You came
back, did you?
(beat)
Good.

CUT TO:

EXT. STREET - DAY
Ada: I have to go
to the moon.
 (that is what I say)
Tom: Bye then.
(He waits, and
leaves.)

Ada: Really.
FADE OUT.
"""


def test_a_screenplay_with_colons() -> None:
    found = read(colon, SCREENPLAY)
    assert plain(found) == [
        [("", "FADE IN:")],
        [
            ("#", "INT. BAR - NIGHT"),
            ("Ada", "Hello there."),
            ("", "(She sits.)"),
            ("Tom", "Hi. You came\nback, did you?\n(beat)\nGood."),
            ("", "CUT TO:"),
        ],
        [
            ("#", "EXT. STREET - DAY"),
            ("Ada", "I have to go\nto the moon.\n(that is what I say)"),
            ("Tom", "Bye then."),
            ("", "(He waits, and\nleaves.)"),
            ("Ada", "Really."),
            ("", "FADE OUT."),
        ],
    ]
    elements = [element for scene in found for element in scene.elements]
    for element in elements:
        there = SCREENPLAY[element.span.start : element.span.end]
        label = f"{element.character}: " if isinstance(element, Speech) else ""
        assert " ".join(there.split()) == " ".join((label + element.text).split())
    assert [SCREENPLAY[scene.span.start :][:4] for scene in found] == ["FADE", "INT.", "EXT."]
    kinds = [element.kind.value for element in elements if isinstance(element, Direction)]
    assert kinds == ["transition", "action", "transition", "action", "transition"]
    assert detect_format(SCREENPLAY) == "colon"


@pytest.mark.parametrize(
    "row",
    [
        "he cut in. I never forgave him",
        "fade out. And we",
        "(I think) we leave (today)",
        "(or (twice) more)",
        "leave (today)",
        "INT is short for it.",
        "INTERNALLY. IT IS",
        "Back up.",
        "Back to the present.",
        "Jump cut.",
        "cut to: the chase",
    ],
)
def test_what_goes_on_with_a_speech(row: str) -> None:
    assert plain(read(colon, f"Ada: We were dancing, and\n{row}\nTom: y\n")) == [
        [("Ada", f"We were dancing, and\n{row}"), ("Tom", "y")]
    ]


@pytest.mark.parametrize(
    "way",
    ["CUT TO", "Cut to", "SMASH CUT TO", "FADE IN", "Fade to black", "BACK TO SCENE", "MATCH CUT", "INTERCUT WITH"]
    + ["CROSSFADE TO", "CROSS FADE TO", "LAP DISSOLVE TO", "SMASH TO", "RETURN TO", "CUT FORWARD TO", "DISSOLVES TO"]
    + ["FADE UP ON", "CUT TO COMMERCIAL", "FLASHBACK"],
)
def test_a_way_to_another_scene_is_nobody(way: str) -> None:
    assert not is_label(way)
    assert plain(read(colon, f"Ada: x\n{way}:\nTom: y\n")) == [[("Ada", "x"), ("", f"{way}:"), ("Tom", "y")]]
    assert plain(read(named, f"Ada:\nx\n\n{way}:\nEXT. QUAY\nTom:\ny\n")) == [
        [("Ada", "x"), ("", f"{way}:")],
        [("#", "EXT. QUAY"), ("Tom", "y")],
    ]


@pytest.mark.parametrize("way", ["[CUT TO:]", "[ FADE IN: ]", "[Fade out.]", "[CUT TO: THE QUAY]"])
def test_a_way_to_another_scene_in_brackets_is_nobody(way: str) -> None:
    bare = way.strip("[] ")
    expected = [[("Ada", "x"), ("", bare), ("Tom", "y")]]
    found = read(colon, f"Ada: x\n{way}\nTom: y\n")
    assert plain(found) == expected == plain(read(colon, rewrite(colon, found)))
    assert plain(read(named, f"Ada:\nx\n\n{way}\n\nTom:\ny\n")) == expected


@pytest.mark.parametrize("heading", ["[INT. BAR - NIGHT]", "[ EXT. QUAY ]", "[I/E. McCOY'S CAR: INSIDE]"])
def test_a_heading_in_brackets_is_one_without_them(heading: str) -> None:
    expected = [[("Ada", "x"), ("Tom", "y")], [("#", heading.strip("[] ")), ("Tom", "z"), ("Ada", "x")]]
    found = read(colon, f"Ada: x\nTom: y\n{heading}\nTom: z\nAda: x\n")
    assert plain(found) == expected == plain(read(colon, rewrite(colon, found)))
    assert plain(read(named, f"Ada:\nx\n\nTom:\ny\n\n{heading}\nTom:\nz\n\nAda:\nx\n")) == expected


@pytest.mark.parametrize("name", ["JOHNNY TO", "Cardboard Cut Out", "INT 1", "Back", "Tom cuts in", "McDonald"])
def test_somebody_with_such_a_name_is_somebody(name: str) -> None:
    assert plain(read(colon, f"{name}: x\nTom: y\n" * 2)) == [[(name, "x"), ("Tom", "y")] * 2]
    assert plain(read(named, f"{name}:\nx\n\nTom:\ny\n\n" * 2)) == [[(name, "x"), ("Tom", "y")] * 2]


@pytest.mark.parametrize(
    "heading", ['INT. "MOE\'S" - NIGHT', "INT. (FLASHBACK) KITCHEN", "INT. #4 BUS", "I/E. McCOY'S CAR"]
)
def test_headings_with_signs(heading: str) -> None:
    script = f"{heading}\n\nAda: x\nTom: y\nAda: z\nTom: x\n"
    assert [scene.heading for scene in read(colon, script)] == [heading]
    assert detect_format(script) == "colon"


@pytest.mark.parametrize("name", ["INT. BAR", "INT A - B", "CUT TO", "[CUT TO", "[CUT TO]", "[INT. BAR"])
def test_a_name_that_would_be_read_as_something_else_is_refused(name: str) -> None:
    for module in (colon, named):
        with pytest.raises(OutputError):
            rewrite(module, [Scene((Speech(name, "x", NOWHERE),), NOWHERE)])


def test_one_heading_among_groups_may_be_none() -> None:
    groups = "A: x\nB: y\n\n" * 5
    assert len(read(colon, f"{groups}EXT. 1901, THE OLD INN\n\n{groups}")) == 10
    assert len(read(colon, f"INT. BAR\n\n{groups}")) == 1
    assert len(read(colon, f"INT. BAR\n\n{groups}EXT. QUAY\n\n{groups}")) == 2


def test_a_heading_above_nothing_is_written_as_a_direction() -> None:
    script = [Scene((), NOWHERE, "EXT. QUAY"), Scene((Speech("Ada", "x", NOWHERE),), NOWHERE)]
    for module in (colon, named):
        assert plain(read(module, rewrite(module, script))) == [[("", "EXT. QUAY")], [("Ada", "x")]]


def test_where_and_when_a_scene_is_is_nobody() -> None:
    talk = "ANNA: Tea?\nBERT: No.\nANNA: Why?\nTime: Night.\nBERT: Go.\n"
    script = f"SCENE: A kitchen.\nSETTING: Later.\n{talk}\nSCENE: The garden\n{talk}PLACE:\nA wood.\nANNA: Hm.\n"
    assert detect_format(script) == "colon"
    said = [("ANNA", "Tea?"), ("BERT", "No."), ("ANNA", "Why?"), ("", "Time: Night."), ("BERT", "Go.")]
    first = [("#", "SCENE: A kitchen."), ("", "SETTING: Later."), *said]
    second = [("#", "SCENE: The garden"), *said, ("", "PLACE:"), ("", "A wood."), ("ANNA", "Hm.")]
    assert plain(read(colon, script)) == [first, second]
    for module in (colon, named):  # and it stays so when it is written
        assert plain(read(module, rewrite(module, read(colon, script)))) == [first, second]


def test_where_and_when_a_scene_is_above_the_words() -> None:
    talk = "ANNA:\nTea?\n\nBERT:\nNo.\n\n"
    script = f"SCENE: A kitchen.\n\nSETTING:\nLater.\n\n{talk}SCENE:\nA garden\n\n{talk}TIME: Night.\n\n{talk}"
    said = [("ANNA", "Tea?"), ("BERT", "No.")]
    assert detect_format(script) == "named"
    assert plain(read(named, script)) == [
        [("#", "SCENE: A kitchen."), ("", "SETTING:\nLater."), *said],
        [("#", "SCENE: A garden"), *said, ("", "TIME: Night."), *said],
    ]


def test_where_and_when_a_printed_scene_is() -> None:
    talk = "ANNA. Tea for you?\n\nBERT. No, I said.\n\nTIME: Night.\n\nLOCATION. A wood.\n\nSETTING: A wood.\n\n"
    assert {name for scene in plain(read(play, talk * 4)) for name, _ in scene} == {"ANNA", "BERT", ""}


@pytest.mark.parametrize(
    "line",
    ["SETTING: A small town in the US.", "TIME: World War I.", "SCENE: Act I, a kitchen.", "PLACE: THE US, BY NIGHT."],
)
def test_where_and_when_may_look_like_i_and_us(line: str) -> None:
    found = plain(read(colon, f"{line}\nANNA: Tea?\nBERT: No.\n"))
    assert found[0][0] == ("#" if line.startswith("SCENE") else "", line)


@pytest.mark.parametrize(
    "said", ["I, that please some.", "Now I will.", "Then I’ll go.", "Give it to us.", "Thou art old."]
)
def test_what_sounds_spoken_is_said(said: str) -> None:
    assert plain(read(colon, f"TIME: {said}\nANNA: Oh.\n"))[0][0] == ("TIME", said)
    assert plain(read(named, f"TIME:\n  {said}\n\nANNA:\nOh.\n"))[0][0] == ("TIME", said)


def test_somebody_may_be_called_time() -> None:
    script = "TIME: I, that please some, try all.\nANNA: Who?\nBERT: Who?\nTIME: Both joy and terror.\nANNA: Oh.\n"
    assert plain(read(colon, script))[0][0] == ("TIME", "I, that please some, try all.")
    assert plain(read(colon, script))[0][3] == ("TIME", "Both joy and terror.")
    below = script.replace(": ", ":\n").replace(".\n", ".\n\n").replace("?\n", "?\n\n")
    assert [name for name, _ in plain(read(named, below))[0]] == ["TIME", "ANNA", "BERT", "TIME", "ANNA"]


@pytest.mark.parametrize(
    ("written", "heading"),
    [
        ("*** SCENE 6 ***", "SCENE 6"),
        ("--- Act II, Scene 1 ---", "Act II, Scene 1"),
        ("## Scene 2", "Scene 2"),
        ("~ Act Two ~", "Act Two"),
        ("=== EPILOGUE ===", "EPILOGUE"),
        ("(SCENE 5)", "SCENE 5"),
        ("--- 第一幕 ---", "第一幕"),
        ("（第二場　庭）", "第二場　庭"),
        ("Prologue", "Prologue"),
        ("Epilogue.", "Epilogue."),
    ],
)
def test_headings_with_something_around_them(written: str, heading: str) -> None:
    said = [("ANNA", "Tea?"), ("BERT", "No."), ("ANNA", "Why?")]
    talk = "ANNA: Tea?\nBERT: No.\nANNA: Why?\n"
    above = talk.replace(": ", ":\n").replace("?\n", "?\n\n").replace(".\n", ".\n\n")
    gap = "\n" if written == heading else ""  # without decoration it needs a blank line above
    for module, script in ((colon, f"{talk}{gap}{written}\n{talk}"), (named, f"{above}{written}\n\n{above}")):
        assert plain(read(module, script)) == [said, [("#", heading), *said]], module
    printed = "ANNA. Tea for you?\n\nBERT. No, I said.\n\n" * 3
    assert [scene.heading for scene in read(play, f"{printed}{written}\n\n{printed}")] == ["", heading]


@pytest.mark.parametrize("words", ["- Scene 2.", "(scene 5)", "(Scene one, I thought, was dull.)", "*** well ***", "["])
def test_what_is_no_heading_is_still_said(words: str) -> None:
    said = [text for scene in plain(read(colon, f"ANNA: Tea?\nBERT: No.\n{words}\nANNA: Why?\n")) for _, text in scene]
    assert said in (["Tea?", f"No.\n{words}", "Why?"], ["Tea?", "No.", words, "Why?"])


@pytest.mark.parametrize("row", ["Epilogue.", "Prologue", "EPILOGUE"])
def test_an_epilogue_within_a_speech_is_said(row: str) -> None:
    found = read(colon, f"ANNA: I shall now speak the\n{row}\nListen!\nBERT: No.\n")
    expected = [[("ANNA", f"I shall now speak the\n{row}\nListen!"), ("BERT", "No.")]]
    assert plain(found) == expected == plain(read(colon, rewrite(colon, found)))


def test_a_prologue_may_speak() -> None:
    assert plain(read(colon, "PROLOGUE: Two households.\nANNA: Oh.\n"))[0][0] == ("PROLOGUE", "Two households.")


def test_a_direction_in_print_is_no_heading() -> None:
    printed = "ANNA. Tea for you?\n\nBERT. No, I said.\n\n[WITHIN]\n\n" * 3
    assert {scene.heading for scene in read(play, printed)} == {""}


MARKDOWN = """\
# The Leaking Roof

## Scene 1

**ANNA:** There is a man.
*(He waits.)*
**BERT:** *(annoyed)* Which man? #1 is
# not a heading, and *really* not.

## The garden

**ANNA:** Him.
**BERT:** _(quietly)_ Oh.
"""


def test_markdown() -> None:
    first = [
        ("#", "Scene 1"),
        ("ANNA", "There is a man."),
        ("", "(He waits.)"),
        ("BERT", "(annoyed) Which man? #1 is\n# not a heading, and *really* not."),
    ]
    second = [("#", "The garden"), ("ANNA", "Him."), ("BERT", "(quietly) Oh.")]
    found = read(colon, MARKDOWN)
    assert plain(found) == [[("", "Title: The Leaking Roof")], first, second]
    assert [scene.is_played for scene in found] == [False, True, True]
    places = [MARKDOWN[element.span.start : element.span.end] for scene in found for element in scene.elements]
    assert (
        places[0] == "# The Leaking Roof" and places[2] == "*(He waits.)*" and places[-1] == "**BERT:** _(quietly)_ Oh."
    )
    assert plain(read(colon, rewrite(colon, found)))[1][1:] == first[1:]


def test_markdown_above_the_words() -> None:
    talk = "ANNA:\n*(softly)* Tea?\n\nBERT:\nNo.\n\n"
    script = f"# The Roof\n\n## One\n\n{talk}## Two\n\n{talk}"
    said = [("ANNA", "(softly) Tea?"), ("BERT", "No.")]
    assert detect_format(script) == "named"
    assert plain(read(named, script)) == [[("", "Title: The Roof")], [("#", "One"), *said], [("#", "Two"), *said]]


@pytest.mark.parametrize("module", [colon, named])
def test_stars_around_brackets_are_not_written(module: ModuleType) -> None:
    said = "*(softly)* Tea?\n*(Not to Tom.)*"
    scene = Scene((Speech("Ada", said, NOWHERE), Direction("_(It rains.)_", NOWHERE)), NOWHERE)
    written = rewrite(module, [scene])
    expected = [("Ada", "(softly) Tea?\n(Not to Tom.)"), ("", "(It rains.)")]
    assert plain(read(module, written)) == [expected] and "*" not in written and "_" not in written


@pytest.mark.parametrize("module", [colon, named])
def test_a_direction_like_a_heading_of_markdown_stays_one(module: ModuleType) -> None:
    scene = Scene(
        (Speech("Ada", "Tea?", NOWHERE), Direction("## Tea", NOWHERE), Speech("Tom", "No.", NOWHERE)), NOWHERE
    )
    assert plain(read(module, rewrite(module, [scene])))[0][1] == ("", "## Tea")
