"""Highland's documents, and texts that were decoded wrongly before."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scriptbot.errors import InputError
from scriptbot.text.garbled import garbled
from scriptbot.text.load import open_source

KIOSK = "INT. KIOSK - NIGHT\n\nADA\nIs the kettle on?\n\nTOM\nIt was.\n\nADA\nGood.\n"


def highland(path: Path, name: str = "kiosk.textbundle/text.md", text: bytes = KIOSK.encode()) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kiosk.textbundle/info.json", "{}")
        archive.writestr(name, text)
    return path


def test_a_document_of_highland(tmp_path: Path) -> None:
    source = open_source([highland(tmp_path / "kiosk.highland")])
    assert source.format == "fountain"
    for _ in range(2):
        assert [speech.character for scene in source.scenes() for speech in scene.speeches] == ["ADA", "TOM", "ADA"]


def test_an_old_document_is_plain_text(tmp_path: Path) -> None:
    (tmp_path / "kiosk.highland").write_text(KIOSK)
    assert open_source([tmp_path / "kiosk.highland"]).format == "fountain"


def test_latin_in_a_document(tmp_path: Path) -> None:
    path = highland(
        tmp_path / "kiosk.highland", text=(KIOSK * 20).replace("Good", "Café, très bon, à côté").encode("cp1252")
    )
    assert open_source([path]).files[0].encoding == "cp1252"  # guessed by going back in the archive


@pytest.mark.parametrize("damage", ["no text", "cut", "flipped", "bomb", "no archive"])
def test_damaged_documents(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kiosk.highland"
    if damage == "no text":
        highland(path, "other.md")
    elif damage == "bomb":
        monkeypatch.setattr("scriptbot.text.containers._LARGEST", 1000)
        highland(path, text=b"a\n" * 1000)
    elif damage == "no archive":
        path.write_bytes(b"PK\x03\x04" + bytes(100))
    else:
        data = bytearray(highland(path, text=KIOSK.encode() * 40).read_bytes())
        if damage == "cut":
            del data[len(data) // 2 :]
        else:
            place = data.index(b"text.md") + 20
            data[place : place + 8] = bytes(255 - byte for byte in data[place : place + 8])
        path.write_bytes(data)
    with pytest.raises(InputError):
        list(open_source([path]).scenes())


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "mac_roman"])
def test_decoded_wrongly(codec: str) -> None:
    text = "Ça va? — Très bien. Où est la gare? “Là-bas”, à côté du café, près de l’hôtel."
    wrong = text.encode("utf-8").decode(codec, "ignore")
    found = garbled(wrong)
    assert found is not None and found[1] in text


def test_japanese_decoded_wrongly() -> None:
    wrong = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。".encode() * 3
    assert garbled(wrong.decode("cp932", "replace")) is not None
    assert garbled(wrong.decode("gb18030", "replace").replace("\ufffd", "")) is not None


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "„MENÜ“, „TÜRE“ und „GRÜN“ stehen da, “Ä” auch, dazu größer, schöner, übler, süßer, Öl",
        "吾輩は猫である。名前はまだ無い。",
        "他有一个女儿，今年七岁，生得可喜，长得可爱。",
        "Привет, как дела? Хорошо, спасибо.",
        "Él está aquí. ¿Qué? ¡Ñandú!",
    ],
)
def test_decoded_rightly(text: str) -> None:
    assert garbled(text * 20) is None


def test_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("She said â€œno.â€\u009d It wasnâ€™t. He didnâ€™t. They wonâ€™t.\n" * 3, "utf-8")
    (told,) = [warning for warning in open_source([path]).warnings if "decoded wrongly" in warning]
    assert "in place of “" in told


def test_real_texts_are_right(shared_data: Path) -> None:
    for path in sorted(shared_data.rglob("*.txt")):
        if "hostile" in path.parts:
            continue
        assert not [warning for warning in open_source([path]).warnings if "wrongly" in warning], path


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029"])
def test_other_line_ends_of_scripts(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Ada: One.\nTom: Two.\nAda: Three.\nTom: Four.\n".replace("\n", end).encode())
    source = open_source([path])
    assert [speech.text for scene in source.scenes() for speech in scene.speeches] == [
        "One.",
        "Two.",
        "Three.",
        "Four.",
    ]
