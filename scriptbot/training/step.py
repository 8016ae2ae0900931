"""One step of training: a chunk in, the network a little better, the state of every stream out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import tensorflow as tf

from scriptbot.training.batches import Chunk
from scriptbot.training.dropout_op import dropped
from scriptbot.training.lstm_op import Tensor
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.plan import Pace, Plan

SPELLER_DROPOUT = 0.25


class Places(NamedTuple):
    """The arrays of a :class:`Chunk`, under the same names."""

    different: Tensor
    stems: Tensor
    forms: Tensor
    speakers: Tensor
    next_stems: Tensor
    next_forms: Tensor
    spelled: Tensor
    spelled_stems: Tensor
    recalled: Tensor
    again: Tensor
    outside: Tensor
    weight: Tensor
    sample: Tensor
    sampled: Tensor


# (places, states, learning rate, dropout rates as from `rates`, seed) → (loss of the words in nats, states)
Step: TypeAlias = Callable[[Places, States, Tensor, Tensor, Tensor], tuple[Tensor, States]]


def training_step(network: Network, optimiser: Adam, plan: Plan) -> Step:
    """The function that learns from a chunk, and tells what its words cost.

    The cost is roughly −log p of the words by the network as it is now, with dropout and with words treated as new.  It
    is not the objective that is minimised: that has practice in it, and the losses of all the ways to say a rare word,
    of which the cost takes the cheapest.
    """
    time_steps, batch = plan.steps, plan.batch

    @tf.function(autograph=False, reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(chunk: Places, states: States, rate: Tensor, dropout: Tensor, seed: Tensor) -> Any:
        of_hidden, of_input, of_kernel = tf.unstack(dropout)
        if not plan.drops_kernel:  # with a tensor of 0, the kernel would be copied and its mask be made all the same
            of_kernel = 0.0
        with tf.GradientTape() as tape:
            features = network.features(chunk.different)
            x = network.read(chunk.different, features, chunk.stems, chunk.forms, chunk.speakers)
            x = dropped(tf.reshape(x, [time_steps, batch, -1]), of_input, seed, locked=True)
            outputs, after = network.outputs(x, states, seed, dropout=of_hidden, recurrent_dropout=of_kernel)
            outputs = dropped(outputs, of_hidden, seed + [0, 1 << 20], locked=True)
            hidden = tf.reshape(outputs, [time_steps * batch, -1])
            cost = tf.reduce_sum(network.form_losses(hidden, chunk.next_forms))
            cost += tf.reduce_sum(network.stem_losses(hidden, chunk.next_stems, chunk.next_forms))
            total = cost
            # Spelling must not shape the hidden state: its words are few, cost many bits, and are soon known by heart.
            saying = tf.gather(hidden, chunk.spelled)
            chosen = tf.stop_gradient(saying)
            true, kinds = tf.gather(chunk.next_stems, chunk.spelled), tf.gather(chunk.next_forms, chunk.spelled)
            spellings = network.spelling_losses(chosen, true, kinds, SPELLER_DROPOUT, seed + [0, 1 << 21])
            total += tf.reduce_sum(chunk.weight * spellings)
            recall = network.recall_losses(saying, kinds, features, chunk.recalled, chunk.again)
            total += tf.reduce_sum(chunk.outside * chunk.weight * recall)
            first = tf.where(tf.reduce_any(chunk.again, axis=1), 0.0, chunk.weight)
            cheapest = spellings
            if network.rare:
                own, others = tf.gather(features, chunk.spelled_stems), tf.gather(features, chunk.sampled)
                rare = network.rare_losses(chosen, true, kinds, own, chunk.sample, others)
                # Words of the softmax that are spelled for practice are practice here as well: rare words occur too
                # seldom to show what sort of word comes where.
                known = true < network.words + network.rare
                cheapest = tf.where(known, tf.minimum(rare, spellings), spellings)
                rare = tf.where(known, rare, 0.0)
                total += tf.reduce_sum(first * (rare + chunk.outside * network.novelty_losses(chosen, true)))
            cost += tf.reduce_sum(chunk.outside * (chunk.weight * recall + first * cheapest))
            objective = total / (time_steps * batch)
        optimiser.apply(tape.gradient(objective, optimiser.variables, unconnected_gradients="zero"), rate)
        return cost, after

    return step  # type: ignore[no-any-return]


def places(chunk: Chunk) -> Places:
    """The arrays of a chunk as tensors."""
    return Places(*(tf.constant(getattr(chunk, name)) for name in Places._fields))


def rates(pace: Pace) -> Tensor:
    """[3] dropout rates: of the hidden units, of the words that are read, of the recurrent kernel."""
    return tf.constant([pace.dropout, pace.input_dropout, pace.recurrent_dropout], tf.float32)
