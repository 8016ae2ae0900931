"""The table of commands."""

from pathlib import Path

import pytest

from scriptbot.commands import REGISTRY
from scriptbot.commands.__main__ import document
from scriptbot.errors import UsageError


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


def test_documentation_is_fresh() -> None:
    assert Path(__file__).parents[2].joinpath("docs", "commands.md").read_text("utf-8") == document()


def test_help_on_one_command_tells_more_than_the_list() -> None:
    import support

    from scriptbot.commands.registry import Said
    from scriptbot.config import SampleConfig
    from scriptbot.session.session import Session

    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    told = REGISTRY.run(session, ":help :undo")
    assert isinstance(told, Said)
    assert told.lines == (":undo", f"  {REGISTRY.find('undo').help}", f"  {REGISTRY.find('undo').more}")
    assert "Fifty turns" in told.lines[2]


def test_a_model_that_does_not_know_who_answered_says_so(tmp_path: Path) -> None:
    import support

    from scriptbot.commands.registry import Said
    from scriptbot.config import SampleConfig
    from scriptbot.lm.model_file import save_model
    from scriptbot.session.session import Session

    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    for name, cast in (("same", ("ROMEO", "JULIET")), ("bar", ("MOE",))):
        save_model(support.model(cast=cast), tmp_path / f"{name}.safetensors")
    session.choose("Juliet")
    assert REGISTRY.run(session, f":model {tmp_path / 'same.safetensors'}") == Said(("same talks now.",))
    lines = ("bar talks now.", "It does not know JULIET; anyone answers.")
    assert REGISTRY.run(session, f":model {tmp_path / 'bar.safetensors'}") == Said(lines)


def test_whoever_was_somebody_is_the_visitor_again() -> None:
    import support

    from scriptbot.commands.registry import Said
    from scriptbot.config import SampleConfig
    from scriptbot.session.session import Session

    session = Session(support.model(), name="tiny", settings=SampleConfig(seed=1))
    before = session.me
    assert REGISTRY.run(session, ":me romeo") == Said(("You are “ROMEO”.",))
    assert REGISTRY.run(session, ":me any") == Said((f"You are “{before}”.",))
