"""Short camera flights through a scene: an approach, or a look around."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from reprohrl.contracts.rates import TICK_HZ
from sim.dataset.poses import Pose, random_pose
from sim.geometry import nearest_solid
from sim.movers import move
from sim.scene import Scene

FLIGHT_FRAMES = 20
"""Two seconds at the camera's rate."""

_CLEARANCE_M = 0.14
_TILT_SIGMA_RAD, _TILT_TAU_S = math.radians(3.0), 0.4


def fly(scene: Scene, rng: np.random.Generator, frames: int = FLIGHT_FRAMES) -> Iterator[tuple[float, Pose]]:
    """Yield (time [s], pose) at the camera's rate: two flights in three go forward, the others turn."""
    geometry, movers, half_room = scene.geometry(), scene.mover_rows(), scene.half_room()
    (x, y, z), (roll, pitch, yaw) = random_pose(scene, rng)
    forward = rng.random() < 0.67
    speed = float(rng.uniform(0.2, 0.5)) if forward else float(rng.uniform(0.0, 0.15))
    turn = float(rng.normal(0.0, 0.15)) if forward else float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.2))
    start, dt = float(rng.uniform(0.0, 40.0)), 1.0 / TICK_HZ
    keep = math.exp(-dt / _TILT_TAU_S)
    shake = _TILT_SIGMA_RAD * math.sqrt(1.0 - keep * keep)
    for n in range(frames):
        yield start + n * dt, ((x, y, z), (roll, pitch, yaw))
        move(geometry, movers, start + n * dt)
        there = (x + speed * dt * math.cos(yaw), y + speed * dt * math.sin(yaw))
        if nearest_solid(geometry, half_room, *there, z)[0] > _CLEARANCE_M:
            x, y = there
        yaw += turn * dt
        roll = keep * roll + shake * float(rng.standard_normal())
        pitch = keep * pitch + shake * float(rng.standard_normal())
