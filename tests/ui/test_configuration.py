"""Options as variables and as lines of config.toml, in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import support

from scriptbot.lm.model_file import save_model
from scriptbot.ui import cli, configuration, language, opening
from scriptbot.ui.cli import main


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "config" / "scriptbot" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What stands on stderr after a mistake."""
    assert main(arguments) != 0
    return capsys.readouterr().err


def test_names_are_those_that_are_typed(config: Path) -> None:
    config.write_text('json = true\ntop-k = 3\n[train]\nfrom = "scratch"\n')
    known = configuration.file_defaults(cli.talk, cli.COMMANDS)
    assert known == {"as_json": True, "top_k": "3", "train": {"start": "scratch"}}


def test_so_are_variables(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SCRIPTBOT_MODELS_JSON", "1")
    monkeypatch.setenv("SCRIPTBOT_MODELS_VERSION", "1")  # is no question
    assert main(["models"]) == 0
    assert all(json.loads(line)["name"] for line in capsys.readouterr().out.splitlines())
    script = home / "a.txt"
    script.write_text("Ada: One.\n" * 9)
    monkeypatch.setenv("SCRIPTBOT_TRAIN_FROM", "no-such-model")
    assert "no-such-model" in told(capsys, "train", str(script), "--output", str(home / "m"))


@pytest.mark.parametrize("wrong", ["no TOML", f"seed = {'[' * 3000}", "no-such-option = 1", 'language = "tlh"'])
def test_no_mistake_is_in_the_way_of_help(config: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(wrong)
    assert main(["models"]) == 2
    for asking in (["--help"], ["-V"], ["train", "-h"]):
        assert main(asking) == 0
    assert "Usage: scriptbot" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["variable", "own variable", "file", "typed"])
def test_where_a_language_stands_that_there_is_not(
    config: Path, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "C")
    typed: tuple[str, ...] = ()
    where = f"It is set in the configuration file {config}."
    if wrong == "file":
        config.write_text('language = "tlh"\n')
    elif wrong == "typed":
        typed, where = ("--language", "tlh"), "Languages: en, ja, zh."
    else:
        variable = "SCRIPTBOT_LANGUAGE" if wrong == "variable" else "SCRIPTBOT_MODELS_LANGUAGE"
        monkeypatch.setenv(variable, "tlh")
        where = f"It is set by the variable {variable}."
    lines = told(capsys, "models", *typed).splitlines()
    assert lines[0] == "scriptbot: There is no interface language “tlh”." and lines[-1] == f"  {where}"
    for asking in (["--help"], ["-V"], ["models", "-h"], ["models", "--version"]):
        assert main([*asking, *typed]) == 0
    if wrong != "typed":  # which is nearer than all of them
        assert main(["models", "--language", "en"]) == 0


@pytest.mark.parametrize(("name", "value"), [("temperature", "hot"), ("color", "no"), ("vi", "perhaps")])
def test_where_a_wrong_value_stands(
    config: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f'{name} = "{value}"\n', "utf-8-sig")  # as Windows likes it
    assert f"It is set in the configuration file {config}." in told(capsys, "hi")
    variable = f"SCRIPTBOT_{name.upper()}"
    monkeypatch.setenv(variable, value)
    assert f"It is set by the variable {variable}." in told(capsys, "hi")
    if name != "vi":
        assert "It is set" not in told(capsys, "hi", f"--{name}", value)


@pytest.mark.parametrize("name", ["verbose", "invent", "cache", "debug"])
def test_a_switch_is_on_or_off(
    config: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f"{name} = 2\n")
    lines = [f"scriptbot: “--{name}” cannot be “2”.", "  It can be on or off."]
    assert told(capsys, "hi").splitlines() == [*lines, f"  It is set in the configuration file {config}."]
    config.unlink()
    monkeypatch.setenv(f"SCRIPTBOT_{name.upper()}", "maybe")
    assert told(capsys, "hi").startswith(f"scriptbot: “--{name}” cannot be “maybe”.")


def test_a_section_is_named_after_a_command(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for section, hint in (
        ("trian", "Did you mean “train”?"),
        ("talking", "A section has the name of a command: train, evaluate, inspect, convert, models, completion."),
    ):
        config.write_text(f"[{section}]\nminutes = 3\n")
        sentence = f"scriptbot: The configuration file {config} has an unknown section “{section}”."
        assert " ".join(told(capsys, "hi").split()) == f"{sentence} {hint}"


def test_where_a_model_stands_that_there_is_not(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('model = "no-such"\n[train]\nfrom = "no-such-base"\n')
    where = f"\n  It is set in the configuration file {config}.\n"
    assert "“no-such”" in (text := told(capsys, "hi")) and text.endswith(where)
    script = config.with_name("a.txt")
    script.write_text("Ada: One.\n" * 9)
    train = ("train", str(script), "--output", str(config.with_name("m")))
    assert "“no-such-base”" in (text := told(capsys, *train)) and text.endswith(where)
    monkeypatch.setenv("SCRIPTBOT_MODEL", "nor-this")
    assert "“nor-this”" in (text := told(capsys, "hi")) and "It is set by the variable SCRIPTBOT_MODEL." in text
    assert "It is set" not in told(capsys, "hi", "--model", "typed")


def test_a_model_that_is_no_text(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("model = true\n")
    assert told(capsys, "hi").startswith("scriptbot: There is no model called “True”.\n")
    assert main(["models"]) == 0
    assert "*" not in capsys.readouterr().out


def test_the_usual_model_has_a_star_whatever_path_leads_to_it(
    config: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data" / "scriptbot" / "models"
    folder.mkdir(parents=True)
    (folder / "mine.safetensors").write_bytes(tiny.read_bytes())
    (tmp_path / "link.safetensors").symlink_to(folder / "mine.safetensors")
    monkeypatch.chdir(folder.parent)
    for path in ("models/mine.safetensors", str(tmp_path / "link.safetensors")):
        config.write_text(f'model = "{path}"\n')
        assert main(["models"]) == 0
        assert [line.split()[1] for line in capsys.readouterr().out.splitlines() if line[0] == "*"] == ["mine"]
        assert main(["models", "--json"]) == 0
        rows = map(json.loads, capsys.readouterr().out.splitlines())
        assert [row["name"] for row in rows if row["usual"]] == ["mine"]


def test_a_character_that_this_model_has_not_is_anyone(config: Path, tiny: Path) -> None:
    def said(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scriptbot", "--model", str(tiny), "--seed", "1", "hi", *arguments]
        environment = {**os.environ, **environment}
        return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, stdin=subprocess.DEVNULL)

    config.write_text('character = "otto"\n')
    sentence = "scriptbot: “otto” matches no single character of this model; anyone answers.\n"
    done = said()
    assert done.returncode == 0 and done.stdout
    assert done.stderr == f"{sentence}  It is set in the configuration file {config}.\n"
    done = said(SCRIPTBOT_CHARACTER="otto")
    assert done.returncode == 0 and done.stderr == f"{sentence}  It is set by the variable SCRIPTBOT_CHARACTER.\n"
    assert said(SCRIPTBOT_CHARACTER="jul").stdout.startswith("JULIET: ")
    assert said("--character", "otto").returncode == 2
    done = said("--me", "juliet", SCRIPTBOT_CHARACTER="jul")  # nobody speaks for the person
    assert done.stdout.startswith("ROMEO: ") and not done.stderr
    done = said("--me", "juliet", "--character", "jul")
    assert done.returncode == 2 and "You are JULIET, and nobody else speaks for you." in done.stderr
    assert "--me NAME" in done.stderr and ":me" not in done.stderr


def test_a_character_is_told_of_only_where_one_is_missing(
    home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = home / "text.safetensors"
    save_model(support.model(cast=()), text)
    assert opening.configured_character(str(text), "otto", None, "Here.") is None
    assert opening.configured_character(str(tiny), "", None, "Here.") is None
    assert opening.configured_character(str(tiny), " ", None, "Here.") is None
    assert opening.configured_character(str(home / "none.safetensors"), "otto", None, "Here.") == "otto"
    assert capsys.readouterr().err == ""
    assert opening.configured_character(str(tiny), "otto", None, "Here.") is None
    assert "“otto”" in capsys.readouterr().err


def test_more_digits_than_can_be_read(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for digits in ("1" * 5000, "0x" + "f" * 5000):
        config.write_text(f"seed = {digits}\n")
        assert told(capsys, "models") == (
            f"scriptbot: A number in the configuration file {config} has more digits than any option takes.\n"
        )
    config.write_text("seed = \n")
    assert "is not valid TOML" in told(capsys, "models")
    config.write_bytes(b'me = "\xff"\n')
    assert "is not valid TOML" in told(capsys, "models")
    config.unlink()
    for sign in ("", "-", "+"):
        assert f"seed cannot be {sign}111" in told(capsys, f"--seed={sign}{'1' * 5000}", "hi")
    assert "seed takes a whole number, not “--5”." in told(capsys, "--seed=--5", "hi")


def test_tracebacks_by_whatever_says_so(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("evaluate", "no-such-model", "x.txt")
    monkeypatch.setenv("SCRIPTBOT_DEBUG", "false")
    assert "Traceback" not in told(capsys, *wrong)
    config.write_text("[evaluate]\ndebug = true\n")
    assert "Traceback" not in told(capsys, *wrong)  # the variable is nearer
    monkeypatch.delenv("SCRIPTBOT_DEBUG")
    assert "Traceback" in told(capsys, *wrong)
    assert "Traceback" not in told(capsys, "models", "x")


def test_the_last_language_is_spoken(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", "en")
    language.choose(["--language", "ja", "--language=en"])
    assert language._language == "en"
    config.write_text('[train]\nlanguage = "ja"\n')
    cli._defaults([], "train")
    assert language._language == "ja"
    monkeypatch.setenv("SCRIPTBOT_TRAIN_LANGUAGE", "zh")
    cli._defaults([], "train")
    assert language._language == "zh"
    cli._defaults(["--language", "en"], "models")
    assert language._language == "en" and "LANGUAGE" not in os.environ


@pytest.mark.parametrize("spoken", [["--language", "en"], ["--language=en"], ["--language", "ja", "--language=en"]])
def test_a_language_may_stand_before_a_command(
    home: Path, spoken: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert main([*spoken, "models", "--json"]) == 0
    assert all(json.loads(line)["name"] for line in capsys.readouterr().out.splitlines())
    assert main([*spoken, "inspect", "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: scriptbot inspect ")
    assert main([*spoken, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: scriptbot [")
    assert told(capsys, *spoken, "models", "--nope").startswith("scriptbot: There is no option called “--nope”.")
    assert "“models” takes no option “--seed”" in told(capsys, *spoken, "--seed", "1", "models")


def test_the_help_of_the_program_fits_in_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert all(any(line.startswith(f"  {name} ") for line in lines) for name in cli.COMMANDS)
