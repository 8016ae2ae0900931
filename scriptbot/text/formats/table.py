"""Spreadsheets saved as text (CSV, TSV): a row for each speech.

::

    scene,character,line
    1,Ada,"Is the kettle on?"
    1,Tom,It was.

The columns are known by their titles (character, speaker, name, role, from…; line, text, speech, content…; scene,
episode, chapter, conversation…), in any language listed below; without titles by what is in them: who comes back, and
what is long.  A row without a speaker is a direction.  Another scene begins when the scene's column changes; without
one, 40 speeches make a scene.  Other columns are not part of the script and are passed over.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from scriptbot.errors import InputError
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.labels import is_label, word_set
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.script import Direction, Element, Scene, Span, Speech

NAME = "table"
_AHEAD = 200  # rows that the columns are found from
_SEPARATORS = (",", "\t", ";", "|")
_WHO = word_set("""
character characters speaker speakername charactername rawcharactertext name who role
person actor author user username from sender talker player part raw_character_text 人物 角色
说话人 說話人 话者 話者 発言者 登場人物 名前 役 キャラクター
""")
_WHAT = word_set("""
line lines text speech dialogue dialog utterance content message words says spoken
spokenwords spoken_words sentence quote body 台词 台詞 内容 內容 セリフ せりふ 発言 本文 文
""")
_WHERE = word_set("""
scene sceneid scenenumber scene_id episode chapter act conversation conversationid
dialogueid 场景 場景 场 場面 シーン 幕 話
""")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column holds what.

    Attributes:
        who, what, scene: places in a row; scene is -1 without one, and so is who.
        titled: whether the first row is titles.
    """

    separator: str
    who: int
    what: int
    scene: int
    titled: bool


def detect(sample: str) -> float:
    """Rows of equal length, and columns that can be told."""
    lines = sample.splitlines(keepends=True)
    if len(sample) > 1000 and lines:
        lines = lines[:-1] or lines  # the last may be cut
    columns = _find(lines[:_AHEAD])
    if columns is None or columns.who < 0:
        return 0.0
    return 0.97 if columns.titled else 0.6


def parse(lines: Iterable[str]) -> Iterator[Scene]:
    """Scenes one by one; memory is bounded by the largest.

    Raises:
        InputError: no column holds what is said, or a quoted field never ends.
    """
    iterator = iter(lines)
    ahead = list(islice(iterator, _AHEAD))
    columns = _find(ahead)
    if columns is None:
        raise InputError(
            "No column of the table could be told to hold what is said.",
            "Give the columns titles: character, line, and scene if there are scenes.",
        )
    return scening.by_heading(_elements(chain(ahead, iterator), columns))


def _rows(lines: Iterable[str], separator: str) -> Iterator[tuple[list[str], Span]]:
    """Rows with their places."""
    position = 0

    def counted() -> Iterator[str]:
        nonlocal position
        for line in lines:
            position += len(line)
            yield line

    start = 0
    try:
        for row in csv.reader(counted(), delimiter=separator):
            yield row, Span(start, position)
            start = position
    except csv.Error as error:
        raise InputError(
            f"The table is damaged at character {position:,}: {error}.", "Look for a quotation mark without end."
        ) from error


def _find(lines: Sequence[str]) -> _Columns | None:
    best: tuple[float, _Columns] | None = None
    for separator in _SEPARATORS:
        try:
            rows = [row for row, _ in _rows(lines, separator) if any(cell.strip() for cell in row)]
        except InputError:
            continue
        if len(rows) < 2:
            continue
        width, agreeing = Counter(map(len, rows)).most_common(1)[0]
        if width < 2 or agreeing < 0.9 * len(rows):
            continue
        if columns := _titled(rows[0], separator) or _untitled(rows, separator):
            score = agreeing / len(rows) + columns.titled
            if best is None or score > best[0]:
                best = (score, columns)
    return best[1] if best else None


def _titled(row: Sequence[str], separator: str) -> _Columns | None:
    titles = [re.sub(r"[\s.\-]", "", cell.strip().casefold()) for cell in row]

    def place(names: frozenset[str]) -> int:
        return next((index for index, title in enumerate(titles) if title in names), -1)

    who, what, scene = place(_WHO), place(_WHAT), place(_WHERE)
    return _Columns(separator, who, what, scene, titled=True) if what >= 0 and who != what else None


def _untitled(rows: Sequence[Sequence[str]], separator: str) -> _Columns | None:
    """The columns of a table without titles: somebody who comes back stands left of something long."""
    if len(rows) < 4 or any(len(row) != len(rows[0]) for row in rows):
        return None
    width = len(rows[0])
    if sum(row[1].startswith(" ") for row in rows) > 0.5 * len(rows):  # commas of sentences
        return None
    cells = [[row[index].strip() for row in rows] for index in range(width)]
    lengths = [sum(map(len, column)) / len(rows) for column in cells]
    what = max(range(width), key=lambda index: lengths[index])
    for who in range(width):
        names = [name for name in cells[who] if name]
        short = all(len(name) <= 40 for name in names) and lengths[who] < 0.7 * lengths[what]
        worded = sum(map(is_label, names)) > 0.8 * len(names)
        if who != what and names and short and worded and len(set(names)) <= 0.4 * len(names):
            return _Columns(separator, who, what, -1, titled=False)
    return None


def _elements(lines: Iterable[str], columns: _Columns) -> Iterator[Element | Heading]:
    before = ""
    for number, (row, span) in enumerate(_rows(lines, columns.separator)):
        if number == 0 and columns.titled:
            continue
        cells = [cell.strip() for cell in row]
        text = cells[columns.what] if columns.what < len(cells) else ""
        who = cells[columns.who] if 0 <= columns.who < len(cells) else ""
        scene = cells[columns.scene] if 0 <= columns.scene < len(cells) else ""
        if columns.scene >= 0 and scene != before and (scene or text):
            before = scene
            yield Heading(scene, "", Span(span.start, span.start))
        if text:
            yield Speech(who, text, span) if who else Direction(text, span)
