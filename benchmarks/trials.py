"""Trials: a training of so many steps, whatever the time, scored on the held-out share of the *training* part.

    python benchmarks/trials.py --text tinyshakespeare --steps 2600 hidden=768 dropout=0.6
    python benchmarks/trials.py --pace --text tinyshakespeare        # how long a step takes, width by width

Steps instead of minutes, and a plan for a machine of a fixed speed, so that a trial gives the same on a busy machine,
or on a slower one of the same kind.  Until 2026-11-28 it was planned for the speed that the machine had at that moment;
the stored trials would be planned alike today.  Words that follow set what the plan and the pace
(scriptbot/training/plan.py) would choose, and capital letters a constant of the learner or the trainer.  One network,
unless ``members`` says otherwise.  Every trial is kept in ``results/trials.json`` with its plan.  The reported parts of
the texts (quality.py) are not looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import RESULTS, machine
from quality import TEXTS

from scriptbot.config import ModelConfig, TrainConfig
from scriptbot.training.plan import Pace, Plan, pace, plan
from scriptbot.training.processor import has_fast_bfloat16

if TYPE_CHECKING:
    from scriptbot.training.trainer import Trainer

STORE = RESULTS / "trials.json"
WIDTHS = (256, 384, 512, 768, 1024)
WARM, TIMED = 40, 40
SPEED = 9e11  # operations per second that the plan is made for: about those of the machine of the first trials


class Steps:
    """A clock that counts steps: each takes the same share of the budget."""

    def __init__(self, seconds_a_step: float) -> None:
        self.taken, self.seconds_a_step = 0, seconds_a_step

    @property
    def seconds(self) -> float:
        """The seconds of the budget that have been spent."""
        return self.taken * self.seconds_a_step

    def wait(self) -> None:
        """Count another step; nothing waits."""
        self.taken += 1

    def forgive(self, seconds: float) -> None:
        """Do nothing: this clock does not measure time, so there is none to leave out."""


class TimedEnoughError(Exception):
    """Raised when as many steps were taken as are to be timed."""


def training_on(
    text: str, config: TrainConfig, clock: Steps, chosen: dict[str, Any], stop: Callable[[], bool]
) -> Trainer:
    """A trainer on the training part of a text, with the values chosen here instead of those of the plan and the pace.

    It does not learn the held-out part in the end: all steps are for what is measured.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from scriptbot.text.load import open_source
    from scriptbot.training import learner, trainer
    from scriptbot.training.corpus import lay_out

    def planned(config: TrainConfig, tokens: int, _probed: float, **more: Any) -> Plan:
        found = plan(config, tokens, SPEED, **more)
        model = dataclasses.replace(found.model, **_fitting(found.model, chosen))
        return dataclasses.replace(found, model=model, **_fitting(found, chosen))

    def paced(*given: Any, **more: Any) -> Pace:
        found = pace(*given, **more)
        return dataclasses.replace(found, **_fitting(found, chosen))

    known = {field.name for kind in (Pace, ModelConfig, Plan) for field in dataclasses.fields(kind)}
    for name, value in chosen.items():
        modules = [module for module in (learner, trainer) if name.isupper() and hasattr(module, name)]
        if name not in known and not modules:
            sys.exit(f"There is nothing called {name} to choose.")
        for module in modules:
            setattr(module, name, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        path.write_text(TEXTS[text]()[0], "utf-8", newline="")
        corpus = dataclasses.replace(lay_out(open_source([path], format="text"), None, config), rest=None)
    return trainer.Trainer(corpus, config, clock, stop, planned=planned, paced=paced)


def _fitting(record: Any, chosen: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(record)}
    return {name: value for name, value in chosen.items() if name in names}


def trial(text: str, steps: int, seed: int, chosen: dict[str, Any]) -> dict[str, Any]:
    """Train for a number of steps, and score the model."""
    from scriptbot.events import Validated

    chosen = {"members": 1, **chosen}
    config = TrainConfig(minutes=5.0, seed=seed, members=chosen["members"])
    began = time.monotonic()
    training = training_on(text, config, Steps(300.0 / steps), chosen, lambda: False)
    looks = []
    for event in training.run():
        if isinstance(event, Validated):
            looks.append((event.step, round(event.bits_per_character, 4)))
            print(event, flush=True)
    assert training.result is not None and training.result.evaluation is not None
    found = training.result.evaluation
    return {
        "text": text,
        "steps": training.result.steps,
        "words": len(training.corpus.train),
        "seed": seed,
        "chosen": chosen,
        "plan": dataclasses.asdict(training.plan),
        "looks": looks,
        "static": round(found.bits_per_character_static, 4),
        "cached": round(found.bits_per_character, 4),
        "cache": dataclasses.asdict(training.result.model.cache),
        "seconds": round(time.monotonic() - began),
    }


def step_seconds(text: str, hidden: int) -> float:
    """The seconds of one step: the median of some, after everything is compiled."""
    laps: list[float] = []

    def stop() -> bool:
        laps.append(time.perf_counter())
        if len(laps) > WARM + TIMED:
            raise TimedEnoughError
        return False

    training = training_on(text, TrainConfig(minutes=60.0), Steps(0.01), {"hidden": hidden}, stop)
    with contextlib.suppress(TimedEnoughError):
        for _ in training.run():
            pass
    gaps = sorted(after - before for before, after in zip(laps[WARM:], laps[WARM + 1 :], strict=False))
    return gaps[len(gaps) // 2]


def paces(text: str) -> dict[str, Any]:
    """Milliseconds of a step for each width, and the speed of the machine that the plan is told."""
    import tensorflow as tf

    from scriptbot.training.lstm_op import speed

    rate = speed(tf.bfloat16 if has_fast_bfloat16() else tf.float32)
    found = {str(hidden): round(1000 * step_seconds(text, hidden), 1) for hidden in WIDTHS}
    return {"text": text, "GFLOP/s of the probe": round(rate / 1e9), "milliseconds a step": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", choices=list(TEXTS), default="tinyshakespeare")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", action="store_true", help="only time a step, width by width")
    parser.add_argument("chosen", nargs="*", metavar="NAME=VALUE")
    given = parser.parse_args()
    chosen = {name: json.loads(value) for name, _, value in (word.partition("=") for word in given.chosen)}
    record = paces(given.text) if given.pace else trial(given.text, given.steps, given.seed, chosen)
    print(json.dumps(record))
    kept: list[dict[str, Any]] = json.loads(STORE.read_text("utf-8"))["trials"] if STORE.is_file() else []
    kept.append({**record, "machine": machine()})
    lines = ",\n".join(f" {json.dumps(one, ensure_ascii=False)}" for one in kept)
    STORE.write_text(f'{{"benchmark": "trials", "trials": [\n{lines}\n]}}\n', "utf-8")


if __name__ == "__main__":
    main()
