"""What a person types, as a script."""

from __future__ import annotations

import pytest

from scriptbot.session.typed import Line, Spoken, addressed, read_typed

CAST = ("ADA", "TOM", "GHOST (OLD)")


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
        ("Ada: One\ntwo\n\nthree", [("ADA", "One\ntwo"), ("ME", "three")]),
    ],
)
def test_who_says_what(typed: str, said: list[tuple[str, str]]) -> None:
    assert read_typed(typed, "ME", CAST) == Spoken(tuple(Line(*line) for line in said))


def test_a_name_with_nothing_behind_it_announces() -> None:
    assert read_typed("Hello.\nTom:", "ME", CAST) == Spoken((Line("ME", "Hello."),), "TOM")


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("Pip, do you like trains?", "PIP"),
        ("hello pip.", "PIP"),
        ("Pip?", "PIP"),
        ("Hello Pip", "PIP"),
        ("Where is Pip", ""),
        ("What's in your suitcase, Old Gus?", "OLD GUS"),
        ("Good. Thank you, pip", "PIP"),
        ("花子、元気？", "花子"),
        ("Where is Pip?", ""),
        ("Where's Pip?", ""),
        ("Pip said so.", ""),
        ("I like pipes, and pip is nine.", ""),
        ("Pipe, please.", ""),
        ("", ""),
    ],
)
def test_whom_a_line_is_said_to(line: str, who: str) -> None:
    assert addressed(line, ("OLD GUS", "PIP", "花子")) == who
