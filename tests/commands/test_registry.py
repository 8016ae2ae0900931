"""The table of commands."""

from pathlib import Path

import pytest
import support
from opened import opened

from scriptbot.commands import REGISTRY
from scriptbot.commands.__main__ import document
from scriptbot.commands.columns import columns, padded
from scriptbot.commands.registry import Said, is_command
from scriptbot.commands.sampling import explained
from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.session.session import Session
from scriptbot.ui import train


def test_unique_prefix_is_enough() -> None:
    assert REGISTRY.find("temp").name == "temperature"
    assert REGISTRY.find("model").name == "model"


def test_ambiguous_prefix_names_both() -> None:
    with pytest.raises(UsageError, match=":re could be :retry, :reset or :retrain"):
        REGISTRY.find("re")


def test_wrong_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.find("tempreature")
    assert ":temperature" in caught.value.hint


def test_only_a_line_may_be_one_to_say() -> None:
    for line, hint in (
        (":nonsense", ":help lists the commands. To say a line that starts with a colon, begin it with ::"),
        (":quti", "Did you mean :quit? To say a line that starts with a colon, begin it with ::"),
        (":help nonsense", ":help lists the commands."),
        (":help quti", "Did you mean :quit?"),
    ):
        with pytest.raises(UsageError) as caught:
            REGISTRY.run(opened(), line)
        assert caught.value.hint == hint


@pytest.mark.parametrize("line", [":help nonsense", ":nonsense", ":set nonsense 1", ":set tip 1", ":te-kettle"])
def test_nothing_is_suggested_that_is_not_near(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.run(opened(), line)
    assert "Did you mean" not in caught.value.hint


def test_documentation_is_fresh() -> None:
    assert Path(__file__).parents[2].joinpath("docs", "commands.md").read_text("utf-8") == document()


def test_help_on_one_command_tells_more_than_the_list() -> None:
    session = opened()
    told = REGISTRY.run(session, ":help :undo")
    assert isinstance(told, Said) and told == REGISTRY.run(session, "：help ：undo")
    assert told.lines == (":undo", f"  {REGISTRY.find('undo').help}", f"  {REGISTRY.find('undo').more}")
    assert "fifty turns" in told.lines[2]


def test_the_list_of_commands_fits_above_prompt_and_toolbar_in_a_small_terminal() -> None:
    told = REGISTRY.run(opened(), ":help")
    assert isinstance(told, Said)
    assert len(told.lines) <= 24 - 2 and max(map(len, told.lines)) <= 80


def test_whoever_was_somebody_is_the_visitor_again() -> None:
    session = opened()
    before = session.me
    assert REGISTRY.run(session, ":me romeo") == Said(("You are “ROMEO”.",))
    assert REGISTRY.run(session, ":me any") == Said((f"You are “{before}”.",))


def test_any_is_nobody_s_name() -> None:
    by_flag = Session(support.model(), name="tiny", settings=SampleConfig(seed=1), me="any")
    assert by_flag.me == opened().me


def test_whoever_answers_does_not_answer_himself() -> None:
    session = opened()
    session.set_answering("romeo")
    assert REGISTRY.run(session, ":me Romeo") == Said(("You are “ROMEO”.", "Anyone may answer now."))
    assert session.character is None


@pytest.mark.parametrize(
    "line",
    [
        ":temperature 0.5",
        ": temperature\t0.5 ",
        "：temperature\u30000.5",
        ":set\u3000temperature\u30000.5",
    ],
)
def test_any_space_and_either_colon(line: str) -> None:
    session = opened()
    assert is_command(line) and REGISTRY.run(session, line) == Said(("temperature is now 0.5.",))


def test_an_option_that_is_taken_for_a_command() -> None:
    for line, option in ((":contrast 1", "contrast"), (":Top_P .5", "top-p"), (":cand", "candidates")):
        with pytest.raises(UsageError) as told:
            REGISTRY.run(opened(), line)
        assert told.value.sentence == f"“{option}” is an option, not a command."
        assert told.value.hint == f"“:set {option} X” changes it, “:help {option}” explains it."
        for topic in (option, f":{option.upper()}"):
            assert REGISTRY.run(opened(), f":help {topic}") == explained(opened(), option)
    for line, sentence in (
        (":top", "There is no command :top."),  # top-k and top-p
        (":max 3", "“max-words” is an option, not a command."),
        (":c", ":c could be :character, :cast or :continue."),
    ):
        with pytest.raises(UsageError) as told:
            REGISTRY.run(opened(), line)
        assert told.value.sentence == sentence


def test_an_option_is_explained_with_what_it_may_be() -> None:
    session = opened()
    session.put("contrast", "0.5")
    told = explained(session, "contrast")
    assert told == Said(
        (
            ":set contrast [VALUE]",
            "  low says what fits anywhere, high what fits here; 0 = off",
            "  It can be anything from 0 to 2.",
            "  It is now 0.5; “:set contrast default” restores what suits the model.",
        )
    )
    REGISTRY.run(session, ":set contrast off")
    assert session.settings.contrast == 0.0
    switch = explained(session, "cache")
    assert isinstance(switch, Said)
    assert list(switch.lines)[2:] == ["  It can be on or off.", "  It is now on."]


def test_what_is_a_command_and_an_option_is_explained_as_a_command() -> None:
    for topic in ("lines", "LINES", "temperature", "temp"):
        told = REGISTRY.run(opened(), f":help {topic}")
        assert isinstance(told, Said) and told.lines[0].startswith((":lines [N]", ":temperature [X]"))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("contrast 3", "contrast cannot be 3."), ("top-p 1.5", "top-p cannot be 1.5.")]
    + [("contrast 2.0000000000000004", "contrast cannot be 2.0000000000000004.")]
    + [("max-words 100000", "max-words cannot be 100,000."), ("temperature 12345.5", "temperature cannot be 12,345.5.")]
    + [("lines -1000", "lines cannot be -1,000.")]
    + [
        (f"seed {'1' * 401}", f"seed cannot be 11{',111' * 9},1…."),
        (f"seed {'1' * 5000}", f"seed cannot be {'1' * 40}…."),
    ],
)
def test_a_number_out_of_range_is_told_as_it_is(typed: str, shown: str) -> None:
    with pytest.raises(UsageError) as told:
        REGISTRY.run(opened(), f":set {typed}")
    assert told.value.sentence == shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("temperature=1", ":set temperature 1"),
        ("TOP_P=.5", ":set top-p .5"),
        ("temp=", ":set temperature"),
        ("temperature= 1", ":set temperature 1"),
        ("model soseki", ":model soseki"),
        ("model=soseki", ":model soseki"),
        ("Character any", ":character any"),
        ("me", ":me"),
        ("tempreature=1", "Did you mean “temperature”?"),
    ],
)
def test_what_is_set_as_elsewhere(typed: str, meant: str) -> None:
    session = opened()
    with pytest.raises(UsageError) as told:
        REGISTRY.run(session, f":set {typed}")
    assert told.value.sentence == f"There is no option called “{typed.split()[0]}”."
    assert told.value.hint == (meant if "?" in meant else f"Did you mean “{meant}”?")
    assert session.settings == opened().settings


