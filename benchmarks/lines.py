"""Replies to the lines of the visitor in held-out scenes of the show: those of the script, and those of a model.

``voice.py`` and ``replies.py`` measure both.  The held-out scenes are those that ``models/recipes.py`` keeps from every
model.  A model replies to each line of the visitor after everything that was said before it in the scene, as the
character who replies there in the script.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from common import ROOT

from scriptbot.config import SampleConfig
from scriptbot.lm import candidates
from scriptbot.lm.engine import Engine
from scriptbot.lm.model import Model
from scriptbot.lm.state import State
from scriptbot.text.script import Scene, Speech

sys.path.insert(0, str(ROOT / "models"))
from recipes import show as show  # for others, too

VISITOR = "VISITOR"
COUNT = 500  # replies
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Exchange:
    """A line of the visitor, and what a regular replied.

    Attributes:
        before: everything played in the scene, up to and including the line.
    """

    before: Scene
    line: str
    character: str
    reply: str


def words(text: str) -> list[str]:
    """The words of a text, case-folded and without signs."""
    return _WORD.findall(text.casefold())


def learnt() -> list[Speech]:
    """The speeches of the regulars that the models have read."""
    return [s for scene in show(held_out=False) for s in scene.speeches if s.character != VISITOR]


def exchanges(scenes: Iterable[Scene] | None = None) -> list[Exchange]:
    """All exchanges in some scenes, or in the held-out ones if none are given."""
    found = []
    for scene in show(held_out=True) if scenes is None else scenes:
        played = tuple(scene.played)
        for place, (one, other) in enumerate(itertools.pairwise(played)):
            if not (isinstance(one, Speech) and isinstance(other, Speech)):
                continue
            if one.character == VISITOR and other.character != VISITOR:
                before = dataclasses.replace(scene, elements=played[: place + 1])
                found.append(Exchange(before, one.text, other.character, other.text))
    return found


def heard(engine: Engine, scene: Scene) -> State:
    """The state of an engine that has listened to a scene."""
    state = engine.start()
    for element in scene.elements:
        if isinstance(element, Speech):
            state = engine.read_speech(state, element.character, element.text, learn=element.character == VISITOR)
        else:
            state = engine.read_direction(state, element.text)
    return state


def suited(model: Model, seed: int = 1) -> SampleConfig:
    """The settings of somebody who chooses none."""
    return dataclasses.replace(SampleConfig(seed=seed), **model.suited)


def replies(
    model: Model, asked: list[Exchange], settings: SampleConfig, count: int = COUNT, *, cast: bool = False
) -> Iterator[tuple[str, str]]:
    """(character, what the model lets it say) in reply to ``count`` lines; if there are fewer, they are asked again.

    Args:
        cast: whether the model chooses who replies, and not the script.
    """
    engine, rng = Engine(model), np.random.default_rng(settings.seed)
    for exchange in itertools.islice(itertools.cycle(asked), count):
        state = heard(engine, exchange.before)
        who = None if cast else exchange.character
        cue, *rest = candidates.speak(engine, state, who, settings, rng, (VISITOR,))
        yield cue.character, "".join(piece.text for piece in rest).strip()
