"""A source as a whole: several files, what is said about them, and how little of them is held at once."""

from __future__ import annotations

import codecs
import hashlib
import os
from pathlib import Path

import pytest

from scriptbot.errors import InputError, UndecodableText
from scriptbot.text import decode, text_file
from scriptbot.text.formats import WRITERS
from scriptbot.text.guess import guess_encoding
from scriptbot.text.load import open_source
from scriptbot.text.script import Span, Speech

SCRIPT = "Ada: Is the kettle on?\nTom: It was.\n\n\nAda: Oh.\nTom: Yes.\n"
PROSE = "It was late. Nobody spoke.\n" * 20


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def speeches(path: Path, **options: str) -> list[tuple[str, str]]:
    scenes = open_source([path], **options).scenes()
    return [(e.character, e.text) for scene in scenes for e in scene.elements if isinstance(e, Speech)]


def test_several_files_are_one_source(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1", "\ufeff" + SCRIPT), write(tmp_path / "2", SCRIPT.replace("\n", "\r\n"))
    source = open_source([two, one])
    assert source.paths == (two, one)
    assert source.characters == 2 * len(SCRIPT)
    assert source.sha256 == hashlib.sha256(two.read_bytes() + one.read_bytes()).hexdigest()
    assert len(list(source.scenes())) == 4


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b.txt", SCRIPT)
    (tmp_path / "a" / "c.txt").symlink_to(path)
    source = open_source([path, tmp_path / "a", path])
    assert source.paths == (path,)
    assert len(source.warnings) == 3
    assert source.sha256 == hashlib.sha256(SCRIPT.encode()).hexdigest()


def test_the_smaller_part_in_another_format_is_told(tmp_path: Path) -> None:
    write(tmp_path / "mostly" / "a.txt", SCRIPT * 20)
    write(tmp_path / "mostly" / "b.txt", PROSE)
    source = open_source([tmp_path / "mostly"])
    assert (source.format, [file.format for file in source.files]) == ("colon", ["colon", "text"])
    assert "b.txt" in source.warnings[0]
    source = open_source([tmp_path / "mostly"], format="text")
    assert (source.format, source.warnings) == ("text", [])
    write(tmp_path / "mostly" / "c.txt", PROSE * 20)
    source = open_source([tmp_path / "mostly"])
    assert {file.format for file in source.files} == {"text"}
    assert "a.txt" in source.warnings[0]


def test_a_file_that_is_gone_or_changed_since_is_told_however_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SCRIPT)
    (file,) = open_source([path]).files
    assert file.lines_at([0, SCRIPT.index("Oh"), SCRIPT.index("Yes")]) == [1, 5, 6]
    attempts = (lambda: list(file.scenes()), lambda: file.lines_at([0]))
    write(path, b"broken \xf8\xff\n")
    for attempt in attempts:
        with pytest.raises(UndecodableText, match="is not valid UTF-8: at byte offset 7"):
            attempt()
    path.unlink()
    for attempt in attempts:
        with pytest.raises(InputError, match="” cannot be read after 0 characters: No such file"):
            attempt()


def test_a_damaged_file_in_a_folder_is_left_out_and_told(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", SCRIPT)
    write(tmp_path / "b.txt", b"broken \xf8\xff\n")
    for number in range(8):
        write(tmp_path / f"empty{number}", "")
    source = open_source([tmp_path])
    assert source.paths == (tmp_path / "a.txt",)
    assert "b.txt" in source.warnings[0]
    assert source.warnings[-1].startswith("Left out: 3 more")
    assert len(source.warnings) == 7
    assert source.sha256 == hashlib.sha256(SCRIPT.encode()).hexdigest()


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.txt", SCRIPT)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert open_source([tmp_path / "here"]).paths == (tmp_path / "here" / "link" / "a.txt",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="regular"):
        open_source([tmp_path / "pipe"])
    write(tmp_path / "a.txt", SCRIPT)
    assert open_source([tmp_path]).paths == (tmp_path / "a.txt",)


def test_names_that_a_terminal_would_obey_are_shown_harmless(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_source([tmp_path / "a\x1b[31m\nb"])
    assert "\x1b" not in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_escape_sequences_go_as_a_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SCRIPT.replace("Oh", "\x1b[31mOh\x1b[0m\0"))
    assert speeches(path)[2] == ("Ada", "Oh.")
    assert "10 control characters" in open_source([path]).warnings[0]
    assert open_source([path]).characters == len(SCRIPT)


def test_nuls_in_plain_text_are_told_and_kept(tmp_path: Path) -> None:
    source = open_source([write(tmp_path / "a.txt", PROSE + "\0\x07\0")])
    assert "2 NUL" in source.warnings[0]
    assert next(source.scenes()).elements[0].text == PROSE + "\0\x07\0"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_scripts(tmp_path: Path, end: str) -> None:
    long = SCRIPT * 3000  # several blocks, cut in mid-line where the only line ends are \r
    path = write(tmp_path / "a.txt", long.replace("\n", end))
    assert (
        speeches(path, format="colon")
        == [("Ada", "Is the kettle on?"), ("Tom", "It was."), ("Ada", "Oh."), ("Tom", "Yes.")] * 3000
    )


def test_a_line_without_end_is_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "LONGEST_LINE", 100_000)
    path = write(tmp_path / "a.txt", "Ada: x\nAda: " + "y" * 90_000 + "\nAda: z")
    assert [len(text) for _, text in speeches(path, format="colon")] == [1, 90_000, 1]
    path = write(tmp_path / "b.txt", "Ada: " + "y" * 300_000)
    with pytest.raises(InputError) as caught:
        speeches(path, format="colon")
    assert "--format text" in caught.value.hint


