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
    """A training, as it is asked for.

    Attributes:
        paths: scripts and folders of scripts.
        output: where the model goes; nothing is there, or what was there before, until it is complete.
        train: how to train.
        format: how the scripts are written; None: found out.
        encoding: of the files; None: found out.
        reading: what Japanese is converted to before; None: it stays as it is.
        columns: which columns of tables hold what; None: found out.
        base: a model to start from; None: random weights.
        english: whether to start from it only if the scripts are English.
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
    """One line of JSON, without the line end; paths from the root on, since the process has another working folder."""
    record = dataclasses.asdict(request)
    for name in _PLACES:
        record[name] = [str(path.absolute()) for path in record[name]]
    record["output"] = str(request.output.absolute())
    record["base"] = str(request.base.absolute()) if request.base else None
    return json.dumps(record)


def decode(line: str | bytes) -> TrainRequest:
    """The request of one line.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    record: dict[str, Any] = json.loads(line)
    for name in _PLACES:
        record[name] = tuple(Path(path) for path in record[name])
    base = Path(record["base"]) if record["base"] else None
    return TrainRequest(
        **{**record, "output": Path(record["output"]), "base": base, "train": TrainConfig(**record["train"])}
    )
