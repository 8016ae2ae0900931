"""How relevant a reply is to what was said before, judged by which words went together in the script.

A small network learns who speaks, and how, long before it learns what about.  Counts tell more about that: a reply
takes up words of the line it answers and of those before it; it has words that answered such words elsewhere (the
*trigger pairs* of Rosenfeld, *A maximum entropy approach to adaptive statistical language modelling*, 1996), and words
that came up in the same scenes.  :data:`WEIGHTS` turns that into the log-odds, up to a constant, that a text is the
reply and not one from elsewhere in the script (docs/decisions/relevance.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.exchanges import Exchanges, Numbers
from scriptbot.lm.params import Array

# By feature, see :meth:`Relevance.features`; fitted by benchmarks/relevance.py.
WEIGHTS = np.array([0.83, 0.63, 0.23, 0.12, -0.036, 3.75], np.float32)

Bag = Sequence[str]  # the names that identify the words of a speech, see :func:`scriptbot.lm.exchanges.bag`


class Relevance:
    """Judges replies by the exchanges of a script."""

    def __init__(self, exchanges: Exchanges) -> None:
        self.exchanges = exchanges

    def scores(self, before: Sequence[Bag], replies: Sequence[Bag]) -> Array:
        """[replies] how well each of some replies goes with what was said before.

        Args:
            before: the speeches so far, the latest last.
        """
        result: Array = self.features(before, replies) @ WEIGHTS
        return result

    def features(self, before: Sequence[Bag], replies: Sequence[Bag]) -> Array:
        """[replies, features] what :data:`WEIGHTS` weigh of each reply:

        0–2: how much of it repeats the line before, the speech before that, and earlier ones.  A word counts by what it
        tells (its inverse document frequency, a logarithm, squared), and less in a long reply.
        3: how much more often than by chance its words answered those of the line before.
        4: the number of its different words.
        5: how much more often than by chance its new words came up in scenes with words from before.
        """
        line, previous = (before[-place] if len(before) >= place else () for place in (1, 2))
        earlier = [word for speech in before[:-2] for word in speech]
        source = dict.fromkeys(earlier, 2) | dict.fromkeys(previous, 1) | dict.fromkeys(line, 0)
        answered, together = self._answered(self._opened(line)), self._together(self._places(source))
        found = np.zeros((len(replies), len(WEIGHTS)), np.float32)
        for row, reply in zip(found, replies, strict=True):
            weights = {word: self._weight(word) for word in reply}
            size = math.sqrt(1.0 + sum(weights.values()))  # 1 more than it is, or short replies would always win
            length = math.sqrt(3.0 + len(reply))
            for word in reply:
                if word in source:
                    row[source[word]] += weights[word] / size
            row[3] = sum(answered.total(place) for place in self._opened(reply)) / length
            row[4] = len(reply)
            row[5] = sum(map(together.mean, self._places(word for word in reply if word not in source))) / length
        return found

    def _weight(self, word: str) -> float:
        place = self.exchanges.places.get(word)
        seen = 0 if place is None else len(self.exchanges.having(place))
        return math.log((len(self.exchanges.speeches) + 1) / (seen + 0.5)) ** 2

    def _places(self, words: Iterable[str]) -> list[int]:
        places = map(self.exchanges.places.get, words)
        return [place for place in places if place is not None]

    def _opened(self, speech: Bag) -> list[int]:
        """The places of the words of a speech, and that of its first word as one that opens a speech."""
        opening = self._places(speech[:1])
        return self._places(speech) + [place + len(self.exchanges.places) for place in opening]

    def _answered(self, places: list[int]) -> Gains:
        """The gains of other words in the answers to speeches with these words."""
        exchanges, replies = self.exchanges, self.exchanges.answers
        heard = np.zeros((len(places), len(replies) + 1), np.bool_)
        for row, place in zip(heard, places, strict=True):
            row[exchanges.having(place) + 1] = True
        heard = heard[:, :-1] & replies

        def having(place: int) -> Numbers:
            found = exchanges.having(place)
            return found[replies[found]]

        return Gains(places, heard, having, int(replies.sum()))

    def _together(self, places: list[int]) -> Gains:
        """The gains of other words in the same stretches of scenes as these words."""
        exchanges = self.exchanges

        def having(place: int) -> Numbers:
            # Speeches are in order, and so are the stretches that they are in: no sorting.
            rising = exchanges.stretch[exchanges.having(place)]
            return rising[np.diff(rising, prepend=-1) > 0]

        there = np.zeros((len(places), len(exchanges.stretches)), np.bool_)
        for row, place in zip(there, places, strict=True):
            row[having(place)] = True
        return Gains(places, there, having, len(exchanges.stretches))


class Gains:
    """How much more often than by chance words came up where some others did.

    Args:
        places: [words] those others.
        marked: [words, speeches] (or stretches) where each of them counts as having come up.
        having: a word's place → the speeches (or stretches) where it came up.
        possible: in how many of those any word could have come up.
    """

    def __init__(
        self, places: list[int], marked: NDArray[np.bool_], having: Callable[[int], Numbers], possible: int
    ) -> None:
        self.places, self.marked, self.having = np.array(places, np.int64), marked, having
        self.possible = max(possible, 1)
        self.sizes = marked.sum(axis=1)
        self._totals: dict[int, float] = {}

    def total(self, place: int) -> float:
        """The sum over the others of log(how often a word came up with each / how often by chance), which is near 0
        where both are few.  A word's own place is left out."""
        if place not in self._totals:
            where = self.having(place)
            both, chance = self.marked[:, where].sum(axis=1), self.sizes * (len(where) / self.possible)
            gains = np.log((both + 1.0) / (chance + 1.0))
            self._totals[place] = float(gains[self.places != place].sum())
        return self._totals[place]

    def mean(self, place: int) -> float:
        """The total over the number of the others."""
        return self.total(place) / max(len(self.places), 1)
