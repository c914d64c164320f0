"""`SimCamera`: the camera protocol on a simulated world and any of its renderers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.rates import TICK_HZ
from sim.clocks import as_clock
from sim.render.camera import Rendered
from sim.world import Truth, World


class Renderer(Protocol):
    """Renders the scene at `time_s` from the drone's body at a position [m], attitude [rad], world frame.

    `blur_px` (right, down) is how far the image moves during the exposure.
    """

    def render(
        self,
        position: Sequence[float] | NDArray[np.float64],
        attitude: Sequence[float] | NDArray[np.float64],
        *,
        time_s: float = 0.0,
        blur_px: tuple[float, float] = (0.0, 0.0),
    ) -> Rendered: ...


class SimCamera:
    """Exposes frames at multiples of 1/`rate_hz` of simulated time.

    clock       None for lockstep: waiting for a frame steps the world
    exposure_s  how long the shutter is open: the drone's rotation in that time blurs the frame
    last        the newest rendered frame with its truth, None before the first
    """

    def __init__(
        self,
        world: World,
        renderer: Renderer,
        rate_hz: float = TICK_HZ,
        clock: Clock | None = None,
        *,
        exposure_s: float = 0.0,
    ) -> None:
        self._world, self._renderer, self._period = world, renderer, 1.0 / rate_hz
        self._exposure_s = exposure_s
        self._clock = as_clock(world, clock)
        self._frozen = False
        self._taken = -math.inf
        self.last: Rendered | None = None

    def freeze(self, frozen: bool) -> None:
        """Stop delivering frames, as a stalled image stream does; or go on."""
        self._frozen = frozen

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when it is further away than `timeout_s` or the stream is frozen."""
        now = self._clock.now()
        if now < self._taken:
            self._taken = -math.inf  # the world was reset
        wait = self._next_slot(now) * self._period - now
        if self._frozen or wait > timeout_s:
            self._clock.sleep(timeout_s)
            return None
        self._clock.sleep(wait)
        truth = self._world.truth()
        self._taken = truth.stamp
        self.last = self._renderer.render(
            truth.position, truth.attitude, time_s=truth.stamp, blur_px=self._blur(truth)
        )
        return Frame(self.last.pixels, truth.stamp)

    def _blur(self, truth: Truth) -> tuple[float, float]:
        """Return how far (right, down) [px] turning left and nose down moves the image while exposed."""
        _, pitching, turning = (float(rate) * self._exposure_s for rate in truth.rates)
        return AI_DECK.fx * turning, -AI_DECK.fy * pitching

    def _next_slot(self, now: float) -> int:
        """Index of the first exposure at or after `now` that was not taken yet."""
        slot = math.ceil(now / self._period - 1e-6)
        if self._taken < 0:
            return slot
        return max(slot, math.floor(self._taken / self._period + 1e-6) + 1)
