"""The network of the training package and the network of the runtime are the same equations.

Random weights, a state that is not zero, every layer count, every array.  Only float32 can be compared to 1e-4;
bfloat16 products are held to their own, coarser, precision.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import support

from scriptbot.lm.lstm import log_softmax
from scriptbot.lm.network import NO_PAST, Recurrent
from scriptbot.lm.network import Network as Runtime
from scriptbot.lm.params import Array, assemble
from scriptbot.lm.recall import NONE, lately, nothing
from scriptbot.lm.scoring import outside_softmax, score
from scriptbot.lm.spelling import log_probabilities, reading_table
from scriptbot.text.vocabulary import SCENE, STRUCTURE, Coder, Token

pytest.importorskip("tensorflow")

import tensorflow as tf

from scriptbot.training.network import Network

WORDS = support.vocabulary()
TEXT = "What light is yonder? I love the moon, but you"


def tokens() -> list[Token]:
    coder = Coder(WORDS)
    speech = [*coder.open_speech("JULIET"), *coder.encode(TEXT, 3), *coder.open_speech("ROMEO")]
    return [
        Token(SCENE, STRUCTURE),
        *speech,
        *coder.encode("Soft! The envious moon, yonder moon, breaks the envious moon.", 2),
    ]


def state(layers: int) -> Recurrent:
    rng = np.random.default_rng(7)
    hidden, cell = (rng.normal(0.0, 0.5, (layers, support.config().hidden)).astype(np.float32) for _ in range(2))
    return Recurrent(hidden, cell)


def runtime(arrays: dict[str, Array], layers: int, stream: list[Token], start: Recurrent) -> dict[str, Array]:
    """Log-probabilities of ``stream[1:]`` in its parts, one token at a time, and the last state."""
    model = support.model(layers)
    parameters = assemble(arrays, support.config(layers), WORDS.words, WORDS.speakers)
    coder = Coder(WORDS)
    network = Runtime(type(model)(model.config, WORDS, parameters), coder.stem)
    forms, stems, spellings, outside, rare, novel, recalled = [], [], [], [], [], [], []
    current, past = start, nothing(1, model.config.recall)
    for token, following in itertools.pairwise(stream):
        hidden, current = network.step(token, current)
        _, past = lately(np.array([[token.stem]]), past, WORDS.words)
        forms.append(network.form_log_probabilities(hidden)[following.form])
        number = following.stem if following.stem < WORDS.words else 0
        logits = network.stem_logits(network.query(hidden), following.form)
        stems.append(np.log(network.stem_probabilities(logits, following.form, NO_PAST)[number]))
        if following.form != STRUCTURE:
            spelled = [coder.stem(following.stem)]
            spellings.append(log_probabilities(parameters, spelled, hidden[None], np.array([following.form]))[0])
        novel.append(np.log(network.novelty(hidden)))
        if following.stem >= WORDS.words:
            outside.append(outside_softmax(network, hidden[None], [following], past)[0])
            none, again = network.recall(hidden[None], np.array([following.form]), past)
            same = past[0] == following.stem
            recalled.append(np.log(np.exp(again[0][same]).sum()) if same.any() else none[0])
            rare.append(network.rare(hidden[None], np.array([following.form]))[0, following.stem - WORDS.words])
    columns = {"forms": forms, "stems": stems, "spellings": spellings, "novel": novel, "outside": outside, "rare": rare}
    columns["recalled"] = recalled
    return {name: np.array(column) for name, column in columns.items()} | {
        "hidden": current.hidden,
        "cell": current.cell,
    }


def columns(stream: list[Token]) -> list[np.ndarray]:
    return [np.array([getattr(t, name) for t in stream], np.int32) for name in ("stem", "form", "speaker")]


def trained(
    arrays: dict[str, Array], layers: int, stream: list[Token], start: Recurrent, dtype: Any
) -> dict[str, Array]:
    """The same from the network of the training package, in one chunk."""
    table = reading_table([WORDS.stem(number) for number in range(WORDS.known)])
    network = Network(support.config(layers), arrays, table, np.ones(WORDS.known, np.int64), dtype)
    read, following = stream[:-1], stream[1:]
    stems, forms, speakers = columns(read)
    next_stems, next_forms, _ = columns(following)
    different, which = np.unique(stems, return_inverse=True)
    x = network.read(tf.constant(different), network.features(different), which, forms, speakers)
    states = [(tf.constant(h[None]), tf.constant(c[None])) for h, c in zip(start.hidden, start.cell, strict=True)]
    outputs, after = network.outputs(x[:, None], states, tf.constant([0, 0]))
    hidden = tf.reshape(outputs, [len(read), -1])
    rare = np.flatnonzero(next_stems >= WORDS.words)
    words = np.flatnonzero(next_forms != STRUCTURE)
    everything = tf.range(WORDS.words, WORDS.known)
    chosen = tf.gather(hidden, rare)
    own, others = network.features(next_stems[rare]), network.features(everything)
    rare_losses = network.rare_losses(chosen, next_stems[rare], next_forms[rare], own, everything, others)
    memory, _ = lately(stems[:, None], nothing(1, support.config().recall), WORDS.words)
    lately_spelled = memory[:, 0][rare]
    again = lately_spelled == next_stems[rare][:, None]
    known = np.array([different.tolist().index(s) if s != NONE else NONE for s in lately_spelled.reshape(-1)], np.int32)
    recall_losses = network.recall_losses(
        chosen, next_forms[rare], network.features(different), known.reshape(again.shape), again
    )
    result = {
        "recalled": -recall_losses,
        "forms": -network.form_losses(hidden, tf.constant(next_forms)),
        "stems": -network.stem_losses(hidden, tf.constant(next_stems), tf.constant(next_forms)),
        "spellings": -tf.gather(network.spelling_losses(hidden, next_stems, next_forms), words),
        "novel": -network.novelty_losses(hidden, next_stems),
        "rare": -rare_losses,
        "hidden": tf.concat([h for h, _ in after], axis=0),
        "cell": tf.concat([c for _, c in after], axis=0),
    }
    return {name: value.numpy() for name, value in result.items()}


def differences(left: dict[str, Array], right: dict[str, Array]) -> dict[str, float]:
    return {name: float(np.abs(left[name] - right[name]).max(initial=0.0)) for name in left.keys() & right.keys()}


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_both_say_the_same(layers: int) -> None:
    arrays, stream, start = support.arrays(layers), tokens(), state(layers)
    apart = differences(runtime(arrays, layers, stream, start), trained(arrays, layers, stream, start, tf.float32))
    assert apart.keys() == {"forms", "stems", "spellings", "novel", "rare", "recalled", "hidden", "cell"}
    assert max(apart.values()) < 1e-4, apart


def test_bfloat16_products_are_near() -> None:
    arrays, stream, start = support.arrays(), tokens(), state(1)
    exact = trained(arrays, 1, stream, start, tf.float32)
    apart = differences(exact, trained(arrays, 1, stream, start, tf.bfloat16))
    assert 1e-6 < max(apart.values()) < 0.2, apart


@pytest.mark.parametrize("swapped", [(0, 1), (1, 3), (2, 3)])
def test_swapped_gates_are_found_out(swapped: tuple[int, int]) -> None:
    arrays, stream, start = support.arrays(), tokens(), state(1)
    order = [0, 1, 2, 3]
    order[swapped[0]], order[swapped[1]] = order[swapped[1]], order[swapped[0]]
    wrong = dict(arrays)
    for name in ("layers.0.kernel", "layers.0.recurrent_kernel", "layers.0.bias"):
        wrong[name] = np.concatenate([np.split(arrays[name], 4, axis=-1)[gate] for gate in order], axis=-1)
    apart = differences(runtime(arrays, 1, stream, start), trained(wrong, 1, stream, start, tf.float32))
    assert apart["stems"] > 1e-2


def test_the_recurrent_kernel_alone_is_found_out() -> None:
    arrays, start = support.arrays(), state(1)
    wrong = arrays | {"layers.0.recurrent_kernel": arrays["layers.0.recurrent_kernel"][::-1].copy()}
    two = tokens()[:2]  # one step: from a zero state the recurrent kernel would not matter
    apart = differences(runtime(arrays, 1, two, start), runtime(wrong, 1, two, start))
    assert apart["hidden"] > 1e-2


@pytest.mark.parametrize("name", sorted(support.arrays(2)))
def test_every_array_matters_to_both(name: str) -> None:
    arrays, stream, start = support.arrays(2), tokens(), state(2)
    other = arrays | {name: arrays[name] * np.float32(1.5) + np.float32(0.1)}
    here = differences(runtime(arrays, 2, stream, start), runtime(other, 2, stream, start))
    assert max(here.values()) > 1e-3
    apart = differences(runtime(other, 2, stream, start), trained(other, 2, stream, start, tf.float32))
    assert max(apart.values()) < 2e-4, apart


def test_two_chunks_are_one() -> None:
    arrays, stream, start = support.arrays(2), tokens(), state(2)
    whole = trained(arrays, 2, stream, start, tf.float32)
    first = trained(arrays, 2, stream[:8], start, tf.float32)
    second = trained(arrays, 2, stream[7:], Recurrent(first["hidden"], first["cell"]), tf.float32)
    for part in ("forms", "stems", "spellings"):
        assert np.allclose(np.concatenate([first[part], second[part]]), whole[part], atol=1e-5)


def test_scoring_whole_texts_is_stepping_through_them() -> None:
    arrays, stream = support.arrays(2), tokens()
    start = Recurrent(*(np.zeros((2, support.config().hidden), np.float32) for _ in range(2)))
    stepped = runtime(arrays, 2, stream, start)
    parameters = assemble(arrays, support.config(2), WORDS.words, WORDS.speakers)
    model = support.model(2)
    scored = list(score(Runtime(type(model)(model.config, WORDS, parameters), Coder(WORDS).stem), stream))
    assert np.allclose(np.concatenate([part.forms for part in scored]), stepped["forms"], atol=1e-5)
    assert np.allclose(np.concatenate([part.stems() for part in scored]), stepped["stems"], atol=1e-5)
    spelled = np.concatenate([part.spellings for part in scored])
    assert np.allclose(spelled[spelled < 0], stepped["outside"], atol=1e-4)


def test_every_distribution_sums_to_one() -> None:
    model = support.model()
    network = Runtime(model, Coder(WORDS).stem)
    hidden = state(1).hidden[0]
    assert np.exp(network.form_log_probabilities(hidden)).sum() == pytest.approx(1.0, abs=1e-5)
    for form in range(3):
        logits = network.stem_logits(network.query(hidden), form)
        assert network.stem_probabilities(logits, form, NO_PAST).sum() == pytest.approx(1.0, abs=1e-5)
        assert np.exp(network.rare(hidden[None], np.array([form]))).sum() == pytest.approx(1.0, abs=1e-5)
    assert np.exp(log_softmax(np.array([3e38, 0.0], np.float32))).sum() == pytest.approx(1.0)
