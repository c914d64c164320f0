"""The protocol every simulated world keeps, whoever integrates it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from sim.scene import Scene


@dataclass(frozen=True, slots=True)
class Truth:
    """What only a simulator knows. World frame, SI units.

    position, velocity   (3,) [m], [m/s]
    attitude             (3,) roll, pitch, yaw [rad]
    contact              what was hit in the last 0.1 s: "wall" (an inner one, too), "floor", "ceiling",
                         "obstacle", "goal:<class>", or None; standing on the floor or landing
                         gently is no contact
    goal_distance_m      (K,) from the drone's surface to each goal object's, inf where the scene has none
    stamp                [s] of simulated time
    rates                (3,) angular velocity, body frame [rad/s]
    """

    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    attitude: NDArray[np.float64]
    contact: str | None
    goal_distance_m: NDArray[np.float64]
    stamp: float
    rates: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))


class World(Protocol):
    """One drone in one scene. Commands take effect after the world's latency."""

    @property
    def time(self) -> float:
        """Simulated seconds since `reset`."""
        ...

    @property
    def scene(self) -> Scene: ...

    def reset(self, scene: Scene, *, airborne: bool = False) -> None:
        """Put the drone on the floor below the scene's start, motors off; or hovering at the start."""

    def set_command(self, command: VelocityCommand) -> None:
        """Fly a velocity. Raises `UserError` when it is not finite."""

    def set_attitude(self, roll: float, pitch: float, yaw_rate: float, vz: float) -> None:
        """Hold a roll and pitch [rad] at a yaw rate [rad/s] and climb rate [m/s], REP-103 signs."""

    def set_motors_off(self, off: bool) -> None:
        """Cut the motors at once and ignore setpoints; or, with False, start them and hover."""

    def step(self, dt: float = TICK_S) -> None:
        """Let `dt` [s] pass; physics runs at 240 Hz."""

    def state(self) -> DroneState:
        """The newest estimate of the drone, with sensor noise."""
        ...

    def truth(self) -> Truth: ...
