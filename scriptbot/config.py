"""Every setting that users can choose, declared once with its default, range and help; and the numbers in model files.

Flags, ``:set`` options, the configuration file and ``SCRIPTBOT_*`` variables are all derived from
:class:`SampleConfig` and :class:`TrainConfig`.  A field made by :func:`option` can be set by users and has a help text;
one made by :func:`number` is stored in model files, and a value outside its range is taken for damage.  All
configurations are frozen: :func:`replace` returns a changed copy.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeVar

from scriptbot.errors import UsageError
from scriptbot.likeness import meant


def option(
    default: Any,
    help: str,
    low: float | None = None,
    high: float | None = None,
    example: str = "",
    off: float | None = None,
) -> Any:
    """A dataclass field with its help text, its closed range [low, high], and the number that “off” stands for."""
    told = {"help": help, "low": low, "high": high, "example": example, "off": off}
    return dataclasses.field(default=default, metadata=told)


def number(default: Any, low: float, high: float) -> Any:
    """A dataclass field that users cannot set, with its closed range [low, high]."""
    return dataclasses.field(default=default, metadata={"low": low, "high": high})


EMBEDDING, HIDDEN, LAYERS = (16, 1024), (16, 4096), (1, 4)  # ranges, shared by training options and model files
LONGEST_SHOWN = 40  # characters of a rejected number that the error message repeats


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How the next word is drawn from the model's distribution."""

    temperature: float = option(0.8, "how daring: low repeats the likely, high invents", 0.05, 5.0)
    top_k: int = option(0, "draw from the K likeliest words only; 0 = all", 0, 1_000_000)
    top_p: float = option(0.95, "draw from the likeliest words that make up this share (nucleus)", 0.01, 1.0)
    min_p: float = option(0.0, "drop words less likely than this share of the likeliest", 0.0, 1.0)
    contrast: float = option(0.0, "low says what fits anywhere, high what fits here; 0 = off", 0.0, 2.0, off=0.0)
    repetition_penalty: float = option(1.0, "divide the probability of words just said; 1 = off", 1.0, 10.0, off=1.0)
    seed: int | None = option(None, "seed of the random numbers; the same seed gives the same text", 0, 2**63 - 1)
    lines: int = option(1, "speeches (or lines of plain text) per reply", 1, 1000)
    max_words: int = option(120, "words after which a speech ends with its sentence, or at twice that", 1, 10_000)
    candidates: int = option(32, "draw at most this many replies, take the best; 1 = the first", 1, 64)
    invent: bool = option(False, "let the model spell words that nobody has used")
    cache: bool = option(True, "let words heard in this conversation come back")


# Settings of which a model may have its own values: how a reply is drawn, not how many there are.
SUITED = frozenset(
    {"temperature", "top_k", "top_p", "min_p", "contrast", "repetition_penalty", "max_words", "candidates"}
)

# Defaults for models of scripts written with spaces that remember their exchanges; docs/decisions/replies.md.
REPLYING = {"top_p": 0.88, "contrast": 1.0}


def usual(field: dataclasses.Field[Any]) -> str:
    """The default of a setting, as help shows it."""
    if field.name in REPLYING:
        return f"[the model’s own, or {REPLYING[field.name]:g} for scripts, else {field.default:g}]"
    if field.name in SUITED:
        return f"[the model’s own, or {field.default:g}]"
    return "[auto]" if field.default is None else f"[{field.default}]"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of the network; stored in the model file.

    Attributes:
        embedding: dimensions of a word's embedding, which input and output share.
        hidden: LSTM units per layer.
        layers: number of LSTM layers.
        spelling_embedding: dimensions of a byte's embedding in the character CNN.
        spelling_width: bytes that the character CNN sees at once.
        spelling_filters: filters of the character CNN.
        recall: how many of the words spelled lately the network remembers.
        speller_embedding: dimensions of a byte's embedding in the speller.
        speller_hidden: LSTM units of the speller.
    """

    embedding: int = number(256, *EMBEDDING)
    hidden: int = number(512, *HIDDEN)
    layers: int = number(1, *LAYERS)
    spelling_embedding: int = number(16, 4, 128)
    spelling_width: int = number(3, 1, 9)
    spelling_filters: int = number(96, 8, 512)
    recall: int = number(64, 1, 1024)
    speller_embedding: int = number(32, 4, 256)
    speller_hidden: int = number(192, 16, 1024)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a model is trained.  None: chosen from the size of the corpus and the minutes."""

    minutes: float = option(5.0, "longest wall time of training, in minutes", 0.05, 10_000)
    seed: int = option(1, "seed of the random numbers", 0, 2**31 - 1)
    hidden: int | None = option(None, "LSTM units per layer", *HIDDEN)
    embedding: int | None = option(None, "numbers per word", *EMBEDDING)
    layers: int | None = option(None, "LSTM layers", *LAYERS)
    members: int | None = option(None, "networks that decide together", 1, 8)
    dropout: float | None = option(None, "share of activations dropped while training", 0.0, 0.9)
    minimum_count: int | None = option(None, "words rarer than this are spelled out, unless the base has them", 1, 1000)
    vocabulary: int = option(20_000, "maximum words in the softmax", 10, 200_000)
    batch: int | None = option(None, "streams read side by side", 1, 1024)
    steps: int | None = option(None, "words per truncated back-propagation", 2, 512)
    learning_rate: float | None = option(None, "peak of the schedule", 1e-6, 1.0)
    validation_share: float = option(0.03, "share of the scenes held out for validation", 0.0, 0.5)

    @property
    def seconds(self) -> float:
        """The budget."""
        return self.minutes * 60.0


