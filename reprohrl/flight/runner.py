"""`fly`: take off, run the pipeline once per frame under the supervisor, land by whatever door."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Camera, Drone, Frame, Remembers
from reprohrl.contracts.errors import ReprohrlError
from reprohrl.contracts.link import Talkative
from reprohrl.contracts.mission import MissionPhase, MissionStatus
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.flight.log import FlightHeader, FlightLog, LogRow, TruthRow, encode_frame
from reprohrl.flight.pipeline import Pipeline, Step
from reprohrl.flight.result import Ending, FlightResult, Observer, Tick
from reprohrl.mission.legs import longest_s
from reprohrl.planners.trace import TRACE_EVENT, Explains
from reprohrl.policies.view import view_of
from reprohrl.safety.conditions import Reaction, Verdict
from reprohrl.safety.supervisor import Supervisor

log = logging.getLogger(__name__)

FRAME_TIMEOUT_S = 1.5 * TICK_S
SLACK_S = 45.0
"""Time beyond the mission's own limits before the flight is ended from outside it."""

_SAME_CLOCK_S = 1.0
_POLL_S = 0.01
_RUNNING = (MissionPhase.IDLE, MissionPhase.ACTIVE, MissionPhase.PAUSED, MissionPhase.RETURNING)


@dataclass(slots=True)
class FlightOptions:
    """height_m of take-off; time_limit_s None: what the mission allows and some slack."""

    height_m: float = 0.8
    time_limit_s: float | None = None
    keep_frames: bool = True
    seed: int = 0


def fly(
    drone: Drone,
    camera: Camera,
    pipeline: Pipeline,
    supervisor: Supervisor,
    clock: Clock,
    observers: Iterable[Observer] = (),
    *,
    options: FlightOptions | None = None,
    truth: Callable[[], TruthRow] | None = None,
    header: FlightHeader | None = None,
) -> FlightResult:
    """Fly the pipeline's mission with a connected drone and return how it went.

    Returns with the drone on the ground after a mission's end, an order of the supervisor, the time
    limit, an observer's word, Ctrl-C or a `ReprohrlError`. Any other exception is raised again once landed.
    """
    flight = _Flight(
        drone, camera, pipeline, supervisor, clock, tuple(observers), options or FlightOptions(), truth
    )
    flight.log = FlightLog(header or FlightHeader(pipeline.mission.mission.names))
    return flight.run()


