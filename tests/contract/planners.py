"""Every planner, built for the contract suite, and what it is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.features import MAX_ROUTE_M, PASS_ROUTE, F, ObjectFeatures, R
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.planner import Planner
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.language.models.rules.model import RuleModel
from reprohrl.language.words import option_words
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.planners.asynchronous import Asynchronous
from reprohrl.planners.direct import DirectThinker
from reprohrl.planners.spring.dag import load_dag
from reprohrl.planners.spring.thinker import SpringThinker
from reprohrl.planners.text_policy import PolicyThinker
from reprohrl.planners.thinker import Thinker
from reprohrl.planners.worker import Thinking
from reprohrl.policies.registry import make_planner

NOTES = "The cube may only be visited after the torus.\nNever fly to the cone."


class CountingPolicy:
    """A real, if plain, text policy: prefers options that share words with the observation."""

    def score(self, history: tuple[str, ...], candidates: list[str]) -> list[float]:
        words = history[-1].lower().split()
        return [float(sum(words.count(w) for w in c.split())) for c in candidates]


def reading(thinker: Thinker, thinking: Thinking = Thinking.INLINE) -> Asynchronous:
    return Asynchronous(thinker, make_planner("learned"), thinking=thinking)


PLANNERS: dict[str, Callable[[], Planner]] = {
    "learned": lambda: make_planner("learned"),
    "rule": lambda: make_planner("rule"),
    "scripted": lambda: make_planner("scripted"),
    "spring": lambda: reading(SpringThinker(RuleModel(), load_dag("drone"), NOTES)),
    "direct": lambda: reading(DirectThinker(RuleModel(), NOTES)),
    "ilql": lambda: reading(PolicyThinker(CountingPolicy())),
}
READING = ("spring", "direct", "ilql")


@dataclass(frozen=True)
class Moment:
    features: ObjectFeatures
    status: MissionStatus


def flight(seed: int, *, frames: int = 40, garbage: bool = False) -> Iterator[Moment]:
    """Moments of a drone that turns and sees things, five frames apart; with `garbage`, nonsense boxes."""
    rng = np.random.default_rng(seed)
    goals = tuple(int(g) for g in rng.permutation(NUM_GOALS)[: rng.integers(1, 5)])
    tracker, mission = ObjectTracker(), MissionTracker(Mission(goals))
    for frame in range(frames):
        for tick in range(5):
            stamp = (5 * frame + tick) * TICK_S
            state = DroneState(
                stamp, position=(0.3 * math.sin(stamp), 0.2 * stamp, 0.8), attitude=(0.0, 0.0, 0.4 * stamp),
                height=0.8, flying=True,
            )  # fmt: skip
            boxes = tuple(_box(rng, garbage) for _ in range(rng.integers(0, 40 if garbage else 4)))
            features = tracker.update(Detections(stamp, boxes), state)
            status = mission.update(features)
        yield Moment(features, status)


def _box(rng: np.random.Generator, garbage: bool) -> Detection:
    if garbage:
        wild = [math.nan, math.inf, -5.0, 0.0, 1e9, 0.5, -math.inf]
        cx, cy, w, h, score = (float(rng.choice(wild)) for _ in range(5))
        return Detection(int(rng.integers(0, NUM_GOALS + 1)), score, cx, cy, w, h)
    return Detection(
        int(rng.integers(0, NUM_GOALS)), float(rng.uniform(0.4, 1.0)), float(rng.uniform(0.1, 0.9)),
        float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.03, 0.3)), float(rng.uniform(0.03, 0.3)),
    )  # fmt: skip


def is_proper(option: Option, moment: Moment) -> str:
    """Return what is wrong with an option, "" for nothing. What every planner keeps."""
    if not isinstance(option.kind, OptionKind):
        return f"{option.kind!r} is no kind of option"
    if option.stamp != moment.features.stamp:
        return f"stamped {option.stamp}, not {moment.features.stamp}"
    if option.kind is OptionKind.GO_TO and not 0 <= option.goal < NUM_GOALS:
        return f"goes to goal {option.goal}, which there is not"
    if not -1 <= option.goal < NUM_GOALS:
        return f"names goal {option.goal}, which there is not"
    if moment.status.phase is MissionPhase.ACTIVE and option.kind is OptionKind.LAND:
        return "lands in the middle of a mission"
    return ""


def is_open(option: Option, moment: Moment) -> str:
    """Return what is illegal about the option of a planner that reads, "" for nothing."""
    values, routes, status = moment.features.values, moment.features.routes, moment.status
    open_goals = status.open or (status.goal,)
    if option.kind in (OptionKind.GO_TO, OptionKind.SEARCH) and option.goal not in open_goals:
        return f"{option_words(option)}: not among the open goals {open_goals}"
    if option.kind is OptionKind.GO_TO and values[option.goal, F.AGE] >= 60.0:
        return f"{option_words(option)}: never seen"
    if option.kind is OptionKind.PASS and routes[PASS_ROUTE, R.LENGTH] >= MAX_ROUTE_M:
        return "passes on, and there is no way"
    if option.kind is OptionKind.RETURN and status.leg_elapsed_s < 28.0:
        return f"gives up after {status.leg_elapsed_s} s"
    return ""
