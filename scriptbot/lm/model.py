"""A trained model: configuration, vocabulary and parameters, three types side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scriptbot.config import REPLYING, ModelConfig, number
from scriptbot.lm.copies import Copies
from scriptbot.lm.exchanges import Exchanges
from scriptbot.lm.ngrams import Ngrams
from scriptbot.lm.params import Parameters
from scriptbot.text.vocabulary import FORMS, Vocabulary


def everywhere(weight: float) -> tuple[float, ...]:
    """[X] the same weight for every form."""
    return (weight,) * FORMS


@dataclass(frozen=True, slots=True)
class CacheConfig:
    """What is learnt from this conversation, fitted on held-out text: see :mod:`scriptbot.lm.cache` (Grave et al.
    2017) and :mod:`scriptbot.lm.adaptation` (Krause et al. 2018).

    Attributes:
        weights: [X] share of the votes in the probabilities of words, by form: names come back sooner than signs do.
        sharpness: θ, factor on the similarity of two queries.
        window: past words that vote.
        reach: words after which a vote has faded to 1/e.
        behind: how much louder (in nats) a vote is behind the same word as now, and again behind the same two.
        rate: of the softmax's adaptation; 0 = none.
    """

    weights: tuple[float, ...] = number(everywhere(0.1), 0.0, 0.99)
    sharpness: float = number(0.05, 0.0, 10.0)
    window: int = number(3000, 1, 1_000_000)
    reach: float = number(1000.0, 1.0, 1e9)
    behind: float = number(2.0, 0.0, 20.0)
    rate: float = number(0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CountConfig:
    """How counts are mixed into what the network says, see :mod:`scriptbot.lm.ngrams`.

    Attributes:
        words: [X] share of the n-grams of the training text in the probabilities of words, by form; fitted on held-out
            text.  That of structure is 0.
        spellings: share of the n-grams of letters in the probability of spelling a new word so or so.
    """

    words: tuple[float, ...] = number((*everywhere(0.1)[1:], 0.0), 0.0, 0.99)
    spellings: float = number(0.5, 0.0, 0.99)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything a conversation needs.

    Attributes:
        parameters: of the network, or of the first of those that decide together, see :mod:`scriptbot.lm.pooling`.
        others: of the others.
        ngrams: of the words of the softmax, behind their forms and the two words before, if they were counted.
        copies: what the training text says word for word, if that is remembered.
        exchanges: which words its speeches have, one behind the other, if that is remembered.
        sampling: settings that suit it better than its kind, by the names of :class:`scriptbot.config.SampleConfig`.
        cast_lines: speeches of every cast member in the training text, in the order of ``vocabulary.cast``.
        provenance: where the model comes from: corpus hash, minutes, seed, date, held-out figure.
    """

    config: ModelConfig
    vocabulary: Vocabulary
    parameters: Parameters
    cache: CacheConfig = CacheConfig()
    cast_lines: tuple[int, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    others: tuple[Parameters, ...] = ()
    counts: CountConfig = CountConfig()
    ngrams: Ngrams | None = None
    copies: Copies | None = None
    exchanges: Exchanges | None = None
    sampling: dict[str, Any] = field(default_factory=dict)

    @property
    def suited(self) -> dict[str, Any]:
        """The settings that it is talked with if nobody chooses any, where those are not the usual ones."""
        replies = self.vocabulary.cast and self.exchanges is not None and not self.vocabulary.unspaced
        return (REPLYING if replies else {}) | self.sampling

    @property
    def members(self) -> tuple[Parameters, ...]:
        """All of them."""
        return (self.parameters, *self.others)
