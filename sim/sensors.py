"""What the drone believes: flow odometry with drift, noisy height, attitude, ranges and battery voltage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.state import MAX_RANGE_M, DroneState
from sim.attitude import quat_to_matrix
from sim.dynamics.layout import S
from sim.ranger import multi_ranger


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """Standard deviations of white noise, and of slow biases that wander with their time constant."""

    velocity_mps: float = 0.02
    velocity_bias_mps: float = 0.006  # flow deck: some 15 cm of drift in a minute
    velocity_bias_tau_s: float = 10.0
    yaw_bias_radps: float = 0.001
    yaw_bias_tau_s: float = 60.0
    attitude_rad: float = 0.004
    yaw_rate_radps: float = 0.02
    height_m: float = 0.004  # VL53L1x below 2.5 m
    range_m: float = 0.01
    range_ratio: float = 0.01
    voltage_v: float = 0.01


SILENT = SensorNoise(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)
"""Sensors that report the truth."""


class Sensors:
    """Measures one drone's state row; seeded, and stateful through its drifts.

    The odometry frame starts aligned with the world frame and drifts away from it.
    """

    def __init__(self, noise: SensorNoise, rng: np.random.Generator) -> None:
        self._noise, self._rng = noise, rng
        self._velocity_bias = noise.velocity_bias_mps * rng.standard_normal(2)
        self._yaw_bias = noise.yaw_bias_radps * rng.standard_normal()
        self._drift = np.zeros(3)  # x, y [m], yaw [rad]
        self._ranges = np.zeros(5)
        self._rotation = np.zeros((3, 3))
        self._last_stamp: float | None = None

    def measure(
        self,
        row: NDArray[np.float64],
        objects: NDArray[np.float64],
        half_room: NDArray[np.float64],
        stamp: float,
        flying: bool,
    ) -> DroneState:
        """Return the estimate of the state `row` (S.SIZE,) among `objects` (M, 10), see `Scene.geometry`."""
        n, white = self._noise, self._rng.standard_normal(17)
        dt = 0.0 if self._last_stamp is None else stamp - self._last_stamp
        self._last_stamp = stamp
        if not flying:
            dt = 0.0  # the estimate of a drone that stands does not drift
        self._wander(dt, white[14:17])
        x, y, z = (float(v) for v in row[S.POS : S.POS + 3])
        quat_to_matrix(row[S.QUAT : S.QUAT + 4], self._rotation)
        r = self._rotation
        yaw = math.atan2(r[1, 0], r[0, 0])
        c, s = math.cos(yaw), math.sin(yaw)
        vx, vy, vz = (float(v) for v in row[S.VEL : S.VEL + 3])
        bias = self._velocity_bias if flying else np.zeros(2)
        forward = c * vx + s * vy + bias[0]
        left = -s * vx + c * vy + bias[1]
        self._drift[0] += (c * bias[0] - s * bias[1]) * dt
        self._drift[1] += (s * bias[0] + c * bias[1]) * dt
        multi_ranger(objects, half_room, x, y, z, r, self._ranges)
        ranges = self._ranges + (n.range_m + n.range_ratio * self._ranges) * white[:5]
        ranges = np.where(self._ranges >= MAX_RANGE_M, MAX_RANGE_M, np.clip(ranges, 0.0, MAX_RANGE_M))
        height = max(float(z + n.height_m * white[5]), 0.0)
        heading = yaw + self._drift[2] + n.attitude_rad * white[9]
        return DroneState(
            stamp=stamp,
            position=(x + float(self._drift[0]), y + float(self._drift[1]), height),
            velocity=(
                float(forward + n.velocity_mps * white[6]),
                float(left + n.velocity_mps * white[7]),
                float(vz + n.velocity_mps * white[8]),
            ),
            attitude=(
                float(math.atan2(r[2, 1], r[2, 2]) + n.attitude_rad * white[10]),
                float(-math.asin(max(-1.0, min(1.0, r[2, 0]))) + n.attitude_rad * white[11]),
                float(math.atan2(math.sin(heading), math.cos(heading))),
            ),
            yaw_rate=float(row[S.RATE + 2] + n.yaw_rate_radps * white[12]),
            height=height,
            ranges=(float(ranges[0]), float(ranges[1]), float(ranges[2]), float(ranges[3]), float(ranges[4])),
            battery_v=float(row[S.VOLTAGE] + n.voltage_v * white[13]),
            flying=flying,
        )

    def _wander(self, dt: float, white: NDArray[np.float64]) -> None:
        """Advance the slow biases (Ornstein-Uhlenbeck) and the yaw drift by `dt` [s]."""
        n = self._noise
        keep = math.exp(-dt / n.velocity_bias_tau_s)
        self._velocity_bias *= keep
        self._velocity_bias += n.velocity_bias_mps * math.sqrt(1.0 - keep * keep) * white[:2]
        keep = math.exp(-dt / n.yaw_bias_tau_s)
        self._yaw_bias = keep * self._yaw_bias + n.yaw_bias_radps * math.sqrt(1.0 - keep * keep) * white[2]
        self._drift[2] += self._yaw_bias * dt
