"""What a navigator asks of the drone: the level a Crazyflie takes over the air."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_VX_MPS = 0.5
MAX_VY_MPS = 0.3
MAX_VZ_MPS = 0.3
MAX_YAW_RATE_RADPS = 1.5


@dataclass(frozen=True, slots=True)
class VelocityCommand:
    """Velocity (vx, vy, vz) [m/s] in the yaw-aligned body frame and yaw rate [rad/s], left positive.

    `stamp` [s] is the stamp of the frame it was computed from.
    """

    vx: float = 0.0
    vy: float = 0.0
    vz: float = 0.0
    yaw_rate: float = 0.0
    stamp: float = 0.0

    def is_finite(self) -> bool:
        return all(math.isfinite(v) for v in (self.vx, self.vy, self.vz, self.yaw_rate))


HOVER = VelocityCommand()
