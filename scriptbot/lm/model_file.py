"""The model file: one safetensors file, complete in itself.

Layout (safetensors 0.x): 8 bytes little-endian length N, N bytes of JSON header, then the arrays.  The arrays carry
the names of :mod:`scriptbot.lm.params` and are stored as float16 or float32.  The header's ``__metadata__`` holds two
keys: ``checksum``, the CRC-32 of what follows and of the arrays' bytes in the order of their names, and ``scriptbot``,
whose value is JSON again::

    {"format": "scriptbot model", "version": 2,
     "config":     {…ModelConfig…},
     "vocabulary": {"cast": […], "cast_lines": […], "frequent": […], "rare": […]},
     "cache":      {"weights": […], "sharpness": …, "window": …, "reach": …, "behind": …, "rate": …},
     "counts":     {"words": […], "spellings": …},
     "provenance": {…},
     "members": n,
     "copies": n,
     "sampling": {…}}

With several members (:mod:`scriptbot.lm.pooling`) the arrays of all but the first are called ``members.2.embedding``
and so on.  Arrays whose names begin with ``ngrams.`` are those of :func:`scriptbot.lm.ngrams.compact`, where integers
are unsigned and have as few bytes as they need; a model without n-grams has none.  One that recognises copies
(:mod:`scriptbot.lm.copies`) has an array ``copies``, and ``copies`` in the header is its ``one_in``; otherwise that is
0.  One that remembers exchanges (:mod:`scriptbot.lm.exchanges`) has the arrays ``exchanges.words``,
``exchanges.speeches`` and ``exchanges.stretches``.

There is no pickle and no code in it.  Reading checks the format, then the version, then the checksum; a header of an
older version is upgraded (:data:`UPGRADES`), then the shape of every array is checked.  Writing goes to a temporary
name beside the target, is synced and renamed, so that the target is always either the old file or the whole new one.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from scriptbot.config import SUITED, ModelConfig, SampleConfig, TrainConfig, check, limits, validate
from scriptbot.errors import ModelFileError, ScriptbotError, UsageError
from scriptbot.lm.copies import Copies, run_length
from scriptbot.lm.counting import WORDS_BEFORE
from scriptbot.lm.exchanges import COLUMNS, Exchanges
from scriptbot.lm.model import CacheConfig, CountConfig, Model, everywhere
from scriptbot.lm.ngrams import compact, restored
from scriptbot.lm.params import Array, assemble, named, sound
from scriptbot.text.atomic_write import write_whole
from scriptbot.text.vocabulary import FORMS, MOST_RARE, STRUCTURE, Vocabulary, are_unspaced

FORMAT, VERSION = "scriptbot model", 2
_DAMAGED = "The file is damaged; train or copy it again."
_LONGEST_HEADER = 64 * 1024 * 1024
MOST_MEMBERS = int(limits(TrainConfig, "members")[1])  # pooled, they take memory by the square of their number
NGRAMS = "ngrams."  # what the names of the n-grams' arrays begin with
EXCHANGES = "exchanges."  # what those of the exchanges begin with
COPIES = "copies"  # the name of the copies' array, and of the header's entry for it


def _upgrade_1(header: dict[str, Any]) -> None:
    """1 → 2: one weight for the votes of all forms and behind all words, no adaptation, one network, no n-grams."""
    cache = dict(header["cache"])
    header["cache"] = cache | {"weights": everywhere(cache.pop("weight")), "behind": 0.0, "rate": 0.0}
    header["members"] = 1
    header["counts"] = {"words": everywhere(0.0), "spellings": 0.0}


UPGRADES = (_upgrade_1,)  # from version 1, one step each


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model file says about itself, read without its arrays."""

    path: Path
    bytes: int
    version: int
    parameters: int
    words: int
    cast: tuple[tuple[str, int], ...]  # name, lines
    unspaced: bool  # see Vocabulary.unspaced
    provenance: dict[str, Any]


