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
