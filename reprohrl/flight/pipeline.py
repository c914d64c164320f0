"""`Pipeline`: one frame in, one velocity command out. The stages and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionStatus, Option
from reprohrl.contracts.navigator import Navigator
from reprohrl.contracts.planner import Planner
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.contracts.state import DroneState
from reprohrl.mission.keeper import Keeper
from reprohrl.mission.ordered import report_option


class Detector(Protocol):
    def detect(self, frame: Frame) -> Detections: ...


class Tracker(Protocol):
    def reset(self) -> None: ...

    def update(self, detections: Detections, state: DroneState) -> ObjectFeatures: ...


class Progress(Protocol):
    """What judges the mission on board."""

    mission: Mission

    def reset(self) -> None: ...

    def update(self, features: ObjectFeatures) -> MissionStatus: ...

    def declare_absent(self) -> None: ...

    def choose(self, goal: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What each stage made of one frame; `latency_s` has the seconds each took, by stage."""

    detections: Detections
    features: ObjectFeatures
    status: MissionStatus
    option: Option
    command: VelocityCommand
    latency_s: dict[str, float] = field(default_factory=dict)


class Pipeline:
    """Frame -> detections -> features -> mission status -> option (every 5th frame) -> command.

    `detector` may be None where detections come from elsewhere (`step_detections`).
    """

    def __init__(
        self,
        detector: Detector | None,
        tracker: Tracker,
        mission: Progress,
        planner: Planner,
        navigator: Navigator,
    ) -> None:
        self.detector, self.tracker, self.mission = detector, tracker, mission
        self.planner, self.navigator = planner, navigator
        self._keeper = Keeper()
        self._frames = 0
        self._option: Option | None = None

    def reset(self, *, seed: int = 0) -> None:
        """Forget the past: the next frame is the first of a mission."""
        self.tracker.reset()
        self.mission.reset()
        self.planner.reset(seed=seed)
        self.navigator.reset(seed=seed)
        self._keeper.reset()
        self._frames, self._option = 0, None

    def step(self, frame: Frame, state: DroneState) -> Step:
        """Answer one frame; `state` is the drone's at the exposure."""
        if self.detector is None:
            raise TypeError("this pipeline has no detector: use step_detections")
        latency: dict[str, float] = {}
        with _timed(latency, "detect"):
            detections = self.detector.detect(frame)
        return self._answer(detections, state, latency)

    def step_detections(self, detections: Detections, state: DroneState) -> Step:
        """Answer the detections of one frame."""
        return self._answer(detections, state, {})

    def _answer(self, detections: Detections, state: DroneState, latency: dict[str, float]) -> Step:
        with _timed(latency, "track"):
            features = self.tracker.update(detections, state)
        with _timed(latency, "mission"):
            status = self.mission.update(features)
        with _timed(latency, "plan"):
            if self._option is None or self._frames % SELECTOR_EVERY == 0:
                self._option = self.planner.decide(features, status)
                report_option(self.mission, self._option, status)
        self._frames += 1
        with _timed(latency, "navigate"):
            command = self.navigator.act(features, self._option)
        if avoid := status.mission.avoid:
            with _timed(latency, "avoid"):
                command = self._keeper.limit(command, features, detections, avoid)
        return Step(detections, features, status, self._option, command, latency)


@contextmanager
def _timed(latency: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    latency[stage] = time.perf_counter() - start
