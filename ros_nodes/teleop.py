"""Commands from outside, of a teleop tool or of Nav2: they fly while they are fresh. No ROS in here."""

from __future__ import annotations

import math

from reprohrl.contracts.command import VelocityCommand


class Teleop:
    """Remembers the newest command from outside; silence gives the control back."""

    def __init__(self) -> None:
        self._velocity: tuple[float, float, float, float] | None = None
        self._heard = -math.inf
        self.drives = False

    def heard(self, vx: float, vy: float, vz: float, yaw_rate: float, now: float) -> None:
        """Take a command [m/s, rad/s], body frame. Raises `ValueError` when it is no number."""
        velocity = (vx, vy, vz, yaw_rate)
        if not all(map(math.isfinite, velocity)):
            raise ValueError(f"a velocity that is not finite: {velocity}")
        self._velocity, self._heard = velocity, now

    def command(self, own: VelocityCommand, now: float, *, fresh_s: float) -> VelocityCommand:
        """Return what flies: the command from outside while younger than `fresh_s`, else `own`."""
        self.drives = self._velocity is not None and now - self._heard <= fresh_s
        if self._velocity is None or not self.drives:
            return own
        vx, vy, vz, yaw_rate = self._velocity
        return VelocityCommand(vx, vy, vz, yaw_rate, stamp=own.stamp)
