"""What the drone says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Range(IntEnum):
    """Order of `DroneState.ranges`: the multi-ranger deck's directions in the body frame."""

    FRONT = 0
    BACK = 1
    LEFT = 2
    RIGHT = 3
    UP = 4


MAX_RANGE_M = 4.0
"""Reach of the multi-ranger's VL53L1x sensors; a clear direction reads this."""


@dataclass(frozen=True, slots=True)
class DroneState:
    """One estimate of the drone's state.

    position    (x, y, z) [m] in the `odom` frame
    velocity    (vx, vy, vz) [m/s] in the yaw-aligned body frame (x forward, y left, z up)
    attitude    (roll, pitch, yaw) [rad], REP-103 signs
    yaw_rate    [rad/s]
    height      [m] above the floor
    ranges      front, back, left, right, up [m]; MAX_RANGE_M when nothing is in reach
    battery_v   [V] under load
    link        link quality in [0, 1]; 1 for a simulated or wired link
    stamp       [s] on the clock of the drone that produced it
    flying      False on the ground
    latency_s   95th percentile of the link's way there and back [s]; 0 where it is not measured
    rssi_dbm    signal strength; 0 where there is no radio
    estimate_std_mps    the estimator's own doubt of its velocity, 1 sigma [m/s]; 0 where it is not told
    """

    stamp: float
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    attitude: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw_rate: float = 0.0
    height: float = 0.0
    ranges: tuple[float, float, float, float, float] = (MAX_RANGE_M,) * 5
    battery_v: float = 4.1
    link: float = 1.0
    flying: bool = False
    latency_s: float = 0.0
    rssi_dbm: float = 0.0
    estimate_std_mps: float = 0.0

    @property
    def yaw(self) -> float:
        return self.attitude[2]
