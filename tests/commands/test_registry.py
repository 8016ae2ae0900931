"""The table of commands."""

from pathlib import Path

import pytest
import support

from scriptbot.commands import REGISTRY
from scriptbot.commands.__main__ import document
from scriptbot.commands.columns import columns, padded
from scriptbot.commands.models import listed
from scriptbot.commands.registry import Reply, Row, Said, is_command
from scriptbot.commands.sampling import explained
from scriptbot.config import SampleConfig
from scriptbot.errors import InputError, ModelFileError, UsageError
from scriptbot.lm.model_file import save_model
from scriptbot.session import library, model_facts
from scriptbot.session.session import Session
from scriptbot.session.typed import Line
from scriptbot.ui import train


def opened(cast: tuple[str, ...] = support.CAST) -> Session:
    return Session(support.model(cast=cast), name="tiny", settings=SampleConfig(seed=1, max_words=6))


def test_unique_prefix_is_enough() -> None:
    assert REGISTRY.find("temp").name == "temperature"
    assert REGISTRY.find("model").name == "model"


def test_ambiguous_prefix_names_both() -> None:
    with pytest.raises(UsageError, match=":re could be :retry or :reset or :retrain"):
        REGISTRY.find("re")


def test_wrong_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.find("tempreature")
    assert ":temperature" in caught.value.hint


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
    assert isinstance(told, Said)
    assert told.lines == (":undo", f"  {REGISTRY.find('undo').help}", f"  {REGISTRY.find('undo').more}")
    assert "fifty turns" in told.lines[2]


def test_what_stands_below_the_list_of_commands_fits_in_a_row() -> None:
    told = REGISTRY.run(opened(), ":help")
    assert isinstance(told, Said)
    *_, last = told.lines
    assert isinstance(last, str) and "::text" in last and len(last) < 80


def test_a_model_that_does_not_know_who_answered_says_so(tmp_path: Path) -> None:
    session = opened()
    for name, cast in (("same", ("ROMEO", "JULIET")), ("bar", ("MOE",))):
        save_model(support.model(cast=cast), tmp_path / f"{name}.safetensors")
    session.set_answering("Juliet")
    assert REGISTRY.run(session, f":model {tmp_path / 'same.safetensors'}") == Said(("Now talking with “same”.",))
    lines = ("Now talking with “bar”.", "It does not know JULIET; anyone answers.")
    assert REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}") == Said(lines)


def test_a_conversation_among_strangers_is_told(tmp_path: Path) -> None:
    session = opened()
    for name, cast in (("half", ("Romeo", "MOE")), ("bar", ("MOE",))):
        save_model(support.model(cast=cast), tmp_path / f"{name}.safetensors")
    assert len(session.transcript) == 0
    assert REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}") == Said(("Now talking with “bar”.",))
    list(session.say("What light?"))
    assert REGISTRY.run(session, f":model {tmp_path / 'half.safetensors'}") == Said(("Now talking with “half”.",))
    session = opened()
    list(session.say("What light?"))
    told = REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}")
    assert isinstance(told, Said) and told.lines[1].startswith("Nobody in the conversation is in its cast;")


def test_what_becomes_of_a_conversation_is_told(tmp_path: Path) -> None:
    session, spaced, unspaced = opened(), tmp_path / "tiny.safetensors", tmp_path / "cat.safetensors"
    save_model(support.model(), spaced)
    save_model(support.unspaced(), unspaced)
    list(session.say("What light?"))
    waits = "It writes differently, so the conversation waits for a model of its kind; a new one begins."
    assert REGISTRY.run(session, f":model {unspaced}") == Said(("Now talking with “cat”.", waits))
    resumes = "The conversation that waited for a model of its kind resumes."
    assert REGISTRY.run(session, f":model {spaced}") == Said(("Now talking with “tiny”.", resumes))
    REGISTRY.run(session, f":model {unspaced}")
    list(session.say("一"))
    assert REGISTRY.run(session, f":model {spaced}") == Said(
        ("Now talking with “tiny”.", resumes, "The previous one waits.")
    )


