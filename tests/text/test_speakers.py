"""Who speaks where, in scripts that people wrote: judged by hand, beginning by beginning.

``checked/*.tsv`` names file, line and speaker; ``-`` is a line where nobody begins to speak, though it may look so.
English plays are in it as well, for their formats to come.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import pytest

from scriptbot.text.cast import fold
from scriptbot.text.load import open_source

DATA = Path(__file__).parents[3] / "shared" / "data"
CHECKED = [row.split("\t") for path in sorted(Path(__file__).with_name("checked").glob("*.tsv")) for row in path.open()]
LEAST = 0.98


@pytest.mark.parametrize("name", sorted({name for name, *_ in CHECKED if name.endswith((".fountain", ".fdx"))}))
def test_every_speech_has_its_speaker(name: str) -> None:
    path = next(DATA.rglob(name), None)
    if path is None:
        pytest.skip(f"{name} of the data folder is not here")
    ends = list(accumulate(map(len, path.read_text("utf-8-sig").splitlines(keepends=True))))
    begins: dict[int, str] = {}
    for scene in open_source([path]).scenes():
        for speech in scene.speeches:
            line = bisect_right(ends, speech.span.start) + 1
            begins[line + (path.suffix == ".fdx")] = fold(speech.character.partition("(")[0])  # its words, not its tag
    rows = [(int(line), speaker.strip()) for file, line, speaker in CHECKED if file == name]
    wrong = [row for row in rows if begins.get(row[0], "-") != (fold(row[1]) if row[1] != "-" else "-")]
    assert len(rows) >= 20 and len(wrong) <= (1 - LEAST) * len(rows), wrong
