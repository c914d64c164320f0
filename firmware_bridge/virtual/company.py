"""Several drones in one room: each has a world of its own, in which the others are solids that move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pybullet

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import OBSTACLE_ID
from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.bullet.world import PyBulletWorld
from sim.render.camera import RayCamera
from sim.scene import Scene, SceneObject, Shape, Start

SPACING_M = 0.5
CLEARANCE_M = 0.3
_DARK = (0.12, 0.12, 0.14)
_UPRIGHT = (0.0, 0.0, 0.0, 1.0)

Vector = tuple[float, float, float]


class CompanyWorld(PyBulletWorld):
    """A world whose solids can be put somewhere else at any time."""

    def place_solid(self, index: int, position: Vector) -> None:
        """Put the centre of object `index` of the scene at `position` [m]."""
        with self.lock:
            self._objects[index, :3] = position
            pybullet.resetBasePositionAndOrientation(
                self._solids[index], position, _UPRIGHT, physicsClientId=self._client
            )


class CompanyCamera(RayCamera):
    """A camera that sees solids where they have been put."""

    def place_solid(self, index: int, position: Vector) -> None:
        self._objects[index, :3] = position


def scenes_for(scene: Scene, count: int) -> list[Scene]:
    """Return the scene as each of `count` drones meets it: its own start, the others as last objects.

    The first drone starts where the scene says, the others beside it. Raises `UserError` when the room has
    no place for so many.
    """
    starts = [spot for spot, _ in zip(_free_spots(scene), range(count), strict=False)]
    if len(starts) < count:
        raise UserError(
            f"there is room for {len(starts)} of {count} drones in {scene.task}, seed {scene.seed}",
            why=f"they start {SPACING_M} m apart, {CLEARANCE_M} m from walls and objects",
            fix="ask for fewer with --count, or another --world or --seed",
        )
    return [
        replace(
            scene,
            start=Start((*starts[own], scene.start.position[2]), scene.start.yaw),
            objects=(*scene.objects, *(_drone_at(s) for i, s in enumerate(starts) if i != own)),
        )
        for own in range(count)
    ]


def _free_spots(scene: Scene) -> Iterator[tuple[float, float]]:
    """Yield places (x, y) on a grid around the start, nearest first."""
    x0, y0, _ = scene.start.position
    steps = range(-12, 13)
    grid = sorted(((i, j) for i in steps for j in steps), key=lambda c: (c[0] ** 2 + c[1] ** 2, c))
    half_x, half_y, _ = scene.room.size[0] / 2, scene.room.size[1] / 2, 0.0
    for i, j in grid:
        x, y = x0 + SPACING_M * i, y0 + SPACING_M * j
        inside = abs(x) < half_x - CLEARANCE_M and abs(y) < half_y - CLEARANCE_M
        clear = all(o.footprint_gap(x, y) > CLEARANCE_M for o in scene.objects)
        if (i, j) == (0, 0) or (inside and clear):
            yield x, y


def _drone_at(place: tuple[float, float]) -> SceneObject:
    return SceneObject(OBSTACLE_ID, Shape.SPHERE, (*place, DRONE_RADIUS_M), (DRONE_RADIUS_M,) * 3, 0.0, _DARK)


class Company:
    """Tells each drone where the others are. The lock of all their servers is one and the same."""

    def __init__(self) -> None:
        self._members: list[tuple[CompanyWorld, CompanyCamera]] = []

    def join(self, world: CompanyWorld, camera: CompanyCamera) -> int:
        """Take in a drone; return its number."""
        self._members.append((world, camera))
        return len(self._members) - 1

    def moved(self, mover: int, position: np.ndarray) -> None:
        """Put drone `mover` at `position` (3,) [m] into the others' worlds."""
        place = (float(position[0]), float(position[1]), float(position[2]))
        for own, (world, camera) in enumerate(self._members):
            if own != mover:
                index = len(world.scene.objects) - len(self._members) + 1 + mover - (mover > own)
                world.place_solid(index, place)
                camera.place_solid(index, place)
