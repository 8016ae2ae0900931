"""A training process in which something fails when there is something to be lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import support

from scriptbot import events
from scriptbot.config import TrainConfig
from scriptbot.lm.model_file import load_model

pytest.importorskip("tensorflow")

# As the program starts it, but that there is no memory left once something was kept.
FAILING = """
import sys
from scriptbot.training import __main__ as process, trainer

class Failing(trainer.Trainer):
    def _train(self, way):
        for event in super()._train(way):
            yield event
            if way.best is not None:
                raise MemoryError("no room")

trainer.Trainer = Failing
sys.exit(process.main())
"""


@pytest.mark.slow
def test_what_was_learnt_is_saved(script: Path, tmp_path: Path) -> None:
    output, config = tmp_path / "m.safetensors", TrainConfig(minutes=0.1, hidden=32, embedding=16)
    with support.started(FAILING, script, output, config) as process:
        assert process.stdout is not None
        seen = [event for line in process.stdout if (event := events.decode(line)) is not None]
    assert process.returncode == 0
    assert any("ended early: MemoryError" in event.sentence for event in seen if isinstance(event, events.Warned))
    assert isinstance(seen[-1], events.Saved) and seen[-1].interrupted
    assert load_model(output).provenance["steps"] > 0
