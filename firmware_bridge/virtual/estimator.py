"""The estimator as a host sees it: variances, resets, external poses, and a way to make it go wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from firmware_bridge.virtual.body import BodyState

Vector = tuple[float, float, float]
_SETTLED_M2 = 1e-5
_SETTLING_S = 0.15
"""After a reset the variance falls by e in this time: an estimate, from flow deck and range sensor."""

_WARN_EVERY_S = 2.0


class Estimator:
    """What the body's sensors say is taken for the estimate; `drift` and `lose` spoil it on request.

    ext_position, ext_quaternion   the newest pose sent by the host (logs locSrv.*), not fused
    """

    def __init__(self, now: Callable[[], float], console: Callable[[str], None]) -> None:
        self._now = now
        self._console = console
        self.ext_position: Vector = (0.0, 0.0, 0.0)
        self.ext_quaternion = (0.0, 0.0, 0.0, 0.0)
        self.ext_stamp = 0.0
        self.resets = 0
        self._start_m2 = _SETTLED_M2
        self._reset_at = now()
        self._lost_at: float | None = None
        self._growth_m2ps = 0.0
        self._drift: Vector = (0.0, 0.0, 0.0)
        self._drift_at = now()
        self._warned_at = -math.inf

    def reset(self) -> None:
        """Forget the drift and start with a large variance, as after `kalman.resetEstimation`."""
        self.resets += 1
        self._reset_at, self._start_m2 = self._now(), 1.0
        self._drift_at = self._now()
        if self._lost_at is not None:
            self._lost_at = self._now()

    def lose(self, growth_m2ps: float = 0.1) -> None:
        """Have the position's variance grow from now on [m^2/s], as without a position source; 0 ends it."""
        self._lost_at = self._now() if growth_m2ps > 0 else None
        self._growth_m2ps = growth_m2ps

    def drift(self, velocity: Vector) -> None:
        """Have the position walk away from the truth at `velocity` [m/s], world frame; zeros stop it where
        it is only after a reset."""
        self._drift, self._drift_at = velocity, self._now()

    @property
    def variance(self) -> float:
        """Of each axis of the position [m^2]."""
        now = self._now()
        settled = self._start_m2 * math.exp(-(now - self._reset_at) / _SETTLING_S)
        lost = 0.0 if self._lost_at is None else self._growth_m2ps * (now - self._lost_at)
        return max(_SETTLED_M2, settled) + lost

    def estimate(self, body: BodyState) -> BodyState:
        """Return what the drone takes its state for."""
        if not any(self._drift):
            return body
        since = self._now() - self._drift_at
        x, y, z = (p + v * since for p, v in zip(body.position, self._drift, strict=True))
        return replace(body, position=(x, y, z))

    def supervise(self, state: BodyState, max_position: float, max_velocity: float) -> None:
        """Reset when the state has left the bounds of kalman.maxPos [m] and maxVel [m/s]."""
        inside = all(abs(v) < max_position for v in state.position) and all(
            abs(v) < max_velocity for v in state.velocity
        )
        if inside:
            return
        self.reset()
        if self._now() - self._warned_at > _WARN_EVERY_S:
            self._warned_at = self._now()
            self._console("ESTKALMAN: State out of bounds, resetting\n")
