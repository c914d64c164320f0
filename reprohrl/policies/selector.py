"""The learned high level: a goal selector over options, from an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import Range
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.ordered import ordered_option
from reprohrl.perception.compiled import compiling
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.observation import (
    HOLD_ACTION,
    PASS_ACTION,
    RETURN_ACTION,
    SEARCH_ACTION,
    SELECTOR_SPEC,
    write_selector,
)
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path

_KINDS = {
    SEARCH_ACTION: OptionKind.SEARCH,
    HOLD_ACTION: OptionKind.HOLD,
    PASS_ACTION: OptionKind.PASS,
    RETURN_ACTION: OptionKind.RETURN,
}
_WITH_GOAL = (OptionKind.SEARCH, OptionKind.PASS)


def option_of(action: int, goal: int, stamp: float, scores: tuple[float, ...] = ()) -> Option:
    """Return the option of an index into `SELECTOR_ACTIONS`; `goal` is what to search for."""
    if action < NUM_GOALS:
        return Option(OptionKind.GO_TO, action, stamp, scores)
    kind = _KINDS[action]
    return Option(kind, goal if kind in _WITH_GOAL else -1, stamp, scores)


GIVE_UP_AFTER_S = 28.0
"""Least time on a leg before its goal may be declared absent: what was missed once is looked for again."""

def first_status() -> MissionStatus:
    """Return the status of a mission that just began, for calling a planner once before the flight."""
    return MissionStatus(Mission((0,)), 0, MissionPhase.ACTIVE, 0.0)


class OnnxSelector:
    """Chooses the most probable option; deterministic."""

    name = "learned"

    def __init__(self, path: Path | str | None = None) -> None:
        self._policy = OnnxPolicy.load(path or model_path("selector"), expect=SELECTOR_SPEC)
        self._observation = np.zeros((1, SELECTOR_SPEC.observation_size), np.float32)
        with compiling("the selector's observation"):
            self.decide(nothing_seen(), first_status())

    def reset(self, *, seed: int = 0) -> None:
        """The network has no memory of its own; what it needs is in the features."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        ordered = ordered_option(features, status)
        if ordered is not None:
            return ordered
        write_selector(
            status.goal, len(status.mission.goals) - status.index, float(status.leg_elapsed_s),
            features.values, features.looked, features.routes, float(features.state.ranges[Range.FRONT]),
            self._observation[0],
        )  # fmt: skip
        logits = self._policy(self._observation)[0].astype(np.float64)
        if status.leg_elapsed_s < GIVE_UP_AFTER_S:
            logits[RETURN_ACTION] = -np.inf
        weights = np.exp(logits - logits.max())
        scores = tuple(float(p) for p in weights / weights.sum())
        return option_of(int(np.argmax(logits)), status.goal, features.stamp, scores)
