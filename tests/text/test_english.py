"""Which texts a training may begin from the English base for."""

from __future__ import annotations

from collections import Counter

import pytest

from scriptbot.text.english import is_english


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("to be or not to be that is the question whether it is nobler in the mind to suffer", True),
        ("shall we meet at the old mill said he and she laughed until the lamp went out over the water", True),
        ("être ou ne pas être telle est la question y a-t-il pour l'âme plus de courage à endurer", False),
        ("sein oder nicht sein das ist hier die frage ob es edler im gemüt die pfeile zu erdulden", False),
        ("吾輩 は 猫 で ある 。 名前 は まだ 無い 。", False),
        ("", False),
    ],
)
def test_english_and_not(text: str, english: bool) -> None:
    assert is_english(Counter(text.split())) == english
