"""Nothing that a terminal obeys gets through, and everything else does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scriptbot.text.clean import printable, without_controls

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = st.text(st.sampled_from("\x1b[]P\\;31mK\x07\x9b\x9c\x9d\n\tab\u202e\u2066\ud800\x00\r "), max_size=40)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("\x1b]0;title\x07shown", "shown"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\said", "said"),
        ("\x1b]0;no end\nnext line", "0;no end\nnext line"),
        ("\x1b(Bplain\x1bc", "plain"),
        ("be\x07ep\x00\x7f\x85", "beep"),
        ("cr\r\nlf", "cr\nlf"),
        ("\u202eevil\u202c and \u2066good\u2069", "evil and good"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("日本語 café 🙂 \u200f", "日本語 café 🙂 \u200f"),
    ],
)
def test_printable(text: str, clean: str) -> None:
    assert printable(text) == clean


@given(HOSTILE)
def test_printable_leaves_nothing_to_obey(text: str) -> None:
    clean = printable(text)
    assert not OBEYED.search(clean)
    assert printable(clean) == clean


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cf"))))
def test_printable_leaves_text_alone(text: str) -> None:
    assert printable(text) is text


def test_reading_keeps_what_only_showing_takes_out() -> None:
    assert without_controls("\x1b[1m\u202e\x00a") == "\u202ea"


@pytest.mark.parametrize("before", ["", "one line\n", "x" * 300 + "\n"])
def test_controls_are_found_in_short_text_and_long(before: str) -> None:
    control = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
    for code in (*range(0x500), *range(0x500, 0x110000, 251), 0x2028, 0xD800, 0xDFFF):
        text = f"{before}{chr(code)}"
        assert without_controls(text) == (before if control.search(chr(code)) else text), hex(code)
