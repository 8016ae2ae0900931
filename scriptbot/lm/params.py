"""The arrays of the model: one field each, its shape beside it.

Letters of the shapes, here and wherever arrays are described::

    V words of the softmax      D embedding          H hidden units of the word LSTM
    S speakers                  X forms (13)         Y bytes and marks (259)
    C byte embedding (reading)  W convolution width  F filters
    K spelled words remembered  R rare words of the vocabulary
    B byte embedding (spelling) G hidden units of the speller
    Q directions in which the cache compares queries
    E those of them that the softmax adapts in
    I, O input and output size of a product

    n members of a model        T tokens in sequence
    N streams, states, speeches or words side by side
    P places of a text whose next word stands outside the softmax

and in training alone::

    M places of a chunk, T * N  U different words of a chunk
    J rare words sampled as negatives

Other dimensions are written out: ``[layers, H]``, ``[replies]``.

The gates of both LSTMs stand side by side in the order **input, forget, cell, output**, each ``units`` wide.
Biases are added once (there is no second one for the recurrent side); the forget bias is stored as it is used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scriptbot.config import ModelConfig
from scriptbot.errors import ModelFileError
from scriptbot.text.vocabulary import FORMS

Array: TypeAlias = NDArray[np.float32]

PAD, BEGIN, END, FIRST_BYTE = 0, 1, 2, 3
LARGEST_WEIGHT = 1e4  # no weight of a network that works is near it; below it no product overflows
BYTES = 256 + FIRST_BYTE  # Y: padding, begin, end, then the 256 bytes


@dataclass(frozen=True)
class LstmLayer:
    """One layer of the word LSTM; I is D in the first layer, H above."""

    kernel: Array  # [I, 4H]
    recurrent_kernel: Array  # [H, 4H]
    bias: Array  # [4H]


@dataclass(frozen=True)
class Parameters:
    """Everything that training adjusts."""

    # reading a word
    embedding: Array  # [V, D]  input and output share it
    form_embedding: Array  # [X, D]
    speaker_embedding: Array  # [S, D]
    byte_embedding: Array  # [Y, C]
    spelling_kernel: Array  # [W * C, F]
    spelling_bias: Array  # [F]
    spelling_projection: Array  # [F, D]
    # the conversation
    layers: tuple[LstmLayer, ...]
    # choosing the next form and word
    form_kernel: Array  # [H, X]
    form_bias: Array  # [X]
    query_kernel: Array  # [H, D]
    query_form: Array  # [X, D]  doubles as the bias of the query
    output_bias: Array  # [V]
    # a word spelled lately, or none of these
    recall_kernel: Array  # [H, F]
    recall_form: Array  # [X, F]
    recall_bias: Array  # [K]  the latest first
    sentinel_kernel: Array  # [H]
    sentinel_bias: Array  # [1]
    # a rare word, or a new one
    novel_kernel: Array  # [H]
    novel_bias: Array  # [1]
    rare_kernel: Array  # [H, F]
    rare_form: Array  # [X, F]
    # spelling it
    speller_start: Array  # [H, G]
    speller_form: Array  # [X, G]
    speller_embedding: Array  # [Y, B]
    speller_kernel: Array  # [B, 4G]
    speller_recurrent_kernel: Array  # [G, 4G]
    speller_bias: Array  # [4G]
    speller_output: Array  # [G, Y]
    speller_output_bias: Array  # [Y]


def shapes(config: ModelConfig, words: int, speakers: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array by its name; layers are called ``layers.0.kernel`` and so on."""
    d, h, c, f = config.embedding, config.hidden, config.spelling_embedding, config.spelling_filters
    b, g = config.speller_embedding, config.speller_hidden
    result: dict[str, tuple[int, ...]] = {
        "embedding": (words, d),
        "form_embedding": (FORMS, d),
        "speaker_embedding": (speakers, d),
        "byte_embedding": (BYTES, c),
        "spelling_kernel": (config.spelling_width * c, f),
        "spelling_bias": (f,),
        "spelling_projection": (f, d),
    }
    for layer in range(config.layers):
        result[f"layers.{layer}.kernel"] = (h if layer else d, 4 * h)
        result[f"layers.{layer}.recurrent_kernel"] = (h, 4 * h)
        result[f"layers.{layer}.bias"] = (4 * h,)
    return result | {
        "form_kernel": (h, FORMS),
        "form_bias": (FORMS,),
        "query_kernel": (h, d),
        "query_form": (FORMS, d),
        "output_bias": (words,),
        "recall_kernel": (h, f),
        "recall_form": (FORMS, f),
        "recall_bias": (config.recall,),
        "sentinel_kernel": (h,),
        "sentinel_bias": (1,),
        "novel_kernel": (h,),
        "novel_bias": (1,),
        "rare_kernel": (h, f),
        "rare_form": (FORMS, f),
        "speller_start": (h, g),
        "speller_form": (FORMS, g),
        "speller_embedding": (BYTES, b),
        "speller_kernel": (b, 4 * g),
        "speller_recurrent_kernel": (g, 4 * g),
        "speller_bias": (4 * g,),
        "speller_output": (g, BYTES),
        "speller_output_bias": (BYTES,),
    }


