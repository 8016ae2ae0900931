"""The command line, as a child process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scriptbot.ui import cli

MODEL = Path(__file__).parents[1] / "lm" / "golden" / "version-1.safetensors"


def run(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-m", "scriptbot", *arguments], input=stdin, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        ((), b"", 2, b"standard input is empty"),
        ((), b"ab\xff", 1, b"offset 2"),
        ((), b"ab\0", 1, b"NUL in line 1"),
        (("--temperature", "99"), b"hi", 2, b"temperature"),
        (("--no-such",), b"hi", 2, b"--no-such"),
        (("--nope",), b"hi", 2, b".\n  See scriptbot --help.\n"),
        (("train", "--nope"), b"", 2, b".\n  See scriptbot train --help.\n"),
        (("train", "--forec"), b"", 2, b".\n  See scriptbot train --help.\n"),
        (("train", "--mintues", "3"), b"", 2, "Did you mean “--minutes”?".encode()),
        (("--temp", "3"), b"hi", 2, "Did you mean “--temperature”?".encode()),
        (("--seeed", "3"), b"hi", 2, "Did you mean “--seed”?".encode()),
        (("models", "--model", "x"), b"", 2, b"  See scriptbot models --help."),
        (
            ("--seed", "3", "models"),
            b"",
            2,
            "“models” takes no option “--seed”.\n  It is an option of the conversation, a plain “sc".encode(),
        ),
        (("inspect", "--no-cache", "a.txt"), b"", 2, "“inspect” takes no option “--no-cache”.\n".encode()),
        (("models", "--minutes", "3"), b"", 2, "option “--minutes”.\n  It is an option of: train.\n".encode()),
        (
            ("--to", "fdx", "hi"),
            b"",
            2,
            "Without a command, “--to” is no option.\n  It is an option of: convert.".encode(),
        ),
        (("models", "--hlep"), b"", 2, "Did you mean “--help”?".encode()),
        (("--seed",), b"hi", 2, "“--seed” needs a value".encode()),
        (("train",), b"", 2, "“PATHS” is missing".encode()),
        (("models", "extra"), b"", 2, "“extra” is not expected here".encode()),
        (("--cache=yes",), b"hi", 2, "“--cache” takes no value".encode()),
        (("completion", "fsh"), b"", 2, b"bash, zsh, fish"),
        (("--color", "no"), b"hi", 2, "“--color” cannot be “no”.\n  It can be one of: auto, always, never".encode()),
        (("inspect", str(MODEL)), b"", 1, b"is a model, not a script"),
        (("--color", "it's"), b"hi", 2, "“--color” cannot be “it's”.".encode()),
        (("--seed", "-1"), b"hi", 2, b"anything from 0 to 9,223,372,036,854,775,807."),
        (("--seed", "1", "train"), b"", 2, "“PATHS” is missing".encode()),
        (("--minutes", "x", "train", "a.txt"), b"", 2, "minutes takes a number, not “x”.".encode()),
        (("--minutes=3", "--from", "scratch", "train", "no.txt"), b"", 1, b"/no.txt"),
        (("--model", "x", "train", "a.txt"), b"", 2, b"  See scriptbot train --help."),
        (("--me", "train", "--no-such", "hi"), b"", 2, b"  See scriptbot --help."),
    ],
)
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], stdin: bytes, code: int, words: bytes) -> None:
    done = run(*arguments, stdin=stdin)
    assert done.returncode == code
    assert words in done.stderr and b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_options_may_stand_before_the_command() -> None:
    given = run("--json", "--language", "ja", "models")
    assert given.returncode == 0 and given.stdout == run("models", "--json").stdout
    assert run("--help", "models").stdout == run("models", "--help").stdout


def test_a_command_behind_two_hyphens_is_text(tiny: Path) -> None:
    spoken = run("--model", str(tiny), "--lines", "1", "--", "train", "leaves")
    assert spoken.returncode == 0 and spoken.stdout and not spoken.stderr


def test_no_option_takes_a_value_in_one_command_only() -> None:
    """What stands before a command is told apart by the options of all of them together."""
    options = [option for command in (cli.talk, *cli.COMMANDS.values()) for option in command.params]
    kinds = {(name, getattr(option, "is_flag", False)) for option in options for name in option.opts}
    assert len(kinds) == len({name for name, _ in kinds})


def test_a_model_is_trained_under_a_name_that_a_file_can_have(tmp_path: Path) -> None:
    script = tmp_path / f"{'あ' * 83}.txt"
    script.write_text("Ada: One.\n" * 9)
    done = run("train", str(script), "--output", str(tmp_path / ("a" * 300)))
    assert done.returncode == 1 and b"is too long." in done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "scriptbot", "train", str(script)], cwd=tmp_path, capture_output=True, check=False
    )
    assert b"words to learn from" in done.stderr  # it is the script that is too short


def test_one_word_in_a_terminal_that_looks_like_a_command_is_asked_about() -> None:
    controller, terminal = os.openpty()
    done = subprocess.run([sys.executable, "-m", "scriptbot", "trian"], stdin=terminal, capture_output=True)
    os.close(controller)
    os.close(terminal)
    assert (
        done.returncode == 2
        and "Did you mean “train”? Type what you want to say".encode() in done.stderr
        and done.stdout == b""
    )


def test_json_in_a_terminal_needs_a_text() -> None:
    controller, terminal = os.openpty()
    done = subprocess.run([sys.executable, "-m", "scriptbot", "--json"], stdin=terminal, capture_output=True)
    os.close(controller)
    os.close(terminal)
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "scriptbot: --json is for a pipe, but standard input is a terminal.",
        "  Give a text: scriptbot --json TEXT",
    ]


def test_what_looks_like_a_command_is_refused_unless_it_is_a_sentence(tiny: Path, tmp_path: Path) -> None:
    few = ("--model", str(tiny), "--seed", "1", "--lines", "1", "--max-words", "3")
    refused = (
        "scriptbot: There is no command called “trian”.\n"
        "  Did you mean “train”? Text that looks like a command goes behind two hyphens: scriptbot -- TEXT\n"
    )
    (script := tmp_path / "my").write_text("Ada: One.\n")
    for text in (
        *(("trian",), ("trian", "x"), ("trian", "my.txt", "other.txt"), ("trian", "on", str(script))),
        *(("trian", "my.txt", "--", "x"), ("trian", "--", "is", "late")),
    ):
        done = run(*few, *text)
        assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", refused)
    assert run("trian", str(script), *few, stdin=b"hello").returncode == 2
    capitals = run("TRAIN", str(script), *few)
    assert capitals.returncode == 2 and capitals.stderr.decode() == refused.replace("trian", "TRAIN")
    notice = "scriptbot: There is no command called “trian”; it is taken as text.\n  Did you mean “train”?\n"
    for text in (("trian", "is", "late"), ("trian", "late!")):
        spoken = run(*few, *text)
        assert spoken.returncode == 0 and spoken.stdout and spoken.stderr.decode() == notice
    for text, stdin in (
        (("trian", "my.txt"), b"hello"),
        (("--", "trian"), b""),
        (("--", "help"), b""),
        (("--", "trian", "my.txt"), b""),
        (("Hello", "--", "trian", "my.txt"), b""),
        (("Hello there",), b""),
        (("train a model",), b""),
    ):
        spoken = run(*few, *text, stdin=stdin)
        assert spoken.returncode == 0 and spoken.stdout and not spoken.stderr


def test_a_word_that_is_the_name_of_a_folder_makes_no_command(tiny: Path, tmp_path: Path) -> None:
    """Where a text is piped in, only a file does, or the path of a folder."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "notes").write_text("Ada: One.\n")
    command = [sys.executable, "-m", "scriptbot", "--model", str(tiny), "--seed", "1", "--lines", "1"]

    def code(*text: str) -> int:
        return subprocess.run([*command, *text], input=b"hi", cwd=tmp_path, capture_output=True).returncode

    assert code("model", "of", "the", "docs") == 0
    assert code("model", "notes") == code("model", "docs/") == 2


