"""A `VehicleBody` of a few lines: first-order velocity, a floor, gravity when the motors are off."""

from __future__ import annotations

import math

from firmware_bridge.virtual.body import BodyState

LAG_S = 0.1
GRAVITY = 9.81


class KinematicBody:
    """Deterministic. `position` [m], `velocity` [m/s], world frame; `yaw` [rad]."""

    def __init__(self, position: tuple[float, float, float] = (0.0, 0.0, 0.0), yaw: float = 0.0) -> None:
        self.position = list(position)
        self.velocity = [0.0, 0.0, 0.0]
        self.roll, self.pitch, self.yaw = 0.0, 0.0, yaw
        self.yaw_rate = 0.0
        self.battery_v = 4.0
        self.motors = False
        self._target = (0.0, 0.0, 0.0)
        self._tilted = False

    def state(self) -> BodyState:
        x, y, z = self.position
        vx, vy, vz = self.velocity
        return BodyState(
            (x, y, z), (vx, vy, vz), (self.roll, self.pitch, self.yaw), (0.0, 0.0, self.yaw_rate),
            (1.0, 2.0, 0.5, 4.0, 4.0), self.battery_v,
        )  # fmt: skip

    def track_velocity(self, vx: float, vy: float, vz: float, yaw_rate: float) -> None:
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        self._target = (c * vx - s * vy, s * vx + c * vy, vz)
        self.motors, self._tilted, self.yaw_rate = True, False, yaw_rate

    def track_attitude(self, roll: float, pitch: float, yaw_rate: float, climb: float) -> None:
        self._target = (GRAVITY * math.tan(pitch), -GRAVITY * math.tan(roll), climb)
        self.motors, self._tilted, self.yaw_rate = True, True, yaw_rate

    def cut(self) -> None:
        self.motors, self.yaw_rate = False, 0.0

    def step(self, dt: float) -> None:
        blend = dt / (LAG_S + dt)
        if not self.motors:
            self.velocity[2] -= GRAVITY * dt
        elif self._tilted:  # level means coasting: x and y are uncontrolled
            for i in (0, 1):
                self.velocity[i] += self._target[i] * dt
            self.velocity[2] += blend * (self._target[2] - self.velocity[2])
        else:
            for i in range(3):
                self.velocity[i] += blend * (self._target[i] - self.velocity[i])
        for i in range(3):
            self.position[i] += self.velocity[i] * dt
        self.yaw = math.remainder(self.yaw + self.yaw_rate * dt, 2 * math.pi)
        if self.position[2] <= 0.0:
            self.position[2] = 0.0
            self.velocity = [0.0, 0.0, max(0.0, self.velocity[2])]
