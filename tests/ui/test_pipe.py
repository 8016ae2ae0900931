"""The pipe, as a child process on a model with random numbers in it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import support

import scriptbot
from scriptbot.lm.model_file import save_model
from scriptbot.ui import pipe

pytestmark = pytest.mark.usefixtures("home")


def run(*arguments: str, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    done = subprocess.run(
        [sys.executable, "-m", "scriptbot", *arguments],
        input=data,
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_text_is_answered(tiny: Path) -> None:
    done = run("--model", str(tiny), "--seed", "3", "--lines", "2", stdin="ROMEO: But soft")
    assert done.returncode == 0 and done.stderr == ""
    lines = [line for line in done.stdout.split("\n") if line.startswith(("ROMEO: ", "JULIET: "))]
    assert len(lines) == 2
    assert "\x1b" not in done.stdout


def test_the_same_bytes_again(tiny: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "3", "--lines", "4")
    assert run(*ask, stdin="hello").stdout == run(*ask, stdin="hello").stdout
    assert (
        run(*ask, stdin="hello").stdout
        != run("--model", str(tiny), "--seed", "4", "--lines", "4", stdin="hello").stdout
    )


def test_settings_that_suit_the_model_unless_others_are_chosen(tmp_path: Path) -> None:
    path, ask = tmp_path / "suited.safetensors", ("--seed", "3", "--lines", "4")
    save_model(dataclasses.replace(support.model(), sampling={"max_words": 1, "candidates": 2}), path)
    suited = run("--model", str(path), *ask, stdin="hello").stdout
    plain = run("--model", str(path), *ask, "--max-words", "120", "--candidates", "12", stdin="hello").stdout
    assert suited == run("--model", str(path), *ask, "--max-words", "1", "--candidates", "2", stdin="hello").stdout
    assert suited != plain


def test_json(tiny: Path) -> None:
    done = run("--model", str(tiny), "--seed", "3", "--lines", "3", "--json", stdin="hello")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) == 3
    for record in records:
        assert record.keys() == {"character", "text", "log_probability", "seed"}
        assert record["character"] in support.CAST and record["seed"] == 3 and record["log_probability"] < 0


def test_the_seed_that_was_made_up_is_told(tiny: Path) -> None:
    first = run("--model", str(tiny), "--json", stdin="hello").stdout
    seed = json.loads(first.splitlines()[0])["seed"]
    assert run("--model", str(tiny), "--json", "--seed", str(seed), stdin="hello").stdout == first


def test_a_name_that_is_nobodys_is_told_beside_the_answer(tiny: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "3")
    done = run(*ask, stdin="Romoe: Late.")
    assert done.stderr.splitlines() == [
        "The model does not know “Romoe”; the line is read as said by Romoe.",
        "Did you mean ROMEO?",
    ]
    assert done.stdout.startswith(("ROMEO: ", "JULIET: ")) and done.returncode == 0
    many = "\n".join(f"{name}: Late." for name in ("Gandalf", "Frodo", "Sam", "Pippin", "Merry", "Romeo"))
    told = run(*ask, stdin=many).stderr.splitlines()
    assert len(told) == 4 and told[3] == "The model does not know others who speak in this text either (2)."


@pytest.mark.parametrize("typed", ["--resume", "--vi", "--private", "--color=always"])
def test_what_counts_in_the_session_only_is_told(tiny: Path, typed: str) -> None:
    done = run("--model", str(tiny), typed, stdin="hello")
    option, _, value = typed.partition("=")
    assert done.stderr == f"scriptbot: “{option}” counts only in the session, which a pipe is not.\n"
    assert done.stdout.startswith(("ROMEO: ", "JULIET: ")) and done.returncode == 0
    variable = f"SCRIPTBOT_{option[2:].upper()}"
    configured = run("--model", str(tiny), stdin="hello", **{variable: value or "1"})
    assert configured.returncode == 0 and configured.stderr == ""
    japanese = run("--model", str(tiny), typed, "--language", "ja", stdin="hello").stderr
    assert f"「{option}」" in japanese


def test_argument_and_stdin_are_joined(tiny: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "3")
    assert run(*ask, "the night", stdin="a moon").stdout == run(*ask, stdin="the night\na moon").stdout
    assert run(*ask, "the", "night").stdout == run(*ask, stdin="the night").stdout


def test_the_line_feed_of_echo_is_no_part_of_the_text() -> None:
    assert pipe.joined("", "吾輩は\r\n".encode()) == pipe.joined("", "吾輩は".encode())
    assert pipe.joined("", b"the night\n\n") == "the night\n"


def test_options_from_the_environment_and_the_file(tiny: Path, home: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "3")
    plain, cold = run(*ask, stdin="hi").stdout, run(*ask, "--temperature", "0.1", stdin="hi").stdout
    assert plain != cold
    assert run(*ask, stdin="hi", SCRIPTBOT_TEMPERATURE="0.1").stdout == cold
    folder = home / "config" / "scriptbot"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("temperature = 0.1\n")
    assert run(*ask, stdin="hi").stdout == cold
    assert run(*ask, "--temperature", "0.8", stdin="hi").stdout == plain
    (folder / "config.toml").write_text("temprature = 0.1\n")
    done = run(*ask, stdin="hi")
    assert done.returncode == 2 and "temperature" in done.stderr


def test_a_character_in_any_spelling(tiny: Path) -> None:
    done = run("--model", str(tiny), "--character", "juliet", "--lines", "3", stdin="hi")
    assert all(line.startswith("JULIET:") for line in done.stdout.split("\n") if ": " in line)


def test_a_closed_pipe_is_silent(tiny: Path) -> None:
    command = f"{sys.executable} -m scriptbot --model {tiny} --lines 300 hello </dev/null | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert done.stderr == b"" and done.returncode == 0


def test_control_sequences_never_come_out(tmp_path: Path) -> None:
    """A model whose words are escape sequences."""
    evil = ("\x1b", "\x9b", "\x07", "\r", "\x00", "[", "]", "/")
    model = support.model()
    words = type(model.vocabulary)(("\x1b[1mEVE",), evil + support.FREQUENT, support.RARE)
    import numpy as np

    from scriptbot.lm.params import assemble, shapes

    rng = np.random.default_rng(0)
    wanted = shapes(model.config, words.words, words.speakers)
    arrays = {name: rng.normal(0.0, 0.4, shape).astype(np.float32) for name, shape in wanted.items()}
    parameters = assemble(arrays, model.config, words.words, words.speakers)
    path = tmp_path / "evil.safetensors"
    save_model(type(model)(model.config, words, parameters, cast_lines=(3,)), path)
    done = run("--model", str(path), "--lines", "60", stdin="\x1b[2Jhello")
    assert done.returncode == 0, done.stderr
    assert not {"\x1b", "\x07", "\x9b", "\r", "\x00"} & set(done.stdout)
    assert "]" in done.stdout and "EVE: " in done.stdout


def test_plain_text_comes_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    save_model(support.model(cast=()), path)
    ask = ("--model", str(path), "--seed", "2", "--lines", "5")
    records = [json.loads(line) for line in run(*ask, "--json", stdin="the night").stdout.splitlines()]
    assert len(records) == 5
    assert all(record["character"] == "" and "\n" not in record["text"].strip() for record in records)
    shown = run(*ask, stdin="the night").stdout
    assert [line for line in shown.split("\n") if line] == [record["text"] for record in records]


def test_other_encodings(tiny: Path) -> None:
    ask = ("--model", str(tiny), "--seed", "3")
    expected = run(*ask, stdin="ROMEO: 吾輩は猫である。名前はまだ無い。").stdout
    text = "ROMEO: 吾輩は猫である。名前はまだ無い。"
    assert run(*ask, stdin=text.encode("utf-16")).stdout == expected
    assert run(*ask, "--encoding", "shift_jis", stdin=text.encode("shift_jis")).stdout == expected
    assert run(*ask, "--encoding", "nonesuch", stdin=b"abc\xff").returncode == 2
    assert "Name its encoding, for example" in run(*ask, stdin=b"abc\xff").stderr
    assert "Try another --encoding, or none." in run(*ask, "--encoding", "utf-8", stdin=b"abc\xff").stderr


def test_a_closed_standard_input(tiny: Path) -> None:
    command = [sys.executable, "-m", "scriptbot", "--model", str(tiny)]
    for argument, code in (("hello", 0), ("", 2)):
        done = subprocess.run(
            ["bash", "-c", 'exec "$@" <&-', "bash", *command, argument], capture_output=True, text=True, check=False
        )
        assert done.returncode == code and "went wrong" not in done.stderr


BAD: list[tuple[tuple[str, ...], str | bytes, int, str]] = [
    ((), "", 2, "nothing to continue"),
    ((), "  \n", 2, "nothing to continue"),
    (("--encoding", "utf-8"), "  \n", 2, "nothing to continue"),
    (("--encoding", "utf-8"), b"\xef\xbb\xbf\n", 2, "nothing to continue"),
    ((), b"\xff\xfe \0\n\0", 2, "nothing to continue"),
    (("--encoding", "utf-16-le"), b"\n\0", 2, "nothing to continue"),
    ((), b"ab\xff", 1, "scriptbot: Standard input is not valid UTF-8: at byte offset 2 there is 0xFF."),
    (("--encoding", "utf-16"), b"ab", 1, "scriptbot: Standard input is not valid UTF-16: at byte offset 0"),
    ((), b"PK\x03\x04\xff\xfe", 1, "scriptbot: Standard input is not plain text."),
    ((), b"abc\r\nd\0", 1, "scriptbot: Standard input is not text: there is a NUL in line 2."),
    (("--encoding", "utf-16-be"), "abc\0".encode("utf-16-be"), 1, "there is a NUL in line 1."),
    (("--encoding", "nonesuch", "hi"), b"", 2, "There is no encoding called “nonesuch”."),
    (("--model", "nonesuch"), "hi", 1, "no model called “nonesuch”"),
    (("--model", "./none.safetensors"), "hi", 1, "no model file"),
    (("--character", "Hamlet"), "hi", 2, "Hamlet"),
    (("--temperature", "0"), "hi", 2, "temperature"),
    (("--temperature", "-1"), "hi", 2, "temperature"),
    (("--temperature", "nan"), "hi", 2, "temperature"),
    (("--temperature", "1e9"), "hi", 2, "temperature"),
    (("--temperature", "warm"), "hi", 2, "temperature"),
    (("--lines", "0"), "hi", 2, "lines"),
    (("--lines", "1.5"), "hi", 2, "lines"),
    (("--nonesuch",), "hi", 2, "--nonesuch"),
]


@pytest.mark.parametrize(("arguments", "stdin", "code", "words"), BAD)
def test_bad_input(tiny: Path, arguments: tuple[str, ...], stdin: str | bytes, code: int, words: str) -> None:
    model = () if "--model" in arguments else ("--model", str(tiny))
    done = run(*model, *arguments, stdin=stdin)
    assert done.returncode == code, done.stderr
    assert words in done.stderr and done.stdout == ""
    sentence, _, hint = done.stderr.partition("\n")
    assert sentence.startswith("scriptbot: ") and sentence.endswith((".", "?", "”"))
    assert hint.startswith("  ") and hint.count("\n") == 1, done.stderr


def test_debug_shows_where(tiny: Path) -> None:
    usual = run("--model", str(tiny), "--character", "Hamlet\x1b[2J", stdin="hi").stderr
    told = run("--model", str(tiny), "--debug", "--character", "Hamlet\x1b[2J", stdin="hi").stderr
    assert "Traceback" in told and told.endswith(usual) and "\x1b" not in told


def test_models_are_listed(home: Path, tiny: Path) -> None:
    folder = home / "data" / "scriptbot" / "models"
    folder.mkdir(parents=True)
    (folder / "mine.safetensors").write_bytes(tiny.read_bytes())
    (folder / "broken.safetensors").write_bytes(b"nonsense")
    shown = run("models").stdout
    assert "mine" in shown and "2 characters: ROMEO" in shown and "2.50 bits" in shown
    assert "damaged" in next(line for line in shown.splitlines() if line.startswith("  broken"))
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("*")] == ["the-boat-is-late"]
    chosen = run("models", SCRIPTBOT_MODEL="Mine").stdout
    assert [line.split()[1] for line in chosen.splitlines() if line.startswith("*")] == ["mine"]
    assert "*" not in run("models", SCRIPTBOT_MODEL="gone").stdout
    records = [json.loads(line) for line in run("models", "--json").stdout.splitlines()]
    mine = next(record for record in records if record["name"] == "mine")
    assert [record["name"] for record in records if record["usual"]] == ["the-boat-is-late"]
    assert mine["cast"][0] == {"character": "ROMEO", "lines": 4} and mine["bytes"] == tiny.stat().st_size
    assert (
        run("--model", "Mine", "--seed", "1", stdin="hi").stdout
        == run("--model", str(tiny), "--seed", "1", stdin="hi").stdout
        == run("--model", "mi", "--seed", "1", stdin="hi").stdout
    )
    (folder / "my last.safetensors").write_bytes(tiny.read_bytes())
    assert run("--model", "my", "--seed", "1", stdin="hi").returncode == 0
    several = run("--model", "m", stdin="hi")
    assert several.returncode == 1 and "“m” could be mine, my last." in several.stderr


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells of threads there")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread at any rate")
def test_numpy_takes_one_thread(tiny: Path) -> None:
    """Others would wait for it spinning, and with something else on the machine it would wait for them."""
    code = (
        "import os, sys; from scriptbot.ui import opening; opening.check(sys.argv[1], None); import numpy;"
        "print(len(os.listdir('/proc/self/task')), os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    for chosen, told in (({}, "1 None"), ({"OPENBLAS_NUM_THREADS": "2"}, "2 2")):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tiny)], env=free | chosen, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == told


def test_no_models_are_no_mistake(home: Path, tmp_path: Path) -> None:
    package = Path(scriptbot.__file__).parent
    shutil.copytree(package, tmp_path / "scriptbot", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-m", "scriptbot", "models"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"There are no models.\n")


def test_a_folder_of_models_that_cannot_be_read_is_told_once(home: Path) -> None:
    """Where it matters, and not at every look at it."""
    folder = home / "data" / "scriptbot" / "models"
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    sentence = f"The folder “{folder}” cannot be read: Not a directory."
    assert run("models").stderr == f"scriptbot: {sentence}\n"
    japanese = run("models", "--language", "ja").stderr
    assert str(folder) in japanese and "The folder" not in japanese
    assert f"\n  {sentence}\n" in run("--model", "nonesuch", stdin="hi").stderr
    assert run(stdin="hi").stderr == ""


def test_evaluate(tiny: Path, tmp_path: Path) -> None:
    script = tmp_path / "s.txt"
    script.write_text("ROMEO: What light is that?\nJULIET: It is the moon!\n" * 3)
    done = run("evaluate", str(tiny), str(script), "--json")
    record = json.loads(done.stdout)
    assert record.keys() == {
        "bits_per_character",
        "bits_per_character_static",
        "characters",
        "words",
        "word_perplexity",
        "spelled_bits_share",
    }
    assert record["characters"] == len(script.read_text())
    bare = json.loads(run("evaluate", str(tiny), str(script), "--json", "--no-cache").stdout)
    assert bare["bits_per_character"] == bare["bits_per_character_static"] == record["bits_per_character_static"]
    raw = json.loads(run("evaluate", str(tiny), str(script), "--json", "--format", "text").stdout)
    assert raw["characters"] == len(script.read_text())
    told = " ".join(run("evaluate", str(tiny), str(script)).stdout.split())
    assert "bits per character" in told and f"words, symbols and cues {record['words']}" in told
    told = " ".join(run("evaluate", str(tiny), str(script), "--format", "text").stdout.split())
    assert f"words and symbols {raw['words']}" in told and "cues" not in told


@pytest.mark.parametrize(("language", "characters"), [("en", "characters scored"), ("ja", "文字数"), ("zh", "字符数")])
def test_every_row_of_evaluate_is_named(tiny: Path, tmp_path: Path, language: str, characters: str) -> None:
    script = tmp_path / "s.txt"
    script.write_text("ROMEO: What light is that?\nJULIET: It is the moon!\n" * 3)
    told = run("evaluate", str(tiny), str(script), "--language", language).stdout
    assert re.search(rf"^{characters}\s+{len(script.read_text())}$", told, re.MULTILINE)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    done = run("completion", shell)
    assert done.returncode == 0 and "_SCRIPTBOT_COMPLETE" in done.stdout