def test_a_misspelt_command_in_a_terminal_begins_no_conversation() -> None:
    controller, terminal = os.openpty()
    done = subprocess.run([sys.executable, "-m", "scriptbot", "trian", "x"], stdin=terminal, capture_output=True)
    os.close(controller)
    os.close(terminal)
    assert done.returncode == 2 and "Did you mean “train”?".encode() in done.stderr and done.stdout == b""


def test_a_text_in_a_terminal_is_answered_where_the_answer_goes(tiny: Path) -> None:
    controller, terminal = os.openpty()  # reply=$(scriptbot "ROMEO: hi")
    ask = ["--model", str(tiny), "--lines", "1", "--verbose"]
    done = subprocess.run(
        [sys.executable, "-m", "scriptbot", *ask, "ROMEO: hi"], stdin=terminal, capture_output=True, timeout=20
    )
    os.close(controller)
    os.close(terminal)
    assert done.returncode == 0 and done.stdout.startswith(b"JULIET: ")
    assert done.stderr.startswith(b"model tiny, seed ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
@pytest.mark.parametrize("arguments", ["models", "convert {script} - --to jsonl"])
def test_a_full_disk_is_no_bug(tmp_path: Path, arguments: str) -> None:
    script = tmp_path / "a.txt"
    script.write_text("Ada: Is it on?\nTom: It was.\n" * 9)
    command = f"{sys.executable} -m scriptbot {arguments.format(script=script)} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "scriptbot: Standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize(
    "arguments", ["inspect a.txt", "evaluate {tiny} a.txt", "convert a.txt - --to colon", "train a"]
)
def test_a_folder_that_is_gone_is_no_bug(tiny: Path, tmp_path: Path, arguments: str) -> None:
    (tmp_path / "gone").mkdir()
    program = f"{sys.executable} -m scriptbot {arguments.format(tiny=tiny)}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = ["bash", "-c", f"rmdir ../gone && {program}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "gone", env=environment)
    assert done.returncode == 1
    assert (
        done.stderr == "scriptbot: The folder that scriptbot was started from is gone.\n  Go to another folder first.\n"
    )


