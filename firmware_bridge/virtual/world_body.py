"""`WorldBody`: a simulated world as the body of the virtual Crazyflie."""

from __future__ import annotations

import math

from firmware_bridge.virtual.body import BodyState
from reprohrl.contracts.command import VelocityCommand
from sim.world import World


class WorldBody:
    """Adapts a `World` (built with `latency_s=0`: here the link makes the latency) to `VehicleBody`.

    Raises `UserError` from the world when a setpoint is not finite, which the port handlers exclude.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._off = True
        world.set_motors_off(True)

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

    def _start(self) -> None:
        if self._off:
            self.world.set_motors_off(False)
            self._off = False
