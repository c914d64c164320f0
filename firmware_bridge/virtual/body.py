"""`VehicleBody`: what the virtual firmware needs of physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reprohrl.contracts.state import MAX_RANGE_M


@dataclass(frozen=True, slots=True)
class BodyState:
    """What the sensors and the estimator of the drone say.

    position  (x, y, z) [m], world frame
    velocity  (vx, vy, vz) [m/s], world frame
    attitude  (roll, pitch, yaw) [rad], REP-103 signs
    rates     (p, q, r) [rad/s], body frame
    ranges    front, back, left, right, up [m]
    force     what the accelerometer says [g], body frame; None: to be made from the velocities
    """

    position: tuple[float, float, float]
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    attitude: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ranges: tuple[float, float, float, float, float] = (MAX_RANGE_M,) * 5
    battery_v: float = 4.1
    force: tuple[float, float, float] | None = None


class VehicleBody(Protocol):
    """A drone whose inner loops (velocity or attitude) are closed by the physics."""

    def state(self) -> BodyState: ...

    def track_velocity(self, vx: float, vy: float, vz: float, yaw_rate: float) -> None:
        """Run the motors towards a velocity [m/s] in the yaw-aligned body frame and a yaw rate [rad/s]."""

    def track_attitude(self, roll: float, pitch: float, yaw_rate: float, climb: float) -> None:
        """Run the motors towards a roll and pitch [rad], a yaw rate [rad/s] and a climb rate [m/s]."""

    def cut(self) -> None:
        """Stop the motors until the next `track_*`."""

    def step(self, dt: float) -> None:
        """Advance by `dt` [s]."""
