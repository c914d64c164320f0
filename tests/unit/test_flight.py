"""A flight takes off, follows its mission under the supervisor, and comes down by whatever door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.features import NUM_HEADINGS, NUM_SECTORS, F, ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import Ending, FlightResult, Tick
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.safety.supervisor import Supervisor


class PointDrone:
    """Follows velocities perfectly; time passes while a frame is awaited."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.at = DroneState(stamp=0.0)
        self.command = HOVER
        self.calls: list[str] = []
        self.breaks_after_s = float("inf")

    def advance(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        x, y, z = self.at.position
        self.at = replace(self.at, stamp=self.clock.now(), position=(x + self.command.vx * seconds, y, z))

    def connect(self) -> None: ...

    def take_off(self, height_m: float = 0.8) -> None:
        self.calls.append("take off")
        self.clock.sleep(2.0)
        self.at = replace(
            self.at, flying=True, height=height_m, position=(0.0, 0.0, height_m), stamp=self.clock.now()
        )

    def send(self, command: VelocityCommand) -> None:
        if self.clock.now() > self.breaks_after_s:
            raise LinkError("the drone does not answer")
        self.command = command

    def state(self) -> DroneState:
        return self.at

    def land(self) -> None:
        self.calls.append("land")
        self.at = replace(self.at, flying=False, height=0.0)

    def emergency_stop(self) -> None:
        self.calls.append("cut")

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class TickCamera:
    def __init__(self, drone: PointDrone) -> None:
        self.drone = drone
        self.frozen_after_s = float("inf")

    def read(self, timeout_s: float) -> Frame | None:
        if self.drone.clock.now() > self.frozen_after_s:
            self.drone.advance(timeout_s)
            return None
        self.drone.advance(TICK_S)
        return Frame(np.zeros((4, 6), np.uint8), self.drone.clock.now())


class NoDetections:
    def detect(self, frame: Frame) -> Detections:
        return Detections(frame.stamp, ())


class Memoryless:
    def reset(self) -> None: ...

    def update(self, detections: Detections, state: DroneState) -> ObjectFeatures:
        values = np.zeros((6, len(F)), np.float32)
        sectors, looked = np.zeros(NUM_SECTORS, np.float32), np.zeros(NUM_HEADINGS, np.float32)
        return ObjectFeatures(values, sectors, looked, state, detections.stamp)


class LineMission:
    """Succeeds past x = 1 m."""

    mission = Mission((0,), time_limit_per_goal_s=20.0)

    def reset(self) -> None: ...

    def update(self, features: ObjectFeatures) -> MissionStatus:
        done = features.state.position[0] > 1.0
        phase = MissionPhase.SUCCEEDED if done else MissionPhase.ACTIVE
        reason = "all goals reached" if done else ""
        return MissionStatus(self.mission, int(done), phase, features.stamp, reason=reason)


class Scripted:
    """Planner and navigator in one: counts its calls and flies what `fly` returns."""

    name = "scripted"

    def __init__(self, fly: Callable[[float], VelocityCommand]) -> None:
        self.fly, self.decisions, self.acts = fly, 0, 0

    def reset(self, *, seed: int = 0) -> None: ...

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        self.decisions += 1
        return Option(OptionKind.GO_TO, 0, features.stamp)

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        self.acts += 1
        return replace(self.fly(features.stamp), stamp=features.stamp)


class World:
    def __init__(
        self, fly_how: Callable[[float], VelocityCommand] = lambda t: VelocityCommand(vx=0.41)
    ) -> None:
        self.clock = ManualClock(50.0)
        self.drone = PointDrone(self.clock)
        self.camera = TickCamera(self.drone)
        self.policy = Scripted(fly_how)
        self.pipeline = Pipeline(NoDetections(), Memoryless(), LineMission(), self.policy, self.policy)

    def fly(self, *observers: Callable[[Tick], str | None], **options: float) -> FlightResult:
        return fly(
            self.drone, self.camera, self.pipeline, Supervisor(), self.clock, observers,
            options=FlightOptions(**options),  # type: ignore[arg-type]
        )  # fmt: skip


def test_a_mission_is_flown_logged_and_landed() -> None:
    world = World()
    result = world.fly()
    assert result.success and result.ending is Ending.MISSION_ENDED and result.reason == "all goals reached"
    assert world.drone.calls == ["take off", "land"]
    assert result.duration_s == pytest.approx(2.6) and len(result.log.rows) == 26
    row = result.log.rows[-1]
    assert row.supervised.vx == 0.41 and row.reaction == "pass" and row.jpeg
    assert set(row.latency_s) == {"detect", "track", "mission", "plan", "navigate", "supervise", "total"}
    assert result.log.outcome == "all goals reached"
    assert [e.kind for e in result.log.events] == ["mission", "mission", "mission", "flight"]


def test_the_planner_decides_on_every_fifth_frame_and_the_navigator_on_each() -> None:
    world = World()
    world.fly()
    assert (world.policy.decisions, world.policy.acts) == (6, 26)


def test_each_frame_is_answered_with_the_state_at_its_exposure() -> None:
    world = World()
    seen = []
    world.fly(lambda tick: seen.append(tick.step.features.state.stamp - tick.frame.stamp))
    assert seen == [0.0] * 26


def test_a_frozen_camera_ends_in_a_landing_that_says_why() -> None:
    world = World()
    world.camera.frozen_after_s = 53.0
    result = world.fly()
    assert result.ending is Ending.SUPERVISOR and result.reason.startswith("land: ")
    assert "stale camera" in result.reason and not result.success
    assert world.drone.calls[-1] == "land"
    assert world.drone.at.position[0] < 0.4 + 0.25  # a second of flight, then it hovered
    assert any(e.kind == "supervisor" and "stale camera" in e.text for e in result.log.events)


def test_a_policy_gone_mad_is_landed() -> None:
    result = World(lambda t: VelocityCommand(vx=float("nan") if t > 53 else 0.1)).fly()
    assert result.ending is Ending.SUPERVISOR and "invalid command" in result.reason


def test_a_tumble_cuts_the_motors() -> None:
    world = World()

    def upset(tick: Tick) -> None:
        if tick.now > 53.0:
            world.drone.at = replace(world.drone.at, attitude=(2.5, 0.0, 0.0))

    assert world.fly(upset).reason.startswith("cut: ")
    assert world.drone.calls == ["take off", "cut"]


@pytest.mark.parametrize(
    ("error", "ending"), [(KeyboardInterrupt, Ending.INTERRUPTED), (LinkError, Ending.ERROR)]
)
def test_ctrl_c_and_link_errors_land_and_are_reported(error: type[BaseException], ending: Ending) -> None:
    def fail(tick: Tick) -> None:
        raise error("the link is gone")

    world = World()
    assert world.fly(fail).ending is ending
    assert world.drone.calls == ["take off", "land"]


def test_a_bug_lands_first_and_is_raised_then() -> None:
    def fail(tick: Tick) -> None:
        raise ZeroDivisionError

    world = World()
    with pytest.raises(ZeroDivisionError):
        world.fly(fail)
    assert world.drone.calls == ["take off", "land"]


def test_a_lost_drone_is_an_error_and_landing_is_still_tried() -> None:
    world = World()
    world.drone.breaks_after_s = 53.0
    result = world.fly()
    assert result.ending is Ending.ERROR and result.reason == "the drone does not answer"
    assert world.drone.calls == ["take off", "land"]


def test_observers_and_the_time_limit_end_a_flight() -> None:
    result = World().fly(lambda tick: "touched a wall" if tick.now > 53 else None)
    assert (result.ending, result.reason) == (Ending.STOPPED, "touched a wall")
    idle = World(lambda t: HOVER).fly(time_limit_s=5.0)
    assert idle.ending is Ending.TIME_LIMIT and idle.duration_s == pytest.approx(5.0, abs=0.11)


def test_a_camera_that_repeats_one_frame_counts_as_frozen() -> None:
    world = World()
    frame = Frame(np.zeros((4, 6), np.uint8), 52.0)
    world.camera.read = lambda timeout_s: frame  # type: ignore[method-assign]
    result = world.fly(lambda tick: world.drone.advance(0.0))
    assert result.ending is Ending.SUPERVISOR and "stale camera" in result.reason


def test_a_fast_camera_is_answered_ten_times_a_second() -> None:
    world = World()

    def read(timeout_s: float) -> Frame:
        world.drone.advance(1 / 60)
        return Frame(np.zeros((4, 6), np.uint8), world.clock.now())

    world.camera.read = read  # type: ignore[method-assign]
    result = world.fly()
    assert result.success and 9.0 < len(result.log.rows) / result.duration_s < 13.5
