"""What suits a text of some length."""

from __future__ import annotations

import pytest

from scriptbot.lm.sizing import rarest


@pytest.mark.parametrize(
    ("tokens", "alone", "from_base"), [(19_999, 2, 1), (20_000, 2, 2), (119_999, 2, 2), (120_000, 3, 3)]
)
def test_how_often_a_word_must_occur(tokens: int, alone: int, from_base: int) -> None:
    assert (rarest(tokens), rarest(tokens, inherits=True)) == (alone, from_base)
