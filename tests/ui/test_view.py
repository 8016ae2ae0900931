"""How a reply is drawn, piece by piece."""

from __future__ import annotations

import errno
import io
import re

import pytest
import support

from scriptbot.commands.columns import columns
from scriptbot.commands.registry import Copied, Verbatim
from scriptbot.errors import TrainingError
from scriptbot.events import Progress, Shortened, Validated
from scriptbot.lm.engine import Engine
from scriptbot.lm.state import Piece
from scriptbot.ui import view
from scriptbot.ui.progress import TrainingView, describe
from scriptbot.ui.view import Stage, colour_of

STATE = Engine(support.model()).start()
STYLE = re.compile(r"\x1b\[[\d;]*m")


def cue(name: str) -> Piece:
    return Piece("cue", name, name, 0.0, STATE)


def text(*texts: str) -> list[Piece]:
    return [Piece("text", part, "", 0.0, STATE) for part in texts]


END = Piece("end", "", "", 0.0, STATE)


def drawn(*pieces: Piece, colour: bool = False, width: int = 30) -> str:
    out = io.StringIO()
    Stage(out, colour=colour, width=width).show(pieces)
    return out.getvalue()


def test_words_are_wrapped_whole_and_nothing_is_lost() -> None:
    said = "What light through yonder window breaks? It is the east, and Juliet is the sun."
    out = drawn(cue("ROMEO"), *text(*re.findall(r" ?\w+|[^\w ]", said)), END)
    assert all(columns(line) < 30 for line in out.split("\n"))
    assert out.replace("\n  ", " ").strip() == f"ROMEO: {said}"


def test_a_wrapped_line_of_verse_looks_like_none_of_its_own() -> None:
    verse = "But, soft! what light through\nyonder window breaks? It is the east, and Juliet\n\nis the sun"
    out = drawn(cue("ROMEO"), *text(*re.findall(r" ?[\w,!?]+|\n+", verse)), END)
    assert out.splitlines() == [
        "ROMEO: But, soft! what light",
        "  through",
        "yonder window breaks? It is",
        "  the east, and Juliet",
        "",
        "is the sun",
    ]
    assert drawn(*text("It", " is", " the", " east"), END, width=9) == "It is\nthe east\n"


@pytest.mark.parametrize(("wide", "indented"), [(16, 2), (17, 2), (18, 1), (19, 0), (25, 0)])
def test_a_long_word_hangs_only_where_there_is_room_for_it(wide: int, indented: int) -> None:
    said = drawn(cue("ADA"), *text("The", f" {'x' * wide}", " is"), END, width=20)
    assert said == f"ADA: The\n{' ' * indented}{'x' * wide}\n  is\n"


def test_a_word_stands_there_when_the_next_piece_comes() -> None:
    out = io.StringIO()
    stage = Stage(out, colour=False, width=80)
    seen = []
    for piece in (cue("ADA"), *text("Is", " it", "?", " Yes")):
        stage._piece(piece)
        seen.append(out.getvalue())
    assert seen == ["ADA:", "ADA:", "ADA: Is", "ADA: Is", "ADA: Is it?"]


def test_scripts_without_spaces_stream_and_wrap_character_by_character() -> None:
    said = "吾輩は猫である。名前はまだ無い。「どこで生れたか」とんと見当がつかぬ。"
    out = io.StringIO()
    stage = Stage(out, colour=False, width=22)
    lengths = []
    for piece in (cue("猫"), *text(*said)):
        stage._piece(piece)
        lengths.append(len(out.getvalue()))
    assert len(set(lengths)) > 20  # not held back to the end
    stage.show([END])
    lines = out.getvalue().rstrip("\n").split("\n")
    assert "".join(line.strip() for line in lines) == f"猫: {said}"
    assert len(lines) > 2 and all(columns(line) < 24 for line in lines)
    assert not any(line.strip().startswith(("。", "」", "、")) or line.endswith("「") for line in lines)


def test_directions_are_dimmed_over_several_words() -> None:
    out = drawn(cue("ADA"), *text("(looking", " up", ")", " Who", "?"), END, colour=True, width=80)
    dimmed = re.findall(r"\x1b\[2m([^\x1b]*)\x1b\[0m", out)
    assert dimmed == ["(looking", "up)"]
    assert STYLE.sub("", out) == "ADA: (looking up) Who?\n"
    assert f"\x1b[1;{colour_of('ada')}mADA:" in out


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r", "\x07", "\u202e"])
def test_nothing_that_a_terminal_would_obey(evil: str) -> None:
    out = drawn(cue(f"A{evil}DA"), *text(f" Hello{evil}", " there"), END)
    assert out == "ADA: Hello there\n"


def test_plain_text_keeps_its_lines_but_not_those_around_it() -> None:
    assert drawn(*text("\n\n", "One", "\n", " two", "\n\nThree", "  four", "\n\n"), END) == "One\ntwo\n\nThree  four\n"


