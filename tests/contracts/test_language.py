"""The interface in its languages: complete, in step with the code, and found again from the sentences it makes."""

from __future__ import annotations

import ast
import errno
import gettext
import json
import os
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from scriptbot.commands.registry import Row
from scriptbot.errors import InputError
from scriptbot.locale.__main__ import HERE, LANGUAGES, PACKAGE, _of_module, _strings, messages
from scriptbot.text import load, text_file
from scriptbot.text.formats import chat_shapes
from scriptbot.ui import language, view

LOCALES = {"ja": "ja_JP.UTF-8", "zh": "zh_CN.UTF-8"}
# Messages whose values are numbers, and nothing else.
NUMBERS = {"temperature {0}", "{0} members", "{0} times", "{0}:{1} left", "signal {0}"}


def catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("scriptbot", str(HERE), [code])


def places(message: str) -> list[str]:
    return sorted(field for _, field, _, _ in string.Formatter().parse(message) if field)


def test_the_list_of_messages_is_that_of_the_code() -> None:
    assert json.loads((HERE / "messages.json").read_text("utf-8")) == sorted(messages()), "run make locale"


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_is_translated(code: str) -> None:
    translations = catalogue(code)
    table: dict[str, str] = translations._catalog  # type: ignore[attr-defined]
    missing = [message for message in messages() if not table.get(message)]
    assert not missing, "run make locale, and translate what it names"
    for message in messages():
        assert places(table[message]) == places(message), message


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        ("ja", "[“”：；]|だれ|フォルダ(?!ー)|書式|本文|である|のことですか(?!？)"),
        ("zh", "[「」]|您|回复|说话者|[ぁ-んァ-ヶ]|[一-鿿][,;?!]"),
    ],
)
def test_the_translations_have_one_word_for_one_thing(code: str, elsewhere: str) -> None:
    """In Japanese 「」, a narrow colon, 誰, フォルダー, 形式, テキスト and です; in Chinese “”, 你, 回答 and 说话人."""
    translations = catalogue(code)
    told = [translations.gettext(message) for message in messages()]
    assert not [text for text in told if re.search(elsewhere, text)]


def test_what_an_error_is_made_of_is_found_wherever_it_stands() -> None:
    source = """
LATER = "Look here later."
def told(name, many):
    hint = f"There are {many} of them." if many else "There are none."
    hint, other = "First of two.", name
    if many:
        raise TrainingError(f"It ended ({_why(many)}).", hint + LATER)
    last = _last()
    raise InputError("{x} is “" + name, " ".join(filter(None, [name, last])))
def _why(code):
    if "no condition" in code:
        return "for want of room"
    return f"with code {code}"
def _last():
    return "The last of them."
def _other():
    hint = "This is nobody's."
"""
    assert {message for message, _ in _of_module(ast.parse(source), "text/x.py")} == {
        "Look here later.",
        "There are {0} of them.",
        "There are none.",
        "First of two.",
        "It ended ({0}).",
        "{{x}} is “",
        "for want of room",
        "with code {0}",
        "The last of them.",
    }
    lines = """
def lines():
    yield f"It has {1} lines." if True else "It has none."
    yield Verbatim("This is theirs.")
"""
    found = {message for message, _ in _of_module(ast.parse(lines), "commands/x.py")}
    assert found == {"It has {0} lines.", "It has none."}


