"""What a training process tells its parent: one event, one line of JSON.

Training runs in a process of its own; nothing but these lines and the finished model file comes
back.  Every event is a frozen dataclass; :func:`encode` and :func:`decode` are inverses of each other.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class TrainEvent:
    """Base of all events; ``kind`` is the name of the event in the JSON line."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Reading(TrainEvent):
    """The script is being read."""

    kind: ClassVar[str] = "reading"
    share: float  # of the reading that is done, 0 to 1
    seconds: float  # spent so far


@dataclass(frozen=True, slots=True)
class Prepared(TrainEvent):
    """The script is read and the network is laid out; training is about to begin."""

    kind: ClassVar[str] = "prepared"
    characters: int  # Unicode characters of the training part
    words: int  # words and symbols of the training part
    vocabulary: int  # words of the softmax
    cast: int  # characters with a cue and a voice of their own
    parameters: int  # trained weights, of all networks together
    seconds: float  # spent so far


@dataclass(frozen=True, slots=True)
class Progress(TrainEvent):
    """How far training has come, about once a second."""

    kind: ClassVar[str] = "progress"
    seconds: float  # since the clock started
    budget: float  # seconds the whole training may take
    step: int
    epoch: float  # passes over the training part, those of all networks together
    bits_per_character: float  # mean since the last such event, on training text with dropout; rough for rare words
    words_per_second: float


@dataclass(frozen=True, slots=True)
class Validated(TrainEvent):
    """The held-out part was scored."""

    kind: ClassVar[str] = "validated"
    seconds: float
    step: int
    bits_per_character: float
    best: bool  # the lowest so far of this network, so that these weights are kept


@dataclass(frozen=True, slots=True)
class Shortened(TrainEvent):
    """The training will need less than its budget, because more would make the model no better."""

    kind: ClassVar[str] = "shortened"
    seconds: float  # since the clock started, at the end
    budget: float  # seconds that it might have taken


@dataclass(frozen=True, slots=True)
class Sample(TrainEvent):
    """A line that the model says at this stage of training."""

    kind: ClassVar[str] = "sample"
    character: str
    text: str


@dataclass(frozen=True, slots=True)
class Warned(TrainEvent):
    """Something that the user should know but that does not stop the training."""

    kind: ClassVar[str] = "warned"
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Saved(TrainEvent):
    """The model file is complete and in its place; always the last event of a good run."""

    kind: ClassVar[str] = "saved"
    path: str
    bits_per_character: float | None  # on the held-out part, without the cache; None: nothing was held out
    bits_per_character_cached: float | None  # on the held-out part, with the cache
    seconds: float
    interrupted: bool = False  # stopped by the person before the budget was spent


@dataclass(frozen=True, slots=True)
class Failed(TrainEvent):
    """No model came out; always the last event of a bad run."""

    kind: ClassVar[str] = "failed"
    sentence: str
    hint: str = ""
    exit_code: int = 1


KINDS: dict[str, type[TrainEvent]] = {
    event.kind: event for event in (Reading, Prepared, Progress, Shortened, Validated, Sample, Warned, Saved, Failed)
}


def encode(event: TrainEvent) -> str:
    """One line of JSON, without the line end."""
    return json.dumps({"event": event.kind, **dataclasses.asdict(event)}, ensure_ascii=True)


def decode(line: str) -> TrainEvent | None:
    """The event of one line; None if the line is something else (a library's chatter on stdout)."""
    try:
        record: Any = json.loads(line)
        return KINDS[record.pop("event")](**record)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
