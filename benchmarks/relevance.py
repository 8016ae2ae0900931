"""How often the true reply is found among ten by the words that went together in a script, and with which weights.

    python benchmarks/relevance.py

Every script is divided into five parts, and three of these are tested: with the other four remembered, the true reply
to a speech has to be distinguished from nine others of the same part.  ``scriptbot.lm.relevance.WEIGHTS`` were fitted
on the samples of all these scripts together, when the show was shorter.  Their figures stand beside those of weights
fitted on the other two tested parts of the same script, and of weights fitted on all other scripts.  The held-out
scenes of the show are not used.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from common import DATA, data, keep
from lines import show
from numpy.typing import NDArray

from scriptbot.lm.exchanges import bag, of_text
from scriptbot.lm.relevance import WEIGHTS, Relevance
from scriptbot.lm.tokens import Reader
from scriptbot.text.load import open_source
from scriptbot.text.script import Scene
from scriptbot.text.vocabulary import Coder, analyse, build, count

PARTS, MEASURED, SAMPLES, OTHERS = 5, 3, 300, 9
TEXTS: dict[str, Callable[[], Iterator[Scene]]] = {
    "the-boat-is-late": lambda: show(held_out=False),
    "moes_tavern_lines": lambda: open_source([data("english/moes_tavern_lines.txt")]).scenes(),
    "tinyshakespeare": lambda: open_source([data("english/tinyshakespeare.txt")]).scenes(),
    "plays": lambda: open_source([DATA / "english" / "plays"]).scenes(),
    "Aozora plays": lambda: open_source([DATA / "japanese" / "plays"]).scenes(),
}
Samples = NDArray[np.float64]  # [N, 1 + OTHERS, F]; the true reply is the first


def remembered(scenes: Sequence[Scene]) -> Relevance:
    """What a model trained on some scenes would remember of them."""
    vocabulary = build(count(s.text for scene in scenes for s in scene.speeches), (), minimum_count=2, limit=10_000)
    reader = Reader(Coder(vocabulary), as_text=False)
    tokens = [token for scene in scenes for token in reader.scene(scene)]
    stems, forms = (np.array([getattr(token, name) for token in tokens]) for name in ("stem", "form"))
    return Relevance(of_text(stems, forms, vocabulary))


def samples(known: Relevance, scenes: Sequence[Scene], rng: np.random.Generator) -> Samples:
    """Features of some true replies, each after what was said before and beside replies to other speeches."""
    replies = []
    for scene in scenes:
        said = [(speech.character, bag(stem for stem, _ in analyse(speech.text))) for speech in scene.speeches]
        for place, (one, other) in enumerate(itertools.pairwise(said), 1):
            if one[0] != other[0]:
                replies.append(([words for _, words in said[max(0, place - 20) : place]], other[1]))
    found = []
    for number in rng.permutation(len(replies))[:SAMPLES].tolist():
        others = rng.choice([other for other in range(len(replies)) if other != number], OTHERS, replace=False)
        before, reply = replies[number]
        found.append(known.features(before, [reply, *(replies[int(other)][1] for other in others)]))
    return np.array(found, np.float64)


def fitted(found: Samples, steps: int = 1500, shrunk: float = 1e-3) -> NDArray[np.float64]:
    """The weights that make the true replies most likely (multinomial logistic regression)."""
    spread = found.std(axis=(0, 1)) + 1e-9
    scaled = found / spread
    weights = np.zeros(found.shape[-1])
    for _ in range(steps):
        scores = scaled @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        gradient = (scaled[:, 0] - (odds[..., None] * scaled).sum(axis=1)).mean(axis=0)
        weights += 0.3 * (gradient - shrunk * weights)
    result: NDArray[np.float64] = weights / spread
    return result


def first(found: Samples, weights: NDArray[np.floating]) -> float:
    """The share of samples whose true reply has the greatest score."""
    scores = found @ weights
    return float((scores[:, :1] > scores[:, 1:]).all(axis=1).mean())


def main() -> None:
    found: dict[str, list[Samples]] = {}
    for name, read in TEXTS.items():
        rng, scenes = np.random.default_rng(1), list(read())
        order = rng.permutation(len(scenes))
        for part in range(MEASURED):
            asked = set(order[part::PARTS].tolist())
            known = remembered([scene for number, scene in enumerate(scenes) if number not in asked])
            found.setdefault(name, []).append(samples(known, [scenes[number] for number in sorted(asked)], rng))
    record: dict[str, Any] = {}
    for name, parts in found.items():
        everything = np.concatenate(parts)
        own = [first(part, fitted(np.concatenate([one for one in parts if one is not part]))) for part in parts]
        others = fitted(np.concatenate([part for one, parts in found.items() if one != name for part in parts]))
        record[name] = {
            "samples": len(everything),
            "true reply first of ten": round(first(everything, WEIGHTS), 4),
            "weights of this script": round(float(np.mean(own)), 4),
            "weights of the others": round(first(everything, others), 4),
            "one feature alone": [round(first(everything, row), 4) for row in np.eye(len(WEIGHTS))],
        }
    together = fitted(np.concatenate([part for parts in found.values() for part in parts]))
    keep("relevance", {"scripts": record, "weights": [round(weight, 3) for weight in together.tolist()]})


if __name__ == "__main__":
    main()