def test_undo_takes_back_a_take_alone_where_the_reply_was_stopped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened()
    support.stop_at_once(session.say("What light?"), monkeypatch)
    line, state = session.transcript, session.state
    takes = REGISTRY.run(session, ":takes")
    assert isinstance(takes, Said) and len(list(takes.lines)) > 2
    taken = REGISTRY.run(session, ":take 1")
    assert isinstance(taken, Reply) and list(taken.pieces)
    said = session.transcript[len(line) :]
    told = REGISTRY.run(session, ":undo")
    assert isinstance(told, Said) and told.lines[0].startswith(f"Taken back: “{said[0].character}: ")
    assert session.transcript == line and session.state is state
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “What light?”",)) and not session.transcript


def test_undo_quotes_the_last_line_that_has_words() -> None:
    session = opened()
    list(session.say("What light?"))
    turn = session.history.turns[-1]
    turn.said[:] = [Line("ROMEO", "The moon!"), Line("JULIET", "")]  # Ctrl-C came right after the second cue
    list(session.edit("JULIET: Love."))
    assert REGISTRY.run(session, ":undo") == Said(("The reply is restored: “The moon!”",))
    turn.said[:] = [Line("JULIET", "")]
    list(session.edit("JULIET: Love."))
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “JULIET: Love.”",))
    assert session.transcript[1:] == (Line("JULIET", ""),)


def test_undo_passes_over_turns_in_which_nothing_was_said() -> None:
    session = opened()
    list(session.say("What light?"))
    list(session.proceed())
    session.history.turns[-1].said.clear()
    assert REGISTRY.run(session, ":undo") == Said(("Taken back: “What light?” and the reply to it.",))
    list(session.proceed())
    session.history.turns[-1].said.clear()
    assert REGISTRY.run(session, ":undo") == Said(("There is nothing to take back.",))


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
        (":c", ":c could be :character or :cast or :continue."),
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


def test_a_model_in_quotation_marks(tmp_path: Path) -> None:
    save_model(support.model(), tmp_path / "my model.safetensors")
    assert REGISTRY.run(opened(), f':model "{tmp_path}/my model.safetensors"') == Said(
        ("Now talking with “my model”.",)
    )


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
    told = REGISTRY.run(opened(("吾輩", "JULIET")), ":cast")
    assert isinstance(told, Said)
    assert len({columns(line) for line in told.lines[1:3]}) == 1


def test_the_models_that_came_along_fit_in_80_columns() -> None:
    rows = listed([row for row in model_facts.described() if row.info], lambda row: True)
    assert rows and all(columns(row.name + row.told) <= 80 for row in rows), rows


def test_what_is_neither_on_nor_off() -> None:
    with pytest.raises(UsageError) as told:
        REGISTRY.run(opened(), ":set cache maybe")
    assert told.value.sentence == "“maybe” is neither on nor off."
    assert told.value.hint == "Use “:set cache on” or “:set cache off”."


def test_takes_are_promised_as_long_as_they_come() -> None:
    def last(of: Session, line: str) -> str:
        told = REGISTRY.run(of, line)
        assert isinstance(told, Said)
        return str(list(told.lines)[-1])

    nothing = "Nothing else came up; a higher temperature finds more."
    session = opened()
    list(session.say("What light?"))
    assert last(session, ":takes 0") == ":takes 4 draws four more."
    assert last(session, ":takes").endswith("second one; :takes 4 draws four more.")
    assert last(session, ":takes 0").endswith("second one; :takes 4 draws four more.")
    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=1, temperature=0.05))
    session.set_answering("ROMEO")
    list(session.say("hello"))
    assert [last(session, line) for line in (":takes", ":takes 20", ":takes")] == [nothing] * 3


