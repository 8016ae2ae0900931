"""The exact probability of a text under the model, token by token, without and with the cache.

The same equations as :mod:`scriptbot.lm.network`, over chunks of text at once: all products but the recurrent one
are done for a whole chunk.  The state is carried through from the first token to the last, and nothing is dropped:
white space and capitals are in the forms, words outside the vocabulary in the spellings.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm import output, recall
from scriptbot.lm.adaptation import WORDS_A_STEP, along
from scriptbot.lm.cache import trust
from scriptbot.lm.lstm import advance, log_softmax
from scriptbot.lm.model import CacheConfig
from scriptbot.lm.network import Network, Recurrent
from scriptbot.lm.ngrams import before
from scriptbot.lm.params import Array
from scriptbot.lm.spelling import chunks
from scriptbot.text.vocabulary import STRUCTURE, Token

CHUNK_TOKENS = 256  # scored together
RARE_ROWS = 64  # words outside the softmax that are looked for among all rare ones at once
MOST_LOGITS = 6_000_000  # computed at once where many streams are read side by side
assert CHUNK_TOKENS % WORDS_A_STEP == 0  # a step of the adaptation is due at the end of every chunk


@dataclass(frozen=True, slots=True)
class Scores:
    """Natural log-probabilities of the tokens of a chunk, each [T]."""

    forms: Array
    softmax: Array  # of the softmax's entry by the network: the stem itself, or that it stands outside
    spellings: Array  # of a stem outside the softmax, given that it is outside; else 0
    keys: Array  # [T, Q] for the cache
    targets: NDArray[np.int64]  # [T, 2] stem and form
    adapted: dict[float, Array] = field(default_factory=dict)  # like ``softmax``, by the rate of its adaptation
    ngrams: Array | None = None  # of the softmax's entry by the n-grams
    ngram_shares: tuple[float, ...] = ()  # share of the n-grams by form

    def stems(self, rate: float = 0.0) -> Array:
        """[T] log-probabilities by softmax and n-grams together; ``rate`` of adaptation: one that was scored, or 0 for
        none."""
        own = self.adapted[rate] if rate else self.softmax
        if self.ngrams is None:
            return own
        forms = self.targets[:, 1]
        share = np.where(forms == STRUCTURE, np.float32(0.0), np.array(self.ngram_shares, np.float32)[forms])
        with np.errstate(divide="ignore"):
            result: Array = np.logaddexp(np.log1p(-share) + own, np.log(share) + self.ngrams)
        return result

    @property
    def static(self) -> Array:
        """[T] log-probability of the model without cache and adaptation."""
        return self.forms + self.stems() + self.spellings


def score(network: Network, tokens: Iterable[Token], rates: Sequence[float] = ()) -> Iterator[Scores]:
    """Score all tokens but the first, each given all before it, in chunks; the first one only sets the stage.

    No more than a chunk is held, however long the text.

    Args:
        rates: rates of the adaptation at which the stems are scored as well.
    """
    state, stream = _zero(network, 1), iter(tokens)
    adapting = _Adapting(network, [rate for rate in rates if rate])
    past = recall.nothing(1, network.model.config.recall)
    part, earlier = list(itertools.islice(stream, CHUNK_TOKENS + 1)), list[Token]()
    while len(part) > 1:
        outputs = _outputs(network, _read(network, part[:-1])[None], state)
        memory, past = recall.lately(_stems(part[:-1])[:, None], past, network.words)
        by_ngrams = _by_ngrams(network, earlier, part)
        yield _judge(network, outputs[0], part[1:], memory[:, 0], by_ngrams, adapting)
        earlier, part = part[-2:-1], [part[-1], *itertools.islice(stream, CHUNK_TOKENS)]


def estimate(network: Network, tokens: Sequence[Token], streams: int = 32) -> float:
    """The static log-probability of a text, roughly but fast: ``streams`` parts side by side, each begun at zero."""
    length = (len(tokens) - 1) // streams
    if length < 8:
        return sum(float(part.static.sum()) for part in score(network, tokens))
    state, total, count = _zero(network, streams), 0.0, 0
    past, all_by_ngrams = recall.nothing(streams, network.model.config.recall), _by_ngrams(network, (), tokens)
    stretch = max(1, min(CHUNK_TOKENS // 8, MOST_LOGITS // (streams * network.words)))
    for begin in range(0, length, stretch):
        end = min(begin + stretch, length)
        parts = [tokens[number * length + begin : number * length + end + 1] for number in range(streams)]
        read = [token for part in parts for token in part[:-1]]
        outputs = _outputs(network, _read(network, read).reshape(streams, end - begin, -1), state)
        following = [token for part in parts for token in part[1:]]
        memory, past = recall.lately(_stems(read).reshape(streams, -1).T, past, network.words)
        memory = memory.transpose(1, 0, 2).reshape(len(read), -1)
        sides = (slice(number * length + begin, number * length + end) for number in range(streams))
        by_ngrams = None if all_by_ngrams is None else np.concatenate([all_by_ngrams[side] for side in sides])
        judged = _judge(network, outputs.reshape(len(following), -1), following, memory, by_ngrams)
        total += float(judged.static.sum(dtype=np.float64))
        count += len(following)
    return total * (len(tokens) - 1) / count


def continuations(
    network: Network,
    starts: Sequence[Recurrent],
    rows: Sequence[Sequence[Token]],
    spelled: Sequence[int] | None = None,
) -> list[Array]:
    """Log-probabilities, by the network alone, of tokens that follow given states: [T] for every row, all rows side by
    side.

    Args:
        starts: one for every row; the same one may begin several.
        rows: none of them empty.
        spelled: the stems that the network remembers from before, the latest last.  With None a word outside the
            softmax is scored for being outside, not for which word it is.
    """
    if not rows:
        return []
    longest = max(len(row) for row in rows)
    padded = [[*row, *[row[-1]] * (longest - len(row))] for row in rows]
    state = [
        (np.stack(hidden), np.stack(cell))
        for number, layer in enumerate(network.layers)
        for hidden, cell in zip(
            zip(*(np.split(start.hidden[number], len(layer)) for start in starts), strict=True),
            zip(*(np.split(start.cell[number], len(layer)) for start in starts), strict=True),
            strict=True,
        )
    ]
    hidden = np.stack([start.hidden[-1] for start in starts])[:, None]
    if longest > 1:
        read = _read(network, [token for row in padded for token in row[:-1]])
        hidden = np.concatenate([hidden, _outputs(network, read.reshape(len(rows), longest - 1, -1), state)], axis=1)
    lengths = np.array([len(row) for row in rows])
    said = hidden[np.arange(longest) < lengths[:, None]]
    found = expected(network, said, [token for row in rows for token in row], spelled)
    return np.split(found, np.cumsum(lengths)[:-1])


def expected(network: Network, hidden: Array, tokens: Sequence[Token], spelled: Sequence[int] | None = None) -> Array:
    """[T] log-probabilities of tokens by the network alone, each after its hidden state.

    Args:
        hidden: [T, H].
        spelled: as for :func:`continuations`.
    """
    found = np.empty(len(tokens), np.float32)
    for part in chunks(len(tokens), CHUNK_TOKENS):
        said = _inside(network, hidden[part], tokens[part])
        found[part] = said.forms + said.stems
    outside = [place for place, token in enumerate(tokens) if token.stem >= network.words]
    if spelled is not None and outside:
        memory = recall.nothing(len(outside), network.model.config.recall)
        memory[:, memory.shape[1] - len(spelled) :] = spelled
        found[outside] += outside_softmax(network, hidden[outside], [tokens[place] for place in outside], memory)
    return found


def _zero(network: Network, streams: int) -> list[tuple[Array, Array]]:
    zero = np.zeros((streams, network.model.config.hidden), np.float32)
    return [(zero, zero) for layer in network.layers for _ in layer]


def _outputs(network: Network, x: Array, state: list[tuple[Array, Array]]) -> Array:
    """[N, T, H] outputs of the top layer for inputs [N, T, D]; ``state`` is replaced by the one after them.

    Of several members, H and D are those of all, one after the other; the state is that of every layer's members.
    """
    for number, layer in enumerate(network.layers):
        outputs = []
        for place, (member, part) in enumerate(zip(layer, np.split(x, len(layer), axis=2), strict=True)):
            projected = part @ member.kernel + member.bias
            own = np.empty((*x.shape[:2], member.recurrent_kernel.shape[0]), np.float32)
            h, c = state[number * len(layer) + place]
            for t in range(x.shape[1]):
                h, c = advance(projected[:, t] + h @ member.recurrent_kernel, c)
                own[:, t] = h
            state[number * len(layer) + place] = h, c
            outputs.append(own)
        x = np.concatenate(outputs, axis=2)
    return x


def _read(network: Network, tokens: Sequence[Token]) -> Array:
    return np.stack([network.read(token) for token in tokens])


def _by_ngrams(network: Network, earlier: Sequence[Token], tokens: Sequence[Token]) -> Array | None:
    """[T - 1] log-probabilities by the n-grams of all tokens but the first, 0 for structure; None without n-grams."""
    ngrams = network.model.ngrams
    if ngrams is None:
        return None
    stems = _stems([*earlier, *tokens])
    forms = _forms(tokens[1:])
    symbols = output.entries(stems, network.words)
    past, asked = before(symbols, ngrams.order)[len(earlier) + 1 :], forms != STRUCTURE
    result = np.zeros(len(forms), np.float32)
    targets = symbols[len(earlier) + 1 :]
    result[asked] = ngrams.log_probabilities(forms[asked], past[asked], targets[asked])
    return result


def _stems(tokens: Sequence[Token]) -> NDArray[np.int64]:
    return np.array([token.stem for token in tokens], np.int64)


def _forms(tokens: Sequence[Token]) -> NDArray[np.int64]:
    return np.array([token.form for token in tokens], np.int64)


class _Adapting:
    """Adapts the softmax to a text at each of several rates; see :mod:`scriptbot.lm.adaptation`."""

    def __init__(self, network: Network, rates: Sequence[float]) -> None:
        self.adapter, self.rates = network.adapter, rates
        self._weights: list[Array | None] = [None] * len(rates)

    def read(self, logits: Array, asked: Array, targets: NDArray[np.int64]) -> dict[float, Array]:
        """[T] log-probabilities of the targets at each rate; every stretch but the last must be a whole chunk."""
        found, self._weights = along(self.adapter, self._weights, self.rates, logits, asked, targets)
        return dict(zip(self.rates, found, strict=True))


class _Inside(NamedTuple):
    """How the network alone predicts some tokens.

    Attributes:
        forms: [T] log-probabilities of their forms.
        stems: [T] log-probabilities of their softmax entries, given the forms.
        asked: [T, D] queries with the forms added.
        logits: [T, V] of the softmax.
        targets: [T] their softmax entries.
    """

    forms: Array
    stems: Array
    asked: Array
    logits: Array
    targets: NDArray[np.int64]


def _inside(network: Network, hidden: Array, tokens: Sequence[Token]) -> _Inside:
    """Predict tokens, each from the hidden state [T, H] before it."""
    forms, targets = _forms(tokens), output.entries(_stems(tokens), network.words)
    every = np.arange(len(tokens))
    asked = output.asked(network.parameters, network.query(hidden), forms)
    logits = output.logits_of_many(network.parameters, asked)
    stems = log_softmax(logits)[every, targets]
    return _Inside(network.form_log_probabilities(hidden)[every, forms], stems, asked, logits, targets)


def _judge(
    network: Network,
    hidden: Array,
    tokens: Sequence[Token],
    memory: recall.Stems,
    ngrams: Array | None,
    adapting: _Adapting | None = None,
) -> Scores:
    stems, inside = _stems(tokens), _inside(network, hidden, tokens)
    spelled = np.zeros(len(tokens), np.float32)
    outside = np.flatnonzero(stems >= network.words)
    if len(outside):
        spelled[outside] = outside_softmax(network, hidden[outside], [tokens[int(i)] for i in outside], memory[outside])
    return Scores(
        inside.forms,
        inside.stems,
        spelled,
        hidden @ network.key_kernel,
        np.stack([stems, _forms(tokens)], axis=1),
        adapting.read(inside.logits, inside.asked, inside.targets) if adapting else {},
        ngrams,
        network.model.counts.words,
    )


def outside_softmax(network: Network, hidden: Array, tokens: Sequence[Token], memory: recall.Stems) -> Array:
    """[P] log-probabilities of stems outside the softmax, given that they are: recalled, as a rare stem, or spelled.

    Args:
        hidden: [P, H].
        memory: [P, K] what was spelled lately.
    """
    forms = _forms(tokens)
    words = [network.stem(token.stem) for token in tokens]
    newness = network.newness(hidden)
    spelled = -np.logaddexp(np.float32(0.0), -newness) + network.speller.log_probabilities(words, hidden, forms)
    rare = np.full(len(tokens), -np.inf, np.float32)
    numbers = _stems(tokens) - network.words
    known = np.flatnonzero(numbers < len(network.model.vocabulary.rare))
    for part in chunks(len(known), RARE_ROWS):
        few = known[part]
        found = network.rare(hidden[few], forms[few])[np.arange(len(few)), numbers[few]]
        rare[few] = found - np.logaddexp(np.float32(0.0), newness[few])
    none, again = network.recall(hidden, forms, memory)
    same = memory == _stems(tokens)[:, None]
    with np.errstate(divide="ignore"):
        recalled = np.log((np.exp(again) * same).sum(axis=1))
    result: Array = np.logaddexp(recalled, none + np.logaddexp(spelled, rare)).astype(np.float32)
    return result


class CacheScorer:
    """Mixes the votes of a sliding window into the scores of consecutive chunks, see :mod:`scriptbot.lm.cache`."""

    def __init__(self, config: CacheConfig) -> None:
        self.config = config
        self._keys: Array | None = None
        self._words: NDArray[np.int64] = np.zeros((0, 2), np.int64)

    def votes(self, scores: Scores) -> tuple[Array, Array]:
        """([T] the cache's probability of each stem given its form, [T] the fraction of its share that it gets)."""
        window, fading = self.config.window, np.float32(1.0 / self.config.reach)
        past = self._keys if self._keys is not None else np.zeros((0, scores.keys.shape[1]), np.float32)
        keys = np.concatenate([past, scores.keys])
        words = np.concatenate([self._words, scores.targets])
        voted = np.zeros(len(scores.targets), np.float32)
        trusted = np.zeros(len(scores.targets), np.float32)
        for form in np.unique(scores.targets[:, 1]):
            rows = np.flatnonzero(scores.targets[:, 1] == form)
            here = np.flatnonzero(words[:, 1] == form)
            age = (rows[:, None] + len(past)) - here[None, :]
            similarity = np.float32(self.config.sharpness) * (scores.keys[rows] @ keys[here].T)
            similarity -= fading * age.astype(np.float32)
            if self.config.behind:
                similarity += np.float32(self.config.behind) * self._behind(words[:, 0], len(past) + rows, here, age)
            similarity[(age < 1) | (age > window)] = -np.inf
            top = similarity.max(axis=1, keepdims=True)
            trusted[rows] = trust(np.isfinite(similarity).sum(axis=1).astype(np.float64))
            weights = np.exp(similarity - np.where(np.isfinite(top), top, np.float32(0.0)))
            same = words[here, 0][None, :] == scores.targets[rows, 0][:, None]
            voted[rows] = (weights * same).sum(axis=1) / np.maximum(weights.sum(axis=1), np.float32(1e-30))
        self._keys, self._words = keys[-window:], words[-window:]
        return voted, trusted

    def _behind(
        self, stems: NDArray[np.int64], now: NDArray[np.int64], places: NDArray[np.int64], age: NDArray[np.int64]
    ) -> Array:
        """[now, places] 1 where the word before a place is the same as before now, 2 where the last two words are."""
        before, earlier = (np.where(place >= 0, stems[place], -1) for place in (places - 1, places - 2))
        one = (before == stems[now - 1][:, None]) & (before >= 0) & (age < self.config.window)
        two = one & (earlier == stems[now - 2][:, None]) & (earlier >= 0) & (age < self.config.window - 1)
        louder: Array = one.astype(np.float32) + two.astype(np.float32)
        return louder

    def mix(self, scores: Scores) -> Array:
        """[T] log-probabilities with the cache's share mixed in, and the softmax adapted."""
        return mixed(scores, *self.votes(scores), self.config)


def mixed(scores: Scores, votes: Array, trusted: Array, config: CacheConfig) -> Array:
    """[T] log-probabilities of tokens, with the cache's probabilities ``votes`` mixed in at the fraction ``trusted`` of
    their share ``config.weights``, and the softmax adapted at ``config.rate``.
    """
    share = np.array(config.weights, np.float32)[scores.targets[:, 1]] * trusted
    own = scores.stems(config.rate) + scores.spellings
    with np.errstate(divide="ignore"):
        stems = np.logaddexp(np.log1p(-share) + own, np.log(share) + np.log(votes))
    result: Array = (scores.forms + stems).astype(np.float32)
    return result
