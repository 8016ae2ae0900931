"""Old Chinese plays: names between brackets within the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptbot.text.cast import find_cast
from scriptbot.text.formats import detect_format, xiqu
from scriptbot.text.load import open_source
from scriptbot.text.script import Scene, Speech

ZAJU = """\
《楔子》
　　〔冲末扮窦天章引正旦扮端云上，诗云〕读尽书卷。小生姓窦。〔做叹科，云〕嗨！
　　〔卜儿上，云〕秀才请坐， 老身等候。〔窦天章做谢科，云〕多谢了。〔卜儿云〕这等。〔下〕

《第一折》
　　〔窦天章唱〕【油葫芦】莫不是。〔卜儿云〕媳妇儿。〔云〕去来。〔卜 儿云〕一次。
　　〔窦天章云〕二次。〔卜儿云〕三次。〔窦天章云〕四次
"""


def told(scenes: list[Scene]) -> list[list[tuple[str, str]]]:
    return [[(e.character if isinstance(e, Speech) else "", e.text) for e in scene.elements] for scene in scenes]


def test_zaju() -> None:
    assert detect_format(ZAJU) == "xiqu"
    first, second = xiqu.parse(ZAJU.splitlines(keepends=True))
    assert (first.heading, second.heading) == ("楔子", "第一折")
    assert told([first]) == [
        [
            ("窦天章", "读尽书卷。小生姓窦。〔做叹科，云〕嗨！"),
            ("卜儿", "秀才请坐，老身等候。"),
            ("窦天章", "多谢了。"),
            ("卜儿", "这等。〔下〕"),
        ]
    ]
    assert [name for name, _ in told([second])[0]] == ["窦天章", "卜儿", "窦天章", "卜儿", "窦天章"]


@pytest.mark.parametrize(
    "text",
    [
        "第一出　家门\n【满庭芳】〔末上〕左氏春秋。〔生〕春回。〔末〕圣朝。〔生〕禀过。〔旦〕好。〔末〕去。〔生〕来\n",
        "（末） 左氏春秋。\n（生） 春回。\n（末） 圣朝。\n（生白） 禀过。\n（旦） 好。\n（末介） 去。\n（生） 来。\n",
        "〔末上〕左氏春秋。〔生〕春回。\n〔末〕圣朝。〔生〕禀过。〔旦〕好。\n〔末〕去。〔生\n来。\n",  # open
    ],
)
def test_roles(text: str) -> None:
    assert detect_format(text) == "xiqu"
    speakers = [speech.character for scene in xiqu.parse(text.splitlines(keepends=True)) for speech in scene.speeches]
    assert speakers == ["末", "生", "末", "生", "旦", "末", "生"]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("", []),
        ("\n〔卜儿云〕去来。\n", [("卜儿", "去来。")]),
        ("〔卜儿云〕\n", [("", "〔卜儿云〕")]),
        ("第一折\n〔卜儿云〕去来。\n", [("卜儿", "去来。")]),
        ("小生姓窦。\n", [("窦天章", "小生姓窦。")]),
        ("小生姓窦。〔卜儿云〕去来。\n", [("窦天章", "小生姓窦。"), ("卜儿", "去来。")]),
    ],
)
def test_no_bracket_is_left_of_a_speech_that_is_cut_at_its_end(
    after: str, found: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xiqu, "LONGEST_ELEMENT", 20)
    said = "读尽书卷。" * 5
    scenes = list(xiqu.parse(f"〔窦天章云〕{said}\n{after}".splitlines(keepends=True)))
    assert [line for scene in told(scenes) for line in scene] == [("窦天章", said), *found]


def test_real_plays(shared_data: Path) -> None:
    leads = {"窦娥冤": "卜儿", "荔镜记荔枝记": "旦", "六十种曲八义记": "生"}
    for name, lead in leads.items():
        source = open_source([shared_data / "chinese" / f"{name}.txt"])
        assert source.format == "xiqu", name
        assert lead in find_cast(source.scenes()).names[:5], name
