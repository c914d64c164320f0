"""The learned high level: a goal selector over options, from an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.policies.observation import SELECTOR_SPEC, selector_observation
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path


def option_of(action: int, goal: int, stamp: float, scores: tuple[float, ...] = ()) -> Option:
    """Return the option of an index into `SELECTOR_ACTIONS`; `goal` is what to search for."""
    if action < NUM_GOALS:
        return Option(OptionKind.GO_TO, action, stamp, scores)
    if action == NUM_GOALS:
        return Option(OptionKind.SEARCH, goal, stamp, scores)
    return Option(OptionKind.HOLD, -1, stamp, scores)


def end_option(status: MissionStatus, stamp: float) -> Option | None:
    """Return the option an inactive mission calls for: land when it ended, hold while paused; else None."""
    if status.phase is MissionPhase.ACTIVE:
        return None
    kind = OptionKind.HOLD if status.phase in (MissionPhase.PAUSED, MissionPhase.IDLE) else OptionKind.LAND
    return Option(kind, -1, stamp)


class OnnxSelector:
    """Chooses the most probable option; deterministic."""

    name = "learned"

    def __init__(self, path: Path | str | None = None) -> None:
        self._policy = OnnxPolicy.load(path or model_path("selector"), expect=SELECTOR_SPEC)

    def reset(self, *, seed: int = 0) -> None:
        """The network has no memory of its own; what it needs is in the features."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        ended = end_option(status, features.stamp)
        if ended is not None:
            return ended
        observation = selector_observation(
            features.values[None],
            features.looked[None],
            np.array([status.goal]),
            np.array([len(status.mission.goals) - status.index]),
            np.array([status.leg_elapsed_s]),
            np.array([features.state.ranges]),
        )
        logits = self._policy(observation)[0].astype(np.float64)
        weights = np.exp(logits - logits.max())
        scores = tuple(float(p) for p in weights / weights.sum())
        return option_of(int(np.argmax(logits)), status.goal, features.stamp, scores)
