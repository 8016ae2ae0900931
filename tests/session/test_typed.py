"""What a person types, as a script."""

from __future__ import annotations

import pytest

from scriptbot.session.typed import Line, Spoken, read_typed
from scriptbot.text.labels import Labels

CAST = ("ADA", "TOM", "GHOST (OLD)", "花子")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Hello.", [("ME", "Hello.")]),
        ("Ada: Hello.", [("ADA", "Hello.")]),
        ("Ada (quietly): Is anybody awake?", [("ADA", "(quietly) Is anybody awake?")]),
        ("ada（小声）：はい。", [("ADA", "（小声） はい。")]),
        ("Zoe (to Tom): Come.", [("Zoe", "(to Tom) Come.")]),
        ("Ghost (old): Boo.", [("GHOST (OLD)", "Boo.")]),
        ("TOM (CONT'D): And so on.", [("TOM", "And so on.")]),
        ("what (I think): no name", [("ME", "what (I think): no name")]),
        ("At 7:30 (sharp)", [("ME", "At 7:30 (sharp)")]),
        ("Ada:Tea?", [("ADA", "Tea?")]),
        ("Ada (softly):Tea?", [("ADA", "(softly) Tea?")]),
        ("**Ada:** Tea?", [("ADA", "Tea?")]),
        ("花子「お湯は？」", [("花子", "「お湯は？」")]),
        ("太郎「お湯は？」", [("ME", "太郎「お湯は？」")]),
        ("Zoe:Tea?", [("ME", "Zoe:Tea?")]),
        ("Ada:)", [("ME", "Ada:)")]),
        ("Ada: One\ntwo\n\nthree", [("ADA", "One\ntwo"), ("ME", "three")]),
        ("Ada (to Tom):\n\none\n\ntwo", [("ADA", "(to Tom) one"), ("ME", "two")]),
    ],
)
def test_who_says_what(typed: str, said: list[tuple[str, str]]) -> None:
    assert read_typed(typed, "ME", CAST) == Spoken(tuple(Line(*line) for line in said))


# What stands before a colon, and whether it is somebody who speaks: on a line of a script, and on one that is typed
# (where a script's own rule is asked first, and a name must be written as one).
@pytest.mark.parametrize(
    ("label", "in_script", "typed"),
    [
        ("ROMEO", True, True),
        ("Dr. Watson", True, True),
        ("Mr. & Mrs. Smith", True, True),
        ("First Neighbour", True, True),
        ("Queen of Hearts", True, True),
        ("GHOST OF KING HENRY VI", True, True),
        ("Ada, Tom", True, True),
        ("Guard (young)", True, True),
        ("太郎", True, True),
        ("张三", True, True),
        ("店員（男）", True, True),
        ("Man at the bar", True, False),  # in a script it comes back
        ("Note to self", True, False),
        ("you", True, False),
        ("（A）", True, False),
        ("他说", True, False),
        ("CUT TO", False, False),
        ("[CUT TO", False, False),
        ("Fade out", False, False),
        ("INT. BAR", False, False),
        ("EXT. ROOF - NIGHT", False, False),
        ("I said", False, False),
        ("Well, then", False, False),
        ("Is it so? No", False, False),
        ("One Two Three Four Five Six Seven", False, False),
        ("彼が静かに立ち上がって言った言葉", False, False),
        ("X" * 49, False, False),
        ("___", False, False),
        ("7", False, False),
    ],
)
@pytest.mark.parametrize("colon", [":", "："])
def test_who_speaks_in_a_script_and_on_a_typed_line(label: str, in_script: bool, typed: bool, colon: str) -> None:
    line = f"{label}{colon} tea"
    assert Labels().split(line)[0] == (label if in_script else "")
    expected = Line(label, "tea") if typed else Line("ME", line)
    assert read_typed(line, "ME", CAST) == Spoken((expected,))


@pytest.mark.parametrize(
    ("label", "name"), [("man at the bar", "Man at the bar"), ("THE NOTE.", "The note"), ("cut to", "Cut To")]
)
def test_one_of_the_cast_is_known_however_it_is_written(label: str, name: str) -> None:
    assert read_typed(f"{label}: tea", "ME", [name]) == Spoken((Line(name, "tea"),))


@pytest.mark.parametrize("label", ["Mary Ann", "MARY ANN", "mary ann", "mary ann (softly)"])
def test_the_person_s_own_name_is_known_however_it_is_written(label: str) -> None:
    spoken = read_typed(f"Tom: Yes.\n{label}: tea", "Mary Ann", CAST)
    assert [line.character for line in spoken.lines] == ["TOM", "Mary Ann"]


@pytest.mark.parametrize("label", ["Tom:", "TOM (softly):", "tom（小声）：", "Tom (softly):\n \n"])
def test_a_name_with_nothing_behind_it_announces(label: str) -> None:
    assert read_typed(f"Hello.\n{label}", "ME", CAST) == Spoken((Line("ME", "Hello."),), "TOM")


def test_a_gesture_before_somebody_else_speaks_is_heard() -> None:
    spoken = read_typed("Ada (nods):\nTom (softly):\nYes.\n\nI see.", "ME", CAST)
    assert spoken == Spoken((Line("ADA", "(nods)"), Line("TOM", "(softly) Yes."), Line("ME", "I see.")))