@dataclass(slots=True)
class _Flight:
    drone: Drone
    camera: Camera
    pipeline: Pipeline
    supervisor: Supervisor
    clock: Clock
    observers: tuple[Observer, ...]
    options: FlightOptions
    truth: Callable[[], TruthRow] | None
    log: FlightLog = field(init=False)
    status: MissionStatus | None = None
    states: deque[DroneState] = field(default_factory=lambda: deque(maxlen=32))
    frame_stamp: float | None = None
    cut: bool = False
    problems: list[str] = field(default_factory=list)

    def run(self) -> FlightResult:
        self.pipeline.reset(seed=self.options.seed)
        self.supervisor.reset()
        start = self.clock.now()
        ending, reason = Ending.ERROR, "take-off"
        try:
            self.drone.take_off(self.options.height_m)
            start = self.clock.now()
            ending, reason = self._loop(start + self._time_limit_s())
        except KeyboardInterrupt:
            ending, reason = Ending.INTERRUPTED, "interrupted by the operator"
        except ReprohrlError as error:
            ending, reason = Ending.ERROR, str(error)
            self.log.note(self._stamp(), "error", reason)
        finally:
            duration_s = self.clock.now() - start
            reason = self._with_own_reason(reason)
            self._come_down()
            if isinstance(self.pipeline.planner, Explains):
                self.pipeline.planner.close()
                self._hear_planner()
            self._hear()
            self.log.outcome = reason
            self.log.note(self._stamp(), "flight", f"{ending}: {reason}")
        return FlightResult(ending, reason, self.log, self.status, duration_s, self.problems)

    def _time_limit_s(self) -> float:
        mission = self.pipeline.mission.mission
        usual = longest_s(mission) + SLACK_S
        return usual if self.options.time_limit_s is None else self.options.time_limit_s

    def _loop(self, deadline: float) -> tuple[Ending, str]:
        while self.clock.now() < deadline:
            tick = self._tick()
            said = [word for observer in self.observers if (word := observer(tick))]
            if tick.verdict.reaction >= Reaction.LAND:
                self.cut = tick.verdict.reaction == Reaction.CUT
                causes = ", ".join(tick.verdict.active)
                return Ending.SUPERVISOR, f"{tick.verdict.reaction.word}: {causes}"
            if said:
                return Ending.STOPPED, said[0]
            if self.status is not None and self.status.phase not in _RUNNING:
                return Ending.MISSION_ENDED, self.status.reason or str(self.status.phase)
        return Ending.TIME_LIMIT, "the flight's time limit passed"

    def _tick(self) -> Tick:
        began = self.clock.now()
        frame = self._next_frame(began)
        arrived = time.perf_counter()
        state = self.drone.state()
        self.states.append(state)
        step = None
        if frame is not None:
            self.frame_stamp = frame.stamp
            step = self.pipeline.step(frame, self._state_at(frame.stamp))
            self.status = step.status
        checked = time.perf_counter()
        verdict = self.supervisor.check(
            self.clock.now(), step.command if step else None, state, self.frame_stamp
        )
        if verdict.reaction < Reaction.LAND:
            self.drone.send(verdict.command)
        done = time.perf_counter()
        latency = {**step.latency_s, "supervise": done - checked, "total": done - arrived} if step else {}
        truth = self.truth() if self.truth is not None else None
        self._record(frame, state, step, verdict, latency, truth)
        return Tick(self.clock.now(), frame, step, verdict, truth, self.log)

    def _next_frame(self, began: float) -> Frame | None:
        """Wait for the next frame, at most one for each tick however fast the camera is."""
        while (left := began + FRAME_TIMEOUT_S - self.clock.now()) > 0.0:
            frame = self.camera.read(timeout_s=left)
            if frame is None:
                break
            if self.frame_stamp is None or not 0.0 <= frame.stamp - self.frame_stamp < 0.75 * TICK_S:
                return frame
            self.clock.sleep(_POLL_S)
        if self.clock.now() - began < 0.5 * TICK_S:
            self.clock.sleep(TICK_S)  # a camera that answers "nothing" at once must not make a busy loop
        return None

    def _state_at(self, stamp: float) -> DroneState:
        """Return the state nearest the exposure; the newest where the clocks have nothing in common."""
        newest = self.states[-1]
        if abs(newest.stamp - stamp) > _SAME_CLOCK_S:
            return newest
        if isinstance(self.drone, Remembers):
            return self.drone.state_at(stamp)
        return min(reversed(self.states), key=lambda s: abs(s.stamp - stamp))

    def _record(
        self, frame: Frame | None, state: DroneState, step: Step | None, verdict: Verdict,
        latency: dict[str, float], truth: TruthRow | None,
    ) -> None:  # fmt: skip
        stamp = frame.stamp if frame is not None else state.stamp
        self.log.add(
            LogRow(
                stamp,
                state,
                step.detections if step else Detections(stamp, ()),
                step.status if step else None,
                step.option if step else None,
                step.command if step else None,
                verdict.command,
                verdict.reaction.word,
                latency,
                truth,
                encode_frame(frame.pixels) if frame is not None and self.options.keep_frames else b"",
                view_of(step.features, step.option) if step else None,
            )
        )
        for event in verdict.events:
            self.log.note(stamp, "supervisor", event.message)
        self._hear_planner()
        self._hear()

    def _with_own_reason(self, reason: str) -> str:
        """Return the reason and, where the drone acted by itself, what it says of it."""
        own = self.drone.failsafe if isinstance(self.drone, Talkative) else ""
        return reason if not own or own in reason else f"{reason}; the bridge: {own}"

    def _hear_planner(self) -> None:
        """Write down how a planner that reads came to its decisions."""
        if isinstance(self.pipeline.planner, Explains):
            for trace in self.pipeline.planner.traces():
                self.log.note(trace.stamp, TRACE_EVENT, trace.sentence(), trace.to_dict())

    def _hear(self) -> None:
        """Write down what the drone said and did by itself."""
        if isinstance(self.drone, Talkative):
            for note in self.drone.notes():
                self.log.note(note.stamp, note.kind, note.text)

    def _come_down(self) -> None:
        """Land, or cut when the supervisor said so; a failure is recorded, for nothing else can be done."""
        try:
            if self.cut:
                self.drone.emergency_stop()
            else:
                self.drone.land()
        except ReprohrlError as error:
            log.error("landing failed: %s", error)
            self.problems.append(str(error))
            self.log.note(self._stamp(), "error", f"landing failed: {error}")

    def _stamp(self) -> float:
        return self.log.rows[-1].stamp if self.log.rows else 0.0
