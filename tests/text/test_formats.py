"""Formats: what is taken for a script, how it is read, and that writing and reading are each other's inverse."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

import pytest
from given import NOWHERE, plain, read, rewrite
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.errors import OutputError, UsageError
from scriptbot.text.formats import FORMATS, WRITERS, colon, detect_format, find_format, named, scenes, text
from scriptbot.text.script import Direction, Kind, Scene, Span, Speech

CAFE = """\
Ada: (SETTING DOWN HER BAG) Is the kettle on?
Tom_Reed: It was.
And it will be again.
Ada: Good.

The kettle whistles, and it is late: nobody cares.


Ada: Who is this?
Tom_Reed: My aunt.
"""
VERSE = """\
Ada:
Is the kettle on?

Second Neighbour:
It was,
before you came.

Exeunt.

Ada:
A pity.
"""

# ---------------------------------------------------------------- detection


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (CAFE, "colon"),
        (VERSE, "named"),
        ("太郎：元気ですか。\n花子：はい。\n太郎：よかった。\n", "colon"),
        ("Ada: one\n\nTom: two\n\nAda: three\n", "colon"),
        ("Ada: this speech was wrapped\nby an editor at a column\nthat is narrow.\n\n" * 4, "colon"),
        ("Note this: it is late.\nI went home.\nNote this: it was dark.\n", "text"),
        ("Title: A Tale\nAuthor: Somebody\nYear: 1901\n", "text"),
        ("12:30 lunch\n12:30 lunch\n13:45 walk\n", "text"),
        ("https://a.example\nhttps://b.example\n", "text"),
        ("The end was near. Ada: said nothing.\n" * 9, "text"),
        ("apple: a fruit\nbook: to read\ncat: an animal\ndog: another\nelm: a tree\nfox: red\n", "text"),
        ("Chapter One:\n\nIt was night.\n\nChapter Two:\n\nIt was day.\n", "text"),
        ("Ada: hm\nIt went on.\nFor long.\nAnd on.\nAda: hm\nIt ended.\n", "text"),
        ("Flour:\n\nSalt:\n\n" * 4, "text"),  # labels, but nobody says anything
        ("Just one line", "text"),
        ("\n\n", "text"),
    ],
)
def test_detection(sample: str, name: str) -> None:
    assert detect_format(sample) == name


def test_every_format_that_can_be_written_is_among_the_writers() -> None:
    assert [name for name, module in FORMATS.items() if hasattr(module, "write")] == list(WRITERS)


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="colom") as caught:
        find_format("colom")
    assert "colon" in caught.value.hint


# ---------------------------------------------------------------- reading


def test_colon() -> None:
    assert plain(read(colon, CAFE)) == [
        [
            ("Ada", "(SETTING DOWN HER BAG) Is the kettle on?"),
            ("Tom_Reed", "It was.\nAnd it will be again."),
            ("Ada", "Good."),
            ("", "The kettle whistles, and it is late: nobody cares."),
        ],
        [("Ada", "Who is this?"), ("Tom_Reed", "My aunt.")],
    ]


def test_named() -> None:
    assert plain(read(named, VERSE)) == [
        [
            ("Ada", "Is the kettle on?"),
            ("Second Neighbour", "It was,\nbefore you came."),
            ("", "Exeunt."),
            ("Ada", "A pity."),
        ]
    ]


@pytest.mark.parametrize(
    ("module", "script"), [(colon, CAFE), (named, VERSE), (colon, "\n\n\n" + CAFE), (named, VERSE[:-1])]
)
def test_spans_are_where_things_stand(module: ModuleType, script: str) -> None:
    for scene in read(module, script):
        assert scene.span == Span(scene.elements[0].span.start, scene.elements[-1].span.end)
        for element in scene.elements:
            there = script[element.span.start : element.span.end]
            assert there == there.strip()
            assert there.endswith(element.text)
            assert there.startswith(element.character if isinstance(element, Speech) else element.text)


@pytest.mark.parametrize(
    ("script", "sizes"),
    [
        ("A: x\nB: y\n\nA: x\nB: y\n", [2, 2]),  # one blank line parts
        ("A: x\n\nB: y\n\nA: x\n", [3]),  # every speech stands alone: blank lines mean nothing
        ("A: x\n\nB: y\n\n\nA: x\n", [2, 1]),  # two part, so one does not
        ("A: x\nB: y\n\n(Dark.)\n\nA: x\nB: y\n\n(Light.)\n", [3, 3]),  # a direction alone is no scene
        ("A: x\nB: y\n\n(Dark.)\nA: x\nB: y\n\nDark.\n\nA: x\nB: y\n", [2, 3, 1, 2]),  # but it may begin one
        ("A: x\nB: y\n\nA: x\n\n\n(Dark.)\n\nA: y\n", [3, 2]),
        ("The Hat\nby Ann\n\nA kitchen.\n\nA: x\nB: y\n\nA: x\nB: y\n", [4, 2]),  # nor is a title
        ("\n\nA: x\nB: y\n\nA: x\nB: y\n", [4]),  # two at the beginning settle it as well
        ("A: x\n" * 100, [40, 40, 20]),  # nothing parts
        ("A: x\n" * 100 + "\n\nA: x\n" * 2, [100, 1, 1]),
        (
            "A: x\n" * 250 + "\n\nA: x\n",
            [40] * 6 + [10, 1],
        ),  # too far off to be looked for, but it parts there
    ],
)
def test_where_scenes_part(script: str, sizes: list[int]) -> None:
    assert [len(scene.elements) for scene in read(colon, script)] == sizes


def test_a_scene_that_only_was_long_goes_on_in_the_next() -> None:
    found = [scene.continued for scene in read(colon, "A: x\n" * 250 + "\n\nA: x\n")]
    assert found == [False, *[True] * 6, False]
    assert [scene.continued for scene in read(colon, "EXT. QUAY\n\nA: x\n\nINT. BAR\n\nA: x\n")] == [False, False]


def test_a_play_without_marks_is_cut_after_forty_speeches() -> None:
    assert [len(scene.elements) for scene in read(named, "A:\nx\n\n" * 90)] == [40, 40, 10]
    assert [len(scene.elements) for scene in read(named, ("A:\nx\n\n" * 50 + "\n") * 2)] == [50, 50]


@pytest.mark.parametrize(
    ("line", "elements"),
    [
        ("Ada:\nhello", [("Ada", "hello")]),
        ("Ada:", [("Ada", "")]),
        ("Ada : hi", [("Ada", "hi")]),
        ("太郎：はい", [("太郎", "はい")]),
        ("Ada: see http://x", [("Ada", "see http://x")]),
        ("http://x is here", [("", "http://x is here")]),
        ("  Ada: indented", [("", "Ada: indented")]),
    ],
)
def test_one_line_of_colon(line: str, elements: list[tuple[str, str]]) -> None:
    assert plain(read(colon, line)) == [elements]


def test_nothing_is_dropped() -> None:
    for module in (colon, named):
        for script in (CAFE, VERSE):
            kept = " ".join(
                f"{name}: {words}" if name else words for part in plain(read(module, script)) for name, words in part
            )
            assert set(kept.replace(":", " ").split()) == set(script.replace(":", " ").split())


def test_memory_is_bounded_by_the_largest_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "LARGEST", 200)
    taken = 0

    def lines() -> Iterable[str]:
        nonlocal taken
        for number in range(10_000):
            taken = number
            yield "\n" if number < 3 else "B: hello there\n"

    assert len(next(colon.parse(lines())).elements) < 20
    assert taken < 30


def test_a_speech_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colon, "LONGEST_ELEMENT", 50)
    monkeypatch.setattr(named, "LONGEST_ELEMENT", 50)
    for module, head in ((colon, "Ada: x\n"), (named, "Ada:\nx\n")):
        found = [element for scene in read(module, head + "more\n" * 40) for element in scene.elements]
        assert all(isinstance(e, Speech) and e.character == "Ada" for e in found)
        assert len(found) > 2
        assert "\n".join(e.text for e in found) == "x\n" + "\n".join(["more"] * 40)


# ---------------------------------------------------------------- writing

NAMES = st.sampled_from(
    [
        "INT 1",
        "JOHNNY TO",
        "Ada",
        "Tom_Reed",
        "Mrs. Grey",
        "HOMER_(CONT'D",
        "太郎",
        "Ghost of the Duke",
        "you",
        'Carll"',
    ]
)
LINE = (
    st.one_of(
        st.text(st.sampled_from("ab:. ,(A!？：\u3000"), min_size=1, max_size=12),
        st.sampled_from(["Ada: hi", "Tom:", "太郎：はい", "note: this", "(He sits.)", "http://x", "Ada", ":"]),
        st.sampled_from(
            [
                "INT. BAR - NIGHT",
                "CUT TO:",
                "Fade out.",
                "（笑う）",
                "[CUT TO:]",
                "[INT. BAR]",
                "(and then",
                "at last)",
                "INT 1:",
            ]
        ),
        st.sampled_from(["SCENE 2", "Act 2, Scene 1", "Scene 3: A lake", "第二場「庭」", "ACT I"]),
    )
    .map(str.strip)
    .filter(bool)
)
LINES = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
SPEECHES = st.builds(Speech, NAMES, st.one_of(st.just(""), LINES), st.just(NOWHERE))
# Transitions are apart: in brackets they lose them.  Without a kind, Hypothesis would choose any.
KINDS = st.sampled_from([kind for kind in Kind if kind is not Kind.TRANSITION])
DIRECTIONS = st.builds(Direction, LINES, st.just(NOWHERE), KINDS)
WAYS = st.sampled_from(["CUT TO:", "CUT TO: THE QUAY", "Fade out.", "FADE OUT. SUPER: THE END"])
TRANSITIONS = st.builds(Direction, WAYS, st.just(NOWHERE), st.just(Kind.TRANSITION))
SCENE = st.lists(st.one_of(SPEECHES, SPEECHES, DIRECTIONS, TRANSITIONS), min_size=1, max_size=6)
HEADINGS = st.sampled_from(["", "EXT. QUAY", "INT. SHIP: DECK - DAY", "Scene 3: A lake", "第二場「庭」", " "])
HEADED = st.builds(lambda part, heading: Scene(tuple(part), NOWHERE, heading), SCENE, HEADINGS)
SCRIPT = st.lists(HEADED, max_size=4)


@pytest.mark.parametrize("module", [colon, named])
@given(script=SCRIPT)
def test_what_is_written_reads_the_same(module: ModuleType, script: list[Scene]) -> None:
    assert plain(read(module, rewrite(module, script))) == plain(script)


@pytest.mark.parametrize("module", [colon, named])
@pytest.mark.parametrize("speeches", [1, 40, 41, 99, 100, 101, 200, 201, 450])
@pytest.mark.parametrize("others", [0, 1])
def test_long_scenes_are_written_so_that_they_stay_whole(module: ModuleType, speeches: int, others: int) -> None:
    long = Scene(tuple(Speech("Ada", "x", NOWHERE) for _ in range(speeches)), NOWHERE)
    script = [long, *[Scene((Speech("Tom", "y", NOWHERE),), NOWHERE)] * others]
    assert plain(read(module, rewrite(module, script))) == plain(script)


@pytest.mark.parametrize("module", [colon, named])
def test_a_very_long_first_speech_is_written_so_that_the_scene_stays_whole(module: ModuleType) -> None:
    first = Scene((Speech("Ada", "x" * 300_000, NOWHERE), *[Speech("Tom", "y", NOWHERE)] * 50), NOWHERE)
    assert plain(read(module, rewrite(module, [first, first]))) == plain([first, first])


@pytest.mark.parametrize(("module", "script"), [(colon, CAFE), (named, VERSE)])
def test_a_tidy_script_is_written_as_it_was(module: ModuleType, script: str) -> None:
    assert rewrite(module, read(module, script)) == script


@pytest.mark.parametrize("module", [colon, named])
@given(script=st.text(st.sampled_from("Ab: \n\n\t."), max_size=60))
def test_reading_is_stable(module: ModuleType, script: str) -> None:
    once = read(module, script)
    assert plain(read(module, rewrite(module, once))) == plain(once)


@pytest.mark.parametrize("module", [colon, named])
def test_headings_are_written(module: ModuleType) -> None:
    script = [Scene((Speech("Ada", "x", NOWHERE),), NOWHERE, heading="The kitchen")]
    assert plain(read(module, rewrite(module, script))) == [[("", "The kitchen"), ("Ada", "x")]]


@pytest.mark.parametrize("name", ["TIME", "Place", "SCENE", "Title"])
def test_a_name_like_a_placing_or_a_title_comes_back(name: str) -> None:
    said = [Speech(name, text, NOWHERE) for text in ("Night.", "Who are you?", "", "A wood.\nAnd I.")]
    script = [Scene((*said, Speech("Ada", "x", NOWHERE)), NOWHERE, heading="SCENE: A kitchen.")] * 2
    for found in (script, [Scene(scene.elements, NOWHERE) for scene in script]):
        assert plain(read(colon, rewrite(colon, found))) == plain(found)


@pytest.mark.parametrize("module", [colon, named])
@pytest.mark.parametrize("name", ["", "a: b", "He said", " Ada", "x\ny"])
def test_a_name_that_would_be_lost_is_refused(module: ModuleType, name: str) -> None:
    with pytest.raises(OutputError):
        rewrite(module, [Scene((Speech(name, "x", NOWHERE),), NOWHERE)])


# ---------------------------------------------------------------- title pages

TITLE_PAGE = "Title: The Kiosk\nAuthor: Me\nContact:\n    1 Lake Street\n    Ada: Somewhere\n"
TALK = [("ANNA", "Tea?"), ("BERT", "No."), ("ANNA", "Oh.")]


@pytest.mark.parametrize("gap", ["", "\n", "\n\n"])
@pytest.mark.parametrize("before", ["", "\n"])
def test_a_title_page_is_nobody(before: str, gap: str) -> None:
    script = f"{before}{TITLE_PAGE}{gap}ANNA: Tea?\nBERT: No.\nANNA: Oh.\n"
    found = read(colon, script)
    first = found[0].elements[0]
    assert isinstance(first, Direction) and first.kind is Kind.TITLE_PAGE
    assert first.text == TITLE_PAGE.rstrip() and script[first.span.start : first.span.end] == TITLE_PAGE.rstrip()
    assert [part for scene in plain(found) for part in scene][1:] == TALK
    again = rewrite(colon, found)
    assert {speech.character for scene in read(colon, again) for speech in scene.speeches} == {"ANNA", "BERT"}
    assert colon.detect(script) == colon.detect(again) == 1.0


def test_a_title_page_ends_where_somebody_speaks() -> None:
    assert plain(read(colon, "Title: A\nIt is late.\nAuthor: Good evening.\n")) == [
        [("", "Title: A"), ("", "It is late."), ("Author", "Good evening.")]
    ]
    assert plain(read(colon, "Author: Good evening.\nAda: Oh.\nTitle: x\n"))[0][0] == ("Author", "Good evening.")
    assert plain(read(colon, "ANNA: Tea?\nTitle: No.\n")) == [[("ANNA", "Tea?"), ("Title", "No.")]]


# ---------------------------------------------------------------- plain text


@given(st.lists(st.text(st.sampled_from("ab\n\x00é"), max_size=30), max_size=20), st.integers(1, 9))
def test_blocks_are_the_text(pieces: list[str], size: int) -> None:
    whole = "".join(pieces)
    found = list(text.blocks(pieces, size))
    assert "".join(found) == whole
    assert all(0 < len(block) <= size for block in found)
    assert all("\n" not in block or block.endswith("\n") for block in found[:-1])
    assert found == list(text.blocks([whole], size))


def test_text_is_kept_to_the_letter() -> None:
    whole = ("A line: of text.\n" * 9_000) + "\n\n\t the end "
    found = read(text, whole)
    assert len(found) == 3
    assert rewrite(text, found) == whole
    assert [whole[scene.span.start : scene.span.end] for scene in found] == [scene.elements[0].text for scene in found]
    assert all(isinstance(scene.elements[0], Direction) for scene in found)


# ---------------------------------------------------------------- what is no script at all

PROSE = "It was late, and nobody came to the kiosk.\n"

NO_SCRIPTS = {
    "comments": "<!---->" * 60 + "<html></html>\n",
    "blank lines": "\n" * 40_000 + "x\n",
    "brackets": "[" + " " * 100_000,
    "spaces": (" " * 60_000 + "x\n") * 2,
    "decorators": "@property\ndef a(self) -> int:\n    return 1\n\n\n" * 20,
    "log": "12:00:01|INFO|started\n12:00:02|INFO|stopped\n" * 10,
    "bank": "date,category,amount\n2024-01-01,Food,3\n2024-01-02,Rent,4\n2024-01-03,Food,5\n" * 3,
    "markdown": "# Title\n\n- one\n- two\n\n```\nx: y\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n" * 4,
    "poem": "The kettle sings,\nthe kettle rings,\nand nobody hears.\n\n" * 10,
    "diary": "Title: My diary\n" + PROSE * 200 + "Ada: Tea?\nTom: No.\n" * 2,
    "novel": "It was late. “Is the kettle on?” said Ada.\n\nTom looked up. “It was,” he said.\n\n" * 10,
    "package": '{"name": "kiosk", "version": "1.0", "dependencies": {"tea": "^2"}}\n',
    "settings": "env:\n- name: A\n  value: x\n- name: B\n  value: y\n",
}


@pytest.mark.parametrize("name", NO_SCRIPTS)
def test_what_is_no_script(name: str) -> None:
    """And it is told at once: nothing in here grows faster than the text."""
    assert detect_format(NO_SCRIPTS[name]) == "text"
