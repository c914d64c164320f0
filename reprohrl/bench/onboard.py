"""A method of the batched world on board: the flight pipeline asks it as planner and as navigator.

Detector, tracker, mission judgement and supervisor are those of every flight; only the decisions are the
method's. It sees one row of the arrays it sees in training.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.flight.pipeline import Detector, Pipeline, Progress, Tracker
from reprohrl.mission.ordered import end_option
from reprohrl.policies.observation import ACTION_SCALE

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]
Row = NDArray[np.int64]
SMALL = (64, 48)
"""Width and height of the frames pixel agents see: `sim.envs.frames`."""


class Agent(Protocol):
    """What flies: see `sim.envs.agents.BatchAgent`."""

    name: str

    def reset(self, rows: Row, seeds: Row | None = None) -> None: ...

    def act(self, world: Any) -> Array32: ...


@dataclass(frozen=True, slots=True)
class OneRow:
    """The arrays of `sim.envs.agents.Senses` for one drone, and whether its mission flies home."""

    values: Array32
    sectors: Array32
    looked: Array32
    routes: Array32
    detections: Array
    ranges: Array
    position: Array
    attitude: Array
    velocity: Array
    yaw_rate: Array
    goal: Row
    index: Row
    num_legs: Row
    leg_s: Array
    time_s: Array
    action: Array32
    returning: NDArray[np.bool_]
    frames: NDArray[np.uint8]
    batch: int = 1


@dataclass(slots=True)
class Seen:
    """What an agent sees beside the features: the newest boxes, frame and mission, its action before."""

    status: MissionStatus | None = None
    boxes: Array = field(default_factory=lambda: Detections(0.0, ()).dense()[None].astype(np.float64))
    frame: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(SMALL[::-1], np.uint8))
    action: Array32 = field(default_factory=lambda: np.zeros((1, 4), np.float32))


def one_row(features: ObjectFeatures, status: MissionStatus, seen: Seen) -> OneRow:
    """Return what an agent sees of one frame: its features, how the mission stands, and the rest."""
    state, goals = features.state, status.mission.goals
    return OneRow(
        values=features.values[None],
        sectors=features.sectors[None],
        looked=features.looked[None],
        routes=features.routes[None],
        detections=seen.boxes,
        ranges=np.array([state.ranges], np.float64),
        position=np.array([[*state.position[:2], state.height]]),
        attitude=np.array([state.attitude]),
        velocity=np.array([state.velocity]),
        yaw_rate=np.array([state.yaw_rate]),
        goal=np.array([goals[min(status.index, len(goals) - 1)]]),
        index=np.array([status.index]),
        num_legs=np.array([len(goals)]),
        leg_s=np.array([status.leg_elapsed_s]),
        time_s=np.array([status.elapsed_s]),
        action=seen.action,
        returning=np.array([status.phase is MissionPhase.RETURNING]),
        frames=seen.frame[None],
    )


class Onboard:
    """Planner and navigator in one, around an agent made for one row. Also watches tracker and mission."""

    def __init__(self, agent: Agent, *, seed: int = 0) -> None:
        self.name, self._agent, self._seed = agent.name, agent, seed
        self.seen = Seen()

    def pipeline(self, detector: Detector | None, tracker: Tracker, mission: Progress) -> Pipeline:
        """Return the flight pipeline that asks this agent."""
        eyes = _Eyes(detector, self) if detector is not None else None
        return Pipeline(eyes, _Boxes(tracker, self), _Standing(mission, self), self, self)

    def reset(self, *, seed: int = 0) -> None:
        self._agent.reset(np.arange(1), np.array([self._seed]))
        self.seen = Seen()

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        """Return what is told of the agent: it goes to its goal, ends, or flies home."""
        ended = end_option(status, features.stamp)
        if ended is not None:
            return ended
        absent = getattr(self._agent, "absent", None)
        if absent is not None and bool(absent[0]):
            return Option(OptionKind.RETURN, -1, features.stamp)
        return Option(OptionKind.GO_TO, status.goal, features.stamp)

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        if self.seen.status is None or option.kind in (OptionKind.HOLD, OptionKind.LAND):
            return HOVER
        row = one_row(features, self.seen.status, self.seen)
        self.seen.action = np.clip(self._agent.act(row), -1.0, 1.0).astype(np.float32)
        vx, vy, vz, turn = (float(v) for v in self.seen.action[0] * ACTION_SCALE)
        return VelocityCommand(vx, vy, vz, turn, features.stamp)


@dataclass(slots=True)
class _Eyes:
    """A detector whose frames the agent sees too, small and grey."""

    detector: Detector
    onboard: Onboard

    def detect(self, frame: Frame) -> Detections:
        grey = frame.pixels if frame.pixels.ndim == 2 else cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY)
        self.onboard.seen.frame = np.asarray(cv2.resize(grey, SMALL, interpolation=cv2.INTER_AREA), np.uint8)
        return self.detector.detect(frame)


@dataclass(slots=True)
class _Boxes:
    """A tracker whose detections the agent sees too."""

    tracker: Tracker
    onboard: Onboard

    def reset(self) -> None:
        self.tracker.reset()

    def update(self, detections: Detections, state: DroneState) -> ObjectFeatures:
        self.onboard.seen.boxes = detections.dense()[None].astype(np.float64)
        return self.tracker.update(detections, state)


@dataclass(slots=True)
class _Standing:
    """A mission judgement whose every status the agent sees, not only each fifth."""

    inner: Progress
    onboard: Onboard

    @property
    def mission(self) -> Mission:
        return self.inner.mission

    @mission.setter
    def mission(self, mission: Mission) -> None:
        self.inner.mission = mission

    def reset(self) -> None:
        self.inner.reset()

    def update(self, features: ObjectFeatures) -> MissionStatus:
        status = self.inner.update(features)
        self.onboard.seen.status = status
        return status

    def declare_absent(self) -> None:
        self.inner.declare_absent()

    def choose(self, goal: int) -> None:
        self.inner.choose(goal)
