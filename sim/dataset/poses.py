"""Where a drone might be looking from: far, near, past an edge, at nothing."""

from __future__ import annotations

import math

import numpy as np

from sim.geometry import nearest_solid
from sim.scene import Scene, SceneObject

TILT_SIGMA_RAD = math.radians(5.0)
_CLEARANCE_M = 0.14
_HEIGHTS_M = (0.3, 1.5)

Pose = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Position [m] and (roll, pitch, yaw) [rad] of the drone's body, world frame."""


def random_pose(scene: Scene, rng: np.random.Generator, target: SceneObject | None = None) -> Pose:
    """Return a pose clear of solids: a quarter anywhere, half facing an object, a quarter near a goal.

    With a `target`: facing it, one in three from near, else from up to 3 m.
    """
    geometry, half_room = scene.geometry(), scene.half_room()
    kind = rng.random()
    goals = [o for o in scene.objects if o.is_goal]
    named = [o for o in scene.objects if not o.is_wall]
    for _ in range(60):
        if target is not None:
            near = max(target.half) + _CLEARANCE_M
            pose = _facing(target, float(rng.uniform(near, near + 0.55 if kind < 0.33 else 3.0)), 0.4, rng)
        elif kind < 0.25 or not named:
            pose = _anywhere(scene, rng)
        elif kind < 0.75 or not goals:
            seen = _choice(goals if goals and rng.random() < 0.8 else named, rng)
            pose = _facing(seen, float(rng.uniform(0.6, 4.5)), 0.5, rng)
        else:
            seen = _choice(goals, rng)
            near = max(seen.half) + _CLEARANCE_M
            pose = _facing(seen, float(rng.uniform(near, near + 0.55)), 0.45, rng)
        x, y, z = pose[0]
        clearance, _what = nearest_solid(geometry, half_room, x, y, z)
        if clearance > _CLEARANCE_M:
            return pose
    return _anywhere(scene, rng)


def _choice(objects: list[SceneObject], rng: np.random.Generator) -> SceneObject:
    return objects[int(rng.integers(len(objects)))]


def _tilt(rng: np.random.Generator) -> tuple[float, float]:
    roll, pitch = rng.normal(0.0, TILT_SIGMA_RAD, 2)
    return float(roll), float(pitch)


def _anywhere(scene: Scene, rng: np.random.Generator) -> Pose:
    x, y = (float(rng.uniform(-1, 1) * (side / 2 - 0.2)) for side in scene.room.size[:2])
    roll, pitch = _tilt(rng)
    return (x, y, float(rng.uniform(*_HEIGHTS_M))), (roll, pitch, float(rng.uniform(-math.pi, math.pi)))


def _facing(target: SceneObject, distance_m: float, spread_rad: float, rng: np.random.Generator) -> Pose:
    """Look toward `target` from `distance_m`, off by up to about `spread_rad` to either side."""
    angle = float(rng.uniform(-math.pi, math.pi))
    x = target.position[0] - distance_m * math.cos(angle)
    y = target.position[1] - distance_m * math.sin(angle)
    if rng.random() < 0.6:
        z = float(rng.uniform(*_HEIGHTS_M))
    else:
        z = float(np.clip(target.position[2] + rng.normal(0.0, 0.2), 0.2, 1.7))
    roll, pitch = _tilt(rng)
    return (x, y, z), (roll, pitch, angle + float(rng.uniform(-1, 1)) * spread_rad * 1.2)
