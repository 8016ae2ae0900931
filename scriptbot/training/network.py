"""The network in TensorFlow: the equations of :mod:`scriptbot.lm`, over chunks, with a loss and a gradient.

Shapes have the letters of :mod:`scriptbot.lm.params`; among the P places that are spelled are some whose word the
softmax has, for practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from scriptbot.config import ModelConfig
from scriptbot.lm.params import BEGIN, PAD, Array
from scriptbot.lm.recall import NONE
from scriptbot.lm.spelling import READ
from scriptbot.text.vocabulary import SPELL
from scriptbot.training.dropout_op import dropped
from scriptbot.training.lstm_op import Tensor, lstm, product
from scriptbot.training.reading_op import convolution, windows
from scriptbot.training.softmax_op import cross_entropy, rows

IMPOSSIBLE = -1e9  # the logit of what cannot be
SPELL_STEPS = READ - 1  # bytes of a word that the speller is trained on, its end included

States = list[tuple[Tensor, Tensor]]  # (hidden, cell) [N, H] of every layer


class Network:
    """Variables named as the model file names them, and the losses of a chunk.

    Args:
        config: the shape.
        arrays: initial values by name.
        table: [words + rare, READ] spelling of every known stem.
        counts: [words + rare] occurrences in training.
        dtype: of the products: float32 or bfloat16.
    """

    def __init__(
        self,
        config: ModelConfig,
        arrays: dict[str, Array],
        table: NDArray[np.int32],
        counts: NDArray[np.int64],
        dtype: Any,
    ) -> None:
        self.config = config
        self.dtype = dtype
        self.variables = {name: tf.Variable(value, name=name) for name, value in arrays.items()}
        self.table = tf.constant(table, tf.int32)
        self.windows = tf.constant(windows(table, config.spelling_width), tf.int32)
        self.singletons = tf.constant(counts == 1)
        self.words = arrays["embedding"].shape[0]
        self.rare = len(table) - self.words
        self.convolution = convolution(dtype)
        self.lstm = lstm(dtype)
        self.cross_entropy = cross_entropy(dtype)

    def arrays(self) -> dict[str, Array]:
        """The values of the variables, by name."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Give the variables other values."""
        for name, array in arrays.items():
            self.variables[name].assign(array)

    def known(self, stems: Tensor) -> Tensor:
        """Stems without the mark of those that are treated as new, see :class:`scriptbot.training.batches.Batcher`."""
        return tf.where(stems < len(self.table), stems, stems - len(self.table))

    def features(self, stems: Tensor) -> Tensor:
        """[U, F] the character CNN's features of stems [U]."""
        v = self.variables
        codes = tf.gather(self.windows, self.known(stems))
        return self.convolution(codes, v["byte_embedding"], v["spelling_kernel"], v["spelling_bias"])

    def read(self, stems: Tensor, features: Tensor, which: Tensor, forms: Tensor, speakers: Tensor) -> Tensor:
        """[M, D] the inputs at the places [M]; ``which`` is the index, among the different stems [U], of each.

        Structural stems have no letters, hence no features, hence no spelling.
        """
        v = self.variables
        inside = tf.where(stems < self.words, stems, SPELL)
        spelling = tf.cast(product(features, v["spelling_projection"], self.dtype), tf.float32)
        return (
            tf.gather(rows(v["embedding"], inside) + spelling, which)
            + tf.gather(v["form_embedding"], forms)
            + tf.gather(v["speaker_embedding"], speakers)
        )

    def outputs(
        self, x: Tensor, states: States, seed: Tensor, *, dropout: Tensor = 0.0, recurrent_dropout: Tensor = 0.0
    ) -> tuple[Tensor, States]:
        """([T, N, H] of the top layer, new states) for inputs [T, N, D].

        Args:
            dropout: between layers.
            recurrent_dropout: of the weights of the recurrent kernel, for the whole chunk (Merity et al. 2018).
        """
        after = []
        for number, (hidden, cell) in enumerate(states):
            if number:
                x = dropped(x, dropout, seed + [number, 1], locked=True)
            names = (f"layers.{number}.{part}" for part in ("kernel", "recurrent_kernel", "bias"))
            kernel, recurrent_kernel, bias = (self.variables[name] for name in names)
            recurrent_kernel = dropped(recurrent_kernel, recurrent_dropout, seed + [number, 2])
            x, hidden, cell = self.lstm(x, kernel, recurrent_kernel, bias, hidden, cell)
            after.append((hidden, cell))
        return x, after

    def form_losses(self, hidden: Tensor, forms: Tensor) -> Tensor:
        """[M] −log p of the forms [M] after hidden states [M, H]."""
        v = self.variables
        return self.cross_entropy(hidden, tf.transpose(v["form_kernel"]), v["form_bias"], forms)

    def stem_losses(self, hidden: Tensor, stems: Tensor, forms: Tensor) -> Tensor:
        """[M] −log p of the stems in the softmax (or of ``<spell>``) given their forms."""
        v = self.variables
        query = tf.cast(product(hidden, v["query_kernel"], self.dtype), tf.float32) + tf.gather(v["query_form"], forms)
        return self.cross_entropy(query, v["embedding"], v["output_bias"], tf.where(stems < self.words, stems, SPELL))

    def spelling_losses(
        self, hidden: Tensor, stems: Tensor, forms: Tensor, dropout: float = 0.0, seed: Tensor = (0, 0)
    ) -> Tensor:
        """[P] −log p of the spellings of stems, given that they are spelled; of long words only what the table has."""
        v = self.variables
        codes = tf.transpose(tf.gather(self.table, self.known(stems)))  # BEGIN first
        start = tf.tanh(
            tf.cast(product(hidden, v["speller_start"], self.dtype), tf.float32) + tf.gather(v["speller_form"], forms)
        )
        parts = (v[f"speller_{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        x = tf.gather(v["speller_embedding"], codes[:-1])
        top, _, _ = self.lstm(x, *parts, start, tf.zeros_like(start))
        top = dropped(top, dropout, seed)
        top = tf.reshape(top, [-1, start.shape[-1]])
        targets = codes[1:]
        output = tf.transpose(v["speller_output"])
        losses = self.cross_entropy(top, output, v["speller_output_bias"], tf.reshape(targets, [-1]))
        kept = tf.cast(targets != PAD, tf.float32)
        return tf.reduce_sum(tf.reshape(losses, [SPELL_STEPS, -1]) * kept, axis=0)

    def recall_losses(self, hidden: Tensor, forms: Tensor, features: Tensor, recalled: Tensor, again: Tensor) -> Tensor:
        """[P] −log p of the word among those spelled lately, or of none of them; see :mod:`scriptbot.lm.recall`.

        Args:
            features: [U, F] of the different stems.
            recalled: [P, K] which of them were spelled lately, the latest last; NONE for none.
            again: [P, K] whether each of these is the true word.
        """
        v = self.variables
        query = tf.cast(product(hidden, v["recall_kernel"], self.dtype), tf.float32) + tf.gather(
            v["recall_form"], forms
        )
        # Products with all words, of which some are taken: rows of features are long to gather, and longer to add up.
        scores = tf.gather(tf.matmul(query, features, transpose_b=True), tf.maximum(recalled, 0), batch_dims=1)
        scores += v["recall_bias"][::-1]
        sentinel = tf.linalg.matvec(tf.cast(hidden, tf.float32), v["sentinel_kernel"]) + v["sentinel_bias"]
        logits = tf.concat([sentinel[:, None], tf.where(recalled == NONE, IMPOSSIBLE, scores)], axis=1)
        none = tf.logical_not(tf.reduce_any(again, axis=1, keepdims=True))
        true = tf.where(tf.concat([none, again], axis=1), logits, IMPOSSIBLE)
        return tf.reduce_logsumexp(logits, axis=1) - tf.reduce_logsumexp(true, axis=1)

    def novelty_losses(self, hidden: Tensor, stems: Tensor) -> Tensor:
        """[P] −log p of a stem outside the softmax being new, or not.

        As new count those treated as new, and words that occur only once in the training part.
        """
        new = tf.cast((stems >= len(self.table)) | tf.gather(self.singletons, self.known(stems)), tf.float32)
        novel = tf.linalg.matvec(tf.cast(hidden, tf.float32), self.variables["novel_kernel"])
        return tf.nn.sigmoid_cross_entropy_with_logits(new, novel + self.variables["novel_bias"])

    def rare_losses(
        self, hidden: Tensor, stems: Tensor, forms: Tensor, own: Tensor, sample: Tensor, others: Tensor
    ) -> Tensor:
        """[P] −log p of rare stems among all rare ones, estimated from a uniform sample [J] of those.

        Args:
            own: [P, F] features of ``stems``.
            others: [J, F] features of ``sample``.
        """
        v = self.variables
        query = tf.cast(product(hidden, v["rare_kernel"], self.dtype), tf.float32) + tf.gather(v["rare_form"], forms)
        against = tf.cast(product(query, others, self.dtype, transpose_b=True), tf.float32)
        against += tf.math.log(max(self.rare, 1) / sample.shape[0])
        against = tf.where(sample[None, :] == stems[:, None], IMPOSSIBLE, against)
        true = tf.reduce_sum(query * own, axis=1)
        return tf.reduce_logsumexp(tf.concat([true[:, None], against], axis=1), axis=1) - true


assert BEGIN == 1  # the reading table starts every word with it, which is also how the speller starts
