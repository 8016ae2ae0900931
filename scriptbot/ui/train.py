"""``scriptbot train`` and ``:retrain``: a training in a process of its own, with its progress shown."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scriptbot.config import TrainConfig
from scriptbot.errors import (
    InputError,
    OutputError,
    TrainingAborted,
    TrainingError,
    TrainingFailed,
    TrainingStopped,
    UsageError,
)
from scriptbot.text.clean import printable
from scriptbot.ui import configuration, options
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.commands.registry import Retrain
    from scriptbot.events import TrainEvent
    from scriptbot.session.session import Session
    from scriptbot.session.training_client import Training


def _training_options(function: options.Function) -> options.Function:
    """A decorator that gives a command the options of a training, the same in the shell as in the session."""
    for option in (
        options.flags(TrainConfig),
        click.option(
            "--validation", type=click.Path(path_type=Path), help="Held-out text, instead of a share of PATHS."
        ),
        click.option(
            "--from",
            "start",
            metavar="NAME",
            callback=options.installed,
            help="Model to start from, or scratch.  [the base model of the language, if any]",
        ),
        options.columns,
        click.option("--reading", type=click.Choice(["hiragana"]), help="Convert Japanese to its reading first."),
        click.option("--encoding", metavar="NAME", help="Encoding of the files.  [detected]"),
        click.option("--format", metavar="NAME", help="Format of the scripts.  [detected]"),
    ):
        function = option(function)
    return function


@click.command(context_settings=options.CONTEXT)
@options.paths
@click.option(
    "--output", type=click.Path(path_type=Path), help="Where the model file goes.  [named after the first of PATHS]"
)
@click.option("--force", is_flag=True, help="Overwrite the output if it exists.")
@_training_options
@options.speaks
@options.debug
@options.version
def train(paths: tuple[Path, ...], output: Path | None, force: bool, **given: Any) -> int:
    """Train a model on the scripts at PATHS."""
    from scriptbot.session import library

    output = output or library.output_for(paths[0])
    _check_length(output)
    if os.path.lexists(output) and not force:
        raise OutputError(f"“{output}” already exists.", "Choose another name, or overwrite it with --force.")
    saved = watch(_training(paths, output, given))
    place = output if saved == output.absolute() else saved
    # A bare name would be looked for among the installed models first.
    shown = str(place) if place.suffix == ".safetensors" or place.parent != Path() else f"./{place}"
    command = f"scriptbot --model {shlex.quote(printable(shown))}"
    print(tr(f"Talk with it: {command}"), file=sys.stderr)
    return 0


def _check_length(output: Path) -> None:
    """Raise OutputError at once if the name is too long for a file, rather than at the end of the training."""
    try:
        os.lstat(output)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise OutputError(f"The file name of “{output}” is too long.", "Choose a shorter one.") from None


@click.command("train", add_help_option=False)
@click.argument("paths", nargs=-1)
@_training_options
def _retraining(**given: Any) -> dict[str, Any]:
    return given


def _asked(arguments: Sequence[str]) -> dict[str, Any]:
    """The arguments of “:retrain”, completed by the variables and the configuration for trainings.

    Raises:
        UsageError: they make no sense.
    """
    configuration.name_variables(_retraining, "train")
    defaults = configuration.defaults_of(train, "train")
    try:
        with _retraining.make_context("scriptbot train", list(arguments), default_map=defaults) as context:
            given: dict[str, Any] = _retraining.invoke(context)
    except click.UsageError as error:
        if isinstance(error, click.NoSuchOption) and error.option_name in ("--output", "--force"):
            raise UsageError(
                f"“:retrain” takes no option “{error.option_name}”.",
                "The new model is kept among yours, under a name of its own.",
            ) from None
        raise options.mistake(error, "In a shell, “scriptbot train --help” lists the options.") from None
    return given


def _training(paths: Sequence[Path], output: Path, given: dict[str, Any]) -> Training:
    """Start a training with the values of the options of :func:`_training_options`."""
    from scriptbot.request import TrainRequest
    from scriptbot.session.training_client import Training

    config = options.chosen(TrainConfig, given)
    start, validation = given.pop("start"), given.pop("validation")
    held_out = (Path(os.path.expanduser(validation)),) if validation else ()
    base, english = _base_of(start, config)
    return Training(
        TrainRequest(tuple(paths), output, config, **given, base=base, english=english, validation=held_out)
    )


def _base_of(start: str | None, config: TrainConfig) -> tuple[Path | None, bool]:
    """(the model that a training starts from, whether it is only for English text).

    If a size was asked for, the base model does not have it, so the training starts from nothing.

    Raises:
        ModelFileError: there is no such model.
        UsageError: both a model to start from and a size were asked for.
    """
    from scriptbot.session import library

    sized = any(size is not None for size in (config.hidden, config.embedding, config.layers))
    if start is not None and start.casefold() != options.SCRATCH:
        if sized:
            raise UsageError(
                "A network that starts from another model inherits its size.",
                "Leave out --from, or --hidden, --embedding and --layers.",
            )
        return library.resolve(start), False
    if start is not None or sized or (path := library.base()) is None:
        return None, False
    return path, True


def watch(started: Training) -> Path:
    """Show a training until it ends.  Returns where the model was saved.

    The first Ctrl-C finishes the current step and keeps the best model so far; the second aborts, and so does the first
    as long as there is nothing to keep: no step was made, and the training does not resume from a checkpoint.  Ctrl-Z
    suspends both processes.  Any other signal to end, such as that of a terminal being closed, acts like Ctrl-C, and
    ends this process afterwards.

    Raises:
        TrainingAborted: it was aborted.
        TrainingFailed: it failed, or says itself that it was stopped before the first step.
        TrainingStopped: it was stopped before the first step.
        SystemExit: such a signal has arrived.
    """
    from scriptbot.events import Failed, Prepared, Progress, Saved, Warned
    from scriptbot.ui.progress import TrainingView

    view = TrainingView(sys.stderr)
    pressed, ending, prepared, stepped, learning = 0, 0, False, False, False
    last: TrainEvent | None = None

    def stop(number: int, frame: Any) -> None:
        nonlocal pressed, ending
        pressed += 1
        ending = number if number != signal.SIGINT else ending
        if pressed == 1 and learning:
            started.interrupt()
            if stepped:
                view.say("Finishing this step and keeping the best so far; press Ctrl-C again to abort.")
            else:  # what becomes of it is told at the end
                view.say("Ending the training; press Ctrl-C again to abort.")
        else:
            started.abort()

    def suspend() -> None:
        started.pause()
        view.hide()

    def wake() -> None:
        view.unhide()
        started.resume()

    with handled(stop, suspend, wake), started as training, view:
        for last in training:
            prepared = prepared or isinstance(last, Prepared)
            stepped = stepped or isinstance(last, Progress)
            # A training that resumes warns of that before its first step; if this is another warning, the process
            # itself tells that there was nothing to keep.
            learning = learning or stepped or (prepared and isinstance(last, Warned))
            view.show(last)
    if ending:
        raise SystemExit(128 + ending)  # the code that a shell would give; and the terminal's settings are restored
    if isinstance(last, Saved):
        return Path(last.path)
    if isinstance(last, Failed) and pressed < 2:
        raise TrainingFailed(last.sentence, last.hint, last.exit_code)
    raise TrainingAborted if learning else TrainingStopped


@contextlib.contextmanager
def handled(stop: Callable[[int, Any], None], suspend: Callable[[], None], wake: Callable[[], None]) -> Iterator[None]:
    """A context in which Ctrl-C and signals to end call ``stop``, and Ctrl-Z calls ``suspend``, suspends this process,
    then calls ``wake``.
    """

    def stand_still(number: int, frame: Any) -> None:
        suspend()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, stand_still)
        wake()

    handlers: dict[int, Any] = {signal.SIGINT: stop}
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
            handlers[number] = stop
    if hasattr(signal, "SIGTSTP"):
        handlers[signal.SIGTSTP] = stand_still
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def retrain(session: Session, wanted: Retrain) -> None:
    """Train a model during a conversation, then continue it with the new model; if that fails, the old one stays."""
    from scriptbot.commands.models import swapped
    from scriptbot.commands.registry import path_hints, paths_of
    from scriptbot.lm.model_file import load_model
    from scriptbot.session import library
    from scriptbot.ui.view import say

    given = _asked(wanted.arguments)
    own = paths_of(given.pop("paths"))
    paths = own or library.bundled_corpus()
    if not paths:
        raise InputError("There are no bundled scripts.", "Name some: :retrain PATH...")
    output = library.place_for(library.name_after(paths[0]) if own else library.PREFERRED[0])
    try:
        saved = watch(_training(paths, output, given))
    except TrainingError as error:
        hint = path_hints(error.hint, own)
        raise TrainingError(error.sentence, f"{hint}\nStill talking with “{session.name}”.".strip()) from None
    lines = swapped(session, load_model(saved), saved)
    lines.append(f"Now talking with “{saved.stem}”; saved in “{saved.parent}”.")
    for line in lines:
        say(printable(tr(line)))