def initial(config: ModelConfig, words: int, speakers: int, rng: np.random.Generator) -> dict[str, Array]:
    """Random arrays to start training from.

    Embeddings are normal with deviation 0.05 (small, since the output shares them); kernels are uniform in
    ± 1/√fan-in; recurrent kernels are orthogonal gate by gate; forget biases are 1 (Jozefowicz et al. 2015), so
    that the cells remember before they have learnt what to forget.
    """
    arrays: dict[str, Array] = {}
    for name, shape in shapes(config, words, speakers).items():
        if name.endswith("recurrent_kernel"):
            gates = [np.linalg.qr(rng.standard_normal((shape[0], shape[0])))[0] for _ in range(4)]
            value = np.concatenate(gates, axis=1)
        elif name.endswith(("kernel", "projection", "start", "output")) and len(shape) == 2:
            value = rng.uniform(-1.0, 1.0, shape) / np.sqrt(shape[0])
        elif name.endswith("bias"):
            value = np.zeros(shape)
            if name.startswith(("layers.", "speller_bias")):
                units = shape[0] // 4
                value[units : 2 * units] = 1.0
        elif name.endswith("kernel"):  # novel_kernel, sentinel_kernel: vectors
            value = np.zeros(shape)
        else:
            value = rng.normal(0.0, 0.05, shape)
        arrays[name] = np.ascontiguousarray(value, dtype=np.float32)
    arrays["byte_embedding"] *= 10.0  # the CNN's only input: of the size a convolution expects
    arrays["speller_embedding"] *= 10.0
    return arrays


def sound(arrays: dict[str, Array]) -> bool:
    """Whether all weights are numbers small enough to compute with, see :data:`LARGEST_WEIGHT`."""
    return all(bool(np.abs(array).max(initial=0.0) < LARGEST_WEIGHT) for array in arrays.values())  # false for NaN


def assemble(arrays: dict[str, Array], config: ModelConfig, words: int, speakers: int) -> Parameters:
    """The parameters from named arrays, every shape checked.

    Raises:
        ModelFileError: an array is missing, left over, or of another shape.
    """
    wanted = shapes(config, words, speakers)
    for name in wanted.keys() ^ arrays.keys():
        raise ModelFileError(
            f"The array “{name}” is {'missing' if name in wanted else 'unknown'}.",
            "The file is damaged; train or copy it again.",
        )
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ModelFileError(
                f"The array “{name}” has the shape {list(arrays[name].shape)}, not {list(shape)}.",
                "The file is damaged; train or copy it again.",
            )
    layers = tuple(
        LstmLayer(*(arrays[f"layers.{layer}.{field.name}"] for field in dataclasses.fields(LstmLayer)))
        for layer in range(config.layers)
    )
    plain = {field.name: arrays[field.name] for field in dataclasses.fields(Parameters) if field.name != "layers"}
    return Parameters(layers=layers, **plain)


def named(parameters: Parameters) -> Iterator[tuple[str, Array]]:
    """Every array with its name, the inverse of :func:`assemble`."""
    for field in dataclasses.fields(parameters):
        value = getattr(parameters, field.name)
        if field.name == "layers":
            for number, layer in enumerate(value):
                for inner in dataclasses.fields(layer):
                    yield f"layers.{number}.{inner.name}", getattr(layer, inner.name)
        else:
            yield field.name, value
