"""A whole flight in simulated time: camera, pipeline, supervisor and bridge, as `reprohrl fly` runs them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from firmware_bridge.aideck.frames import FrameAssembler
from firmware_bridge.virtual.deck_images import ImageSender, Kind
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionStatus, Option, OptionKind
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import FlightResult, Tick
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.supervisor import Supervisor
from tests.safety.flights import Flight

PERIOD_S = 0.1


class DeckInSimulatedTime:
    """The AI-deck's packets and our decoder, ten times a second on the flight's clock.

    frozen   no packets come
    tear     how many of the next frames arrive torn
    """

    def __init__(self, f: Flight) -> None:
        self._clock = f.clock
        self._sender, self.decoder = ImageSender(Kind.RAW), FrameAssembler()
        self._due = 0.0
        self.frozen, self.tear = False, 0

    def read(self, timeout_s: float) -> Frame | None:
        """Wait for the next whole frame, as the reader does."""
        end = self._clock.now() + timeout_s
        while self._clock.now() < end:
            self._clock.sleep(min(0.02, end - self._clock.now()))
            if self._clock.now() >= self._due:
                self._due = max(self._due + PERIOD_S, self._clock.now())
                frame = self._take()
                if frame is not None:
                    return frame
        return None

    def _take(self) -> Frame | None:
        if self.frozen:
            return None
        self._sender.tear_next, self.tear = self.tear > 0, max(0, self.tear - 1)
        pixels = np.full((24, 32), 90, np.uint8)
        images = [self.decoder.feed(p.data) for p in self._sender.packets(pixels)]
        whole = next((i for i in images if i is not None), None)
        return Frame(whole, self._clock.now()) if whole is not None else None


class SeesNothing:
    def detect(self, frame: Frame) -> Detections:
        return Detections(frame.stamp, ())


class OneOption:
    name = "search"

    def reset(self, *, seed: int = 0) -> None:
        """Nothing to forget."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        return Option(OptionKind.SEARCH, 0, features.stamp)


class Scripted:
    """A navigator: `act` is what the test says, of seconds since its first frame."""

    name = "scripted by the test"

    def __init__(self, act: Callable[[float], VelocityCommand]) -> None:
        self._act, self._first = act, None

    def reset(self, *, seed: int = 0) -> None:
        self._first: float | None = None

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        if self._first is None:
            self._first = features.stamp
        command = self._act(features.stamp - self._first)
        return VelocityCommand(command.vx, command.vy, command.vz, command.yaw_rate, features.stamp)


def mission(
    f: Flight,
    act: Callable[[float], VelocityCommand] = lambda _t: HOVER,
    *,
    event: Callable[[float, DeckInSimulatedTime], str | None] = lambda _t, _deck: None,
    config: SafetyConfig | None = None,
    limit_s: float = 12.0,
) -> tuple[FlightResult, DeckInSimulatedTime]:
    """Fly `act` until something ends it; `event` is told at each tick how long the flight lasts [s]."""
    deck = DeckInSimulatedTime(f)
    pipeline = Pipeline(
        SeesNothing(), ObjectTracker(), MissionTracker(Mission((0,))), OneOption(), Scripted(act)
    )
    began: list[float] = []

    def watch(tick: Tick) -> str | None:
        began[:] = began or [f.now]
        return event(f.now - began[0], deck)

    assert f.drone is not None
    result = fly(
        f.drone, deck, pipeline, Supervisor(config), f.clock, (watch,),
        options=FlightOptions(time_limit_s=limit_s, keep_frames=False),
    )  # fmt: skip
    return result, deck
