"""Final Draft files: the same scripts as their Fountain, and nothing that XML can do beside that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import support

from scriptbot.errors import InputError
from scriptbot.text.convert import converted
from scriptbot.text.formats import detect_format, fdx, fountain
from scriptbot.text.formats.emphasis import plain
from scriptbot.text.script import Direction, Kind, Scene, Span, Speech

SAMPLES = support.DATA / "screenplays"
PAIRS = sorted(path for path in SAMPLES.rglob("*.fdx") if path.with_suffix(".fountain").is_file())
KIOSK = """\
<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="5">
  <Content>
    <Paragraph Number="12-A" Type="Scene Heading">
      <SceneProperties><Summary><Paragraph><Text>They wait.</Text></Paragraph></Summary></SceneProperties>
      <Text>INT. KIOSK - NIGHT</Text>
    </Paragraph>
    <Paragraph Type="Action"><Text>Rain &amp; </Text><Text Style="Bold+Italic">wind </Text><Text>.</Text></Paragraph>
    <Paragraph Type="Character"><Text>ADA</Text></Paragraph>
    <Paragraph Type="Parenthetical"><Text>(sighing)</Text></Paragraph>
    <Paragraph Type="Dialogue">
      <Text>Is the kettle </Text><Text Style="Underline">on</Text><Text>?
Or not?</Text>
      <ScriptNote><Paragraph><Text>He lies.</Text></Paragraph></ScriptNote>
    </Paragraph>
    <Paragraph><DualDialogue>
      <Paragraph Type="Character"><Text>TOM</Text></Paragraph>
      <Paragraph Type="Dialogue"><Text>It was.</Text></Paragraph>
      <Paragraph Type="Character"><Text>EVA</Text></Paragraph>
      <Paragraph Type="Dialogue"><Text>No *.*</Text></Paragraph>
    </DualDialogue></Paragraph>
    <Paragraph Alignment="Center" Type="Action"><Text>THE END</Text></Paragraph>
    <Paragraph Type="Transition"><Text>FADE OUT.</Text></Paragraph>
  </Content>
  <TitlePage><Content><Paragraph Alignment="Center"><Text>The Lantern</Text></Paragraph></Content></TitlePage>
  <SmartType><Characters><Character>NOBODY</Character></Characters></SmartType>
