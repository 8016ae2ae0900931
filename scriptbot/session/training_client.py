"""A training in a process of its own, as seen by the process that started it.

The child gets its configuration as one line of JSON on stdin and answers with one event per line on stdout; its
stderr goes to a file that is looked at only if it dies.  It has a process group of its own, so that Ctrl-C at the
terminal reaches only this process, which forwards it as a line on the child's stdin.  That stdin stays open: when
this process ends, for whatever reason, the child reads the end of file and ends too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from scriptbot import events
from scriptbot.errors import TrainingError
from scriptbot.request import TrainRequest, encode

_PACKAGE_PARENT = Path(__file__).parents[2]
_LAST_LINES = 6  # of a dead child's stderr
_PATIENCE = 10.0  # seconds that a child may take to end after its last event


class Training:
    """One training; use it as a context manager and iterate over its events.

    The last event is ``Saved`` or ``Failed``, unless the training was aborted.

    Raises:
        TrainingError: the process could not be started.
    """

    def __init__(self, request: TrainRequest) -> None:
        self._aborted = False
        try:
            self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
            self._process = self._start(encode(request))
        except OSError as error:
            raise TrainingError(f"The training process could not be started: {error.strerror}.") from error

    def _start(self, request: str) -> subprocess.Popen[str]:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "scriptbot.training"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                # Python looks for modules in the folder it is started in first: ours, not one with a random.py.
                cwd=_PACKAGE_PARENT,
                env={**_quiet(), **os.environ, "PYTHONUNBUFFERED": "1"},
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError:
            self._log.close()
            raise
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once; its log says why
            process.stdin.write(request + "\n")
            process.stdin.flush()
        return process

    def __enter__(self) -> Training:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.abort()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()
        self._log.close()

    def __iter__(self) -> Iterator[events.TrainEvent]:
        """The events as they come; anything else that a library writes to stdout is skipped."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = events.decode(line)
            if event is None:
                continue
            yield event
            if isinstance(event, events.Saved | events.Failed):
                self._finish()
                return
        code = self._process.wait()
        if not self._aborted:
            yield events.Failed(f"The training process ended without a model ({_cause(code)}).", self._last_words())

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def interrupt(self) -> None:
        """Ask the child to finish the current step, save the best model so far, and end.

        This is a line on stdin because a signal would kill a child that is still importing.
        """
        self._ask("interrupt")

    def pause(self) -> None:
        """Ask the child to finish the current step and wait; its clock stops."""
        self._ask("pause")

    def resume(self) -> None:
        """Ask the child to continue."""
        self._ask("resume")

    def _ask(self, word: str) -> None:
        """Write one line to the child's stdin, see :mod:`scriptbot.training.__main__`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()

    def abort(self) -> None:
        """End the training now; the model file is not touched."""
        if self._process.poll() is None:
            self._aborted = True
            self._kill()

    def _finish(self) -> None:
        """Wait for a child to exit after its last event."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._kill()

    def _kill(self) -> None:
        """Kill the whole process group, so that whatever the child has started goes too."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        self._log.seek(0)
        text = self._log.read().decode("utf-8", "replace")
        return "\n".join(text.strip().splitlines()[-_LAST_LINES:])


def _quiet() -> dict[str, str]:
    """Variables that keep TensorFlow silent, and Keras from making a folder in the person's home."""
    import platformdirs

    keras = os.path.join(platformdirs.user_cache_dir("scriptbot"), "keras")
    return {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "KERAS_HOME": keras}


def _cause(code: int) -> str:
    if code == -signal.SIGKILL:
        return "killed, perhaps out of memory"
    if code < 0:
        return f"signal {-code}"
    return f"exit code {code}"
