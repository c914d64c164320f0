"""Rung R3: a camera whose sensor is worse and whose stream drops, tears and freezes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.drone import Frame
from sim.camera import SimCamera
from sim.render.camera import Rendered
from sim.render.sensor import SensorModel


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One flight's camera.

    sensor          noise, vignette and focus
    exposure_s      how long the shutter is open: what turns rotation into blur
    drop, tear      probabilities per frame: not delivered; its lower part is still the frame before
    freeze_every_s  mean time between freezes; a freeze lasts `freeze_s`, drawn log-uniformly
    """

    sensor: SensorModel
    exposure_s: float
    drop: float = 0.05
    tear: float = 0.03
    freeze_every_s: float = 20.0
    freeze_s: tuple[float, float] = (0.2, 5.0)


def draw_disturbance(seed: int) -> Disturbance:
    """Return the camera of a flight: up to four times the default noise, twice its vignette."""
    rng = np.random.default_rng([3, seed])
    sensor = SensorModel(
        auto_exposure=float(rng.uniform(0.3, 0.5)),
        gamma=float(rng.uniform(0.75, 1.25)),
        vignette=float(rng.uniform(0.3, 0.5)),
        read_noise=float(rng.uniform(0.016, 0.032)),
        shot_noise=float(rng.uniform(0.020, 0.040)),
        softness_px=float(rng.uniform(0.3, 0.9)),
    )
    return Disturbance(sensor, exposure_s=float(rng.uniform(0.008, 0.020)))


class DisturbedCamera:
    """Delivers the frames of `camera` as a bad link does; the same seed repeats the same faults."""

    def __init__(self, camera: SimCamera, clock: Clock, disturbance: Disturbance, *, seed: int = 0) -> None:
        self._camera, self._clock, self._how = camera, clock, disturbance
        self._rng = np.random.default_rng([4, seed])
        self._before: Frame | None = None
        self._thaw = -math.inf
        self._next = clock.now() + self._pause()

    @property
    def last(self) -> Rendered | None:
        """The newest rendered frame with its truth, delivered or not; None before the first."""
        return self._camera.last

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when it is dropped, frozen away or further than `timeout_s`."""
        now = self._clock.now()
        if now >= self._next:
            low, high = (math.log(v) for v in self._how.freeze_s)
            self._thaw = now + math.exp(self._rng.uniform(low, high))
            self._next = self._thaw + self._pause()
        self._camera.freeze(now < self._thaw)
        frame = self._camera.read(timeout_s)
        if frame is None:
            return None
        before, self._before = self._before, frame
        dropped, torn, where = self._rng.random(3)
        if dropped < self._how.drop:
            return None
        if torn < self._how.tear and before is not None:
            return _torn(frame, before, where)
        return frame

    def _pause(self) -> float:
        return float(self._rng.exponential(self._how.freeze_every_s))


def _torn(frame: Frame, before: Frame, where: float) -> Frame:
    """Return `frame` whose lower part, from the fraction `where` of its rows on, is that of `before`."""
    row = int(where * len(frame.pixels))
    return Frame(np.concatenate([frame.pixels[:row], before.pixels[row:]]), frame.stamp)
