"""Starting from another model: its weights, carried over to the words and the cast of a new text.

What does not depend on the words is taken as it is.  A word of both softmaxes keeps its row of the embedding, and its
bias if the new text does not have it; the row of a new one is predicted from its spelling, by a ridge regression on the
character CNN's features that is fitted to the words of the base.  Whoever is in both casts keeps cue and voice;
everybody else begins as the mean of the old cast, with a little noise to tell them apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.model import Model
from scriptbot.lm.params import Array, Parameters, named
from scriptbot.lm.spelling import features_of
from scriptbot.text.vocabulary import DIRECTION, SPECIAL, Vocabulary

RIDGE = 0.1  # times the mean of the features' sums of squares
APART = 0.02  # deviation of the noise that tells new members of the cast, and new words, apart at first
TRUST = 0.5  # how far the bias of a word that occurs follows its frequency in the new text instead of the base's


def transferred(
    base: Model, member: int, vocabulary: Vocabulary, targets: NDArray[np.int64], total: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Arrays for a network to start training from, in the shapes of ``base.config`` for another vocabulary.

    Args:
        member: which network is begun; of a base that has several, each is where another one begins, in turn.
        targets: [V] how often each entry of the softmax occurs in the new text.
        total: tokens of the new text.
    """
    parameters, old = base.members[member % len(base.members)], base.vocabulary
    arrays = {name: np.array(array, np.float32) for name, array in named(parameters)}
    rows = _rows(old, vocabulary)
    guessed = _guessed(parameters, old, vocabulary)
    shared = rows >= 0
    embedding = guessed + rng.normal(0.0, APART, guessed.shape)
    embedding[shared] = parameters.embedding[rows[shared]]
    cues = slice(vocabulary.cue(0), vocabulary.first_stem)
    embedding[cues] = _cue(parameters, old) + rng.normal(0.0, APART, embedding[cues].shape)
    places = {name: number for number, name in enumerate(old.cast)}
    members = [(places[name], number) for number, name in enumerate(vocabulary.cast) if name in places]
    for before, now in members:
        embedding[vocabulary.cue(now)] = parameters.embedding[old.cue(before)]
    arrays["embedding"] = embedding.astype(np.float32)

    often = np.log(np.maximum(targets, 0.5) / max(total, 1))
    known = np.where(shared, parameters.output_bias[np.maximum(rows, 0)], often)
    counted = shared & (targets > 0) & (np.arange(vocabulary.words) >= vocabulary.first_stem)
    offset = float(np.mean((known - often)[counted])) if counted.any() else 0.0  # of biases over log frequencies
    expected = often + offset
    trust = np.where(shared, np.where(targets > 0, TRUST, 0.0), 1.0)
    arrays["output_bias"] = (known + trust * (expected - known)).astype(np.float32)

    speakers = parameters.speaker_embedding
    cast = speakers[2:].mean(axis=0) if len(speakers) > 2 else speakers[1]
    new = cast + rng.normal(0.0, APART, (len(vocabulary.cast), speakers.shape[1]))
    for before, now in members:
        new[now] = speakers[2 + before]
    arrays["speaker_embedding"] = np.concatenate([speakers[:2], new]).astype(np.float32)
    return arrays


def _rows(old: Vocabulary, new: Vocabulary) -> NDArray[np.int64]:
    """[V] the place in the old softmax of every stem of the new one; -1 if it has none."""
    rows = np.full(new.words, -1, np.int64)
    rows[: len(SPECIAL)] = np.arange(len(SPECIAL))
    for number in range(new.first_stem, new.words):
        place = old.number(new.stem(number))
        if place is not None and place < old.words:
            rows[number] = place
    return rows


def _guessed(parameters: Parameters, old: Vocabulary, new: Vocabulary) -> NDArray[np.float64]:
    """[V, D] rows of the embedding, predicted from the spelling of the new vocabulary's words."""
    known = [old.stem(number) for number in range(old.first_stem, old.words)]
    wanted = [new.stem(number) for number in range(new.words)]
    if not known:  # a base whose words are all rare has no rows to learn from
        return np.zeros((len(wanted), parameters.embedding.shape[1]))
    seen = features_of(parameters, known).astype(np.float64)
    mean = seen.mean(axis=0)
    rows = parameters.embedding[old.first_stem :].astype(np.float64)
    centre = rows.mean(axis=0)
    square = (seen - mean).T @ (seen - mean)
    square += np.eye(len(square)) * RIDGE * max(float(np.trace(square)) / len(square), 1e-6)
    weights = np.linalg.solve(square, (seen - mean).T @ (rows - centre))
    result: NDArray[np.float64] = (features_of(parameters, wanted) - mean) @ weights + centre
    return result


def _cue(parameters: Parameters, old: Vocabulary) -> Array:
    """[D] the mean embedding of the base's cues; that of ``<direction>`` if it has no cast."""
    first, end = old.cue(0), old.first_stem
    embedding = parameters.embedding
    common: Array = embedding[first:end].mean(axis=0) if end > first else embedding[DIRECTION]
    return common
