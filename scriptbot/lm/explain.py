"""Where the bits of a text go: by kind of piece, by frequency of the word, and by speaker.

Static bits only: those of network and n-grams, without cache and adaptation.  White space and capitals (the form) are
told apart from the word itself, and within words outside the softmax the announcement (``<spell>``) from the spelling.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scriptbot.lm import scoring
from scriptbot.lm.model import Model
from scriptbot.lm.network import Network
from scriptbot.lm.tokens import Reader
from scriptbot.text.script import Scene
from scriptbot.text.vocabulary import SOMEBODY, STRUCTURE, Coder, Token

NOBODY, SOMEBODY_ELSE = "nobody", "somebody else"  # who speaks, if it is no member of the cast
RANKS = (10, 100, 1000)  # frequent words are grouped by their rank in the vocabulary


@dataclass(slots=True)
class Row:
    """Pieces of one sort.

    Attributes:
        by: ``kind``, ``frequency`` or ``speaker``.
        name: which kind, frequency or speaker.
        pieces: how many there are.
        form, word, spelling: bits for white space and capitals, for the entry of the softmax, and for which word it is
            outside the softmax.
    """

    by: str
    name: str
    pieces: int = 0
    form: float = 0.0
    word: float = 0.0
    spelling: float = 0.0

    @property
    def bits(self) -> float:
        """The bits of all three."""
        return self.form + self.word + self.spelling


def explain(model: Model, scenes: Iterable[Scene], *, as_text: bool) -> list[Row]:
    """The bits of a text, grouped in three ways; the groups of each way add up to all the bits."""
    coder = Coder(model.vocabulary)
    reader = Reader(coder, as_text=as_text)
    waiting: list[Token] = []

    def tokens() -> Iterator[Token]:
        for scene in scenes:
            for token in reader.scene(scene):
                waiting.append(token)
                yield token

    rows: dict[tuple[str, str], Row] = {}
    before: set[int] = set()
    done = 1  # the first token only sets the stage
    for part in scoring.score(Network(model, coder.stem), tokens()):
        bits = np.stack([part.forms, part.stems(), part.spellings], axis=1) / -math.log(2.0)
        for token, (form, word, spelling) in zip(waiting[done:], bits.tolist(), strict=False):
            for by, name in (
                ("kind", _kind(coder, token, before)),
                ("frequency", _frequency(coder, token)),
                ("speaker", _speaker(coder, token)),
            ):
                row = rows.setdefault((by, name), Row(by, name))
                row.pieces += 1
                row.form += form
                row.word += word
                row.spelling += spelling
            before.add(token.stem)
        del waiting[done : done + len(bits)]
    order = ("kind", "frequency", "speaker")
    return sorted(rows.values(), key=lambda row: (order.index(row.by), -row.bits))


def _kind(coder: Coder, token: Token, before: set[int]) -> str:
    words = coder.vocabulary
    if token.form == STRUCTURE:
        return "cues and other structure"
    if token.stem < words.words:
        return "words" if coder.stem(token.stem)[:1].isalnum() else "signs"
    kind = "rare words" if token.stem < words.known else "new words"
    return f"{kind}, again" if token.stem in before else f"{kind}, first time"


def _frequency(coder: Coder, token: Token) -> str:
    words = coder.vocabulary
    rank = token.stem - words.first_stem
    if rank < 0:
        return "structure"
    for limit in RANKS:
        if rank < min(limit, len(words.frequent)):
            return f"the {limit} most frequent" if limit == RANKS[0] else f"up to the {limit:,}th"
    return "other words of the softmax" if token.stem < words.words else "outside the softmax"


def _speaker(coder: Coder, token: Token) -> str:
    if token.speaker <= SOMEBODY:
        return SOMEBODY_ELSE if token.speaker == SOMEBODY else NOBODY
    return coder.vocabulary.cast[token.speaker - SOMEBODY - 1]
