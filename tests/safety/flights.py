"""Bridge and virtual Crazyflie in simulated time: what the safety suite flies, and how it is judged.

Stock cflib, the real bridge, the virtual firmware and the compiled world; the link is in memory, so that
every run is the same and a loaded machine changes nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from firmware_bridge.dead_man import DeadMan
from firmware_bridge.drone import BridgeSettings, CrazyflieDrone
from firmware_bridge.lockstep.channel import PERFECT, LinkProfile
from firmware_bridge.lockstep.loopback import Loopback
from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.variables import Variable
from firmware_bridge.virtual.world_body import WorldBody
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from sim.fast.world import FastWorld
from sim.scene import Light, Room, Scene, Start, Surface
from tests.contract.scenes import goal

TICK_S = 0.1
_PLAIN = Surface((0.7, 0.7, 0.7))
HALL = Scene(
    "S1", 0, Room((16.0, 16.0, 3.0), (_PLAIN,) * 6), (goal(0, 7.0, 7.0, 0.8),), Light((0.0, 0.0, 2.8)),
    Start((0.0, 0.0, 1.0), 0.0), (0,),
)  # fmt: skip
"""Large and empty: what stops the drone is a failsafe, not a wall."""


class FaultyBody(WorldBody):
    """A body whose sensors can be lied to: `lie` maps what they say to what they shall say."""

    lie: Callable[[BodyState], BodyState] | None = None

    def state(self) -> BodyState:
        state = super().state()
        return self.lie(state) if self.lie is not None else state


@dataclass(slots=True)
class Sample:
    """One moment of the truth."""

    time: float
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]
    motors: bool


class Flight:
    """A drone that can be flown and broken. Times are simulated; `trace` has the truth, 25 times a second."""

    def __init__(self, folder: Path, profile: LinkProfile, seed: int, require_arming: bool) -> None:
        self.world = FastWorld(seed=seed, noise=False, latency_s=0.0)
        self.world.reset(HALL)
        self.body = FaultyBody(self.world)
        self.loopback = Loopback(self.body, profile=profile, seed=seed, require_arming=require_arming)
        self.clock, self.firmware = self.loopback.clock, self.loopback.firmware
        self.folder = folder
        self.said: list[str] = []
        self.trace: list[Sample] = []
        self.drone: CrazyflieDrone | None = None
        self.clock.every(0.04, self._look)

    def fault_log(self, name: str, fault: Callable[[float], float]) -> None:
        """Let the drone log something else than it knows. Before `connect`."""
        names = [v.name for v in self.firmware.variables]
        true = self.firmware.variables[names.index(name)]
        self.firmware.variables[names.index(name)] = Variable(name, true.kind, lambda f: fault(true.read(f)))

    def connect(
        self, settings: BridgeSettings | None = None, dead_man: DeadMan | None = None
    ) -> CrazyflieDrone:
        drone = CrazyflieDrone(
            self.loopback.uri, clock=self.clock, cache=self.folder / "cache", settings=settings,
            dead_man=dead_man, progress=self.said.append, connect_timeout_s=20.0,
        )  # fmt: skip
        drone.connect()
        self.drone = drone
        return drone

    def fly(self, seconds: float, command: VelocityCommand | Callable[[float], VelocityCommand]) -> str:
        """Send a command ten times a second; return the failsafe's reason once `send` raises."""
        assert self.drone is not None
        end = self.now + seconds
        while self.now < end - 1e-9:
            try:
                self.drone.send(command(self.now) if callable(command) else command)
            except LinkError as error:
                return error.why
            self.wait(TICK_S)
        return ""

    def wait(self, seconds: float) -> None:
        """Let time pass; nobody says anything."""
        self.clock.sleep(seconds)

    def until(self, done: Callable[[], bool], limit_s: float) -> float:
        """Let time pass until `done`; return how long it took. Fails after `limit_s`."""
        start = self.now
        while not done():
            assert self.now - start < limit_s, f"not within {limit_s} s; {self.describe()}"
            self.wait(0.02)
        return self.now - start

    @property
    def now(self) -> float:
        return self.clock.now()

    @property
    def sample(self) -> Sample:
        t = self.world.truth()
        p, v = (tuple(float(x) for x in values) for values in (t.position, t.velocity))
        return Sample(self.now, p, v, not self.world.motors_off)  # type: ignore[arg-type]

    @property
    def height(self) -> float:
        return self.sample.position[2]

    @property
    def speed(self) -> float:
        return math.hypot(*self.sample.velocity)

    @property
    def locked(self) -> bool:
        return bool(self.firmware.info() & 1 << 6)

    @property
    def messages(self) -> list[str]:
        """What the bridge noted so far, the drone's console included."""
        assert self.drone is not None
        self.said += [n.text for n in self.drone.notes()]
        return self.said

    def describe(self) -> str:
        s = self.sample
        return f"at {s.position}, {s.velocity} m/s, motors {s.motors}, said {self.said[-3:]}"

    def since(self, start: float) -> list[Sample]:
        return [s for s in self.trace if s.time >= start]

    def drift(self, start: float) -> float:
        """Return how far [m] it went horizontally from where it was at `start`."""
        samples = self.since(start)
        x, y, _ = samples[0].position
        return max(math.hypot(s.position[0] - x, s.position[1] - y) for s in samples)

    def _look(self) -> None:
        self.trace.append(self.sample)

    def close(self) -> None:
        if self.drone is not None:
            self.drone.close()
        self.loopback.close()


@contextmanager
def flight(
    folder: Path, *, profile: LinkProfile = PERFECT, seed: int = 0, require_arming: bool = False
) -> Iterator[Flight]:
    made = Flight(folder, profile, seed, require_arming)
    try:
        yield made
    finally:
        made.close()


def is_down(f: Flight, *, locked: bool = False, within_m: float = 2.0, since: float = 0.0) -> None:
    """Nobody hovers, nobody flew away, and nobody is locked unless that is the row's reaction.

    Waits at most 8 s for the floor, and then one more: what is down stays down.
    """
    f.until(lambda: f.height < 0.1 and not f.sample.motors, 8.0)
    f.wait(1.0)
    assert f.height < 0.1 and not f.sample.motors, f.describe()
    assert f.locked == locked, f.loopback.console_text
    assert f.drift(since) < within_m, f"{f.drift(since):.2f} m"
    assert max(s.position[2] for s in f.trace) < 2.4


def wander(seed: int) -> Callable[[float], VelocityCommand]:
    """A policy that changes its mind twice a second."""
    rng = random.Random(seed)
    held = [0.0, VelocityCommand()]

    def command(now: float) -> VelocityCommand:
        if now >= held[0]:
            values = (rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.3), rng.uniform(-0.2, 0.2))
            held[:] = [now + 0.5, VelocityCommand(*values, rng.uniform(-1.5, 1.5))]
        return held[1]  # type: ignore[return-value]

    return command


def rolled(angle_rad: float) -> Callable[[BodyState], BodyState]:
    """The sensors of a drone that lies on its side or back, wherever it really is."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return lambda state: replace(
        state, attitude=(angle_rad, state.attitude[1], state.attitude[2]), force=(0.0, float(s), float(c))
    )


def shifted(x: float, y: float, z: float = 0.0) -> Callable[[BodyState], BodyState]:
    """An estimate that is off by so much [m]."""
    return lambda state: replace(state, position=tuple(float(v) for v in np.add(state.position, (x, y, z))))  # type: ignore[arg-type]
