"""The one protocol every drone speaks: simulated, virtual or real."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.state import DroneState


class Drone(Protocol):
    """A drone that flies velocity commands. A context manager: leaving it lands or stops.

    All calls have deadlines of their own and raise `LinkError` when the drone does not answer.
    """

    def connect(self) -> None:
        """Open the link; returns when state arrives."""

    def take_off(self, height_m: float = 0.8) -> None:
        """Arm where needed and climb; returns once the height is reached."""

    def send(self, command: VelocityCommand) -> None:
        """Set the velocity setpoint; the drone follows it until the next one (or its watchdog)."""

    def state(self) -> DroneState:
        """Return the newest state."""
        ...

    def land(self) -> None:
        """Descend and stop the motors; returns when on the floor."""

    def emergency_stop(self) -> None:
        """Cut the motors now."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Remembers(Protocol):
    """A drone that keeps its states of the last seconds, more of them than anyone asks for."""

    def state_at(self, stamp: float) -> DroneState:
        """Return the state nearest to `stamp` [s]."""
        ...


class Camera(Protocol):
    """A source of frames."""

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, or None when none came in time."""
        ...


class Frame:
    """One image. `pixels` is (H, W) grey or (H, W, 3) RGB, uint8; `stamp` [s] is the exposure."""

    __slots__ = ("pixels", "stamp")

    def __init__(self, pixels: NDArray[np.uint8], stamp: float) -> None:
        self.pixels = pixels
        self.stamp = stamp
