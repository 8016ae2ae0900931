"""What publishers add: gone before a format reads, and places are still those of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.errors import InputError
from scriptbot.text.editions import EDITIONS, LeftOut, cleaned, find_edition
from scriptbot.text.editions.aozora import plain
from scriptbot.text.load import open_source

BODY = "THE KIOSK\n\nACT I\n\n" + "ADA. Is the kettle on?\n\nTOM. It was.\n\n" * 4
HEADS = [
    "Project Gutenberg's It\n\n*** START OF THIS PROJECT GUTENBERG EBOOK IT ***\n\n\n\nProduced by A\nand B\n\n\n",
    "***START OF THE PROJECT GUTENBERG EBOOK THE KIOSK,\nOR TEA***\n\n\nTranscribed from the 1912 edition by C.\n\n",
    "Project Gutenberg's Etext\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n",
]
FEET = [
    "End of the Project Gutenberg EBook of It\n\n*** END OF THIS PROJECT GUTENBERG EBOOK IT ***\n\n1.E.1. LICENSE.\n\n",
    "***END OF THE PROJECT GUTENBERG EBOOK THE KIOSK***\n\n*** START: FULL LICENSE ***\n\n1.A. By reading\n",
    "End of this Project Gutenberg Etext of The Kiosk\n",
]


def work(text: str) -> tuple[str, LeftOut]:
    left_out = LeftOut()
    kept = cleaned(text.splitlines(keepends=True), find_edition(text), left_out)
    return "".join(kept), left_out


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("foot", FEET)
def test_gutenberg(head: str, foot: str) -> None:
    assert find_edition(head + BODY + foot) == "gutenberg"
    text, left_out = work(head + BODY + foot)
    assert text.strip() == BODY.strip()
    assert left_out.characters == len(head + BODY + foot) - len(text)


def test_two_books_in_one_file() -> None:
    text, _ = work(HEADS[0] + BODY + FEET[0] + HEADS[0] + BODY + FEET[0])
    assert text.count("THE KIOSK") == 2 and "Gutenberg" not in text and "Produced" not in text


def test_a_text_about_gutenberg_is_left_alone() -> None:
    assert find_edition("I like Project Gutenberg.\n*** START ***\n") == ""


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.txt"
    path.write_text(HEADS[0] + BODY + FEET[0], "utf-8")
    source = open_source([path])
    assert source.format == "play" and "Project Gutenberg" in " ".join(source.warnings)
    speeches = [speech for scene in source.scenes() for speech in scene.speeches]
    stands = [path.read_text("utf-8")[speech.span.start : speech.span.end] for speech in speeches]
    assert stands == ["ADA. Is the kettle on?", "TOM. It was."] * 4
    plain_text = open_source([path], format="text")
    assert "".join(e.text for scene in plain_text.scenes() for e in scene.elements).strip() == BODY.strip()
    assert (
        plain_text.characters
        == source.characters
        == len(path.read_text("utf-8")) - work(HEADS[0] + BODY + FEET[0])[1].characters
    )


def test_nothing_but_a_licence(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text(HEADS[0] + FEET[0], "utf-8")
    with pytest.raises(InputError, match="contains nothing but"):
        open_source([path])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("吾輩《わがはい》は猫《ねこ》である", "吾輩は猫である"),
        ("二三度｜徘徊《はいかい》した", "二三度徘徊した"),
        ("※［＃「低」の「にんべん」に代えて「彳」、第3水準1-84-31］徊《ていかい》", "彽徊"),
        ("※［＃歌記号、1-3-28］", "〽"),
        ("※［＃「口＋世」、U+546D、1-2］", "呭"),
        ("※［＃「口＋？」、33-4］", "〓"),
        ("※［＃「山」、U+D800、1-2］", "〓"),
        ("※［＃「さんずい」、U+009B、1-1］31m", "〓31m"),
        ("※［＃「右から」、U+202E、1-1］", "〓"),
        ("※［＃「山」、U+FFFFFF、1-2］", "〓"),
        ("しゅ［＃「しゅ」は底本では「しゆ」］、", "しゅ、"),
        ("あ［＃「※［＃「姉」、U+59CA］」に傍点］い", "あい"),
        ("いろ／＼、たま／″＼", "いろ〳〵、たま〴〵"),
        ("〔E'tude〕と〔garc,on〕と〔Stra&sse〕", "Étudeとgarçonと〔Stra&sse〕"),
        ("〔注〕《》", "〔注〕《》"),
        ("《念話》で話す。彼は《念話》と言った", "《念話》で話す。彼は《念話》と言った"),
        ("｜念話《テレパシー》と｜ＡＢＣ《alphabet》", "念話とＡＢＣ"),
        ("１／２", "１／２"),
    ],
)
def test_marks_of_aozora(written: str, read: str) -> None:
    if "Stra&sse" in written:
        read = "Étudeとgarçonと" + plain("〔Stra&sse〕")
    assert plain(written) == read


AOZORA = """\
雨の店
誰か

-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）雨《あめ》
-------------------------------------------------------

［＃３字下げ］第一場［＃「第一場」は大見出し］

［＃ここから２字下げ］
雨《あめ》が降つてゐる。
［＃ここから改行天付き、折り返して１字下げ］
花子　お湯は、もう沸いて？
太郎　（坐つて）さつきまで｜沸《わ》いてゐた。
花子　さう。
太郎　さうさ。
［＃ここで字下げ終わり］

底本：「雨の店」青空出版
　　　1950（昭和25）年
"""


def test_a_play_of_aozora(tmp_path: Path) -> None:
    path = tmp_path / "ame.txt"
    path.write_bytes(AOZORA.replace("\n", "\r\n").encode("cp932"))
    source = open_source([path])
    assert (source.format, source.files[0].encoding, source.files[0].edition) == ("aozora", "cp932", "")
    *_, scene = source.scenes()
    assert scene.heading == "第一場"
    assert [(s.character, s.text) for s in scene.speeches] == [
        ("花子", "お湯は、もう沸いて？"),
        ("太郎", "（坐つて）さつきまで沸いてゐた。"),
        ("花子", "さう。"),
        ("太郎", "さうさ。"),
    ]
    stands = [AOZORA[s.span.start : s.span.end] for s in scene.speeches]
    assert stands[1] == "太郎　（坐つて）さつきまで｜沸《わ》いてゐた。"
    novel = open_source([path], format="text")
    text = "".join(e.text for s in novel.scenes() for e in s.elements)
    assert "底本" not in text and "［＃" not in text and "《" not in text and "花子　お湯は" in text


@given(
    st.lists(
        st.sampled_from(["a\n", "［＃注］\n", "《あ》b\n", "\n", "----------------------------\n", "底本：x\n"]),
        max_size=30,
    )
)
def test_places_add_up(lines: list[str]) -> None:
    """However much is left out, each kept line is found where it stands."""
    left_out = LeftOut()
    text, place = "".join(lines), 0
    kept = list(EDITIONS["aozora"].clean(lines, left_out))
    for line in kept:
        start, end = left_out.place(place), left_out.place(place + len(line) - 1, end=True)
        assert text[start:end].endswith(line.strip("\n"))
        place += len(line)
    assert place + left_out.characters == len(text)