def test_a_reply_broken_off_ends_its_line() -> None:
    def pieces() -> object:
        yield from (cue("ADA"), *text("Well"))
        raise KeyboardInterrupt

    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        Stage(out, colour=False, width=80).show(pieces())  # type: ignore[arg-type]
    assert out.getvalue() == "ADA: Well\n"


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("short", "short"),
        (
            ":undo      take the last turn back again",
            ":undo      take the last\n           turn back\n           again",
        ),
        ("  indented words that go on and on", "  indented words that go\n    on and on"),
        ("日本語の長い文がここにあります", "日本語の長い文がここにあ\n  ります"),
        ("ROMEO: verse that is wrapped\nand verse too\n", "ROMEO: verse that is\n  wrapped\nand verse too\n"),
    ],
)
def test_lines_of_ours_are_folded(line: str, folded: str) -> None:
    assert view.folded(line, 24) == folded


def test_a_sentence_is_folded_without_columns() -> None:
    line = "somebody is listening.  :help lists the commands"
    assert view.folded(line, 30, table=False) == "somebody is listening.  :help\n  lists the commands"
    assert view.folded(line, 30) == "somebody is listening.\n  :help lists the commands"


@pytest.mark.parametrize("begin", ["  1*  ", "      "])
def test_speeches_in_a_list_hang_alike(begin: str) -> None:
    row = f"{begin}OTTO: No running, no drinks."
    assert view.folded(row, 24, hanging=8) == f"{begin}OTTO: No running,\n        no drinks."


def test_signs_that_cling_stay_where_they_cling() -> None:
    line = "猫である。" * 4 + "「名前」は、まだ無い。"
    for width in range(20, 50):
        rows = view.folded(line, width).split("\n")
        assert not any(row.strip()[:1] in "。、」" for row in rows) and not any(row.endswith("「") for row in rows)
        assert "".join(row.strip() for row in rows) == line


def test_a_column_without_room_stands_below() -> None:
    row = ":retrain [PATH...] [OPTION...]  train a model and talk with it; without PATH, on the bundled scripts"
    assert view.folded(row, 60).split("\n") == [
        ":retrain [PATH...] [OPTION...]",
        "  train a model and talk with it; without PATH, on the",
        "    bundled scripts",
    ]


class Window(io.StringIO):
    """A terminal, as wide as COLUMNS says."""

    def isatty(self) -> bool:
        return True


def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    """48 columns that stderr goes to."""
    opened = Window()
    monkeypatch.setattr("sys.stderr", opened)
    monkeypatch.setenv("COLUMNS", "48")
    return opened


@pytest.mark.parametrize("columns", ["", "²", "0", "-48", "9" * 5000, "wide"])
def test_a_width_that_is_none_is_no_bug(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    shown = window(monkeypatch)
    assert view.room(shown) == 48
    monkeypatch.setenv("COLUMNS", columns)
    assert view.room(shown) == 80


def test_a_command_that_is_to_be_copied_stays_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, command = window(monkeypatch), "  scriptbot train " + " ".join(f"part{number}.txt" for number in range(9))
    assert view.fitted_line(Copied(command), shown) == command
    assert view.fitted_line(Verbatim(command), shown).count("\n") > 0


def test_each_line_of_a_hint_is_told_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = window(monkeypatch)
    view.report(TrainingError("It ended.", "Its last words were long ones, longer than that\nStill talking with tiny."))
    assert shown.getvalue() == (
        "scriptbot: It ended.\n  Its last words were long ones, longer than\n    that\n  Still talking with tiny.\n"
    )


def test_bugs_are_folded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = window(monkeypatch)
    view.report_bug(ValueError("words " * 20))
    assert all(columns(line) <= 48 for line in shown.getvalue().split("\n"))


def test_a_full_disk_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    view.report_bug(OSError(errno.ENOSPC, "No space left on device"))
    assert capsys.readouterr().err == "scriptbot: Standard output cannot be written: No space left on device.\n"


def test_the_bar_of_a_training_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = TrainingView(window(monkeypatch))
    shown.show(Validated(seconds=50.0, step=3, bits_per_character=2.5, best=True))
    shown.show(Progress(60.0, 300.0, step=4, epoch=1.0, bits_per_character=2.25, words_per_second=9.0))
    (row,) = shown.console.render_lines(shown._bar.get_renderable())
    told = "".join(segment.text for segment in row)
    assert len(told) <= 48 and told.startswith("4:00 left ") and "held out 2.5" in told


def test_how_soon_a_training_will_be_over_is_said_in_seconds_or_minutes() -> None:
    said = "then the script would only be learnt by heart."
    assert describe(Shortened(8.4, 60.0)) == f"About 8 seconds are enough; {said}"
    assert describe(Shortened(84.0, 300.0)) == f"About 1.4 of the 5 minutes are enough; {said}"
