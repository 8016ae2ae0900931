"""What a format could not hold, as a person is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from given import NOWHERE, plain

from scriptbot.errors import UsageError
from scriptbot.text.convert import contents, converted, format_for, losses
from scriptbot.text.formats import FORMATS
from scriptbot.text.script import Scene, Speech

ADA = Scene((Speech("ADA", "Is it on?", NOWHERE),), NOWHERE)
EVA = Scene((Speech("EVA", "Is it on?", NOWHERE),), NOWHERE)
SHORT = Scene((Speech("ADA", "Is it?", NOWHERE),), NOWHERE)
BAR, PUB = (replace(ADA, heading=heading) for heading in ("INT. BAR", "INT. PUB"))


@pytest.mark.parametrize(
    ("suffix", "name", "found"),
    [
        (".FDX", None, "fdx"),
        (".txt", None, "colon"),
        (".fdx", "txt", "colon"),
        (None, ".fdx", "fdx"),
        (None, ".TXT", "colon"),
        (None, "named", "named"),
    ],
)
def test_a_format_by_an_ending(suffix: str | None, name: str | None, found: str) -> None:
    assert format_for(suffix, name) == found


@pytest.mark.parametrize("suffix", ["", ".docx"])
def test_endings_come_before_names_of_formats(suffix: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_for(suffix, None)
    hint = caught.value.hint
    endings = (".fountain", ".fdx", ".jsonl", ".txt")
    assert all(0 < hint.index(ending) < hint.index("--to") and format_for(ending, None) for ending in endings)


@pytest.mark.parametrize(
    ("before", "after", "one", "two"),
    [
        (ADA, EVA, "One speech is now under another name: ADA.", "2 speeches are now under another name: ADA."),
        (BAR, PUB, "One scene heading reads differently now.", "2 scene headings read differently now."),
        (ADA, SHORT, "One word is missing.", "2 words are missing."),
        (ADA, replace(ADA, continued=True), "One scene break is missing.", "2 scene breaks are missing."),
        (ADA, PUB, "One scene without a heading was given one.", "2 scenes without a heading were given one."),
    ],
)
def test_one_of_a_kind_is_told_in_the_singular(before: Scene, after: Scene, one: str, two: str) -> None:
    for count, told in ((1, one), (2, two)):
        assert losses(contents([before] * count), contents([after] * count), "colon") == [told]


@pytest.mark.parametrize(
    ("said", "marked", "above"),
    [
        ("(laughing) But (you know) soft!", "", "(laughing)\nBut (you know) soft!"),
        ("(laughing) But soft!", "(laughing) But *soft!*", "(laughing)\nBut soft!"),
        ("(laughing) But soft!", "*(laughing) But soft!*", "(laughing) But soft!"),
        ("(laughing)", "", "(laughing)"),
        ("(a) (b)\n(c) d", "", "(a)\n(b)\n(c) d"),
        ("(then) ~", "", "(then)\n~"),
        ("But (you know) soft!", "", "But (you know) soft!"),
        ("(I (or he) may) go.", "", "(I (or he) may) go."),
    ],
)
@pytest.mark.parametrize("target", ["fountain", "fdx"])
def test_how_something_is_said_has_a_line_of_its_own_in_screenplays(
    target: str, said: str, marked: str, above: str
) -> None:
    script = [Scene((Speech("ADA", said, NOWHERE, marked=marked), Speech("TOM", "No.", NOWHERE)), NOWHERE)]
    text = "".join(converted(lambda: script, target))
    read = list(FORMATS[target].parse(text.splitlines(keepends=True)))
    assert plain(read) == [[("ADA", above), ("TOM", "No.")]]
    if target == "fdx" and above.startswith("(laughing)\n"):
        assert '"Parenthetical"><Text>(laughing)</Text>' in text and "Dialogue" in text
    assert not losses(contents(script), contents(read), target)
    chat = "".join(converted(lambda: script, "chat"))
    assert plain(FORMATS["chat"].parse(chat.splitlines(keepends=True)))[0][0] == ("ADA", said)
