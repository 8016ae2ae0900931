"""The sums of a text's scores."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import support

from scriptbot.lm.evaluate import measure
from scriptbot.lm.model_file import save_model
from scriptbot.lm.params import assemble
from scriptbot.lm.scoring import Scores


def scored(each: float, count: int = 10) -> Scores:
    """So many words of a softmax, each with that log-probability."""
    targets = np.stack([np.arange(count), np.zeros(count, np.int64)], axis=1)
    nothing = np.zeros(count, np.float32)
    return Scores(nothing, np.full(count, each, np.float32), nothing, np.zeros((count, 2), np.float32), targets)


def test_bits_of_words_and_characters() -> None:
    found = measure([scored(-math.log(8.0)), scored(-math.log(2.0), 30)], lambda: 20, None)
    assert found.bits_per_character == found.bits_per_character_static == pytest.approx((10 * 3 + 30 * 1) / 20)
    assert (found.characters, found.words) == (20, 40)
    assert found.word_perplexity == pytest.approx(2.0**1.5) and found.spelled_bits_share == 0.0


def test_nothing_at_all() -> None:
    found = measure([], lambda: 0, None)
    assert (found.bits_per_character, found.word_perplexity, found.words) == (0.0, 1.0, 0)


def test_a_perplexity_beyond_all_numbers() -> None:
    found = measure([scored(-1e5)], lambda: 10, None)
    assert found.word_perplexity == math.inf and found.bits_per_character == pytest.approx(1e5 / math.log(2.0))


def test_names_cost_nothing_in_another_spelling(tiny: Path, tmp_path: Path) -> None:
    """As in training, where they are one character."""
    found = []
    for spelled in (str, str.title, lambda name: f"{name} (CONT'D)"):
        path = tmp_path / "a.txt"
        path.write_text("".join(f"{spelled(name)}: What light is yonder?\n" for name in support.CAST * 5))
        done = subprocess.run(
            [sys.executable, "-m", "scriptbot", "evaluate", str(tiny), str(path), "--json", "--explain"],
            capture_output=True,
            check=True,
        )
        found.append(json.loads(done.stdout))
    assert found[0] == found[1] == found[2]
    assert {row["name"] for row in found[0]["explanation"] if row["by"] == "speaker"} == {*support.CAST}


def test_a_model_gone_astray_is_told_in_valid_json(tmp_path: Path) -> None:
    model = support.model()
    arrays = support.arrays()
    arrays["output_bias"] = np.linspace(-9000.0, 9000.0, len(arrays["output_bias"]), dtype=np.float32)
    parameters = assemble(arrays, model.config, model.vocabulary.words, model.vocabulary.speakers)
    save_model(dataclasses.replace(model, parameters=parameters, ngrams=None), tmp_path / "astray.safetensors")
    (tmp_path / "a.txt").write_text("ROMEO: What light is yonder?\nJULIET: The moon.\n" * 20)
    command = [sys.executable, "-m", "scriptbot", "evaluate", str(tmp_path / "astray.safetensors")]
    done = subprocess.run(
        [*command, str(tmp_path / "a.txt"), "--json", "--no-cache"], capture_output=True, text=True, check=True
    )

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(done.stdout, parse_constant=refuse)
    assert found["word_perplexity"] is None and found["bits_per_character"] > 100.0
