"""What a model's replies are like, compared with those that a person wrote for the same lines.

    python benchmarks/replies.py [MODEL]

*Relevance*: how often the true reply is ranked first among ten; the others are nine of the other held-out replies.
*Copying*: the share of 8-word sequences that also occur in the learnt part of the script, and the longest run of its
words.  *Repetition*: different pairs of words over all pairs (distinct-2, Li et al. 2016), and replies given before.
*Form*: whether the speakers are known (the model chooses them), and brackets and quotation marks balanced.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from common import ROOT, keep
from lines import Exchange, exchanges, heard, learnt, replies, suited, words

from scriptbot.lm import candidates, flaws
from scriptbot.lm.engine import Engine
from scriptbot.lm.exchanges import bag
from scriptbot.lm.model_file import load_model
from scriptbot.lm.scoring import continuations
from scriptbot.lm.state import State
from scriptbot.text.vocabulary import analyse

GRAM, OTHERS = 8, 9


def grams(said: list[str], length: int) -> list[tuple[str, ...]]:
    """All sequences of ``length`` consecutive words."""
    return [tuple(said[begin : begin + length]) for begin in range(len(said) - length + 1)]


class Learnt:
    """The learnt part of the script, word by word."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = [words(text) for text in texts]
        self.grams = {gram for text in self.texts for gram in grams(text, GRAM)}
        self.whole = {tuple(text) for text in self.texts}
        self._known: dict[int, set[tuple[str, ...]]] = {}

    def longest(self, said: list[str]) -> int:
        """The length of the longest run of words that the script contains as well."""
        length = 0
        while length < len(said):
            if length + 1 not in self._known:
                self._known[length + 1] = {gram for text in self.texts for gram in grams(text, length + 1)}
            if self._known[length + 1].isdisjoint(grams(said, length + 1)):
                break
            length += 1
        return length


def form(texts: list[tuple[str, str]], known: Learnt) -> dict[str, Any]:
    """Copying, repetition and form of some lines; most of these figures depend on the number of lines."""
    said = [words(text) for _, text in texts]
    eight = [gram for text in said for gram in grams(text, GRAM)]
    two = [pair for text in said for pair in itertools.pairwise(text)]
    before: set[tuple[str, ...]] = set()
    again = 0
    for text in said:
        again += len(text) > 3 and tuple(text) in before
        before.add(tuple(text))
    return {
        "words a line": round(sum(map(len, said)) / len(said), 2),
        "8-word sequences copied": round(sum(gram in known.grams for gram in eight) / max(len(eight), 1), 5),
        "longest run copied, words": max(map(known.longest, said)),
        "lines over 12 words copied whole": sum(len(text) > 12 and tuple(text) in known.whole for text in said),
        "distinct-2": round(len(set(two)) / len(two), 4),
        "lines over 3 words said before": again,
        "balanced": round(sum(flaws.balanced(text) for _, text in texts) / len(texts), 4),
    }


def ranks(engine: Engine, asked: list[Exchange], states: list[State]) -> dict[str, float]:
    """The share of lines whose true reply is ranked first, in four ways: by the score that chooses among candidates;
    by what goes together in the script alone; by that and who says it (the network's p(cue | line) over p(cue)); and by
    the network alone, p(reply | line) over p(reply)."""
    ways = ("as candidates are chosen", "by what goes together", "by that and who says it", "by the network")
    rng, first = np.random.default_rng(1), np.zeros(len(ways))
    contrast = engine.model.suited.get("contrast", 0.0)
    for number, (exchange, state) in enumerate(zip(asked, states, strict=True)):
        others = rng.choice([n for n in range(len(asked)) if n != number], OTHERS, replace=False)
        ten = [exchange, *(asked[int(n)] for n in others)]
        cues = [engine.coder.open_speech(one.character) for one in ten]
        rows = [[*cue, *engine.coder.encode(one.reply, cue[-1].speaker)] for cue, one in zip(cues, ten, strict=True)]
        starts = [state.recurrent] * len(rows) + [engine.start().recurrent] * len(rows)
        likely = continuations(engine.network, starts, rows * 2)
        sums = [
            (row[: len(cue)].sum(), row[len(cue) :].sum()) for row, cue in zip(likely, cues * 2, strict=True)
        ]  # of the cue, and of the words
        cued, said = (np.array(sums[: len(rows)]) - np.array(sums[len(rows) :])).T
        chosen = candidates.scores_of(engine, state, [(one.character, one.reply) for one in ten], contrast)
        together = fits(engine, state, ten)
        for column, scores in enumerate((chosen, together, (together + cued).tolist(), said.tolist())):
            first[column] += (scores[0] == max(scores)) / scores.count(max(scores))  # if others are as likely, a share
    shares = (first / len(asked)).round(4).tolist()
    return dict(zip(ways, shares, strict=True))


def fits(engine: Engine, state: State, ten: list[Exchange]) -> list[float]:
    """How well replies go with what was said before, whoever says them."""
    assert engine.relevance is not None
    texts = [bag(stem for stem, _ in analyse(one.reply)) for one in ten]
    scores: list[float] = engine.relevance.scores(candidates.before(engine, state), texts).tolist()
    return scores


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "the-boat-is-late.safetensors"
    model, asked = load_model(path), exchanges()
    engine, known, cast = Engine(model), Learnt(speech.text for speech in learnt()), set(model.vocabulary.cast)
    alone = [engine.read_speech(engine.start(), "VISITOR", exchange.line) for exchange in asked]
    lines = list(replies(model, asked, suited(model), cast=True))
    outside = sum(name not in cast for name, _ in lines)
    human = form([(exchange.character, exchange.reply) for exchange in asked[: len(lines)]], known)  # as many
    keep(
        "replies",
        {
            "model": path.stem,
            "settings": model.suited,
            "held-out exchanges": len(asked),
            "true reply first of ten": {
                "behind the line alone": ranks(engine, asked, alone),
                "behind the scene so far": ranks(engine, asked, [heard(engine, one.before) for one in asked]),
                "by chance": 0.1,
            },
            "speakers that nobody knows": outside,
            "human": human,
            "model, to the same lines": form(lines[: len(asked)], known),
            f"model, {len(lines)} lines": form(lines, known),
        },
    )


if __name__ == "__main__":
    main()
