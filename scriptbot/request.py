"""What a parent asks of a training process: one line of JSON, the counterpart of :mod:`scriptbot.events`."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scriptbot.config import TrainConfig

_PLACES = ("paths", "validation")


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """A request to train a model.

    Attributes:
        paths: scripts and folders of scripts.
        output: where the model file goes; whatever is there stays until the new file is complete.
        train: how to train.
        format: how the scripts are written; None: detected.
        encoding: of the files; None: detected.
        reading: what Japanese text is converted to first; None: left as it is.
        columns: which columns of tables hold what; None: detected.
        base: a model to start from; None: random weights.
        english: whether to use ``base`` only if the scripts are English.
        validation: held-out scripts, instead of a share of ``paths``.
    """

    paths: tuple[Path, ...]
    output: Path
    train: TrainConfig
    format: str | None = None
    encoding: str | None = None
    reading: str | None = None
    columns: str | None = None
    base: Path | None = None
    english: bool = False
    validation: tuple[Path, ...] = ()


def encode(request: TrainRequest) -> str:
    """One line of JSON, without the line end; paths are absolute, since the process has another working directory."""
    record = dataclasses.asdict(request)
    for name in _PLACES:
        record[name] = [str(path.absolute()) for path in record[name]]
    record["output"] = str(request.output.absolute())
    record["base"] = str(request.base.absolute()) if request.base else None
    return json.dumps(record)


def decode(line: str | bytes) -> TrainRequest:
    """The request in one line.

    Raises:
        ValueError, TypeError, KeyError: the line is not a request.
    """
    record: dict[str, Any] = json.loads(line)
    for name in _PLACES:
        record[name] = tuple(Path(path) for path in record[name])
    base = Path(record["base"]) if record["base"] else None
    return TrainRequest(
        **{**record, "output": Path(record["output"]), "base": base, "train": TrainConfig(**record["train"])}
    )