def test_reading_never_asks_for_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    longest = 0
    original = decode.blocks

    def watched(pieces: object) -> object:
        nonlocal longest
        for block in original(pieces):  # type: ignore[arg-type]
            longest = max(longest, len(block))
            yield block

    monkeypatch.setattr(decode, "blocks", watched)
    source = open_source([write(tmp_path / "a.txt", "word " * 500_000)])
    scenes = source.scenes()
    assert max(len(scene.elements[0].text) for scene in scenes) <= 65_536
    assert 0 < longest <= 65_536


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "iso2022_jp"])
def test_encodings_that_could_pass_for_utf8_are_heeded_when_named(tmp_path: Path, codec: str) -> None:
    script = "Ada: ok\nTom: yes\nAda: はい\n"
    assert speeches(write(tmp_path / "a.txt", script.encode(codec)), encoding=codec)[2] == ("Ada", "はい")


def test_a_mark_in_a_named_encoding_is_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", ("\ufeff" + SCRIPT.replace("Yes", "是")).encode("gb18030"))
    assert speeches(path, encoding="gb18030")[0] == ("Ada", "Is the kettle on?")


def test_a_named_encoding_is_for_files_that_are_not_utf8(tmp_path: Path) -> None:
    script = "Ada: café\nTom: no\nAda: thé\n"
    for codec in ("utf-8", "cp1252"):
        assert speeches(write(tmp_path / codec, script.encode(codec)), encoding="latin-1")[0] == (
            "Ada",
            "café",
        )


def test_utf16_without_mark_gets_the_hint_that_helps(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_source([write(tmp_path / "a.txt", SCRIPT.encode("utf-16-le"))])
    assert "utf-16-le" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Renée: Bonjour, ça va?\n", "cp1252"),
        ("太郎：こんにちは、元気ですか。\n", "cp932"),
        ("太郎：こんにちは、元気ですか。\n", "euc_jp"),
        ("こんにちは\n", "iso2022_jp"),
        ("李四：你好，你吃了吗？\n", "gb18030"),
        ("李四：你好，你吃了嗎？\n", "big5"),
        ("안녕하세요 나는 학생이다\n", "cp949"),
        ("Привет, как дела?\n", "cp1251"),
    ],
)
def test_one_line_is_enough_for_a_guess(text: str, codec: str) -> None:
    assert guess_encoding(text.encode(codec))[0] == codec


@pytest.mark.parametrize(("text", "codec"), [("Zażółć gęślą jaźń\n", "cp1250"), ("naïve café\n", "mac_roman")])
def test_what_is_not_certain_is_not_guessed(text: str, codec: str) -> None:
    assert guess_encoding(text.encode(codec))[0] is None


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "gb18030", "utf-8"])
@pytest.mark.parametrize("read", [1, 2, 3, 7])
def test_the_offset_is_right_however_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, read: int
) -> None:
    monkeypatch.setattr(decode, "READ", read)
    good = "Ada: はい、そう\n".encode(codec)
    path = write(tmp_path / "a.txt", good + b"\x81\x20")
    with pytest.raises(UndecodableText) as caught:
        list(decode.decoded(lambda: path.open("rb"), "a", codec))
    assert caught.value.offset == len(good)


@pytest.mark.parametrize("read", [1, 2, 3, 5, 64])
def test_pieces_do_not_depend_on_how_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: int) -> None:
    text = "é\r\n\r\rx\r\n日本\ufeff\r"
    path = write(tmp_path / "a.txt", codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    monkeypatch.setattr(decode, "READ", read)
    assert "".join(decode.decoded(lambda: path.open("rb"), "a", "utf-16")) == text.replace("\r\n", "\n")


# ---------------------------------------------------------------- real texts


@pytest.mark.parametrize("name", ["moes_tavern_lines", "tinyshakespeare"])
def test_real_scripts_survive_being_written(shared_data: Path, tmp_path: Path, name: str) -> None:
    source = open_source([shared_data / "english" / f"{name}.txt"])
    scenes = list(source.scenes())
    written = write(tmp_path / "again.txt", "".join(WRITERS[source.format].write(scenes)))
    again = list(open_source([written]).scenes())
    assert [[e.at(Span(0, 0)) for e in scene.elements] for scene in again] == [
        [e.at(Span(0, 0)) for e in scene.elements] for scene in scenes
    ]


def test_real_plain_text_is_kept_to_the_letter(shared_data: Path) -> None:
    path = shared_data / "dialogue" / "tatoeba_english.txt"
    whole = "".join(scene.elements[0].text for scene in open_source([path]).scenes())
    assert whole == path.read_bytes().decode().replace("\r\n", "\n")