def save_model(model: Model, path: Path, *, half: bool = True) -> None:
    """Write a model, whole or not at all.

    Args:
        half: store float16; the runtime computes in float32 either way.

    Raises:
        OutputError: the file cannot be written; what stood there before still does.
        UsageError: one of its own settings is out of range, or none that a model can have.
        TypeError: there is no such setting, or its value has another type.
    """
    from safetensors.numpy import save

    _sampling(model.sampling)
    arrays = {
        f"{prefix}{name}": array.astype(np.float16 if half else np.float32)
        for prefix, member in zip(_prefixes(len(model.members)), model.members, strict=True)
        for name, array in named(member)
    }
    if model.ngrams is not None:
        arrays |= {f"{NGRAMS}{name}": array for name, array in compact(model.ngrams).items()}
    if model.copies is not None:
        arrays[COPIES] = model.copies.numbers
    if model.exchanges is not None:
        arrays |= {f"{EXCHANGES}{name}": getattr(model.exchanges, name) for name in COLUMNS}
    vocabulary = model.vocabulary
    header = {
        "format": FORMAT,
        "version": VERSION,
        "config": dataclasses.asdict(model.config),
        "vocabulary": {
            "cast": vocabulary.cast,
            "cast_lines": model.cast_lines,
            "frequent": vocabulary.frequent,
            "rare": vocabulary.rare,
        },
        "cache": dataclasses.asdict(model.cache),
        "counts": dataclasses.asdict(model.counts),
        "provenance": model.provenance,
        "members": len(model.members),
        COPIES: model.copies.one_in if model.copies else 0,
        "sampling": model.sampling,
    }
    text = json.dumps(header)
    write_whole(path, save(arrays, {"scriptbot": text, "checksum": str(_checksum(text, arrays))}))


def load_model(path: Path) -> Model:
    """Read and check a model.

    Raises:
        ModelFileError: missing, no model, made by a newer version, or damaged.
    """
    header, arrays = _read(path)
    try:
        config = _config(ModelConfig, header["config"])
        validate(config)
        words = header["vocabulary"]
        cast, cast_lines = _cast(words)
        vocabulary = Vocabulary(cast, _texts(words["frequent"]), _texts(words["rare"]))
        cache, counts = _config(CacheConfig, header["cache"]), _config(CountConfig, header["counts"])
        if counts.words[STRUCTURE]:
            raise ValueError("non-words must not be counted")
        counted, exchanged = _popped(arrays, NGRAMS), _popped(arrays, EXCHANGES)
        ngrams = restored(counted, vocabulary.words, STRUCTURE, WORDS_BEFORE) if counted else None
        copies = _copies(arrays.pop(COPIES, None), header.get(COPIES, 0), vocabulary)
        exchanges = Exchanges(**exchanged, vocabulary=vocabulary) if exchanged else None
        sampling = _sampling(header.get("sampling", {}))
        if not words["frequent"] and not words["rare"]:
            raise ValueError("no words")
        if len(vocabulary.rare) > MOST_RARE:  # what is computed for them is larger than anything in the file
            raise ValueError("too many rare words")
        if not isinstance(header["provenance"], dict):
            raise TypeError("provenance is not an object")
        floats = {name: array.astype(np.float32) for name, array in arrays.items()}
        if not sound(floats):
            raise ModelFileError(f"The weights in “{path}” are not usable numbers.", _DAMAGED)
        members = [
            assemble(part, config, vocabulary.words, vocabulary.speakers) for part in _parted(floats, header["members"])
        ]
        first, *more_members = members
        return Model(
            config,
            vocabulary,
            first,
            cache,
            cast_lines=cast_lines,
            provenance=dict(header["provenance"]),
            more_members=tuple(more_members),
            counts=counts,
            ngrams=ngrams,
            copies=copies,
            exchanges=exchanges,
            sampling=sampling,
        )
    except ModelFileError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, ScriptbotError) as error:
        raise ModelFileError(f"The header of “{path}” is not that of a model ({error}).", _DAMAGED) from error


Config = TypeVar("Config", CacheConfig, CountConfig, ModelConfig)


def _texts(record: Any) -> tuple[str, ...]:
    """A list of texts from the header, none of them empty."""
    if not isinstance(record, list) or not all(isinstance(text, str) and text for text in record):
        raise TypeError("a list of words has something else in it")
    return tuple(record)