def test_the_model_in_use_is_listed_wherever_its_file_is(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "show.safetensors"
    save_model(support.model(), path)
    session = opened()
    session.swap(support.model(), "show", path)
    told = REGISTRY.run(session, ":models")
    assert isinstance(told, Said)
    rows = [line.name for line in told.lines if isinstance(line, Row)]
    assert rows[0].startswith("* show ") and not any(row.startswith("*") for row in rows[1:])
    mine = home / "data" / "scriptbot" / "models"
    mine.mkdir(parents=True)
    save_model(support.model(), mine / "show.safetensors")
    session.swap(support.model(), "show", mine / ".." / "models" / "show.safetensors")
    told = REGISTRY.run(session, ":models")
    assert isinstance(told, Said)
    assert sum(isinstance(line, Row) and "show " in line.name for line in told.lines) == 1


def test_a_folder_of_models_that_cannot_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = library.user_data() / "models"
    assert library.unreadable() == []  # there is none
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    told = REGISTRY.run(opened(), ":models")
    assert isinstance(told, Said)
    assert list(told.lines)[-1] == f"The folder “{folder}” cannot be read: Not a directory."
    assert capsys.readouterr() == ("", "")  # the core never prints


def test_scripts_are_inspected_as_one_says(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada: Is the kettle on?\nTom: It was on all day.\n" * 20)
    for typed in (f"{tmp_path}/a.txt --format text", f"--format=text {tmp_path}/a.txt"):
        told = REGISTRY.run(opened(), f":inspect {typed}")
        assert isinstance(told, Said) and "plain text" in str(told.lines[0])
    for wrong in ("--format", "--fromat text", "--encoding="):
        with pytest.raises(UsageError):
            REGISTRY.run(opened(), f":inspect {tmp_path}/a.txt {wrong}")
    with pytest.raises(UsageError, match="no script to look at"):
        REGISTRY.run(opened(), ":inspect --format text")


def test_a_long_value_stands_apart(tmp_path: Path) -> None:
    session = opened()
    session.put("seed", "20261127153000")
    told = REGISTRY.run(session, ":set seed")
    assert isinstance(told, Said) and "20261127153000  " in str(told.lines[0])


def test_the_training_that_is_advised_here_is_on_what_was_named(tmp_path: Path) -> None:
    for name in ("a.txt", "b c.txt", "other.txt"):
        (tmp_path / name).write_text("Ada: Is the kettle on?\nTom: It was on all day.\n" * 20)
    told = REGISTRY.run(opened(), f":inspect {tmp_path}/a.txt '{tmp_path}/b c.txt'")
    assert isinstance(told, Said)
    assert any(
        str(line).startswith(f"  :retrain {tmp_path}/a.txt '{tmp_path}/b c.txt' --minutes") for line in told.lines
    )


def test_what_is_wrong_with_a_model_is_told_with_our_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.safetensors").write_text("no model")
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), f":model {tmp_path}/x.safetensors")
    assert told.value.hint == ":models lists the installed models, :retrain makes a new one."
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model shakespaere")
    assert told.value.hint == "Did you mean “shakespeare”?"
    monkeypatch.setattr(library, "installed", lambda: [library.Entry("scriptbot fun", tmp_path, False)])
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model scriptbot fan")
    assert told.value.hint == "Did you mean “scriptbot fun”?"
    monkeypatch.setattr(library, "installed", list)
    monkeypatch.setattr(library, "unreadable", lambda: [InputError("The folder “x” cannot be read: gone.")])
    with pytest.raises(ModelFileError) as told:
        REGISTRY.run(opened(), ":model x")
    ours = ":models lists the installed models, :retrain makes a new one."
    assert told.value.hint == f"{ours}\nThe folder “x” cannot be read: gone."
    with pytest.raises(InputError) as wrong:
        REGISTRY.run(opened(), f":inspect {Path(__file__).parents[1]}/lm/golden/version-2.safetensors")
    assert "scriptbot" not in wrong.value.hint


@pytest.mark.parametrize("option", ["--help", "-h", "--nope", "--verbose"])
def test_options_of_a_training_are_told_by_its_help(option: str) -> None:
    with pytest.raises(UsageError) as told:
        train._asked([option])
    assert told.value.hint == "In a shell, “scriptbot train --help” lists the options."
    with pytest.raises(UsageError) as told:
        train._asked(["--minuets", "3"])
    assert told.value.hint == "Did you mean “--minutes”?"
