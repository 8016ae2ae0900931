"""What Ctrl-C does to a training, and what is told of that, with a process that says what it is to say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scriptbot.config import TrainConfig
from scriptbot.errors import TrainingAborted, TrainingError, TrainingFailed, TrainingStopped
from scriptbot.events import Failed, Prepared, Progress, TrainEvent, Warned, encode
from scriptbot.request import TrainRequest
from scriptbot.session.training_client import Training
from scriptbot.ui.train import watch

PREPARED = Prepared(1000, 200, 100, 2, 5000, 1.0)
WARNED = Warned("Scoring the held-out text will take about 20 of the 60 s.", "Allow more minutes, or hold out less.")
PROGRESS = Progress(2.0, 60.0, 10, 0.5, 3.0, 1000.0)
STOPPED = Failed(TrainingStopped().sentence, TrainingStopped().hint, TrainingStopped.exit_code)
CHILD = """
import sys
events, answer = sys.argv[1], sys.argv[2]
sys.stdin.readline()
print(events, flush=True)
for line in sys.stdin:
    if answer and line == "interrupt\\n":
        print(answer, flush=True)
        break
"""


class Pressed(Training):
    """A training whose process tells some events, after the last of which Ctrl-C is pressed.

    Args:
        told: the events.
        answer: what the process says when it is asked to end; None: nothing.
        times: how often Ctrl-C is pressed.
    """

    def __init__(self, told: list[TrainEvent], answer: TrainEvent | None, times: int) -> None:
        self._told, self._answer, self._times = told, answer, times
        super().__init__(TrainRequest((Path("a.txt"),), Path("m.safetensors"), TrainConfig()))

    def _start(self, request: str) -> subprocess.Popen[str]:
        lines = "\n".join(map(encode, self._told)), encode(self._answer) if self._answer else ""
        command = [sys.executable, "-c", CHILD, *lines]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stdin is not None
        process.stdin.write(request + "\n")
        process.stdin.flush()
        return process

    def __iter__(self) -> Iterator[TrainEvent]:
        for event in super().__iter__():
            yield event
            if event == self._told[-1]:  # it is shown by now
                for _ in range(self._times):
                    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(
    ("told", "answer", "times", "error", "shown"),
    [
        ([PREPARED], None, 1, TrainingStopped, ""),
        ([PREPARED, WARNED], STOPPED, 1, TrainingFailed, "Ending the training; press Ctrl-C again to abort."),
        ([PREPARED, WARNED], None, 2, TrainingAborted, "Ending the training; press Ctrl-C again to abort."),
        ([PREPARED, PROGRESS], None, 2, TrainingAborted, "Finishing this step and keeping the best so far; press"),
    ],
)
def test_what_is_promised_is_what_comes(
    told: list[TrainEvent],
    answer: TrainEvent | None,
    times: int,
    error: type[TrainingError],
    shown: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(error) as raised:
        watch(Pressed(told, answer, times))
    assert raised.value.exit_code == 130
    seen = capsys.readouterr().err
    assert shown in seen and ("Ctrl-C" in seen) == bool(shown)
    assert ("keeping the best" in seen) == (PROGRESS in told)
    assert raised.value.sentence.startswith("Training was") and raised.value.hint.endswith(" was written.")
