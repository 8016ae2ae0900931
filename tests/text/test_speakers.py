"""Who speaks where, in scripts that people wrote: judged by hand, beginning by beginning.

``checked/*.tsv`` names file, line and speaker; ``-`` is a line where nobody begins to speak, though it may look so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate
from pathlib import Path

import pytest
import support

from scriptbot.text.cast import fold
from scriptbot.text.load import open_source

LEAST = 0.98


def checked(table: Path) -> dict[str, list[tuple[int, str]]]:
    """For each file its lines and who speaks there."""
    rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in table.read_text("utf-8").splitlines():
        name, line, speaker = row.split("\t")
        rows[name].append((int(line), speaker.strip()))
    return rows


def beginnings(path: Path) -> dict[int, str]:
    """The lines, from 1, in which somebody begins to speak, and who."""
    source = open_source([path])
    text = path.read_bytes().decode(source.files[0].encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    ends = list(accumulate(len(line) + 1 for line in text.split("\n")))
    label = path.suffix == ".fdx"  # there the words are checked, which stand below the name
    return {
        bisect_right(ends, speech.span.start) + 1 + label: fold(speech.character.partition("(")[0])
        for scene in source.scenes()
        for speech in scene.speeches
    }


@pytest.mark.parametrize("table", sorted(Path(__file__).with_name("checked").glob("*.tsv")), ids=lambda path: path.stem)
def test_every_speech_has_its_speaker(table: Path) -> None:
    wrong: list[tuple[str, int, str, str]] = []
    total = 0
    for name, rows in checked(table).items():
        path = next(support.DATA.rglob(name), None)
        if path is None:
            pytest.skip(f"{name} of the data folder is not here")
        found = beginnings(path)
        missed = [
            (name, line, speaker, found.get(line, "-"))
            for line, speaker in rows
            if found.get(line, "-") != (fold(speaker) if speaker != "-" else "-")
        ]
        assert len(rows) >= 20 and len(missed) <= 2, missed  # none of them is read badly as a whole
        wrong += missed
        total += len(rows)
    assert total and len(wrong) <= (1 - LEAST) * total, wrong
