"""Fountain: every rule of its syntax, the samples of others, and writing as the inverse of reading."""

from __future__ import annotations

from pathlib import Path

import pytest
import support
from hypothesis import example, given
from hypothesis import strategies as st

from scriptbot.text.formats import detect_format, fountain
from scriptbot.text.script import Direction, Element, Kind, Scene, Span, Speech

SAMPLES = support.DATA / "screenplays"
NOWHERE = Span(0, 0)
KIOSK = """\
Title: The Lantern
Author:
    Somebody
    Somebody else

# Act one

INT. KIOSK - NIGHT #12-A#

Rain.  The last tram has gone.
Nobody cares.

ADA (V.O.)
(sighing)
Is the kettle _on_?
\x20\x20
Or *not*?

TOM ^
It was. [[He lies.]]

> CUT TO THE LAKE:

.LATER THAT NIGHT

= They wait.

@Mirkó
~Row, row
Good night.

!NOBODY IS THERE
THEY HAVE GONE

> THE END <

===

SMASH CUT TO:

/* ADA
Out. */
EXT. LAKE - DAWN

~La la

A \\*star\\* and ***all*** of __it__. 2 * 3 * 4
"""


def read(text: str) -> list[Scene]:
    return list(fountain.parse(text.splitlines(keepends=True)))


def bare(scenes: list[Scene]) -> list[object]:
    """Scenes without spans."""
    return [
        (
            scene.heading,
            scene.number,
            *((type(e), *(getattr(e, n) for n in e._fields if n != "span")) for e in scene.elements),
        )
        for scene in scenes
    ]


def test_every_rule() -> None:
    first, second, third, fourth = read(KIOSK)
    assert bare([first])[0][2:] == (
        (Direction, "Title: The Lantern\nAuthor:\n    Somebody\n    Somebody else", Kind.TITLE_PAGE, ""),
        (Direction, "# Act one", Kind.SECTION, ""),
    )
    asked = "(sighing)\nIs the kettle _on_?\n\nOr *not*?"
    assert (second.heading, second.number) == ("INT. KIOSK - NIGHT", "12-A")
    assert bare([second])[0][2:] == (
        (Direction, "Rain.  The last tram has gone.\nNobody cares.", Kind.ACTION, ""),
        (Speech, "ADA (V.O.)", asked.replace("_", "").replace("*", ""), False, asked),
        (Speech, "TOM", "It was.", True, ""),
        (Direction, "He lies.", Kind.NOTE, ""),
        (Direction, "CUT TO THE LAKE:", Kind.TRANSITION, ""),
    )
    assert third.heading == "LATER THAT NIGHT"
    assert bare([third])[0][2:] == (
        (Direction, "They wait.", Kind.SYNOPSIS, ""),
        (Speech, "Mirkó", "Row, row\nGood night.", False, "~Row, row\nGood night."),
        (Direction, "NOBODY IS THERE\nTHEY HAVE GONE", Kind.ACTION, ""),
        (Direction, "THE END", Kind.CENTRED, ""),
        (Direction, "", Kind.PAGE_BREAK, ""),
        (Direction, "SMASH CUT TO:", Kind.TRANSITION, ""),
        (Direction, "ADA\nOut.", Kind.CUT, ""),
    )
    assert fourth.heading == "EXT. LAKE - DAWN"
    lyrics, last = fourth.elements
    assert (lyrics.text, lyrics.kind) == ("La la", Kind.LYRICS)  # type: ignore[union-attr]
    assert last.text == "A *star* and all of it. 2 * 3 * 4"


def test_spans_are_places_in_the_text() -> None:
    for scene in read(KIOSK):
        for element in scene.elements:
            part = KIOSK[element.span.start : element.span.end]
            first_word = element.text.split()[:1]
            assert all(word.strip("?.") in part.replace("*", "").replace("\\", "") for word in first_word)
            if isinstance(element, Speech):
                assert element.character in part


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ADA\n\nHello.\n", "dd"),  # nobody speaks without words below
        ("Rain.\nADA\nHello.\n", "d"),  # nor without an empty line above
        ("ADA:\nHello.\n", "s"),
        ("12:30\nHello.\n", "d"),
        ("CUT TO:\nHello.\n", "s"),
        ("int. kiosk\n\nRain.\n", "hd"),
        ("INTERIOR\nHello.\n", "s"),
        ("..AND THEN\n\nRain.\n", "dd"),
        ("Note [[never ends\n\nADA\nHello.\n", "ds"),
        ("/* never ends\n\nADA\nHello.\n", "ds"),
        ("/*\nADA\n\nHello.\n*/\nRain.\n", "dd"),
        ("朋子\nこんにちは。\n", "d"),
        ("@朋子\nこんにちは。\n", "s"),
        ("Rain.\n> CUT TO BLACK.\n", "dd"),
    ],
)
def test_looks(text: str, kinds: str) -> None:
    scenes = read(text)
    found = "".join(
        "h" * bool(scene.heading) + "".join(type(e).__name__[0].lower() for e in scene.elements) for scene in scenes
    )
    assert found == kinds


