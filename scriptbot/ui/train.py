"""``scriptbot train``: a training of its own process, shown as it goes."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scriptbot.config import TrainConfig
from scriptbot.errors import OutputError, TrainingError
from scriptbot.ui import options

if TYPE_CHECKING:
    from scriptbot.commands.registry import Retrain
    from scriptbot.events import TrainEvent
    from scriptbot.session.retrain import Training
    from scriptbot.session.session import Session


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where the model file goes.")
@click.option("--format", metavar="NAME", help="How the scripts are written.  [detected]")
@click.option("--encoding", metavar="NAME", help="Encoding of the files.  [detected]")
@click.option("--validation", type=click.Path(path_type=Path), help="Held-out text, instead of a share of PATHS.")
@click.option("--force", is_flag=True, help="Write over an existing output.")
@options.flags(TrainConfig)
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback when something goes wrong.")
def train(paths: tuple[Path, ...], output: Path, format: str | None, encoding: str | None, validation: Path | None,
          force: bool, **given: Any) -> int:  # fmt: skip
    """Train a model on the scripts at PATHS."""
    if output.exists() and not force:
        raise OutputError(f"{output} is there already.", "Choose another name, or write over it with --force.")
    from scriptbot.session.retrain import Training

    config = options.chosen(TrainConfig, given)
    return watch(Training(paths, output, config, format=format, encoding=encoding, validation=validation))


def watch(started: Training) -> int:
    """Show a training until it ends: 0 when a model was saved, 130 when it was aborted.

    Raises:
        TrainingError: it failed.
    """
    from scriptbot.events import Failed, Saved
    from scriptbot.ui.progress import TrainingView

    view = TrainingView(sys.stderr)
    pressed = 0
    last: TrainEvent | None = None
    with started as training:

        def stop(number: int, frame: Any) -> None:
            nonlocal pressed
            pressed += 1
            if pressed == 1:
                training.interrupt()
            else:
                training.abort()

        before = signal.signal(signal.SIGINT, stop)
        try:
            for last in training:
                view.show(last)
        finally:
            signal.signal(signal.SIGINT, before)
            view.close()
    if isinstance(last, Failed):
        raise TrainingError(last.sentence, last.hint)
    if isinstance(last, Saved):
        return 0
    if pressed:
        return 130
    raise TrainingError("The training ended without a model.")


def retrain(session: Session, wanted: Retrain) -> None:
    """Train beside the conversation, then go on talking with the new model; the old one stays if that fails."""
    from scriptbot.lm.model_file import load_model
    from scriptbot.session import library
    from scriptbot.session.retrain import Training

    paths = wanted.paths or tuple(library.bundled_corpus())
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "retrained.model"
        config = TrainConfig(minutes=wanted.minutes)
        if watch(Training(paths, output, config, format=None, encoding=None, validation=None)) == 0:
            session.swap(load_model(output), "retrained")
