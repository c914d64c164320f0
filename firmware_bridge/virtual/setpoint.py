"""`Setpoint`: what the stabilizer is asked for, whoever asks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum


class Priority(IntEnum):
    """Who may overrule whom (commander.h)."""

    DISABLE = 0
    HIGH_LEVEL = 1
    CRTP = 2


class Mode(IntEnum):
    OFF = 0
    VELOCITY = 1
    POSITION = 2
    ATTITUDE = 3


@dataclass(frozen=True, slots=True)
class Setpoint:
    """One setpoint; the fields its mode does not use are ignored.

    velocity  [m/s]: yaw-aligned body frame when `body_frame`, else world
    position  [m], world frame; in other modes only z counts, and only when `hold_z`
    roll, pitch, yaw [rad] REP-103; `yaw` None means: follow `yaw_rate` [rad/s]
    climb     climb rate of ATTITUDE without `hold_z` [m/s]; None: by `thrust`
    thrust    0..65535, for ATTITUDE without `hold_z` and `climb`
    """

    mode: Mode = Mode.OFF
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    body_frame: bool = False
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    hold_z: bool = False
    roll: float = 0.0
    pitch: float = 0.0
    yaw: float | None = None
    yaw_rate: float = 0.0
    climb: float | None = None
    thrust: int = 0

    def levelled(self) -> Setpoint:
        """What the supervisor makes of a stale setpoint: level, x and y uncontrolled, z as it was asked."""
        if self.mode is Mode.OFF:
            return self
        climb = self.velocity[2] if self.mode is Mode.VELOCITY else self.climb
        return replace(
            self, mode=Mode.ATTITUDE, roll=0.0, pitch=0.0, yaw=None, yaw_rate=0.0, climb=climb,
            hold_z=self.hold_z or self.mode is Mode.POSITION,
        )  # fmt: skip

    @property
    def runs_motors(self) -> bool:
        """True when motors turn for it. What is not finite ends as no thrust in the firmware's controller."""
        if self.mode is Mode.OFF or not self.is_finite:
            return False
        return self.mode is not Mode.ATTITUDE or self.hold_z or self.climb is not None or self.thrust > 0

    @property
    def is_finite(self) -> bool:
        numbers = (*self.velocity, *self.position, self.roll, self.pitch, self.yaw_rate)
        return all(math.isfinite(v) for v in (*numbers, self.yaw or 0.0, self.climb or 0.0))


OFF = Setpoint()
