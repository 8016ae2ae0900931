"""Where models are kept, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scriptbot.errors import ModelFileError
from scriptbot.session import library


def test_a_folder_that_came_with_the_program_and_cannot_be_read_is_told(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(library, "_PACKAGE", tmp_path / "scriptbot")
    for name in ("_models", "_corpus"):
        (tmp_path / "scriptbot" / name).mkdir(parents=True)
    (home / "data" / "scriptbot" / "models").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert len(library.unreadable()) == 2 and "_models” cannot be read" in library.unreadable()[1].sentence
    assert library.installed() == [] and library.bundled_corpus() == ()


@pytest.mark.parametrize(
    ("script", "output"),
    [("a.b.txt", "a.b"), ("あ" * 83 + ".txt", "あ" * 66), ("folder.d", "folder.d"), ("/", "model")],
)
def test_a_training_names_its_model_as_a_file_can_be_named(script: str, output: str, tmp_path: Path) -> None:
    (tmp_path / "folder.d").mkdir()
    assert library.output_for(tmp_path / script) == Path(f"{output}{library.SUFFIX}")


def test_a_model_is_named_after_what_a_link_or_a_dot_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "season.1").mkdir()
    (tmp_path / "link").symlink_to("season.1")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path / "season.1")
    names = [library.name_after(Path(script)) for script in (".", "../link", "../loop", "a.b.txt", "/")]
    assert names == ["season.1", "season.1", "loop", "a.b", ""]


@pytest.mark.parametrize("name", ["あ" * 83, "a" * 300, "x" + "𠮷" * 90, "b" * 199 + " . ." + "c" * 9])
def test_a_new_model_has_a_name_that_a_file_can_have(name: str, home: Path) -> None:
    first = library.place_for(name)
    first.write_bytes(b"")
    second = library.place_for(name)
    second.write_bytes(b"")
    assert name.startswith(first.stem) and second.stem == f"{first.stem}-2"
    assert 190 < len(first.stem.encode()) <= library.LONGEST
    assert first.stem == first.stem.rstrip(" .")


def test_a_model_is_found_by_a_word_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["the-boat-is-late", "night boat", "boats", "shakespeare"]
    entries = [library.Entry(name, tmp_path / f"{name}.safetensors", True) for name in names]
    monkeypatch.setattr(library, "installed", lambda: entries)
    for wanted, name in (("late", "the-boat-is-late"), ("Boat IS", "the-boat-is-late"), ("night", "night boat")):
        assert library.resolve(wanted).stem == name
    assert library.resolve("boat").stem == "boats"  # a name that begins so comes first
    del entries[2]
    with pytest.raises(ModelFileError) as told:
        library.resolve("boat")
    assert told.value.sentence == "“boat” could be night boat, the-boat-is-late."
    with pytest.raises(ModelFileError):
        library.resolve("spear")


def test_a_model_file_without_its_ending_is_suggested(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "show.safetensors").write_bytes(b"")
    for wanted, meant in (("show", "./show.safetensors"), (f"{tmp_path}/show", f"{tmp_path}/show.safetensors")):
        with pytest.raises(ModelFileError) as told:
            library.resolve(wanted)
        assert told.value.hint == f"Did you mean “{meant}”?"
    with pytest.raises(ModelFileError) as told:
        library.resolve("shoe")
    assert "./" not in told.value.hint
