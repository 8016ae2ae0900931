"""How far a training run has come, what a checkpoint holds of that besides the plan, and how it is restored."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from scriptbot.config import ModelConfig
from scriptbot.lm.params import shapes
from scriptbot.text.vocabulary import Vocabulary
from scriptbot.training.batches import Place
from scriptbot.training.checkpoint import Checkpoint, Store, under
from scriptbot.training.network import Network, States
from scriptbot.training.optimiser import Adam
from scriptbot.training.outcome import Weights
from scriptbot.training.plan import Pace, Plan

LOOKS = (0.4, 0.7, 0.9)  # shares of a network's time at which the held-out part is scored; and at the end


@dataclass
class MemberRun:
    """The training of one network, and how far it has come.

    Attributes:
        member: which network.
        begin, end: in seconds of the budget.
        latest: the end, unless enough is learnt before.
        pace: how fast it learns, and what it drops.
        states: the recurrent states of all streams.
        steps: taken so far.
        place: where it is in the text.
        looks: shares of its time at which the held-out part is still to be scored.
        best: (bits per character, weights) when it was best; None: it was never good.
    """

    member: int
    begin: float
    end: float
    latest: float
    pace: Pace
    states: States
    steps: int = 0
    place: Place = Place()
    looks: list[float] = field(default_factory=lambda: list(LOOKS))
    best: tuple[float, Weights] | None = None


@dataclass
class RunState:
    """The state of a training run, besides the weights and the optimiser of the network at work.

    Attributes:
        step_seconds: how long a step takes.
        spare: seconds of the budget that are not needed, as the last network whose steps were timed has it.
        steps: taken by all networks together.
        members: (bits per character, weights) of each network that is done, when it was best.
        way: the training of the network at work; None between two of them.
    """

    step_seconds: float
    spare: float = 0.0
    steps: int = 0
    members: list[tuple[float, Weights]] = field(default_factory=list)
    way: MemberRun | None = None


def checkpoint_of(
    so_far: RunState, way: MemberRun, seconds: float, plan: Plan, network: Network, optimiser: Adam
) -> Checkpoint:
    """All that it takes to go on from here.

    Args:
        way: that the training is on.
        seconds: of the budget that are spent.
    """
    numbers = {
        "plan": dataclasses.asdict(plan),
        "seconds": seconds,
        "steps": so_far.steps,
        "step_seconds": so_far.step_seconds,
        "spare": so_far.spare,
        "updates": float(optimiser.step),
        "members": [bits for bits, _ in so_far.members],
        "way": {
            **{name: getattr(way, name) for name in ("member", "begin", "end", "latest", "steps", "looks")},
            "pace": dataclasses.asdict(way.pace),
            "place": [way.place.epoch, way.place.chunks],
            "best": way.best and way.best[0],
        },
    }
    arrays = under("weights", network.arrays())
    for name, moments in (("first", optimiser.first), ("second", optimiser.second)):
        named = zip(network.variables, moments, strict=True)
        arrays |= under(name, {of: moment.numpy() for of, moment in named})
    for layer, state in enumerate(way.states):
        arrays |= under(f"states/{layer}", {"hidden": state[0].numpy(), "cell": state[1].numpy()})
    for number, (_, member) in enumerate(so_far.members):
        arrays |= under(f"members/{number}", member)
    arrays |= under("best", way.best[1] if way.best else {})
    if way.place.past is not None:
        arrays["past"] = way.place.past  # type: ignore[assignment]
    return Checkpoint(numbers, arrays)


@dataclass(frozen=True)
class Restored:
    """What a checkpoint holds.

    Attributes:
        seconds: of the budget that were spent.
        weights: of the network at work.
        moments: first and second, each by the names of the weights.
        updates: that the optimiser has made.
    """

    plan: Plan
    seconds: float
    so_far: RunState
    weights: Weights
    moments: tuple[Weights, Weights]
    updates: float

    def remind(self, network: Network, optimiser: Adam) -> None:
        """Put the optimiser of a network with these weights back to where it was."""
        optimiser.step.assign(self.updates)
        for found, moments in zip(self.moments, (optimiser.first, optimiser.second), strict=True):
            for name, moment in zip(network.variables, moments, strict=True):
                moment.assign(found[name])


def left_in(store: Store | None, vocabulary: Vocabulary) -> tuple[Restored | None, bool]:
    """What an interrupted training with this vocabulary has left to go on from, if anything that fits; and whether
    there is something that does not fit."""
    found = store.load() if store else None
    try:
        return (_restored(found, vocabulary) if found else None), False
    except (KeyError, TypeError, ValueError):  # the code has changed since then, but not its version
        return None, True


def _restored(checkpoint: Checkpoint, vocabulary: Vocabulary) -> Restored:
    """What a checkpoint of a training with this vocabulary holds.

    Raises:
        KeyError, TypeError, ValueError: it was saved by a program with other arrays or numbers.
    """
    numbers, arrays = checkpoint.numbers, checkpoint.arrays
    plan = Plan(**{**numbers["plan"], "model": ModelConfig(**numbers["plan"]["model"])})
    wanted = shapes(plan.model, vocabulary.words, vocabulary.speakers)

    def weights(name: str) -> Weights:
        found = checkpoint.below(name)
        if {key: array.shape for key, array in found.items()} != wanted:
            raise ValueError(name)
        return found

    way, states = numbers["way"], list[tuple[Any, Any]]()
    for layer in range(plan.model.layers):
        hidden, cell = (arrays[f"states/{layer}/{name}"] for name in ("hidden", "cell"))
        states.append((tf.constant(hidden), tf.constant(cell)))
    past: Any = arrays.get("past")
    so_far = RunState(
        numbers["step_seconds"],
        numbers["spare"],
        numbers["steps"],
        [(bits, weights(f"members/{number}")) for number, bits in enumerate(numbers["members"])],
        MemberRun(
            way["member"],
            way["begin"],
            way["end"],
            way["latest"],
            Pace(**way["pace"]),
            states,
            way["steps"],
            Place(way["place"][0], way["place"][1], past),
            way["looks"],
            None if way["best"] is None else (way["best"], weights("best")),
        ),
    )
    moments = weights("first"), weights("second")
    return Restored(plan, numbers["seconds"], so_far, weights("weights"), moments, numbers["updates"])
