"""The protocol of a backend: a drone and its camera, observed one frame at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.state import DroneState


@dataclass(frozen=True, slots=True)
class TruthReport:
    """What a simulated backend knows. World frame, SI units; `boxes` are those of the frame."""

    position: tuple[float, float, float]
    velocity: tuple[float, float, float]
    attitude: tuple[float, float, float]
    contact: str
    goal_distance_m: tuple[float, ...]
    boxes: Detections


@dataclass(frozen=True, slots=True)
class Observation:
    """One tick. `stamp` [s, ROS time] is the frame's exposure, or the state's when no frame came."""

    stamp: float
    state: DroneState
    frame: Frame | None
    truth: TruthReport | None


class Backend(Protocol):
    """All calls come from one thread. Times are ROS time: simulated where `simulated` is true."""

    simulated: bool

    def describe(self) -> dict[str, Any]:
        """Plain data for the flight's header: backend, task, seed, scene, origin."""
        ...

    def open(self) -> None:
        """Connect. Raises `LinkError`."""

    def now(self) -> float:
        """Seconds of ROS time."""
        ...

    def observe(self) -> Observation:
        """Wait for the next frame, at most about a tick and a half; a simulated world steps up to it."""
        ...

    def rest(self) -> Observation:
        """Return the state at once, without a frame; may be called from another thread."""
        ...

    def idle(self) -> Observation:
        """Return a frame on the ground where there is one, so that the stages can be seen to work.

        A simulated world stands still; only the stamps go on.
        """
        ...

    def take_off(self, height_m: float) -> None:
        """Climb and hover. Raises `LinkError`."""

    def send(self, command: VelocityCommand) -> None: ...

    def land(self) -> None:
        """Land and stop the motors. Raises `LinkError`."""

    def emergency_stop(self) -> None:
        """Cut the motors now; may be called from another thread."""

    def feed_dead_man(self) -> None:
        """Take the operator's signal, where one is asked for; may be called from another thread."""

    def news(self) -> list[tuple[float, str, str]]:
        """Return (ROS time, kind, text) of what the drone said and did by itself since the last call."""
        ...

    def freeze_camera(self, frozen: bool) -> bool:
        """Stop or resume the frames, where the backend can; return whether it can."""
        ...

    def close(self) -> None: ...