def _cast(record: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names, and how many speeches each has."""
    names, lines = _texts(record["cast"]), record["cast_lines"]
    if not isinstance(lines, list) or len(lines) != len(names) or not all(type(count) is int for count in lines):
        raise TypeError("not every member of the cast has a number of speeches")
    return names, tuple(lines)


def _config(kind: Callable[..., Config], record: Any) -> Config:
    """A configuration from the header, after checking that all of it is numbers within their ranges."""
    if not isinstance(record, dict):
        raise TypeError(f"{record!r} is not a configuration")
    config = kind(
        **{name: tuple(value) if isinstance(value, list | tuple) else value for name, value in record.items()}
    )
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        several = str(field.type).startswith("tuple")
        if several != isinstance(value, tuple) or (several and len(value) != FORMS):
            raise TypeError(f"{field.name} is {value!r}")
        for one in value if several else (value,):
            if type(one) not in ((int,) if field.type == "int" else (int, float)):
                raise TypeError(f"{field.name} is {value!r}")
            check(field, one)
    return config


def read_header(path: Path) -> ModelInfo:
    """What a model file says about itself.  Raises ModelFileError as :func:`load_model`, but reads no arrays."""
    safetensors, header, size = _header(path)
    try:
        words = header["vocabulary"]
        frequent = _texts(words["frequent"])
        shapes = [
            entry["shape"]
            for name, entry in safetensors.items()
            if not name.startswith(("__metadata__", NGRAMS, EXCHANGES)) and name != COPIES
        ]
        return ModelInfo(
            path,
            size,
            int(header["version"]),
            sum(int(np.prod(shape)) for shape in shapes),
            len(frequent),
            tuple(zip(*_cast(words), strict=True)),
            are_unspaced(frequent),
            dict(header["provenance"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelFileError(f"The header of “{path}” is not that of a model ({error}).", _DAMAGED) from error


def _sampling(record: Any) -> dict[str, Any]:
    """A model's own settings from the header, after checking their names, types and ranges."""
    if not isinstance(record, dict):
        raise TypeError(f"{record!r} are not settings")
    usual = SampleConfig()
    for name, value in record.items():
        kind = type(getattr(usual, name, None))
        if type(value) is not kind and (kind is not float or type(value) is not int):
            raise TypeError(f"{name} is {value!r}")
    if others := record.keys() - SUITED:
        raise UsageError(f"A model has no {min(others)} of its own.")
    validate(SampleConfig(**record))
    return dict(record)


def _copies(numbers: Any, one_in: Any, vocabulary: Vocabulary) -> Copies | None:
    """The copies of a file, after checking them; None if it has none."""
    if numbers is None:
        return None
    whole = type(one_in) is int and 1 <= one_in <= 1 << 31 and numbers.dtype == np.uint32 and numbers.ndim == 1
    if not whole or (numbers[1:] <= numbers[:-1]).any():
        raise ValueError("copies must be rising numbers, one in so many")
    return Copies(numbers, one_in, run_length(vocabulary))


def _popped(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Take out the arrays whose names begin with a prefix; returned by names without it."""
    return {name.removeprefix(prefix): arrays.pop(name) for name in list(arrays) if name.startswith(prefix)}


def _prefixes(members: int) -> list[str]:
    """What the names of each member's arrays begin with."""
    return ["", *(f"members.{number}." for number in range(2, members + 1))]


def _parted(arrays: dict[str, Array], members: Any) -> list[dict[str, Array]]:
    """The arrays of each member by names without the prefix; what belongs to no other stays with the first."""
    if type(members) is not int or not 1 <= members <= MOST_MEMBERS:
        raise ValueError(f"{members!r} members")
    parts: list[dict[str, Array]] = [{} for _ in range(members)]
    prefixes = _prefixes(members)
    for name, array in arrays.items():
        number = next((n for n, prefix in enumerate(prefixes) if n and name.startswith(prefix)), 0)
        parts[number][name.removeprefix(prefixes[number])] = array
    return parts


def _checksum(header: str, arrays: dict[str, Any]) -> int:
    total = zlib.crc32(header.encode())
    for name in sorted(arrays):
        total = zlib.crc32(arrays[name].tobytes(), total)
    return total


def _header(path: Path) -> tuple[dict[str, Any], dict[str, Any], int]:
    """(the safetensors header, our header, size of the file in bytes)."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            raw = file.read(length) if 2 <= length <= min(size, _LONGEST_HEADER) else b""
    except OSError as error:
        raise ModelFileError(
            f"The model “{path}” cannot be read: {error.strerror or error}.",
            "“scriptbot models” lists the installed models.",
        ) from error
    try:
        outer = json.loads(raw)
        inner = json.loads(outer["__metadata__"]["scriptbot"])
        kind, version = inner["format"], inner["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ModelFileError(
            f"“{path}” is not a scriptbot model.",
            "Models are made by “scriptbot train”; a damaged one has to be made again.",
        ) from None
    if kind != FORMAT:
        raise ModelFileError(f"“{path}” is not a scriptbot model.", "Models are made by “scriptbot train”.")
    if type(version) is not int or version < 1:
        raise ModelFileError(f"“{path}” has a version that never existed.", _DAMAGED)
    if version > VERSION:
        raise ModelFileError(
            f"“{path}” was made by a newer scriptbot (file version {version}; this one reads up to {VERSION}).",
            "Upgrade scriptbot, or train the model again with this version.",
        )
    return outer, inner, size


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    outer, header, _ = _header(path)
    metadata = outer["__metadata__"]
    try:
        arrays = load(path.read_bytes())
        if str(_checksum(metadata["scriptbot"], arrays)) != metadata.get("checksum"):
            raise ModelFileError(f"“{path}” does not match its checksum.", _DAMAGED)
        for upgrade in UPGRADES[header["version"] - 1 :]:
            upgrade(header)
        return header, arrays
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"“{path}” is damaged or cut short.", _DAMAGED) from error