</FinalDraft>
"""


def read(text: str) -> list[Scene]:
    return list(fdx.parse(text.splitlines(keepends=True)))


def test_every_sort_of_paragraph() -> None:
    assert detect_format(KIOSK) == "fdx"
    (scene,) = read(KIOSK)
    assert (scene.heading, scene.number) == ("INT. KIOSK - NIGHT", "12-A")
    found = [(e.character, e.text, e.dual, e.marked) for e in scene.speeches]
    assert found == [
        ("ADA", "(sighing)\nIs the kettle on?\nOr not?", False, "(sighing)\nIs the kettle _on_?\nOr not?"),
        ("TOM", "It was.", False, ""),
        ("EVA", "No *.*", True, ""),
    ]
    assert [(e.kind, e.text) for e in scene.elements if isinstance(e, Direction)] == [
        (Kind.SYNOPSIS, "They wait."),
        (Kind.ACTION, "Rain & wind ."),
        (Kind.NOTE, "He lies."),
        (Kind.CENTRED, "THE END"),
        (Kind.TRANSITION, "FADE OUT."),
        (Kind.TITLE_PAGE, "The Lantern"),
    ]
    action = next(e for e in scene.elements if e.text.startswith("Rain"))
    assert plain(action.marked) == action.text and "***wind***" in action.marked
    ada = next(scene.speeches)
    assert "<Text>ADA</Text>" in KIOSK[ada.span.start : ada.span.end]


def plainly(scenes: list[Scene]) -> list[object]:
    """What both formats of the samples hold: no sections and notes, which these files lack."""
    kinds = (Kind.SECTION, Kind.SYNOPSIS, Kind.NOTE, Kind.TITLE_PAGE, Kind.PAGE_BREAK)
    return [
        (e.character, " ".join(e.text.split()), e.dual) if isinstance(e, Speech) else (e.kind, " ".join(e.text.split()))
        for scene in scenes
        for e in (Direction(scene.heading, scene.span), *scene.elements)
        if e.text and (isinstance(e, Speech) or e.kind not in kinds)
    ]


@pytest.mark.parametrize("path", PAIRS or [None], ids=str)
def test_samples_are_the_same_script_in_both_formats(path: Path | None) -> None:
    if path is None:
        pytest.skip("the data folder with the screenplays is not here")
    text = path.with_suffix(".fountain").read_text("utf-8-sig")
    other = list(fountain.parse(text.splitlines(keepends=True)))
    assert plainly(read(path.read_text("utf-8-sig"))) == plainly(other)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><FinalDraft>&a;</FinalDraft>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><FinalDraft/>',
        "<FinalDraft><Content>",
        "<FinalDraft>&unknown;</FinalDraft>",
        "<FinalDraft>\x00</FinalDraft>",
        "<FinalDraft><!--\n" + "never\n" * 100_000,
        "<FinalDraft " + "a='b'\n" * 100_000,
        "<FinalDraft>" + "<a>" * 100,
        "",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Final Draft file"):
        read(text)


def rewritten(scenes: list[Scene]) -> list[Scene]:
    return read("".join(fdx.write(scenes)))


def bare(scenes: list[Scene]) -> list[Scene]:
    """Without spans."""
    nowhere = Span(0, 0)
    return [
        replace(scene, span=nowhere, elements=tuple(element.at(nowhere) for element in scene.elements))
        for scene in scenes
    ]


def last(scenes: list[Scene]) -> list[Scene]:
    """With the title page where Final Draft has it."""
    titles = tuple(e for s in scenes for e in s.elements if isinstance(e, Direction) and e.kind is Kind.TITLE_PAGE)
    scenes = [replace(s, elements=tuple(e for e in s.elements if e not in titles)) for s in scenes]
    scenes = [scene for scene in scenes if scene.elements or scene.heading]
    return [*scenes[:-1], replace(scenes[-1], elements=scenes[-1].elements + titles)] if titles else scenes


def test_what_is_written_reads_the_same() -> None:
    scenes = read(KIOSK)
    assert bare(rewritten(scenes)) == bare(scenes)


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.f*")) or [None], ids=str)
def test_samples_come_back_the_same_by_way_of_the_other_format(path: Path | None) -> None:
    if path is None:
        pytest.skip("the data folder with the screenplays is not here")
    here, other = (fountain, fdx) if path.suffix == ".fountain" else (fdx, fountain)
    scenes = list(here.parse(path.read_text("utf-8-sig").splitlines(keepends=True)))
    there = list(other.parse("".join(converted(lambda: scenes, other.NAME)).splitlines(keepends=True)))
    assert bare(last(there)) == bare(last(scenes))
    again = list(here.parse("".join(converted(lambda: there, here.NAME)).splitlines(keepends=True)))
    assert bare(last(again)) == bare(last(scenes))


def test_nothing_of_a_text_is_markup() -> None:
    text = "</Text><Paragraph> &amp; \"a\" 'b' *c* ]]>"
    scene = Scene((Direction(text, Span(0, 0)), Speech("A & B", text, Span(0, 0))), Span(0, 0), "INT. <X>")
    (again,) = rewritten([scene])
    assert [e.text for e in again.elements] == [text, text] and again.heading == "INT. <X>"


@pytest.mark.parametrize("after", ["", '<Paragraph Type="Action"><Text>Rain.</Text></Paragraph>'])
def test_a_speech_without_end_is_cut_and_nothing_empty_comes_after_it(
    after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fdx, "LONGEST_ELEMENT", 50)
    cue = '<Paragraph Type="Character"><Text>ADA</Text></Paragraph>'
    said = "Is the kettle on, or is it not?"
    for rows in range(6):
        spoken = f'<Paragraph Type="Dialogue"><Text>{said}</Text></Paragraph>' * rows
        (scene,) = read(f"<FinalDraft><Content>{cue}{spoken}{after}</Content></FinalDraft>")
        found = list(scene.speeches)
        assert len(found) == max((rows + 1) // 2, 1) and {speech.character for speech in found} == {"ADA"}
        assert "\n".join(speech.text for speech in found) == "\n".join([said] * rows)
        assert len(scene.elements) - len(found) == bool(after)


def test_blank_rows_are_no_speech_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even after one that is cut at the next words."""
    monkeypatch.setattr(fdx, "LONGEST_ELEMENT", 50)
    rows = "".join(f'<Paragraph Type="Dialogue"><Text>{text}</Text></Paragraph>' for text in ("x" * 60, "", " "))
    cue = '<Paragraph Type="Character"><Text>ADA</Text></Paragraph>'
    (scene,) = read(f"<FinalDraft><Content>{cue}{rows}</Content></FinalDraft>")
    assert [speech.text.strip() for speech in scene.speeches] == ["x" * 60]
    (scene,) = read(f"<FinalDraft><Content>{cue}{rows}{rows}</Content></FinalDraft>")
    assert [speech.text.strip() for speech in scene.speeches] == ["x" * 60] * 2


def test_a_number_of_a_scene_is_one_row_without_controls() -> None:
    number = "&#x9b;31m1&#10;BOB&#10;I was never said."
    (scene,) = read("<FinalDraft><Content>"
        f'<Paragraph Type="Scene Heading" Number="{number}"><Text>INT. KIOSK</Text></Paragraph>'
                    '<Paragraph Type="Action"><Text>Rain.</Text></Paragraph></Content></FinalDraft>')  # fmt: skip
    assert scene.number == "1 BOB I was never said."