def test_without_headings_forty_speeches_make_a_scene() -> None:
    assert [len(scene.elements) for scene in read("ADA\nHello.\n\n" * 100)] == [40, 40, 20]


def test_what_is_fountain() -> None:
    assert detect_format(KIOSK) == "fountain"
    assert detect_format("INT. KIOSK - NIGHT\n\nRain.\n\nADA\nHello.\n") == "fountain"
    assert detect_format("@朋子\nはい。\n\n@太郎\nいいえ。\n") == "fountain"
    assert detect_format("ADA: Hello.\nTOM: No.\nADA: Yes.\nTOM: Why?\n") == "colon"
    assert detect_format("ADA:\nHello.\n\nTOM:\nNo.\n\nADA:\nYes.\n\nTOM:\nWhy?\n") == "named"
    assert detect_format("CHAPTER ONE\nIt rained.\n\nCHAPTER TWO\nIt stopped.\n\nAnd so on.\n") == "text"


@pytest.mark.parametrize("mark", ["=", ">", "~", "><", "> <"])
def test_a_mark_without_words_says_nothing(mark: str) -> None:
    assert not [element for scene in read(f"\n{mark}\n") for element in scene.elements]
    (scene,) = read(f"A lake.\n\n{mark}\n\nADA\nx\n")
    assert [element.text for element in scene.elements] == ["A lake.", "x"]


def test_a_heading_by_a_turkish_keyboard() -> None:
    (scene,) = read("İNT. EV - GECE\n\nADA\nx\n")
    assert scene.heading == "İNT. EV - GECE" and bare(read("".join(fountain.write([scene])))) == bare([scene])


def test_every_scene_comes_back() -> None:
    scenes = read(KIOSK)
    again = read("".join(fountain.write(scenes)))
    assert bare(again) == bare(scenes)


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.fountain")) or [None], ids=str)
def test_samples_come_back(path: Path | None) -> None:
    if path is None:
        pytest.skip("the data folder with the screenplays is not here")
    scenes = read(path.read_text("utf-8-sig"))
    assert scenes and bare(read("".join(fountain.write(scenes)))) == bare(scenes)


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
WORDS = st.text(LETTERS, max_size=20).map(lambda text: " ".join(text.split()))
ROWS = st.lists(WORDS.filter(bool), min_size=1, max_size=3).map("\n".join)
NAMES = st.text(st.characters(categories=["L", "Nd"], codec="utf-8"), min_size=1, max_size=9)
DIRECTIONS = ROWS.map(lambda text: Direction(text, NOWHERE))
ELEMENTS = st.one_of(DIRECTIONS, st.builds(Speech, NAMES, ROWS, st.just(NOWHERE), st.booleans(), st.just("")))


@given(st.lists(ELEMENTS, min_size=1, max_size=5), WORDS)
def test_whatever_is_written_is_read_again(elements: list[Element], heading: str) -> None:
    scene = Scene(tuple(elements), NOWHERE, f"x{heading.strip('#')}".strip())
    assert bare(read("".join(fountain.write([scene])))) == bare([scene])


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("as in [[this]], [that]", Kind.NOTE, "as in [[this] ], [that]"),
        ("see [1]", Kind.NOTE, "see [1]"),
        ("CUT\nTO:", Kind.TRANSITION, "CUT TO:"),
        ("then\nlater", Kind.TRANSITION, "then later"),
        ("# Act\none", Kind.SECTION, "# Act one"),
        ("# see /* here", Kind.SECTION, "# see / * here"),
        ("see /* here", Kind.SYNOPSIS, "see / * here"),
        ("see [[ here", Kind.SYNOPSIS, "see [ [ here"),
        (r"see \[[ here", Kind.SYNOPSIS, r"see \[[ here"),
    ],
)
def test_nothing_of_a_remark_gets_into_what_is_played(text: str, kind: Kind, expected: str) -> None:
    """Such texts come from other formats."""
    ada, tom = (Speech(name, "Hi.", NOWHERE) for name in ("ADA", "TOM"))
    behind = (tom, Direction("old", NOWHERE, Kind.CUT), ada)  # a passage that is left out ends with */
    scene = Scene((ada, Direction(text, NOWHERE, kind), *behind), NOWHERE)
    expected_scene = Scene((ada, Direction(expected, NOWHERE, kind), *behind), NOWHERE)
    assert bare(read("".join(fountain.write([scene])))) == bare([expected_scene])


def test_nothing_of_a_title_page_gets_into_what_is_played() -> None:
    played = (Speech("ADA", "Hi.", NOWHERE), Direction("old", NOWHERE, Kind.CUT))
    title, kept = (
        Direction(f"Title: The {star}\nAuthor: {note} A", NOWHERE, Kind.TITLE_PAGE)
        for star, note in (("/*", "[["), ("/ *", "[ ["))
    )
    scene = Scene((title, *played), NOWHERE)
    assert bare(read("".join(fountain.write([scene])))) == bare([Scene((kept, *played), NOWHERE)])


