"""Spreadsheets saved as text (CSV, TSV): a row for each speech.

::

    scene,character,line
    1,Ada,"Is the kettle on?"
    1,Tom,It was.

The columns are recognised by their titles (character, speaker, name, role, from…; line, text, speech, content…; scene,
episode, chapter, conversation…), in any of the languages below; without titles, by their content: who comes back, and
what is long.  A row without a speaker is a direction.  Another scene begins when the scene's columns change (an empty
cell does not change them); if there are none, every 40 speeches make a scene.  Other columns are no part of the script
and are skipped.  A person may name the columns (``columns.py``); then the first row is a row of titles if one of the
columns is named by its title, or if the row does not look like a speech.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scriptbot.errors import InputError, UsageError
from scriptbot.text.formats import scenes as scening
from scriptbot.text.formats.columns import Named
from scriptbot.text.formats.scenes import Heading
from scriptbot.text.labels import UNSPACED, is_label, word_set
from scriptbot.text.script import Direction, Element, Scene, Span, Speech

NAME = "table"
SUFFIXES: tuple[str, ...] = ()
OWN_LINES = False
_AHEAD = 200  # rows from which the columns are found
_LEAST = 3  # rows of a table that is recognised by its titles
_SEPARATORS = (",", "\t", ";", "|")
_ENDS = tuple(".?!…。！？")  # ends of what somebody says
# Titles without spaces and signs; if a table has several, the first one listed is used.
_WHO = """
character charactername rawcharactertext speaker speakername who role actor
person name from sender author user username talker player part figur rolle
sprecher personnage personaje personaggio whosaysit 人物 角色 说话人 說話人 话者 話者 発言者 登場人物
名前 役 キャラクター
""".split()  # noqa: SIM905  as a list it fills a page
_WHAT = """
line linetext spokenwords whatissaid replik réplique replica texte texto testo
speech dialogue dialog utterance text content message lines words says sentence
quote body 台词 台詞 内容 內容 セリフ せりふ 発言 本文 文
""".split()  # noqa: SIM905  as a list it fills a page
_WHERE = word_set("""
scene sceneid scenenumber season episode chapter act conversation conversationid dialogueid szene scène escena scena
场景 場景 场 場面 シーン 幕 話
""")
_RULE = re.compile(r":?-{2,}:?$")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column holds what.

    Attributes:
        who, what: places in a row; ``who`` is -1 if there is no such column.
        scene: the columns that together name a scene.
        width: number of cells in a row.
        quoted: whether cells may stand between quotation marks.
        titled: whether the first row holds titles.
    """

    separator: str
    quoted: bool
    who: int
    what: int
    scene: tuple[int, ...]
    width: int
    titled: bool


def detect(sample: str) -> float:
    """How certain it is that a text is a table: its rows have the same length, and its columns can be told apart."""
    lines = sample.splitlines(keepends=True)
    if len(sample) > 1000 and lines:
        lines = lines[:-1] or lines  # the last one may be cut off
    columns = _find(lines[:_AHEAD])
    if columns is None or columns.who < 0:
        return 0.0
    return 0.97 if columns.titled else 0.6


def is_headed(sample: str, named: Named) -> bool:
    """Whether the first row of a text has the titles of all columns named; numbers prove nothing."""
    try:
        _as_named(sample.splitlines(keepends=True)[:_AHEAD], named, "")
    except UsageError:
        return False
    return not named.numbers


def parse(lines: Iterable[str], named: Named | None = None, name: str = "") -> Iterator[Scene]:
    """Scenes one by one; memory is bounded by the largest.

    Args:
        named: the columns, if a person has named them.
        name: what errors call the table.

    Raises:
        InputError: no column holds what is said, a row has more cells than titles, or a quoted cell never ends.
        UsageError: a column named is not there.
    """
    ahead, lines = scening.ahead(lines, _AHEAD)
    columns = _as_named(ahead, named, name) if named else _find(ahead)
    if columns is None:
        raise InputError(
            "The table column that holds what is said could not be identified.",
            "Give the columns titles (character, line, and scene if there are scenes), or name them with --columns.",
        )
    return scening.by_heading(_elements(lines, columns))


def _is_quoted(lines: Iterable[str], separator: str) -> bool:
    """Whether cells are quoted, as by all programs but some that write tabs, where a mark may be part of the text."""
    try:
        return separator != "\t" or not any(
            separator in cell for row, _ in _rows(lines, separator, True) for cell in row
        )
    except InputError:
        return False


def _rows(lines: Iterable[str], separator: str, quoted: bool) -> Iterator[tuple[list[str], Span]]:
    """The rows with their places."""
    position = 0

    def counted() -> Iterator[str]:
        nonlocal position
        for line in lines:
            position += len(line)
            yield line

    start = 0
    try:
        rows = csv.reader(counted(), delimiter=separator)
        if not quoted:
            rows = csv.reader(counted(), delimiter=separator, quoting=csv.QUOTE_NONE)
        for row in rows:
            yield row, Span(start, position)
            start = position
    except csv.Error as error:
        raise InputError(
            f"The table is damaged at character {position:,}: {error}.", "Look for an unclosed quotation mark."
        ) from error


def _separated(lines: Sequence[str]) -> Iterator[tuple[str, bool, list[list[str]]]]:
    """(the separator, whether cells are quoted, rows that are not empty) for each separator that a text may have."""
    for separator in _SEPARATORS:
        try:
            quoted = _is_quoted(lines, separator)
            rows = [row for row, _ in _rows(lines, separator, quoted) if any(cell.strip() for cell in row)]
        except InputError:
            continue
        if rows:
            yield separator, quoted, rows


