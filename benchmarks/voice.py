"""Whether one can hear who is speaking: a classifier trained on real lines names the speakers of a model's lines and
of held-out real ones.

    python benchmarks/voice.py [MODEL]

The classifier is naive Bayes over words and pairs of words, with add-one smoothing (Manning, Raghavan & Schütze 2008,
ch. 13); the prior of each regular is their share of the script.  It is good at words and deaf to sense, which makes it
a judge of voices.  It knows the lines that the model has learnt, so copied lines are easily recognised; ``replies.py``
tells how much is copied.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from common import ROOT, keep
from lines import exchanges, learnt, replies, suited, words

from scriptbot.lm.model_file import load_model


def features(text: str) -> list[str]:
    """The words of a text, and pairs of neighbours, with marks for the beginning and the end."""
    found = words(text)
    bounded = ["<", *found, ">"]
    return found + [f"{one} {other}" for one, other in itertools.pairwise(bounded)]


class Bayes:
    """A naive Bayes classifier of speakers by their words."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        spoken: Counter[str] = Counter()
        for name, text in lines:
            self.counts[name].update(features(text))
            spoken[name] += 1
        self.size = len({feature for counts in self.counts.values() for feature in counts})
        self.likely = {name: math.log(count / spoken.total()) for name, count in spoken.items()}
        self.total = {name: counts.total() for name, counts in self.counts.items()}

    def guess(self, text: str) -> str:
        """The most likely speaker of a text."""
        found = features(text)

        def score(name: str) -> float:
            known, room = self.counts[name], self.total[name] + self.size
            return self.likely[name] + sum(math.log((known[feature] + 1) / room) for feature in found)

        return max(self.counts, key=score)

    def accuracy(self, lines: list[tuple[str, str]]) -> float:
        """The share of lines whose speaker is guessed correctly."""
        return sum(self.guess(text) == name for name, text in lines) / len(lines)


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "the-boat-is-late.safetensors"
    model, asked = load_model(path), exchanges()
    bayes = Bayes((speech.character, speech.text) for speech in learnt())
    spoken = Counter(exchange.character for exchange in asked)
    copied = [(speech.character, speech.text) for speech in learnt()]
    human = bayes.accuracy([(exchange.character, exchange.reply) for exchange in asked])
    generated = bayes.accuracy(list(replies(model, asked, suited(model))))
    keep(
        "voice",
        {
            "model": path.stem,
            "settings": model.suited,
            "held-out exchanges": len(asked),
            "accuracy": {
                "human": round(human, 4),
                "model": round(generated, 4),
                "always the same name": round(spoken.most_common(1)[0][1] / len(asked), 4),
                "the lines it learnt, copied": round(bayes.accuracy(copied), 4),
            },
            "model over human": round(generated / human, 4),
        },
    )


if __name__ == "__main__":
    main()
