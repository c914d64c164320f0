"""`WorldBody`: a simulated world as the body of the virtual Crazyflie."""

from __future__ import annotations

import math

import numpy as np

from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.body import BodyState
from reprohrl.contracts.command import VelocityCommand
from sim.world import World

GRAVITY = 9.81


class WorldBody:
    """Adapts a `World` (built with `latency_s=0`: here the link makes the latency) to `VehicleBody`.

    Raises `UserError` from the world when a setpoint is not finite, which the firmware keeps back.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._off = True
        self._force = (0.0, 0.0, 1.0)
        world.set_motors_off(True)
        self._velocity = world.truth().velocity

    def state(self) -> BodyState:
        """Return the world's estimate, noise included; velocity turned into the world frame."""
        s = self.world.state()
        c, d = math.cos(s.yaw), math.sin(s.yaw)
        vx, vy, vz = s.velocity
        return BodyState(
            position=s.position,
            velocity=(c * vx - d * vy, d * vx + c * vy, vz),
            attitude=s.attitude,
            rates=(0.0, 0.0, s.yaw_rate),
            ranges=s.ranges,
            battery_v=s.battery_v,
            force=self._force,
        )

    def track_velocity(self, vx: float, vy: float, vz: float, yaw_rate: float) -> None:
        self._start()
        self.world.set_command(VelocityCommand(vx, vy, vz, yaw_rate))

    def track_attitude(self, roll: float, pitch: float, yaw_rate: float, climb: float) -> None:
        self._start()
        self.world.set_attitude(roll, pitch, yaw_rate, climb)

    def cut(self) -> None:
        if not self._off:
            self.world.set_motors_off(True)
            self._off = True

    def step(self, dt: float) -> None:
        self.world.step(dt)
        self._feel(dt)

    def _feel(self, dt: float) -> None:
        """Take down what an accelerometer would say of the true motion."""
        truth = self.world.truth()
        roll, pitch, yaw = (float(v) for v in truth.attitude)
        a = (truth.velocity - self._velocity) / (dt * GRAVITY) + np.array([0.0, 0.0, 1.0])
        self._velocity = truth.velocity
        self._force = quaternion.to_body(
            quaternion.from_rpy(roll, pitch, yaw), (float(a[0]), float(a[1]), float(a[2]))
        )

    def _start(self) -> None:
        if self._off:
            self.world.set_motors_off(False)
            self._off = False
