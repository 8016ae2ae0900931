"""The conversation is written down as a script that reads the same again."""

from __future__ import annotations

from pathlib import Path

import pytest
import support
from opened import opened

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import Said
from scriptbot.config import SampleConfig
from scriptbot.errors import OutputError, UsageError
from scriptbot.session.history import MOST_TURNS
from scriptbot.session.session import Session
from scriptbot.text.clean import printable
from scriptbot.text.load import open_source


def _save(session: Session, arguments: str = "") -> tuple[str, ...]:
    told = REGISTRY.run(session, f":save {arguments}")
    assert isinstance(told, Said)
    return tuple(told.lines)  # type: ignore[arg-type]


def _speeches(path: Path) -> list[tuple[str, str]]:
    scenes = open_source([path]).scenes()
    return [(speech.character.casefold(), " ".join(speech.text.split())) for s in scenes for speech in s.speeches]


@pytest.mark.parametrize("ending", ["fountain", "fdx", "jsonl", "txt"])
def test_a_conversation_reads_the_same_again(tmp_path: Path, ending: str) -> None:
    session = opened("What light is that?", "JULIET: But soft!", "[bold]no markup[/bold] \x1b[31m", "Moon, moon.")
    path = tmp_path / f"scene.{ending}"
    assert _save(session, str(path))[0].startswith(f"Saved {len(session.transcript)} lines to “{path}”")
    said = [(line.character.casefold(), " ".join(printable(line.text).split())) for line in session.transcript]
    assert _speeches(path) == said
    assert b"\x1b" not in path.read_bytes()


def test_all_of_it_is_there_not_only_what_can_be_taken_back(tmp_path: Path) -> None:
    session = opened(*(f"line number {number}." for number in range(MOST_TURNS + 7)))
    path = tmp_path / "long.jsonl"
    _save(session, str(path))
    said = [what for who, what in _speeches(path) if who == "you"]
    assert said == [f"line number {number}." for number in range(MOST_TURNS + 7)]
    session.undo()
    _save(session)
    assert len([1 for who, _ in _speeches(path) if who == "you"]) == MOST_TURNS + 6
    session.swap(support.model(seed=4), "other")
    assert session.transcript[0].text == "line number 0."
    session.reset()
    with pytest.raises(UsageError, match="Nothing has been said yet"):
        _save(session, str(tmp_path / "other.txt"))


def test_nothing_is_written_over_but_what_was_saved_before(tmp_path: Path) -> None:
    path, other = tmp_path / "a scene.txt", tmp_path / "mine.txt"
    other.write_text("precious")
    session = opened("What light?")
    with pytest.raises(UsageError, match="This conversation has not been saved yet"):
        _save(session)
    with pytest.raises(OutputError, match="already exists"):
        _save(session, str(other))
    with pytest.raises(OutputError, match="is a folder"):
        _save(session, str(tmp_path))
    _save(session, str(path))
    first = path.read_bytes()
    list(session.say("The moon!"))
    _save(session)
    assert path.read_bytes().startswith(first) and len(path.read_bytes()) > len(first)
    assert other.read_text() == "precious" and sorted(tmp_path.iterdir()) == [path, other]


@pytest.mark.parametrize("name", ["scene.docx", "scene", "nowhere/scene.txt"])
def test_a_place_that_will_not_do(tmp_path: Path, name: str) -> None:
    with pytest.raises((UsageError, OutputError)) as caught:
        _save(opened("What light?"), str(tmp_path / name))
    assert caught.value.hint and not list(tmp_path.iterdir())


def test_the_same_file_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    session = opened("hello")
    for written in ("a.txt", "./a.txt", str(tmp_path / "a.txt"), "b/../a.txt", ""):
        told = _save(session, written)
    assert told == ("Saved 2 lines to “a.txt”; a plain :save saves there again.",)
    assert list(session.history.saved) == [tmp_path / "a.txt"]


