"""The training process: one line of JSON in, one event per line out, and a model file at the end.

stdin carries the request (see :mod:`scriptbot.request`) and stays open for as long as somebody
wants the model: when it is closed, the process ends.  A line ``interrupt`` there, or SIGINT, finishes the step and
saves the best weights so far; ``pause`` and ``resume`` stop the training and its clock, and let them go on.
Events are written to a copy of stdout; stdout itself is redirected to stderr, so that no library's chatter can come
between the events.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from scriptbot import events
from scriptbot.config import TrainConfig, validate
from scriptbot.errors import OutputError, ScriptbotError, TrainingError, TrainingStopped
from scriptbot.request import TrainRequest, decode
from scriptbot.text.load import Source, open_source
from scriptbot.training.clock import Clock

if TYPE_CHECKING:
    from scriptbot.lm.model import Model
    from scriptbot.text.vocabulary import Vocabulary
    from scriptbot.training.outcome import Result

TELL_EVERY = 1.0  # seconds between two Reading events
FEW_WORDS = 5_000  # below which there is a warning


class Process:
    """One request, from its first byte to its last event."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.clock = Clock(time.monotonic())
        self.interrupted = False
        self._told = 0.0
        self._base = ""

    def run(self) -> int:
        """Train as asked.  Returns the exit code."""
        try:
            signal.signal(signal.SIGINT, self._interrupt)
            request = decode(_line())
            threading.Thread(target=self._listen, daemon=True).start()
            self._train(request)
        except ScriptbotError as error:
            self.say(events.Failed(error.sentence, error.hint, error.exit_code))
            return error.exit_code
        except Exception as error:
            traceback.print_exc()
            self.say(events.Failed(f"Training failed: {type(error).__name__}: {error}", "This is a bug."))
            return 1
        return 0

    def say(self, event: events.TrainEvent) -> None:
        """Write an event, as one line for the parent."""
        self.out.write(events.encode(event) + "\n")
        self.out.flush()

    def _listen(self) -> None:
        while line := _line():
            match line.strip():
                case b"interrupt":
                    self.interrupted = True
                    self.clock.resume()
                case b"pause":
                    self.clock.pause()
                case b"resume":
                    self.clock.resume()
        os._exit(3)  # the parent has gone

    def _interrupt(self, number: int, frame: Any) -> None:
        self.interrupted = True
        self.clock.resume()

    def _train(self, request: TrainRequest) -> None:
        config = request.train
        validate(config)
        check_place(request.output)
        # Reading comes before the import of TensorFlow, so that a mistake is told at once; its time still counts.
        source, validation = _sources(request)
        for sentence in (*source.warnings, *(validation.warnings if validation else ())):
            self.say(events.Warned(sentence))
        from scriptbot.training.corpus import lay_out

        base: Model | None = None

        def inherited(counts: Mapping[str, int]) -> Sequence[str]:
            nonlocal base
            base = _base(request, counts)
            return _words_of(base.vocabulary, counts, with_names=not request.english) if base else ()

        corpus = lay_out(source, validation, config, self._watch, inherited)
        self._advise(source, corpus.words, len(corpus.vocabulary.cast))
        self._base = request.base.stem if base and request.base else ""
        read = self.clock.seconds
        from scriptbot.training.checkpoint import store_for
        from scriptbot.training.trainer import Trainer

        self.clock.forgive(self.clock.seconds - read)  # imports do not count
        store = store_for(source, corpus, config, request.base if base else None)
        trainer = Trainer(corpus, config, self.clock, lambda: self.interrupted, base, store)
        if not trainer.goes_on and read > 0.5 * config.seconds:
            self.say(events.Warned(f"Reading took {read:.0f} of the {config.seconds:.0f} s.", "Allow more minutes."))
        try:
            for event in trainer.run():
                self.say(event)
        except TrainingError:
            if store is not None:
                store.remove()  # going on from it would end in the same way
            raise
        except Exception as error:  # whatever went wrong, what was learnt before is not to be lost
            trainer.rescue()
            if trainer.result is None:
                raise
            traceback.print_exc()
            self.say(events.Warned(f"Training ended early: {type(error).__name__}: {error}"))
        result = trainer.result
        if result is None:
            raise TrainingStopped
        saved = self._save(result, source, config, request.output)
        if store is not None and not result.interrupted:
            store.remove()
        self.say(saved)  # the last: on hearing it the parent closes stdin, which ends this process wherever it is

    def _watch(self, share: float) -> None:
        """Tell how far the reading has come.  Raises TrainingStopped if it was interrupted."""
        if self.interrupted:
            raise TrainingStopped
        self.clock.wait()
        if self.clock.seconds - self._told >= TELL_EVERY:
            self._told = self.clock.seconds
            self.say(events.Reading(share, self._told))

    def _advise(self, source: Source, words: int, cast: int) -> None:
        if words < FEW_WORDS:
            self.say(
                events.Warned(f"There are only {words:,} words to learn from.", "They will mostly be learnt by heart.")
            )
        if source.format != "text" and not cast:
            self.say(events.Warned("No character speaks three times or more.", "The model will have no cast."))

    def _save(self, result: Result, source: Source, config: TrainConfig, output: Path) -> events.Saved:
        """Save the model; return what is to be told of that."""
        from scriptbot.lm.model_file import save_model

        evaluation = result.evaluation
        static = round(evaluation.bits_per_character_static, 4) if evaluation else None
        cached = round(evaluation.bits_per_character, 4) if evaluation else None
        provenance = {
            "corpus_sha256": source.sha256,
            "corpus_files": [path.name for path in source.paths][:50],
            "format": source.format,
            **({"reading": source.reading} if source.reading else {}),
            **({"base": self._base} if self._base else {}),
            "characters": source.characters,
            "minutes": config.minutes,
            "seconds": round(result.seconds, 1),
            "steps": result.steps,
            "seed": config.seed,
            "date": datetime.now(timezone.utc).date().isoformat(),
            "bits_per_character": static,
            "bits_per_character_cached": cached,
            "held_out_characters": evaluation.characters if evaluation else 0,
        }
        model = dataclasses.replace(result.model, provenance=provenance)
        try:
            save_model(model, output)
        except OutputError as error:
            output = self._elsewhere(model, output, error)
        return events.Saved(str(output), static, cached, result.seconds, result.interrupted)

    def _elsewhere(self, model: Model, output: Path, error: OutputError) -> Path:
        """Save a model in a temporary folder, since its own place failed; return the path, or raise ``error``."""
        from scriptbot.lm.model_file import save_model

        try:
            place = Path(tempfile.mkdtemp(prefix="scriptbot-")) / output.name
            save_model(model, place)
        except (OSError, OutputError):
            raise error from None
        self.say(events.Warned(error.sentence, "Copy the model from where it is now to where it belongs."))
        return place


