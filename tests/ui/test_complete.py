"""What Tab offers can be sent as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import arguments_of
from scriptbot.ui.complete import CommandCompleter


@pytest.mark.parametrize("command", ["inspect", "retrain", "save"])
@pytest.mark.parametrize("name", ["my scene.txt", "d'arc.txt", 'the "end".txt', "back\\slash.txt", "plain.txt"])
def test_a_file_whatever_its_name(tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / name).write_text("x")
    completer = CommandCompleter(list, list)
    line = f":{command} {tmp_path}/{name[:1]}"
    for _ in range(3):  # Tab once more completes what is left
        offered = list(completer.get_completions(Document(line), CompleteEvent()))
        line += offered[0].text if offered else ""
    assert arguments_of(REGISTRY.find(command), line.partition(" ")[2]) == [str(tmp_path / name)]


def test_models_are_offered_before_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    offered = list(CommandCompleter(list, lambda: ["zebra"]).get_completions(Document(":model "), CompleteEvent()))
    assert [found.text for found in offered] == ["zebra", "a.txt"]


@pytest.mark.parametrize("line", [":temp", "：temp"])
def test_commands_by_either_colon(line: str) -> None:
    offered = list(CommandCompleter(list, list).get_completions(Document(line), CompleteEvent()))
    assert [found.text for found in offered] == ["temperature"]


def test_whatever_white_space_parts_them() -> None:
    completer = CommandCompleter(lambda: ["JULIET"], list)
    offered = list(completer.get_completions(Document(":character\u3000jul"), CompleteEvent()))
    assert [found.text for found in offered] == ["JULIET"]


def test_the_second_of_two_files(tmp_path: Path) -> None:
    (tmp_path / "my scene.txt").write_text("x")
    line = f":inspect {tmp_path}/a\\ b.txt {tmp_path}/my"
    offered = list(CommandCompleter(list, list).get_completions(Document(line), CompleteEvent()))
    assert [found.text for found in offered] == ["\\ scene.txt"]


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (":set temp", ["temperature"]),
        (":help te", ["temperature"]),
        (":help cont", ["continue", "contrast"]),
        (":set temperature ", ["default"]),
        (":set cache ", ["on", "off", "default"]),
        (":set cache on ", []),
        (":set contrast ", ["off", "default"]),
        (":cast j", ["JULIET"]),
        (":character ", ["JULIET", "any"]),
    ],
)
def test_what_can_follow(line: str, texts: list[str]) -> None:
    offered = CommandCompleter(lambda: ["JULIET"], list).get_completions(Document(line), CompleteEvent())
    assert [found.text for found in offered] == texts
