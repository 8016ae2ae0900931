"""White space before the labels of a plain script: when it counts, and when it is only how a page was laid out."""

from __future__ import annotations

import pytest
from given import plain, read

from scriptbot.text.formats import colon, detect_format
from scriptbot.text.script import Direction, Kind, Speech

INDENTED = """\
The Boat
{0}Tom:\t“In the film he dies.”
{0}Ada:\t“Which film?”
(They wait.)
{0}Tom:\t“The one with the boat.”
{0}Ada:\t“I never saw a boat
{0}in it.”
{0}(She yawns.)
{0}Tom:\t“You slept.”
"""


@pytest.mark.parametrize("indentation", [" \xa0", "\xa0", "  ", "\t", "\u3000", ""])
def test_an_indentation_that_all_labels_share_does_not_count(indentation: str) -> None:
    script = INDENTED.format(indentation)
    assert detect_format(script) == "colon"
    (scene,) = read(colon, script)
    assert plain([scene]) == plain(read(colon, INDENTED.format(""))) and len(list(scene.speeches)) == 5
    assert [e.text for e in scene.elements if isinstance(e, Direction)] == ["The Boat", "(They wait.)", "(She yawns.)"]
    for element in scene.elements[1:]:
        there = script[element.span.start : element.span.end]
        assert there.startswith(element.character if isinstance(element, Speech) else element.text)
        assert there.replace(f"\n{indentation}", "\n").endswith(element.text)


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (
            "Ada: So:\n   Flour: 200\n   Eggs: 2\nTom: Oh.\nAda: Yes.\n",
            ["Ada", "Tom", "Ada"],
        ),  # a list that is read out
        ("  Tom: a man\n  Ada: a woman\n" * 9 + "Tom: Yes.\nAda: No.\nTom: Oh.\n", ["Tom", "Ada", "Tom"]),
        (" Tom: Yes.\n Ada: No.\n" * 9, []),  # one space says that it is no label
        ("  tom: 1\n  ada: 2\n" * 9, []),
        ("Title: The Hat\nAuthor: Ann\nDate: May\n\n  Tom: Yes.\n  Ada: No.\n", ["Tom", "Ada"]),
        ("Title: The Hat\n  A comedy\nAuthor: Ann\n\n  Tom: Yes.\n  Ada: No.\n  Tom: Yes.\n", ["Tom", "Ada", "Tom"]),
        ("Note: it is old.\n" + "  Tom: Yes.\n  Ada: No.\n" * 2, ["Note", *["Tom", "Ada"] * 2]),
        ("    Tom: Yes.\n    Ada: No.\n" * 2 + " Note: he smiles.\n    Tom: Oh.\n", ["Tom", "Ada"] * 2 + ["Tom"]),
    ],
)
def test_when_an_indentation_counts(script: str, names: list[str]) -> None:
    assert [speech.character for scene in read(colon, script) for speech in scene.speeches] == names


def test_settings_are_no_indented_script() -> None:
    listed = "#EXTM3U\nitem\n    Name: One\n    Kind: Two\n    Size: Large\n"
    for rows in ('{\n  "Name": "x",\n  "Text": "y"\n},\n', "- name: x\n  text: y\n  more: z\n", listed):
        assert colon.detect(rows * 9) == 0.0


def test_the_title_of_an_indented_script_is_no_scene() -> None:
    (scene,) = read(colon, "  # The Hat\n  Tom: Yes.\n  Ada: No.\n  Tom: Oh.\n")
    title = next(element for element in scene.elements if isinstance(element, Direction))
    assert not scene.heading and title.kind is Kind.TITLE_PAGE and title.text == "Title: The Hat"