Config = TypeVar("Config", SampleConfig, TrainConfig)


def key(name: str) -> str:
    """The field name of an option from its name as typed."""
    return name.strip().lower().replace("-", "_")


def option_named(start: str) -> str | None:
    """The ``:set`` option of this name, or the only one that begins with it, as it is typed; None if there is none."""
    found = [name for name in SampleConfig.__dataclass_fields__ if start and name.startswith(key(start))]
    exact = [name for name in found if name == key(start)]
    return shown((exact or found)[0]) if exact or len(found) == 1 else None


def shown(name: str) -> str:
    """The name of an option as it is typed."""
    return name.replace("_", "-")


def limits(kind: type[Any], name: str) -> tuple[float, float]:
    """Least and greatest value of a numerical option of a configuration."""
    (field,) = (field for field in dataclasses.fields(kind) if field.name == name)
    low, high = field.metadata["low"], field.metadata["high"]
    return float(low), float(high)


def replace(config: Config, name: str, value: str) -> Config:
    """A copy of ``config`` with one option read from text.

    Raises:
        UsageError: no such option, not a number, or outside the range; the hint says what would do.
    """
    fields = {field.name: field for field in dataclasses.fields(config)}
    wanted = key(name)
    if wanted not in fields:
        near = meant(wanted, fields)
        raise UsageError(
            f"There is no option called “{name}”.",
            f"Did you mean “{shown(near)}”?" if near else f"Options: {', '.join(map(shown, fields))}.",
        )
    return dataclasses.replace(config, **{wanted: parse(fields[wanted], value)})


def parse(field: dataclasses.Field[Any], text: str) -> Any:
    """The value of one option from what a person typed.

    Raises:
        UsageError: not of the option's type or outside its range.
    """
    kind = str(field.type)
    name = shown(field.name)
    word = text.strip().lower()
    if "None" in kind and word in {"", "none", "auto"}:
        return None
    if kind.startswith("bool"):
        if word in {"on", "true", "yes", "1"}:
            return True
        if word in {"off", "false", "no", "0"}:
            return False
        raise UsageError(f"“{text}” is neither on nor off.", f"Use “:set {name} on” or “:set {name} off”.")
    if word == "off" and field.metadata["off"] is not None:
        return field.metadata["off"]
    try:
        value = int(word) if kind.startswith("int") else float(word)
    except ValueError:
        if (word[1:] if word[:1] in "+-" else word).isdecimal():  # more digits than Python converts
            raise UsageError(f"{name} cannot be {_brief(word)}.", describe_range(field)) from None
        wanted = "a whole number" if kind.startswith("int") else "a number"
        raise UsageError(f"{name} takes {wanted}, not “{text}”.", describe_range(field)) from None
    check(field, value)
    return value


def check(field: dataclasses.Field[Any], value: Any) -> None:
    """Raise UsageError unless ``value`` lies in the option's range."""
    if value is None or isinstance(value, bool):
        return
    low, high = field.metadata["low"], field.metadata["high"]
    endless = isinstance(value, float) and not math.isfinite(value)  # which fails on a very long whole number
    if endless or (low is not None and value < low) or (high is not None and value > high):
        said = f"{value:,}".removesuffix(".0")
        raise UsageError(f"{shown(field.name)} cannot be {_brief(said)}.", describe_range(field))


def validate(config: Any) -> None:
    """Check every option of a configuration.  Raises UsageError at the first outside its range."""
    for field in dataclasses.fields(config):
        check(field, getattr(config, field.name))


def describe_range(field: dataclasses.Field[Any]) -> str:
    """The hint that names an option's range; empty if it has none."""
    low, high = field.metadata["low"], field.metadata["high"]
    return f"It can be anything from {_shown(low)} to {_shown(high)}." if low is not None and high is not None else ""


def _shown(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"


def _brief(number: str) -> str:
    """A number cut to a length that can be read."""
    return number if len(number) <= LONGEST_SHOWN else f"{number[:LONGEST_SHOWN]}…"
