"""Starting from another model: what both know stays, what is new follows from its spelling."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import support

from scriptbot.lm.params import named, shapes
from scriptbot.lm.transfer import transferred
from scriptbot.text.vocabulary import Vocabulary


def start(vocabulary: Vocabulary, **options: object) -> dict[str, np.ndarray]:
    base = support.model()
    targets = np.arange(vocabulary.words, 0, -1)
    return transferred(base, 0, vocabulary, targets, int(targets.sum()), np.random.default_rng(0))


def test_shapes_are_those_of_the_new_vocabulary() -> None:
    vocabulary = Vocabulary(("ADA", "TOM", "EVA"), ("the", "kettle", ".", "love"), ("rain",))
    arrays = start(vocabulary)
    wanted = shapes(support.config(), vocabulary.words, vocabulary.speakers)
    assert {name: array.shape for name, array in arrays.items()} == wanted
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values())


def test_what_does_not_depend_on_words_is_the_same() -> None:
    arrays = start(Vocabulary(("ADA",), ("kettle",)))
    for name, array in named(support.model().parameters):
        if name not in ("embedding", "output_bias", "speaker_embedding"):
            assert np.array_equal(arrays[name], array), name
    assert np.array_equal(arrays["speaker_embedding"][:2], support.model().parameters.speaker_embedding[:2])


def test_every_network_begins_with_another_one_of_the_base() -> None:
    base, vocabulary = support.model(members=2), Vocabulary(("ADA",), ("kettle", "love"))
    love = base.vocabulary.number("love")
    for member in range(3):
        arrays = transferred(base, member, vocabulary, np.ones(vocabulary.words, np.int64), 3, np.random.default_rng(0))
        begins = base.members[member % 2]
        assert np.array_equal(arrays["layers.0.recurrent_kernel"], begins.layers[0].recurrent_kernel)
        assert np.array_equal(arrays["embedding"][vocabulary.number("love")], begins.embedding[love])
        assert np.allclose(arrays["embedding"][vocabulary.cue(0)], begins.embedding[5:7].mean(axis=0), atol=0.1)
        assert np.array_equal(arrays["speaker_embedding"][:2], begins.speaker_embedding[:2])


def test_words_that_both_know_keep_their_rows() -> None:
    base = support.model()
    vocabulary = Vocabulary(("ADA",), ("kettle", "love", "night"))
    arrays = start(vocabulary)
    for word in ("love", "night"):
        old, new = base.vocabulary.number(word), vocabulary.number(word)
        assert old is not None and new is not None
        assert np.array_equal(arrays["embedding"][new], base.parameters.embedding[old])
    kettle = vocabulary.number("kettle")
    assert kettle is not None and not any(
        np.allclose(arrays["embedding"][kettle], row, atol=1e-3) for row in base.parameters.embedding
    )


def test_a_word_that_does_not_occur_keeps_its_bias() -> None:
    base = support.model()
    vocabulary = Vocabulary(("ADA",), ("kettle", "night", "the", "love"))
    targets = np.array([9, 0, 0, 0, 9, 20, 20, 60, 5, 0])
    assert len(targets) == vocabulary.words
    arrays = transferred(base, 0, vocabulary, targets, int(targets.sum()), np.random.default_rng(0))
    biases = {}
    for word in ("night", "the", "love"):
        old, new = base.vocabulary.number(word), vocabulary.number(word)
        assert old is not None and new is not None
        biases[word] = arrays["output_bias"][new] - base.parameters.output_bias[old]
    assert biases["love"] == 0.0 != biases["night"] and biases["the"] != 0.0


def test_a_new_word_is_guessed_from_its_spelling() -> None:
    """Where rows follow from spellings in the base, they do for new words, too."""
    from scriptbot.lm.spelling import features, reading_table

    base = support.model()
    rng = np.random.default_rng(1)
    map_ = rng.normal(0.0, 1.0, (base.config.spelling_filters, base.config.embedding)).astype(np.float32)
    stems = [base.vocabulary.stem(number) for number in range(base.vocabulary.words)]
    embedding = features(base.parameters, reading_table(stems)) @ map_
    base = dataclasses.replace(base, parameters=dataclasses.replace(base.parameters, embedding=embedding))
    vocabulary = Vocabulary((), ("nights", "lover", "windows"))
    targets = np.ones(vocabulary.words, np.int64)
    arrays = transferred(base, 0, vocabulary, targets, 3, rng)
    true = features(base.parameters, reading_table(["nights", "lover", "windows"])) @ map_
    found = arrays["embedding"][vocabulary.first_stem :]
    away = np.linalg.norm(found - true) / np.linalg.norm(true - embedding[base.vocabulary.first_stem :].mean(axis=0))
    assert away < 0.6


def test_members_of_a_cast_begin_alike_and_not_the_same() -> None:
    arrays = start(Vocabulary(("ADA", "TOM"), ("love",)))
    ada, tom = arrays["speaker_embedding"][2:]
    assert 0.0 < np.abs(ada - tom).max() < 0.2


def test_who_is_in_both_casts_keeps_cue_and_voice() -> None:
    base = support.model()
    name = base.vocabulary.cast[-1]
    vocabulary = Vocabulary(("ADA", name, "TOM"), ("love",))
    arrays = start(vocabulary)
    before = base.vocabulary.cast.index(name)
    cue = base.parameters.embedding[base.vocabulary.cue(before)]
    assert np.array_equal(arrays["embedding"][vocabulary.cue(1)], cue)
    assert np.array_equal(arrays["speaker_embedding"][3], base.parameters.speaker_embedding[2 + before])
    assert not np.array_equal(arrays["speaker_embedding"][2], base.parameters.speaker_embedding[2 + before])


def test_a_large_vocabulary_is_not_read_at_once() -> None:
    words = tuple(f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(17_000))
    vocabulary = Vocabulary((), words)
    tracemalloc.start()
    try:
        start(vocabulary)
        assert tracemalloc.get_traced_memory()[1] < 1_000 * len(words)  # all windows together take more than twice that
    finally:
        tracemalloc.stop()