def test_how_something_is_said_has_a_line_of_its_own_in_screenplays(tmp_path: Path) -> None:
    session = opened("(laughing) But (you know) soft!")
    _save(session, str(tmp_path / "a.fountain"))
    assert "\n(laughing)\nBut (you know) soft!\n" in (tmp_path / "a.fountain").read_text("utf-8")
    _save(session, str(tmp_path / "a.fdx"))
    assert 'Type="Parenthetical"' in (tmp_path / "a.fdx").read_text("utf-8")
    _save(session, str(tmp_path / "a.txt"))
    assert "(laughing) But (you know) soft!\n" in (tmp_path / "a.txt").read_text("utf-8")


def test_plain_text_is_saved_as_it_is(tmp_path: Path) -> None:
    session, path = opened("what light is", cast=()), tmp_path / "tale.txt"
    _save(session, str(path))
    assert path.read_text("utf-8") == "".join(line.text for line in session.transcript).strip() + "\n"
    with pytest.raises(UsageError, match="not a script"):
        _save(session, str(tmp_path / "tale.fountain"))


def test_another_conversation_is_saved_elsewhere(tmp_path: Path) -> None:
    session, path = opened("What light?"), tmp_path / "one.txt"
    _save(session, str(path))
    first = path.read_bytes()
    session.reset()
    list(session.say("hello"))
    with pytest.raises(UsageError, match="This conversation has not been saved yet"):
        _save(session)
    with pytest.raises(OutputError, match="already exists"):
        _save(session, str(path))
    assert path.read_bytes() == first


def test_speeches_stay_speeches_when_a_model_of_plain_text_goes_on(tmp_path: Path) -> None:
    session = opened("What light?")
    session.swap(support.model(cast=()), "plain")
    list(session.say("the night"))
    path = tmp_path / "both.fountain"
    _save(session, str(path))
    assert _speeches(path)[0] == ("you", "What light?") and "the night" in path.read_text("utf-8")
    with pytest.raises(OutputError, match="could not be written"):
        _save(session, str(tmp_path / ("x" * 300 + ".txt")))


def test_hints_name_what_there_is(tmp_path: Path) -> None:
    for name in ("scene", "scene.docx"):
        with pytest.raises(UsageError) as caught:
            _save(opened("What light?"), str(tmp_path / name))
        assert "--to" not in caught.value.hint and ":save" in caught.value.hint
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=3, max_words=6), me="Mr. X!")
    list(session.say("hello"))
    with pytest.raises(OutputError) as refused:
        _save(session, str(tmp_path / "scene.txt"))
    assert "--to" not in refused.value.hint and not list(tmp_path.iterdir())


def test_one_line(tmp_path: Path) -> None:
    session = opened("What light?")
    session.history.turns[-1].said.clear()
    assert _save(session, str(tmp_path / "one.txt"))[0].startswith("Saved one line to")


@pytest.mark.parametrize(
    "typed", ['"{0}/my scene.txt"', "'{0}/my scene.txt'", "{0}/my\\ scene.txt", "{0}/my scene.txt"]
)
def test_a_name_with_a_space_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    _save(opened("What light?"), typed.format(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["my scene.txt"]


def test_two_places_for_one_conversation(tmp_path: Path) -> None:
    session, one, other = opened("What light?"), tmp_path / "d'arc.jsonl", tmp_path / "d.fountain"
    for path in (one, other, one):
        _save(session, str(path))
    list(session.say("The moon!"))
    _save(session)
    assert len(_speeches(one)) == 4 and len(_speeches(other)) == 2


def test_what_somebody_has_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    session, path = opened("What light?"), tmp_path / "scene.fountain"
    _save(session, str(path))
    _save(session)
    path.write_text(path.read_text() + "\nMERCUTIO\nA word of mine.\n")
    list(session.say("Moon."))
    with pytest.raises(OutputError, match="has changed since"):
        _save(session)
    assert "A word of mine." in path.read_text()
    path.unlink()
    _save(session)
    assert "Moon." in path.read_text()


def test_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, path, here = opened("What light?"), tmp_path / "scene.txt", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    _save(session, str(path))
    here.rmdir()
    list(session.say("Moon."))
    assert str(path) in _save(session)[0] and "Moon." in path.read_text()
    with pytest.raises(OutputError, match="could not be written: No such file or directory"):
        _save(session, "other.txt")
