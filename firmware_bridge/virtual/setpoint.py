"""`Setpoint`: what the stabilizer is asked for, whoever asks."""

from __future__ import annotations

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
    thrust    0..65535, for ATTITUDE without `hold_z`
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
    thrust: int = 0

    def levelled(self, z: float) -> Setpoint:
        """What the supervisor makes of a stale setpoint: level, height kept, x and y uncontrolled."""
        if self.mode is Mode.OFF:
            return self
        held = self.position[2] if self.hold_z or self.mode is Mode.POSITION else z
        return replace(
            self, mode=Mode.ATTITUDE, roll=0.0, pitch=0.0, yaw=None, yaw_rate=0.0, hold_z=True,
            position=(0.0, 0.0, held),
        )  # fmt: skip


OFF = Setpoint()
