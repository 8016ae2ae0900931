"""Files and folders, in any encoding or none."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.errors import InputError, ScriptbotError, UndecodableText, UsageError
from scriptbot.text.decode import decode_bytes
from scriptbot.text.load import open_source
from scriptbot.text.script import Speech

SCRIPT = "Ada: Is the kettle on?\nTom: It was, at the café.\n\n\nAda: Oh.\nTom: Yes.\n"
FRENCH = "L'été dernier, la fenêtre était ouverte : à côté, une élève très sérieuse répétait.\n" * 30
JAPANESE = "雨が降っていたので、彼女は駅の前で待っていた。そしてゆっくりと歩きはじめた。\n" * 30
CHINESE = "他们在这里的时候，天下着雨，我说：你来不来？他不说话，就走了。\n" * 30


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def whole(path: Path, **options: str) -> str:
    """The text of a file that is read as plain text."""
    return "".join(e.text for s in open_source([path], format="text", **options).scenes() for e in s.elements)


def test_a_script(tmp_path: Path) -> None:
    source = open_source([write(tmp_path / "a.txt", SCRIPT)])
    assert source.format == "colon"
    assert source.paths == (tmp_path / "a.txt",)
    assert source.characters == len(SCRIPT)
    assert source.sha256 == hashlib.sha256(SCRIPT.encode()).hexdigest()
    assert source.warnings == []
    scenes = list(source.scenes())
    assert [len(scene.elements) for scene in scenes] == [2, 2]
    assert list(source.scenes()) == scenes


def test_each_pass_reads_the_file_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SCRIPT)
    source = open_source([path])
    list(source.scenes())
    write(path, SCRIPT.replace("kettle", "lights"))
    first = next(source.scenes()).elements[0]
    assert "lights" in first.text
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        list(source.scenes())


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
    ],
)
def test_byte_order_marks(tmp_path: Path, mark: bytes, codec: str) -> None:
    assert whole(write(tmp_path / "a.txt", mark + SCRIPT.encode(codec))) == SCRIPT


@pytest.mark.parametrize(
    ("text", "codec"), [(FRENCH, "cp1252"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (CHINESE, "gb18030")]
)
def test_legacy_encodings_are_found_or_refused_and_can_be_named(tmp_path: Path, text: str, codec: str) -> None:
    path = write(tmp_path / "a.txt", text.encode(codec))
    assert whole(path) == text
    assert whole(path, encoding=codec) == text


def test_a_guess_that_the_whole_file_does_not_bear_out_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", JAPANESE.encode("cp932") * 60 + b"\x81\x20\n")  # a lead byte, and no second one
    with pytest.raises(UndecodableText) as caught:
        open_source([path])
    assert caught.value.offset == 0
    assert "--encoding" in caught.value.hint


@pytest.mark.parametrize("before", [0, 7, 300_000, (1 << 18) - 1])
def test_the_offset_of_the_first_wrong_byte(tmp_path: Path, before: int) -> None:
    path = write(tmp_path / "a.txt", b"a" * before + b"\xff\xfe\xfd"[: 3 if before else 1] + b"b")
    with pytest.raises(UndecodableText) as caught:
        open_source([path], encoding="utf-8")
    assert caught.value.offset == before
    assert caught.value.hint == "Try another --encoding, or none."
    for encoding in ("utf-16", "utf-8"):
        with pytest.raises(UndecodableText) as caught:
            open_source([write(tmp_path / "b.txt", b"Ada: One.\n" + b"\xff" * 3)], encoding=encoding)
        assert caught.value.hint == "Try another --encoding, or none."


def test_a_character_across_two_reads(tmp_path: Path) -> None:
    text = "a" * ((1 << 18) - 1) + "é\r\nb"
    assert whole(write(tmp_path / "a.txt", text)) == text.replace("\r\n", "\n")
    text = "a" * ((1 << 18) - 1) + "\r\nb\rc"
    assert whole(write(tmp_path / "b.txt", text)) == text.replace("\r\n", "\n")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t"), min_size=1))
def test_utf8_comes_out_as_it_went_in(text: str) -> None:
    try:
        assert decode_bytes(text.encode()) == text.removeprefix("\ufeff").replace("\r\n", "\n")
    except InputError as error:  # white space alone
        assert text.removeprefix("\ufeff").isspace() or text == "\ufeff", error


def test_controls_are_left_out_of_scripts_and_counted(tmp_path: Path) -> None:
    script = SCRIPT.replace("Oh.", "O\x07h\x80.").replace("\n", "\r\n")
    source = open_source([write(tmp_path / "a.txt", script)])
    assert [scene.elements[0].text for scene in source.scenes()][1] == "Oh."
    assert len(source.warnings) == 1
    assert "2 control characters" in source.warnings[0]
    assert source.characters == len(SCRIPT)


def test_plain_text_keeps_its_controls(tmp_path: Path) -> None:
    assert whole(write(tmp_path / "a.txt", "one\x07 two\x0c\r\nthree\rfour")) == "one\x07 two\x0c\nthree\rfour"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\n\t", "white space"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "picture"),
        (b"%PDF-1.7\n", "PDF"),
        (bytes(range(256)) * 8, "binary"),
        (b"<!DOCTYPE html>\n<p>TOM: No.</p>\n", "web page"),
        ("<!doctype HTML public>\n".encode("utf-16"), "web page"),
        (b'<?xml version="1.0"?>\n<!-- saved -->\n<!-- from -->\n<HTML lang="en">\n', "web page"),
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_source([write(tmp_path / "a.txt", data)])


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(40), b"\xd0\xcf\x11\xe0" + bytes(40), b"{\\rtf1\\ansi Tom}"])
def test_how_to_get_the_text_of_an_office_document(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match="not plain text") as caught:
        open_source([write(tmp_path / "a.docx", data)])
    assert "In Word: File, Save As, Plain Text (.txt)." in caught.value.hint


def test_a_script_about_web_pages_is_none(tmp_path: Path) -> None:
    text = "TOM: A page begins with <html>.\nADA: And with <!DOCTYPE html>?\nTOM: <b>Yes.</b>\nADA: Oh.\n"
    assert open_source([write(tmp_path / "a.html", text)]).format == "colon"


def test_a_web_page_is_left_out_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "a.html", "<html>\n<p>TOM: No.</p>\n")
    write(tmp_path / "b.txt", SCRIPT)
    source = open_source([tmp_path])
    assert source.paths == (tmp_path / "b.txt",) and "web page" in source.warnings[0]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("tavren.txt", "tavern.txt"),
        ("TAVERN", "tavern.fdx"),
        ("tavern.docx", "tavern.fdx"),
        ("web.txt", ""),  # an ending alone is no likeness
    ],
)
def test_a_missing_file_names_the_nearest(tmp_path: Path, typed: str, near: str) -> None:
    for name in ("tavern.txt", "tavern.fdx", "nope.txt"):
        write(tmp_path / name, SCRIPT)
    with pytest.raises(InputError) as caught:
        open_source([tmp_path / typed])
    assert caught.value.hint == (f"Did you mean “{tmp_path / near}”?" if near else "Check the path.")


@pytest.mark.parametrize(
    ("options", "near"),
    [({"format": "colom"}, "colon"), ({"encoding": "shift-jiz"}, "shiftjis"), ({"encoding": "base64"}, "")],
)
def test_unknown_names(tmp_path: Path, options: dict[str, str], near: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_source([write(tmp_path / "a.txt", SCRIPT)], **options)
    assert caught.value.hint
    assert near in caught.value.hint


def test_nothing_given() -> None:
    with pytest.raises(UsageError):
        open_source([])


def test_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    write(folder / "b.txt", SCRIPT)
    write(folder / "a" / "z.txt", SCRIPT.replace("kettle", "lamp"))
    write(folder / ".hidden.txt", SCRIPT)
    write(folder / ".git" / "x.txt", SCRIPT)
    write(folder / "count.py", "print('ADA: Is the kettle on?')\n" * 9)
    write(folder / "picture.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    source = open_source([folder])
    assert [path.relative_to(folder).as_posix() for path in source.paths] == ["a/z.txt", "b.txt"]
    assert any("count.py" in warning for warning in source.warnings)
    assert any("picture.png" in warning for warning in source.warnings)
    assert "lamp" in next(source.scenes()).elements[0].text


def test_what_is_left_out_of_a_folder_is_told_in_order(tmp_path: Path) -> None:
    names = [f"{letter}/{letter}.py" for letter in "hbgdafce"]
    for name in names:
        write(tmp_path / name, "print()\n")
    write(tmp_path / "script.txt", SCRIPT)
    told = open_source([tmp_path]).warnings
    assert [name for warning in told[:6] for name in names if name in warning] == sorted(names)[:6]


def test_what_turns_out_to_be_damaged_is_no_part_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", SCRIPT)
    scores = write(tmp_path / "scores.jsonl", '{"id": 1, "score": 0.5}\n' * 3)
    torn = write(tmp_path / "torn.fdx", "<FinalDraft><Content><Paragraph")
    endless = write(tmp_path / "endless.txt", SCRIPT * 9 + "ADA: " + "the lamp " * 200_000)
    source = open_source([tmp_path])
    assert source.paths == (tmp_path / "a.txt",) and source.sha256 == open_source([tmp_path / "a.txt"]).sha256
    for path, what in ((scores, "no messages in the chat"), (torn, "Final Draft file"), (endless, "is not a script")):
        assert any(str(path) in warning and what in warning for warning in source.warnings)
        with pytest.raises(InputError, match=f"{path.name}.*{what}"):
            list(open_source([path]).scenes())


def test_a_readme_named_outright_is_read(tmp_path: Path) -> None:
    assert open_source([write(tmp_path / "README.md", SCRIPT)]).format == "colon"


@pytest.mark.parametrize("names", [[], ["x.png"]])
def test_a_folder_without_scripts(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        write(tmp_path / name, b"\x89PNG\r\n\x1a\n" + bytes(40) if name.endswith("png") else "About.\n")
    with pytest.raises(InputError, match="folder"):
        open_source([tmp_path])


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        assert decode_bytes(data).strip("\ufeff")
    except ScriptbotError as error:
        assert error.sentence


# --- real texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("english/moes_tavern_lines.txt", "colon"),
        ("english/tinyshakespeare.txt", "named"),
        ("dialogue/tatoeba_english.txt", "text"),
        ("english/ptb/ptb.valid.txt", "text"),
        ("japanese/soseki/kokoro.sjis.txt", "text"),
        ("chinese/hongloumeng.gb18030.txt", "text"),
    ],
)
def test_real_texts(shared_data: Path, name: str, format: str) -> None:
    assert open_source([shared_data / name]).format == format


@pytest.mark.parametrize(
    ("folder", "format"), [("english/plays", "play"), ("english/plays_latin1", "play"), ("japanese/plays", "aozora")]
)
def test_real_plays(shared_data: Path, folder: str, format: str) -> None:
    for path in sorted((shared_data / folder).glob("*.txt")):
        assert open_source([path]).format == format, path.name


def test_the_tavern(shared_data: Path) -> None:
    scenes = list(open_source([shared_data / "english/moes_tavern_lines.txt"]).scenes())
    speeches = [e for scene in scenes for e in scene.elements if isinstance(e, Speech)]
    assert len(scenes) > 200
    assert sum(s.character == "Moe_Szyslak" for s in speeches) > 1000
    assert any(s.text.startswith("(INTO PHONE)") for s in speeches)


def test_hostile_texts_are_read_or_refused(shared_data: Path) -> None:
    for path in sorted((shared_data / "hostile").iterdir()):
        try:
            source = open_source([path])
            assert sum(len(e.text) for s in source.scenes() for e in s.elements) > 0, path.name
        except ScriptbotError as error:
            assert error.sentence, path.name
            assert error.hint, path.name


@pytest.mark.parametrize("name", ["README.ja.md", "LICENSE", "readme.txt", "bible.md"])
def test_files_about_a_folder_are_no_part_of_it(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, SCRIPT)
    kept = write(tmp_path / "read.me.not.txt", SCRIPT)
    source = open_source([tmp_path])
    assert source.paths == (kept,) and any("is about the folder" in warning for warning in source.warnings)


def test_a_name_that_no_system_takes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        open_source([tmp_path / ("x" * 300)])