def test_no_sentence_that_is_said_is_left_out() -> None:
    """A look at the source that knows less than the collector does: whatever has a space and goes that way."""
    known, left_out = messages(), []
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said: list[ast.AST | None] = []
            if isinstance(node, ast.Call):
                if re.search("(?:Error|Failed|Warned|Text)$", ast.unparse(node.func)):
                    said += [*node.args, *(keyword.value for keyword in node.keywords)]
            elif isinstance(node, ast.Assign):
                if re.search(r"\b(?:hint|sentence|told)$", ast.unparse(node.targets[0])):
                    said.append(node.value)
            elif isinstance(node, ast.Yield) and name.startswith("commands/") and not isinstance(node.value, ast.Call):
                said.append(node.value)
            for tree in filter(None, said):
                left_out += [(name, text) for text, _ in _strings(tree, set()) if text not in known]
    assert not left_out


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "There is no command :frob.",
        "Did you mean :retry? To say a line that starts with a colon, begin it with ::",
        ":help lists the commands. To say a line that starts with a colon, begin it with ::",
        ":re could be :retry, :reset or :retrain.",
        "It may be cp932 or euc_jp: name its encoding, for example --encoding cp932.",
        "Did you mean “colon”?",
        "It can be one of: auto, always.",
        "“a b” could be ADA, TOM and others.",
        "The training process ended without a model (killed, perhaps out of memory).",
        "The training process ended without a model (exit code 3).",
        "The training process ended without a model (signal 6).",
        "The Final Draft file is damaged at line 3: not well-formed (invalid token).",
        "The chat is not valid YAML at line 1,234.",
        "See scriptbot train --help.",
        "In a shell, “scriptbot train --help” lists the options.",
        "damaged: /models/x.safetensors",
        "Who answers.  [anyone]",
    ],
)
def test_nothing_of_it_stays_english(code: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    english = (
        r"\b(?:or|and|others|lists|There|mean|could|may|can|said|killed|signal|code|damaged|well|line|See|anyone)\b"
    )
    assert re.search(english, text) and not re.search(english, language.tr(text)), language.tr(text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_sentence_is_found_again_with_its_values(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    translations = catalogue(code)
    for message in messages():
        if message != message.strip():  # what joins the members of a list
            continue
        numbers = [str(number + 2) for number in range(len(places(message)))]
        for values in (numbers, [f"Otto{number}" for number in numbers])[: 1 if message in NUMBERS else 2]:
            said = message.format(*values)
            assert language.tr(said) == translations.gettext(message).format(*values), message


@pytest.mark.parametrize("begin", ["The configuration file x.toml is not valid TOML: ", "“x” already exists. "])
@pytest.mark.parametrize("value", ["“b”", "“b"])
def test_many_quotations_are_read_in_one_way(begin: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no message after all was tried with every pair of marks in two ways, which did not end."""
    monkeypatch.setattr(language, "_language", "ja")
    for text in (f"{begin}{value * 60}", f"{value * 60}{begin}x"):
        assert language.tr(text).count(value) == 60


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_no_message_stays(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    for text in ("", "ROMEO: But soft", "{0} {x} %s", "  ", "a\n\nb", "It was.", "I have no words", "Give me time."):
        assert language.tr(text) == text


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "reason", ["ENOENT", "EACCES", "EISDIR", "ENOSPC", "ENAMETOOLONG", "ENOTDIR", "EROFS", "EBADF"]
)
def test_what_the_operating_system_says_is_translated(code: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    error = OSError(getattr(errno, reason), os.strerror(getattr(errno, reason)))
    for sentence in (
        text_file.unreadable(Path("a.txt"), error).sentence,
        text_file.unreadable(Path("a.txt"), error, " after 1,234 characters").sentence,
        f"Standard output cannot be written: {error.strerror}.",
        f"The folder “/a” cannot be created or written to: {error.strerror}.",
        f"scriptbot: the history file /a cannot be written: {error.strerror}.",
    ):
        told = language.tr(sentence)
        assert error.strerror and error.strerror not in told
        assert not re.search(r"[A-Za-z]{2,}", re.sub(r"scriptbot|a\.txt", "", told)), told


def test_lists_and_sentences_within_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", "ja")
    held = "Lost in the format colon: 2 transitions, 1 note and 3 scene headings."
    assert not re.search("[a-z]{3,} [a-z]{3,}", language.tr(held)), language.tr(held)
    held = "Lost in the format colon: 1 scene number, 2 places with emphasis or song and 1 note."
    assert language.tr(held) == "colon 形式で失われたもの: 場面番号 1 件、強調または歌の箇所 2 件、注記 1 件。"
    assert language.tr("“notes/a b.jpg” is a binary file, not plain text.") in language.tr(
        "There is nothing to read in the folder “notes”. “notes/a b.jpg” is a binary file, not plain text."
    )
    joined = language.tr("Training was aborted. Still talking with “x”.")
    assert "aborted" not in joined and "talking" not in joined and "x" in joined
    assert " " not in joined  # none is written between sentences
    monkeypatch.setattr(language, "_language", "zh")
    assert language.tr(held) == "在 colon 格式中丢失：1 个场景编号、2 处强调或唱词和 1 条注释。"


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_stands_between_quotation_marks_is_somebodys(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    for english, sentence in (
        ("There is", "There is no character called “scene”."),
        ("talking", "Now talking with “notes”."),
        ("talking", "Now talking with “notes”; saved in “words”."),
        ("talking", "Still talking with “notes”."),
        ("exists", "“notes” already exists."),
        ("long", "The file name of “notes” is too long."),
    ):
        told = language.tr(sentence)
        assert english not in told and all(name in told for name in re.findall("“(.*?)”", sentence)), told


def test_the_table_of_names_is_in_step_with_the_messages() -> None:
    known = messages()
    for message, which in language._NAMES.items():
        assert message in known, f"no such message any more: {message}"
        unquoted = places(re.sub("“[^”]*”", "", message))
        assert set(which) <= set(unquoted), f"no such value outside quotation marks: {message}"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ["scene", "nobody, static", "notes and ADA"])
def test_so_do_the_names_without_them(code: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    for message, which in language._NAMES.items():
        said = message.format(*(name if str(place) in which else place + 2 for place in range(len(places(message)))))
        told = language.tr(said)
        assert told != said and told.count(name) == len(which), told


def test_what_is_typed_in_a_file_is_not_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """“character” is also what a text is counted in, but here it is the key of a chat."""
    monkeypatch.setattr(language, "_language", "ja")
    with pytest.raises(InputError) as raised:
        list(chat_shapes.items([]))
    assert ", ".join(chat_shapes.WHO) in language.tr(raised.value.hint)


def test_a_short_message_takes_numbers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", "ja")
    told = language.tr("temperature cannot be 99.")
    assert told.startswith("temperature") and "cannot" not in told
    assert language.tr("x  temperature 0.8") != "x  temperature 0.8"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("10.9 MB  1.25 bits/char  397 characters: ADA, …", ["1.25", "397", "ADA"]),
        ("1:02 left  held out 1.234, training 1.200 bits per character", ["1:02", "1.234", "1.200"]),
        ("warning: “a  b.txt” was given twice and is read once.", ["a  b.txt"]),
        (load._mangled(Path("a.txt"), "Ã¤", "ä"), ["a.txt", "Ã¤", "ä"]),
        (load._mangled(Path("a.txt"), "Ã", ""), ["a.txt", "Ã"]),
    ],
)
def test_columns_and_what_is_quoted(code: str, line: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", code)
    told = language.tr(line)
    assert all(word in told for word in words), told
    assert not re.search("contains|place|left|held|characters|bits|twice|warning", told), told
    if "MB" in line:
        assert told.startswith("10.9 MB  1.25 "), told  # the columns stay where they are
    assert told.count("  ") == line.count("  "), told


def test_what_is_somebodys_is_not_translated(tmp_path: Path) -> None:
    script = "Ada: Check the path.\nTom: Give it plain text.\nAda: No text was given.\nTom: You are Tom.\n" * 3
    (tmp_path / "a.txt").write_text(script)
    done = run("inspect", str(tmp_path / "a.txt"), "--language", "ja")
    assert "  Ada: Check the path." in done.stdout and JAPANESE.search(done.stdout)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    command = [sys.executable, "-m", "scriptbot", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env={**clean, **environment})


JAPANESE, HAN = re.compile("[ぁ-ん]"), re.compile("[一-鿿]")


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {"LANG": "ja_JP.UTF-8"}, JAPANESE),
        ((), {"LC_ALL": "zh_CN.UTF-8", "LANG": "ja_JP.UTF-8"}, HAN),
        (("--language", "ja"), {"LANG": "zh_CN.UTF-8"}, JAPANESE),
        (("--language=zh",), {}, HAN),
        ((), {"SCRIPTBOT_LANGUAGE": "ja", "LANG": "C"}, JAPANESE),
        ((), {"LANG": "C.UTF-8"}, re.compile("^scriptbot: There is no file")),
        ((), {"LANG": "fr_FR.UTF-8"}, re.compile("^scriptbot: There is no file")),
        (("--language", "en"), {"LANG": "ja_JP.UTF-8"}, re.compile("^scriptbot: There is no file")),
    ],
)
def test_mistakes_are_told_in_the_language(
    arguments: tuple[str, ...], environment: dict[str, str], expected: re.Pattern[str]
) -> None:
    done = run("inspect", "no-such-file.txt", *arguments, **environment)
    assert done.returncode == 1 and expected.search(done.stderr), done.stderr
    assert "no-such-file.txt" in done.stderr


@pytest.mark.parametrize("wrong", [("--no-such",), ("--seed",), ("--color", "no"), ("evaluate",), ("models", "x")])
def test_so_is_what_click_finds_wrong(wrong: tuple[str, ...]) -> None:
    told = run(*wrong, LANG="ja_JP.UTF-8").stderr
    assert JAPANESE.search(told) and not re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", told), told


@pytest.mark.parametrize("code", LANGUAGES)
def test_help_is_in_the_language(code: str) -> None:
    done = run("train", "--help", LANG=LOCALES[code])
    assert done.returncode == 0 and "--minutes" in done.stdout
    english = [line for line in done.stdout.splitlines() if re.search(r"\b(?:the|of|how|what)\b", line)]
    assert not english, english


def test_a_language_that_there_is_not() -> None:
    done = run("models", "--language", "tlh")
    assert done.returncode == 2 and "en, ja, zh" in done.stderr


def test_a_training_tells_its_mistakes_in_the_language(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada: One.\nTom: Two.\nAda: Three.\n")
    done = run("train", str(tmp_path / "a.txt"), "--output", str(tmp_path / "m"), "--language", "ja")
    assert done.returncode == 1 and JAPANESE.search(done.stderr) and "There are" not in done.stderr


def test_a_name_is_not_translated_though_it_is_a_word_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", "ja")
    told = view.told(Row("  scenes  ", "  0.1 MB                  plain text"))
    assert told.startswith("  scenes  ") and "plain text" not in told
