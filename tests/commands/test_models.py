"""The commands that change and list models."""

from __future__ import annotations

from pathlib import Path

import pytest
import support
from opened import opened

from scriptbot.commands import REGISTRY
from scriptbot.commands.columns import columns
from scriptbot.commands.models import listed
from scriptbot.commands.registry import Row, Said
from scriptbot.errors import InputError, ModelFileError
from scriptbot.lm.model_file import save_model
from scriptbot.session import library, model_facts


def test_a_model_that_does_not_know_who_answered_says_so(tmp_path: Path) -> None:
    session = opened()
    for name, cast in (("same", ("ROMEO", "JULIET")), ("bar", ("MOE",))):
        save_model(support.model(cast=cast), tmp_path / f"{name}.safetensors")
    session.set_answering("Juliet")
    assert REGISTRY.run(session, f":model {tmp_path / 'same.safetensors'}") == Said(("Now talking with “same”.",))
    lines = ("Now talking with “bar”.", "It does not know JULIET; anyone answers.")
    assert REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}") == Said(lines)


def test_who_answered_and_is_the_person_in_the_next_model_is_not_called_unknown(tmp_path: Path) -> None:
    session = opened(cast=("ADA", "VISITOR", "USER"))
    save_model(support.model(cast=("ADA", "User")), tmp_path / "other.safetensors")
    session.set_answering("USER")
    lines = ("Now talking with “other”.", "You are “User”.", "Anyone may answer now.")
    assert REGISTRY.run(session, f":model {tmp_path / 'other.safetensors'}") == Said(lines)


def test_a_conversation_among_strangers_is_told(tmp_path: Path) -> None:
    session = opened()
    for name, cast in (("half", ("Romeo", "MOE")), ("bar", ("MOE",))):
        save_model(support.model(cast=cast), tmp_path / f"{name}.safetensors")
    assert len(session.transcript) == 0
    assert REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}") == Said(("Now talking with “bar”.",))
    list(session.say("What light?"))
    assert REGISTRY.run(session, f":model {tmp_path / 'half.safetensors'}") == Said(("Now talking with “half”.",))
    session = opened()
    list(session.say("What light?"))
    told = REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}")
    assert isinstance(told, Said) and told.lines[1].startswith("Nobody in the conversation is in its cast;")


def test_what_becomes_of_a_conversation_is_told(tmp_path: Path) -> None:
    session, spaced, unspaced = opened(), tmp_path / "tiny.safetensors", tmp_path / "cat.safetensors"
    save_model(support.model(), spaced)
    save_model(support.unspaced(), unspaced)
    list(session.say("What light?"))
    waits = "It writes differently, so the conversation waits for a model of its kind; a new one begins."
    assert REGISTRY.run(session, f":model {unspaced}") == Said(("Now talking with “cat”.", waits))
    resumes = "The conversation that waited for a model of its kind resumes."
    assert REGISTRY.run(session, f":model {spaced}") == Said(("Now talking with “tiny”.", resumes))
    REGISTRY.run(session, f":model {unspaced}")
    list(session.say("一"))
    assert REGISTRY.run(session, f":model {spaced}") == Said(
        ("Now talking with “tiny”.", resumes, "The previous one waits.")
    )


def test_a_model_in_quotation_marks(tmp_path: Path) -> None:
    save_model(support.model(), tmp_path / "my model.safetensors")
    assert REGISTRY.run(opened(), f':model "{tmp_path}/my model.safetensors"') == Said(
        ("Now talking with “my model”.",)
    )


def test_the_models_that_came_along_fit_in_80_columns() -> None:
    rows = listed([row for row in model_facts.described() if row.info], lambda row: True)
    assert rows and all(columns(row.name + row.told) <= 80 for row in rows), rows


def test_what_trainings_start_from_is_marked_in_place_of_its_cast(home: Path) -> None:
    mine = home / "data" / "scriptbot" / "models"
    mine.mkdir(parents=True)
    for name in ("Base English", "mine"):
        save_model(support.model(), mine / f"{name}.safetensors")
    rows = {row.name.strip("* "): row.told for row in listed(model_facts.described(), lambda row: False)}
    assert rows["Base English"].endswith("trainings on English start here")
    assert rows["mine"].endswith("2 characters: ROMEO, …")


def test_the_model_in_use_is_listed_wherever_its_file_is(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "show.safetensors"
    save_model(support.model(), path)
    session = opened()
    session.swap(support.model(), "show", path)
    told = REGISTRY.run(session, ":models")
    assert isinstance(told, Said)
    rows = [line.name for line in told.lines if isinstance(line, Row)]
    assert rows[0].startswith("* show ") and not any(row.startswith("*") for row in rows[1:])
    mine = home / "data" / "scriptbot" / "models"
    mine.mkdir(parents=True)
    save_model(support.model(), mine / "show.safetensors")
    session.swap(support.model(), "show", mine / ".." / "models" / "show.safetensors")
    told = REGISTRY.run(session, ":models")
    assert isinstance(told, Said)
    assert sum(isinstance(line, Row) and "show " in line.name for line in told.lines) == 1


def test_a_folder_of_models_that_cannot_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = library.user_data() / "models"
    assert library.unreadable() == []  # there is none
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    told = REGISTRY.run(opened(), ":models")
    assert isinstance(told, Said)
    assert list(told.lines)[-1] == f"The folder “{folder}” cannot be read: Not a directory."
    assert capsys.readouterr() == ("", "")  # the core never prints


def test_what_is_wrong_with_a_model_is_told_with_our_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.safetensors").write_text("no model")
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), f":model {tmp_path}/x.safetensors")
    assert told.value.hint == ":models lists the installed models, :retrain makes a new one."
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model shakespaere")
    assert told.value.hint == "Did you mean “shakespeare”?"
    monkeypatch.setattr(library, "installed", lambda: [library.Entry("scriptbot fun", tmp_path, False)])
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model scriptbot fan")
    assert told.value.hint == "Did you mean “scriptbot fun”?"
    monkeypatch.setattr(library, "installed", list)
    monkeypatch.setattr(library, "unreadable", lambda: [InputError("The folder “x” cannot be read: gone.")])
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model x")
    ours = ":models lists the installed models, :retrain makes a new one."
    assert told.value.hint == f"{ours}\nThe folder “x” cannot be read: gone."
    with pytest.raises(InputError) as wrong:
        REGISTRY.run(opened(), f":inspect {Path(__file__).parents[1]}/lm/golden/version-2.safetensors")
    assert "scriptbot" not in wrong.value.hint
