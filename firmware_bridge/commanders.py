"""cflib's two commanders as the stream uses them; here alone angles become numbers."""

from __future__ import annotations

from typing import Any, Protocol

from firmware_bridge.angles import Degrees, Radians, degrees_of, radians_of

LANDING_MPS = 0.3
COPIES = 2
"""A stop is sent this often in a row: one lost packet must not leave a drone without a plan or a landing."""


class SetpointSink(Protocol):
    """Where setpoints go."""

    def hover(self, vx: float, vy: float, yaw_rate: Degrees, z: float) -> None:
        """Send a hover setpoint: body velocity [m/s], yaw rate [deg/s], height [m]."""

    def level(self, z: float) -> None:
        """Send level attitude at a height [m]: no velocity or position is controlled."""

    def notify_stop_and_land(self, duration_s: float) -> None:
        """Hand over to the high-level commander and land, without a pause in between."""

    def stop(self) -> None:
        """Stop the motors without a lock: nobody has a plan any more."""

    def emergency_stop(self) -> None:
        """Cut the motors; the drone is locked until it is restarted."""


class Commanders:
    """A `SetpointSink` on cflib's `Crazyflie`."""

    def __init__(self, cf: Any) -> None:
        self._cf = cf

    def hover(self, vx: float, vy: float, yaw_rate: Degrees, z: float) -> None:
        self._cf.commander.send_hover_setpoint(vx, vy, degrees_of(yaw_rate), z)

    def level(self, z: float) -> None:
        self._cf.commander.send_zdistance_setpoint(0.0, 0.0, 0.0, z)

    def take_off(self, height_m: float, duration_s: float) -> None:
        """Climb to a height, keeping the yaw. Whoever spoke last, the high-level commander is heard now."""
        self._cf.commander.send_notify_setpoint_stop()
        for _ in range(COPIES):  # the second one is refused on board
            self._cf.high_level_commander.takeoff(height_m, duration_s, yaw=None)

    def go_to(
        self, x: float, y: float, z: float, yaw: Radians, duration_s: float, *, relative: bool = False
    ) -> None:
        """Fly to a position [m] and a yaw on the high-level commander."""
        self._cf.high_level_commander.go_to(x, y, z, radians_of(yaw), duration_s, relative=relative)

    def notify_stop_and_land(self, duration_s: float) -> None:
        # First the notices: they tell the planner where the drone is. A second landing is refused on board.
        for _ in range(COPIES):
            self._cf.commander.send_notify_setpoint_stop()
        for _ in range(COPIES):
            self._cf.high_level_commander.land(0.0, duration_s, yaw=None)

    def stop(self) -> None:
        self._cf.high_level_commander.stop()
        for _ in range(COPIES):
            self._cf.commander.send_notify_setpoint_stop()

    def emergency_stop(self) -> None:
        for _ in range(COPIES):
            self._cf.supervisor.send_emergency_stop()

    def feed_emergency_watchdog(self) -> None:
        self._cf.supervisor.send_emergency_stop_watchdog()
