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
    """How the model learns from a conversation, fitted on held-out text: see :mod:`scriptbot.lm.cache` (Grave et al.
    2017) and :mod:`scriptbot.lm.adaptation` (Krause et al. 2018).

    Attributes:
        weights: [X] the votes' share of a word's probability, by form: names come back sooner than punctuation.
        sharpness: θ, factor on the similarity of two queries.
        window: past words that vote.
        reach: words after which a vote has faded to 1/e.
        behind: nats added to a vote behind the same word as now, and added again behind the same two words.
        rate: learning rate of the softmax's adaptation; 0 = none.
    """

    weights: tuple[float, ...] = number(everywhere(0.1), 0.0, 0.99)
    sharpness: float = number(0.05, 0.0, 10.0)
    window: int = number(3000, 1, 1_000_000)
    reach: float = number(1000.0, 1.0, 1e9)
    behind: float = number(2.0, 0.0, 20.0)
    rate: float = number(0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CountConfig:
    """How n-grams are mixed into the network's probabilities, see :mod:`scriptbot.lm.ngrams`.

    Attributes:
        words: [X] the share of the training text's n-grams in a word's probability, by form; fitted on held-out text.
            For structure it is 0.
        spellings: the share of the n-grams of letters in the probability of a new word's spelling.
    """

    words: tuple[float, ...] = number((*everywhere(0.1)[1:], 0.0), 0.0, 0.99)
    spellings: float = number(0.5, 0.0, 0.99)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything a conversation needs.

    Attributes:
        parameters: of the network, or of the first of those that decide together, see :mod:`scriptbot.lm.pooling`.
        more_members: parameters of the other networks.
        ngrams: of the words of the softmax, given their form and the two words before, if they were counted.
        copies: the training text's runs of words, hashed, if it remembers them.
        exchanges: the words of the training text's speeches, if it remembers them.
        sampling: its own values of settings, which go before those of its kind; :class:`scriptbot.config.SampleConfig`.
        cast_lines: speeches of every cast member in the training text, in the order of ``vocabulary.cast``.
        provenance: where the model comes from: corpus hash, minutes, seed, date, held-out figure.
    """

    config: ModelConfig
    vocabulary: Vocabulary
    parameters: Parameters
    cache: CacheConfig = CacheConfig()
    cast_lines: tuple[int, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    more_members: tuple[Parameters, ...] = ()
    counts: CountConfig = CountConfig()
    ngrams: Ngrams | None = None
    copies: Copies | None = None
    exchanges: Exchanges | None = None
    sampling: dict[str, Any] = field(default_factory=dict)

    @property
    def suited(self) -> dict[str, Any]:
        """The defaults of this model's settings where they differ from those of :class:`SampleConfig`."""
        replies = self.vocabulary.cast and self.exchanges is not None and not self.vocabulary.unspaced
        return (REPLYING if replies else {}) | self.sampling

    @property
    def members(self) -> tuple[Parameters, ...]:
        """The parameters of all networks."""
        return (self.parameters, *self.more_members)