def test_what_looks_like_a_song_or_is_empty_comes_back() -> None:
    scene = Scene(
        (Speech("ADA", "~ no song", NOWHERE), Speech("TOM", "", NOWHERE), Speech("X\\Y", "a", NOWHERE)), NOWHERE
    )
    assert bare(read("".join(fountain.write([scene])))) == bare([scene])


@pytest.mark.parametrize("first", [Direction("Date: 12 March.\nRain.", NOWHERE), Speech("TITLE: X", "Hi.", NOWHERE)])
def test_what_looks_like_a_title_page_comes_back(first: Direction | Speech) -> None:
    scenes = [Scene((first,), NOWHERE), Scene((Speech("ADA", "Hi.", NOWHERE),), NOWHERE, "INT. KIOSK - NIGHT")]
    assert bare(read("".join(fountain.write(scenes)))) == bare(scenes)


MARKS = ["[[", "]]", "/*", "*/", "*", "_", "\\", "INT. ", "> ", "<", "@a", "~", "#", "="]


@given(st.lists(st.sampled_from(["\n", "  \n", "ADA\n", "hello ", "(x)\n", *MARKS]), max_size=60))
@example(["*/", "/*", "/*", "/*", "[["])
@example(["/*", "ADA\n", "/*", "hello ", "/*", "\n", "*/", "[["])
def test_nothing_breaks_it_and_what_it_writes_stays(parts: list[str]) -> None:
    once = read("".join(fountain.write(read("".join(parts)))))
    assert bare(read("".join(fountain.write(once)))) == bare(once)


HOSTILE = ["[[", "]] [[\n", "/*\n", "*a ", "_a_ ", "\\", "*a* b", "ADA\n\n", "[[x]]", "( ", "[[\n\n"]


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_texts_come_to_an_end(part: str) -> None:
    lines = (part * (100_000 // len(part))).splitlines(keepends=True)
    assert sum(len(scene.elements) for scene in fountain.parse(lines)) > 0


@pytest.mark.parametrize("after", ["", "[[He lies.]]\n", "  \n", "[[He lies.]]\n  \n[[Always.]]\n"])
def test_a_speech_without_end_is_cut_and_nothing_empty_comes_after_it(
    after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fountain, "LONGEST_ELEMENT", 50)
    said = "Is the kettle on, or is it not?"
    for rows in range(1, 6):
        (scene,) = read("ADA\n" + f"{said}\n" * rows + after)
        found = [element for element in scene.elements if isinstance(element, Speech)]
        assert len(found) == (rows + 1) // 2 and {speech.character for speech in found} == {"ADA"}
        assert "\n".join(speech.text for speech in found) == "\n".join([said] * rows)
        assert len(scene.elements) - len(found) == after.count("[[")


def _typed(*centred: str) -> str:
    return "".join(f"{line:>30}\n" for line in centred)


TALK = f"{_typed('ANNA')}Tea for you?\n\n{_typed('BERT')}No.\n\n" * 3
TYPED = (
    f"{_typed('THE LEAK')}\n{_typed('ACT I')}\n{_typed('Scene One')}\nA kitchen.\n\n{TALK}"
    f"{_typed('Scene Two')}{TALK}{_typed('ACT II', 'Scene 1')}\n{TALK}Epilogue\n\n{TALK}"
)


def test_a_typed_play_has_acts_and_scenes() -> None:
    assert detect_format(TYPED) == "fountain"
    scenes = list(fountain.parse(TYPED.splitlines(keepends=True)))
    assert [(scene.heading, len(list(scene.speeches))) for scene in scenes] == [
        ("", 0),
        ("ACT I", 0),
        ("Scene One", 6),
        ("Scene Two", 6),
        ("ACT II", 0),
        ("Scene 1", 6),
        ("Epilogue", 6),
    ]
    assert {speech.character for scene in scenes for speech in scene.speeches} == {"ANNA", "BERT"}


@pytest.mark.parametrize("heading", ["EXT. LAKE - DAWN", ".THE LAKE"])
def test_a_screenplay_has_other_headings(heading: str) -> None:
    scenes = fountain.parse(f"{TYPED}{heading}\n\nRain.\n".splitlines(keepends=True))
    assert [scene.heading for scene in scenes] == ["", heading.removeprefix(".")]


@pytest.mark.parametrize("line", ["Est. 1990, I think?", ".38 special.", "Int. revenue, I said."])
def test_what_somebody_says_is_no_heading_of_a_screenplay(line: str) -> None:
    scenes = fountain.parse(f"{TYPED}{_typed('ANNA')}{line}\n".splitlines(keepends=True))
    assert [scene.heading for scene in scenes][1:3] == ["ACT I", "Scene One"]


def test_what_looks_like_an_act_is_written_as_what_it_is() -> None:
    said = Speech("ACT II", "I am a horse.", NOWHERE)
    told: list[Element] = [Direction("ACT I", NOWHERE), Direction("Epilogue", NOWHERE), said]
    (scene,) = fountain.parse("".join(fountain.write([Scene(tuple(told), NOWHERE)])).splitlines(keepends=True))
    assert [element.at(NOWHERE) for element in scene.elements] == told
