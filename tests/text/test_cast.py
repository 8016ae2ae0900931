"""Who is who: labels of one character are joined when it is certain, and a person's shorthand is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.errors import UsageError
from scriptbot.text.cast import Cast, each_known, find_cast, match_name
from scriptbot.text.script import Scene, Span, Speech

HERE = Span(0, 0)
CAST = Cast((("Ada_Brown", 9), ("Tom_Reed", 8), ("Tomas", 4), ("Mary_Reed", 3), ("Carl_Carlson", 2), ("Patron_#1", 1)))


def cast_of(*labels: str) -> Cast:
    return find_cast([Scene(tuple(Speech(label, "x", HERE) for label in labels), HERE)])


def test_counts_and_order() -> None:
    assert cast_of("Cy", "Tom", "Tom", "Bea").lines == (("Tom", 2), ("Bea", 1), ("Cy", 1))


@pytest.mark.parametrize(
    "other",
    ["ADA_BROWN", "ada brown", "Ada_Brown (CONT'D)", "ADA_BROWN_(CONT'D", 'Ada_Brown"', "Ada Brown (V.O.)"],
)
def test_spellings_of_one_name(other: str) -> None:
    cast = cast_of(other, "Ada_Brown", "Ada_Brown")
    assert cast.lines == (("Ada_Brown", 3),)
    assert cast.resolve(other) == "Ada_Brown"


@pytest.mark.parametrize("part", ["_", "(more)", "_(cont'd)", "( ", "(v.o., "])
def test_a_label_as_long_as_a_book_is_folded_at_once(part: str) -> None:
    """A chat may name anybody anything; this took hours."""
    label = f"{part * (1_000_000 // len(part))}x"
    assert cast_of(label, "Ada (V.O.)", label).names == (label, "Ada")
    assert cast_of(f"{label} (CONT'D)", label, label).names == (label,)


def test_others_know_them_in_another_spelling() -> None:
    scene = Scene(tuple(Speech(name, "x", HERE) for name in ("Ada", "ADA (V.O.)", "Ada", "Tom", "bea")), HERE)
    cast = find_cast([scene]).known_as(cast_of("ADA.", "Bea", "Eve"))
    assert cast.lines == (("ADA.", 3), ("Bea", 1), ("Tom", 1))
    (proper,) = cast.proper([scene])
    assert [speech.character for speech in proper.speeches] == ["ADA.", "ADA.", "ADA.", "Tom", "Bea"]


@pytest.mark.parametrize("label", ["HOMER_(CONT'D", "HOMER (V.O.)"])
def test_others_know_who_goes_on(label: str) -> None:
    """A text of which only the continuations are there has their names from another that has more."""
    known = cast_of("Homer_Simpson", "HOMER_(CONT'D", "Tom")
    cast = cast_of(label, "Homer_Simpson", "Homer_Jay", "Tom").known_as(known)
    assert cast.resolve(label) == "Homer_Simpson"
    assert cast.lines == (("Homer_Simpson", 2), ("Homer_Jay", 1), ("Tom", 1))
    assert cast_of(label).known_as(known).lines == (("Homer_Simpson", 1),)
    assert cast_of(label, "Homer_Jay").known_as(known).lines == (("Homer_Jay", 2),)
    assert cast_of("Homer").known_as(known).lines == (("Homer", 1),)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Patron_#1", "Patron_#2"), ("Ada", "Ada_Brown"), ("Tom", "Tom (at the bar)"), ("???", "!!!")],
)
def test_two_characters_stay_two(one: str, other: str) -> None:
    assert len(cast_of(one, other).lines) == 2


def test_continued_under_the_first_name() -> None:
    assert cast_of("Ada_Brown", "ADA_(CONT'D", "Tom").lines == (("Ada_Brown", 2), ("Tom", 1))


def test_continued_stays_apart_when_it_could_be_two() -> None:
    cast = cast_of("Ada_Brown", "Ada_Smith", "ADA_(CONT'D")
    assert cast.resolve("ADA_(CONT'D") == "ADA"
    assert cast.names == ("ADA", "Ada_Brown", "Ada_Smith")


def test_a_plain_first_name_is_its_own_character() -> None:
    cast = cast_of("Ada_Brown", "ADA", "ADA_(CONT'D)")
    assert cast.resolve("ADA_(CONT'D)") == "ADA"


def test_the_commonest_spelling_is_shown() -> None:
    assert cast_of("ADA", "Ada", "Ada").names == ("Ada",)
    assert cast_of("ADA", "Ada").names == ("ADA",)  # of equals the first


@given(st.lists(st.text(max_size=6), max_size=12))
def test_no_speech_is_lost(labels: list[str]) -> None:
    cast = cast_of(*labels)
    assert sum(count for _, count in cast.lines) == len(labels)
    assert {cast.resolve(label) for label in labels} == set(cast.names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada_Brown", "Ada_Brown"),
        ("ada brown", "Ada_Brown"),
        ("ADA", "Ada_Brown"),
        ("tom", "Tom_Reed"),
        ("toma", "Tomas"),
    ]
    + [
        ("mary", "Mary_Reed"),
        ("carlson", "Carl_Carlson"),
        (" car ", "Carl_Carlson"),
        ("patron #1", "Patron_#1"),
    ],
)
def test_match(text: str, name: str) -> None:
    assert match_name(text, CAST.names) == name


def test_match_knows_the_aliases() -> None:
    assert match_name("ADA_(CONT'D", cast_of("Ada_Brown", "ADA_(CONT'D").names) == "Ada_Brown"


@pytest.mark.parametrize(("text", "told"), [("reed", "Tom_Reed, Mary_Reed"), ("to", "Tom_Reed, Tomas")])
def test_match_of_several_names_them(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        match_name(text, CAST.names)
    assert told in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Adda", "Ada_Brown"),
        ("carlsen", "Carl_Carlson"),
        ("qqq", "Characters: Ada_Brown"),
        ("harlot", "Characters: Ada_Brown"),  # as much like Carlson as Hamlet is like Capulet
        ("", "Characters"),
    ],
)
def test_match_of_nobody_names_the_nearest(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        match_name(text, CAST.names)
    assert told in caught.value.hint


def test_match_without_a_cast() -> None:
    with pytest.raises(UsageError):
        match_name("ada", ())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("PIP, GUS", True),
        ("pip and gus", True),
        ("Pip & Gus/OTTO", True),
        ("PIP、花子", True),
        ("Pip and Tom", False),
        ("Pip", False),
        ("Pip,", False),
        ("Andy", False),
    ],
)
def test_a_name_that_is_several(name: str, known: bool) -> None:
    assert each_known(name, ("GUS", "PIP", "OTTO", "花子")) is known
