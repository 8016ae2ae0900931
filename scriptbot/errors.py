"""What can go wrong, as one small tree.

::

    ScriptbotError            exit 1
    ├ UsageError              exit 2   an option, a command or a value that makes no sense
    ├ InputError              exit 1   a text that cannot be read
    │ ├ BlankText                      … because there is nothing in it but white space
    │ └ UndecodableText                … because its bytes are invalid in the encoding tried
    ├ ModelFileError          exit 1   a model file that is missing, damaged or too new
    ├ OutputError             exit 1   a file that cannot be written
    └ TrainingError           exit 1   a training run that could not start or go on
      ├ TrainingStopped       exit 130 … because it was stopped before there was anything to keep
      ├ TrainingAborted       exit 130 … because it was aborted while it was to end
      └ TrainingFailed                 … as reported by the training process, with its own exit code

Each carries one sentence for the person at the terminal, a hint that says what to do next, and the
exit code of the process when nothing catches it.  A traceback is for bugs only.
"""

from __future__ import annotations


class ScriptbotError(Exception):
    """A mistake or mishap that can be explained in one sentence.

    Args:
        sentence: what happened, naming the file, option or value; ends with a full stop.
        hint: what to do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class UsageError(ScriptbotError):
    """An option, a command or a value that makes no sense."""

    exit_code = 2


class InputError(ScriptbotError):
    """A text that cannot be read: missing, empty, binary, or without a single usable line."""


class BlankText(InputError):
    """A text that is empty, or has nothing but white space in it."""


class UndecodableText(InputError):
    """Bytes that are invalid in the encoding that was tried.

    Args:
        offset: position of the first offending byte in the file, in bytes from 0.
        encoding: the encoding that was tried, as it is shown.
    """

    def __init__(self, sentence: str, hint: str = "", *, offset: int, encoding: str) -> None:
        super().__init__(sentence, hint)
        self.offset, self.encoding = offset, encoding


class ModelFileError(ScriptbotError):
    """A model file that is missing, damaged, of a newer version, or not a model at all."""


class OutputError(ScriptbotError):
    """A file that cannot be written: no space, no permission, no such folder."""


class TrainingError(ScriptbotError):
    """A training run that could not start or could not go on."""


class TrainingStopped(TrainingError):
    """A training run that was stopped before there was anything to keep."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("Training was stopped before it began.", "Nothing was written.")


class TrainingAborted(TrainingError):
    """A training run that was aborted while it was to end; an unfinished one may still be resumed."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("Training was aborted.", "No model was written.")


class TrainingFailed(TrainingError):
    """An error that the training process has reported.

    Args:
        exit_code: the one the process reported, which depends on the kind of error there.
    """

    def __init__(self, sentence: str, hint: str, exit_code: int) -> None:
        super().__init__(sentence, hint)
        self.exit_code = exit_code