def _sources(request: TrainRequest) -> tuple[Source, Source | None]:
    """(the text to learn, the held-out text if one was named, which is read in the same way)."""

    def opened(paths: Sequence[Path], format: str | None, columns: str | None) -> Source:
        return open_source(paths, format=format, columns=columns, encoding=request.encoding, reading=request.reading)

    source = opened(request.paths, request.format, request.columns)
    if not request.validation:
        return source, None
    return source, opened(request.validation, source.format, request.columns if source.format == "table" else None)


def _base(request: TrainRequest, counts: Mapping[str, int]) -> Model | None:
    """The model to start from, if one was named and fits the text, given how often each stem occurs there.

    Raises:
        ModelFileError: it is missing or damaged.
    """
    if request.base is None:
        return None
    from scriptbot.lm.model_file import load_model
    from scriptbot.text.english import is_english

    if request.english and not is_english(counts):
        return None
    return load_model(request.base)


def _words_of(base: Vocabulary, counts: Mapping[str, int], *, with_names: bool) -> list[str]:
    """The words of a base's softmax.

    Args:
        counts: how often each stem occurs in the text to learn.
        with_names: whether also those that are names of its cast (``NORA``, ``NURSE``) and do not occur.  Who did not
            choose the base does not want to hear of its people.
    """
    names = {name.lower() for name in base.cast}
    return [stem for stem in base.frequent if with_names or stem in counts or stem not in names]


def check_place(output: Path) -> None:
    """Raise OutputError if it is certain that a file cannot be written there."""
    if output.is_dir():
        raise OutputError(f"“{output}” is a folder.", "Name a file in it, for example model.safetensors.")
    if output.exists() and not output.is_file():  # a device or a pipe, which no file ever takes the place of
        raise OutputError(f"“{output}” is not a regular file.", "Choose another place for it.")
    if not output.parent.is_dir():
        raise OutputError(f"There is no folder “{output.parent}”.", "Create it first, or choose another place.")
    if not os.access(output.parent, os.W_OK):
        raise OutputError(f"The folder “{output.parent}” cannot be written to.", "Choose another place.")


def _line() -> bytes:
    """A line of stdin, empty at its end.  Not through sys.stdin, whose lock the interpreter needs to shut down."""
    line = bytearray()
    while byte := os.read(0, 1):
        line += byte
        if byte == b"\n":
            break
    return bytes(line)


def main() -> int:
    """Reserve stdout for the events, and train.  Returns the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return Process(out).run()


if __name__ == "__main__":
    sys.exit(main())