def test_standard_input_that_is_written_to_is_no_bug(tmp_path: Path) -> None:
    command = f"{sys.executable} -m scriptbot x 0> {tmp_path}/a.txt"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("scriptbot: Standard input cannot be read: Bad file descriptor.\n")


def test_streams_that_are_closed_or_not_unicode(tiny: Path) -> None:
    command = f"{sys.executable} -m scriptbot --model {tiny} --lines 1 --verbose hi 2>&- </dev/null"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0 and "seed" not in done.stdout and ": " in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "scriptbot", "--help"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0 and b"?You?" in done.stdout


def test_a_base_that_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada: One.\n" * 9)
    done = run("train", str(tmp_path / "a.txt"), "--output", str(tmp_path / "m"), "--from", "no-such-model")
    assert done.returncode == 1 and b"no-such-model" in done.stderr and not (tmp_path / "m").exists()


@pytest.mark.slow
def test_a_training_from_a_model_tells_where_it_is_from(tmp_path: Path) -> None:
    from scriptbot.lm.model_file import load_model

    golden = Path(__file__).parents[1] / "lm" / "golden" / "version-2.safetensors"
    (tmp_path / "a.txt").write_text("Ada: Is the kettle on?\nTom: It was.\nAda: Good.\n\n\n" * 40)
    output = tmp_path / "m.safetensors"
    done = run("train", str(tmp_path / "a.txt"), "--output", str(output), "--from", str(golden), "--minutes", "0.1")
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().endswith(f"Talk with it: scriptbot --model {output}\n")
    made, base = load_model(output), load_model(golden)
    assert made.config == base.config and made.provenance["base"] == "version-2"


def test_train_refuses_to_write_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("precious")
    done = run("train", "x.txt", "--output", str(tmp_path / "model"))
    assert done.returncode == 1 and b"--force" in done.stderr
