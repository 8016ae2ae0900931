"""Where the bits go."""

from __future__ import annotations

import pytest
import support

from scriptbot.lm.evaluate import evaluate
from scriptbot.lm.explain import Row, explain
from scriptbot.text.formats import find_format

SCRIPT = (
    """ROMEO: But soft! What light is at yonder window?
JULIET: What is love, but a light? Zanzibar.
(A bell.)
ROMEO: Zanzibar is soft, the moon is envious; the moon!
NURSE: I love you.


JULIET: Good night.
"""
    * 20
)


def rows(model_cast: tuple[str, ...] = support.CAST, format: str = "colon") -> list[Row]:
    scenes = find_format(format).parse(SCRIPT.splitlines(keepends=True))
    return explain(support.model(cast=model_cast), scenes, as_text=format == "text")


@pytest.mark.parametrize("format", ["colon", "text"])
def test_every_way_of_sorting_adds_up_to_all_bits(format: str) -> None:
    cast = support.CAST if format == "colon" else ()
    scenes = list(find_format(format).parse(SCRIPT.splitlines(keepends=True)))
    found = evaluate(support.model(cast=cast), scenes, as_text=format == "text")
    for by in ("kind", "frequency", "speaker"):
        sort = [row for row in rows(cast, format) if row.by == by]
        assert sum(row.pieces for row in sort) == found.words
        bits = sum(row.bits for row in sort) / found.characters
        assert bits == pytest.approx(found.bits_per_character_static, rel=1e-5)


def test_kinds() -> None:
    kinds = {row.name: row for row in rows() if row.by == "kind"}
    assert kinds["new words, first time"].pieces == 8  # at, Zanzibar, (, bell, ), ;, NURSE, good
    assert kinds["rare words, first time"].pieces == 3
    assert kinds["rare words, again"].pieces == 4 * 20 - 3
    assert kinds["words"].spelling == kinds["signs"].spelling == 0.0
    assert kinds["new words, again"].spelling > 0.0


def test_speakers() -> None:
    speakers = {row.name: row.pieces for row in rows() if row.by == "speaker"}
    assert speakers.keys() == {"ROMEO", "JULIET", "somebody else", "nobody"}
    assert speakers["somebody else"] == 7 * 20  # <cue> NURSE <says> I love you .