@pytest.mark.parametrize("line", ["::help", "：：help", "hello: you", ""])
def test_what_is_said_and_no_command(line: str) -> None:
    assert not is_command(line)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ('"Joan of Arc"', "Joan of Arc"),
        ("'Joan of Arc'", "Joan of Arc"),
        ("Joan\\ of\\ Arc", "Joan of Arc"),
        ("Joan d'Arc", "Joan d'Arc"),
        ("Rock'n'Roll", "Rock'n'Roll"),
        ('"Big" and "Small"', '"Big" and "Small"'),
    ],
)
def test_a_name_in_quotation_marks(typed: str, name: str) -> None:
    session = opened()
    assert REGISTRY.run(session, f":me {typed}") == Said((f"You are “{name}”.",))


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("Ada", 3),
        ("花子", 4),
        ("a\tb", 3),
        ("花\t子", 5),
        ("\x1b[31mAda\x1b[0m", 3),
        ("A\x07da", 3),
        ("e\u0301", 1),
        ("", 0),
    ],
)
def test_columns_are_those_of_what_is_shown(text: str, wide: int) -> None:
    assert columns(text) == wide
    assert columns(padded(text, 8)) == 8


def test_the_cast_stands_in_columns() -> None:
    told = REGISTRY.run(opened(cast=("吾輩", "JULIET")), ":cast")
    assert isinstance(told, Said)
    assert len({columns(line) for line in told.lines[1:3]}) == 1


def test_what_is_neither_on_nor_off() -> None:
    with pytest.raises(UsageError) as told:
        REGISTRY.run(opened(), ":set cache maybe")
    assert told.value.sentence == "“maybe” is neither on nor off."
    assert told.value.hint == "Use “:set cache on” or “:set cache off”."


def test_a_long_value_stands_apart(tmp_path: Path) -> None:
    session = opened()
    session.put("seed", "20261127153000")
    told = REGISTRY.run(session, ":set seed")
    assert isinstance(told, Said) and "20261127153000  " in str(told.lines[0])


@pytest.mark.parametrize("option", ["--help", "-h", "--nope", "--verbose"])
def test_options_of_a_training_are_told_by_its_help(option: str) -> None:
    with pytest.raises(UsageError) as told:
        train._asked([option])
    assert told.value.hint == "In a shell, “scriptbot train --help” lists the options."
    with pytest.raises(UsageError) as told:
        train._asked(["--minuets", "3"])
    assert told.value.hint == "Did you mean “--minutes”?"