def _as_named(lines: Sequence[str], named: Named, name: str) -> _Columns:
    """The columns that a person named, in a table in which most rows are as wide as the first one."""

    def likeness(table: tuple[str, bool, list[list[str]]]) -> tuple[bool, float]:
        widths = [len(row) for row in table[2]]
        return widths[0] > 1, widths.count(widths[0]) / len(widths)

    separator, quoted, rows = max(_separated(lines), key=likeness, default=(",", True, [[""]]))
    who, what, *scene = named.places(rows[0], name)
    titled = named.numbers < len(named.titles) or _is_heading(
        [row[who].strip() for row in rows if len(row) > who], rows[0][what].strip()
    )
    return _Columns(separator, quoted, who, what, tuple(scene), len(rows[0]), titled)


def _find(lines: Sequence[str]) -> _Columns | None:
    best: tuple[float, _Columns] | None = None
    for separator, quoted, rows in _separated(lines):
        if len(rows) < 2:
            continue
        width, agreeing = Counter(map(len, rows)).most_common(1)[0]
        if width < 2 or agreeing < 0.9 * len(rows):
            continue
        if columns := _titled(rows, separator, quoted) or _untitled(rows, separator, quoted):
            score = agreeing / len(rows) + columns.titled
            if best is None or score > best[0]:
                best = (score, columns)
    return best[1] if best else None


def _titled(rows: Sequence[Sequence[str]], separator: str, quoted: bool) -> _Columns | None:
    if len(rows) < _LEAST:
        return None
    titles = [re.sub(r"[\s._\-#]", "", cell.casefold()) for cell in rows[0]]

    def places(names: Sequence[str]) -> list[int]:
        return [titles.index(name) for name in names if name in titles]

    who, whats = next(iter(places(_WHO)), -1), places(_WHAT)
    if who >= 0:  # a column “line” may hold line numbers
        whole = [row for row in rows[1:] if len(row) == len(titles)]
        whats = [what for what in whats if _comes_back(whole, who) and _is_worded(whole, what)]
    what = next(iter(whats), -1)
    scene = tuple(index for index, title in enumerate(titles) if title in _WHERE)
    return (
        _Columns(separator, quoted, who, what, scene, len(titles), titled=True) if what >= 0 and who != what else None
    )


def _comes_back(rows: Sequence[Sequence[str]], who: int) -> bool:
    """Whether a column looks like names of people who speak more than once."""
    names = [row[who].strip() for row in rows if row[who].strip()]
    return len(names) < 5 or len(set(names)) <= 0.7 * len(names)


def _is_worded(rows: Sequence[Sequence[str]], what: int) -> bool:
    """Whether a column looks like what people say: more than a word here and there."""
    said = [row[what].strip() for row in rows]
    worded = sum(" " in cell or cell.endswith(_ENDS) or UNSPACED.search(cell) is not None for cell in said)
    return worded >= 0.4 * len(said)


def _untitled(rows: Sequence[Sequence[str]], separator: str, quoted: bool) -> _Columns | None:
    """The columns of a table without titles: one with names that come back, and one with long texts."""
    if len(rows) < 4 or any(len(row) != len(rows[0]) for row in rows):
        return None
    width = len(rows[0])
    if sum(row[1].startswith(" ") for row in rows) > 0.5 * len(rows):  # the commas are those of sentences
        return None
    cells = [[row[index].strip() for row in rows] for index in range(width)]
    lengths = [sum(map(len, column)) / len(rows) for column in cells]
    what = max(range(width), key=lambda index: lengths[index])
    if sum(" " in cell or UNSPACED.search(cell) is not None for cell in cells[what]) < 0.5 * len(rows):
        return None  # no sentences
    for who in range(width):
        names = [name for name in cells[who] if name]
        short = all(len(name) <= 40 for name in names) and lengths[who] < 0.7 * lengths[what]
        worded = sum(is_label(name) and not name[0].islower() for name in names) > 0.8 * len(names)
        if who != what and names and short and worded and len(set(names)) <= 0.4 * len(names):
            return _Columns(separator, quoted, who, what, (), width, _is_heading(cells[who], cells[what][0]))
    return None


def _is_heading(who: Sequence[str], said: str) -> bool:
    """Whether the first row holds titles: nobody else has the name of its speaker, and it is no sentence."""
    return bool(who[0]) and who.count(who[0]) == 1 and not said.endswith(_ENDS)


def _elements(lines: Iterable[str], columns: _Columns) -> Iterator[Element | Heading]:
    before: tuple[str, ...] = ("",) * len(columns.scene)
    titled = columns.titled
    for row, span in _rows(lines, columns.separator, columns.quoted):
        if all(not cell.strip() or _RULE.match(cell.strip()) for cell in row):
            continue
        if titled:
            titled = False
            continue
        if len(row) > columns.width and columns.what == columns.width - 1:  # there is a separator in what is said
            row = [*row[: columns.what], columns.separator.join(row[columns.what :])]
        elif any(cell.strip() for cell in row[columns.width :]):
            raise InputError(
                f"The table row at character {span.start:,} has more cells than the first one.",
                "Put what is said in quotation marks.",
            )
        cells = [cell.strip() for cell in row] + [""] * (columns.width - len(row))
        scene = tuple(cells[index] or old for index, old in zip(columns.scene, before, strict=True))
        if scene != before and any(cells):
            before = scene
            yield Heading(" ".join(filter(None, scene)), "", Span(span.start, span.start))
        who = " ".join(cells[columns.who].split()) if columns.who >= 0 else ""
        if who or cells[columns.what]:
            text = cells[columns.what]
            yield Speech(who, text, span) if who else Direction(text, span)
