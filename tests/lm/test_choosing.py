"""Choices of models that nobody would want."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.lm.engine import Engine
from scriptbot.lm.params import LARGEST, assemble


@pytest.mark.parametrize("largest", [50.0, 1000.0, 0.99 * LARGEST])
@pytest.mark.parametrize("settings", [SampleConfig(), SampleConfig(0.05, invent=True), SampleConfig(5.0, 3, min_p=0.1)])
def test_any_weights_that_a_file_may_have_say_something(largest: float, settings: SampleConfig) -> None:
    """A training that has half diverged ends in such; no product runs over, and something is always drawn."""
    model = support.model()
    for seed in range(8):
        arrays = {name: array * np.float32(largest / 2.0) for name, array in support.arrays(seed=seed).items()}
        for array in arrays.values():
            np.clip(array, -largest, largest, out=array)
        parameters = assemble(arrays, model.config, model.vocabulary.words, model.vocabulary.speakers)
        engine, rng = Engine(dataclasses.replace(model, parameters=parameters)), np.random.default_rng(seed)
        with np.errstate(over="raise", invalid="raise"):
            state = engine.read_speech(engine.start(), "ROMEO", "What is yonder, the moon? " * 5)
            for _ in range(3):
                *_, last = engine.speak(state, None, settings, rng)
                state = last.state
        assert np.isfinite(state.hidden).all()
