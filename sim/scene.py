"""`Scene`: the only description of a world. Physics, renderers, truth boxes and drawings all read it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, OBSTACLE_ID


class Shape(IntEnum):
    """Analytic solids. All have a vertical axis and a yaw, except the torus: its axis is horizontal."""

    SPHERE = 0  # half extents (r, r, r)
    BOX = 1  # half extents (x, y, z)
    CONE = 2  # base radius = half_x, half height = half_z, apex up
    CYLINDER = 3  # radius = half_x, half height = half_z
    TORUS = 4  # an upright ring, axis along its local x: tube radius = half_x, ring + tube = half_y = half_z
    PYRAMID = 5  # square base, half side = half_x = half_y, half height = half_z, apex up


GOAL_SHAPES: tuple[Shape, ...] = (
    Shape.SPHERE,
    Shape.BOX,
    Shape.CONE,
    Shape.CYLINDER,
    Shape.TORUS,
    Shape.PYRAMID,
)
"""Shape of each goal class, in class id order."""

NUM_TEXTURES = 8


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A solid. `position` is the centre of its bounding box [m], world frame; `half` [m]; `yaw` [rad]."""

    class_id: int
    shape: Shape
    position: tuple[float, float, float]
    half: tuple[float, float, float]
    yaw: float
    color: tuple[float, float, float]  # RGB in [0, 1]
    texture: int = 0
    texture_scale: float = 1.0

    @property
    def name(self) -> str:
        return DETECTOR_CLASSES[self.class_id]

    @property
    def is_obstacle(self) -> bool:
        return self.class_id == OBSTACLE_ID

    @property
    def footprint_radius(self) -> float:
        """Radius [m] of the smallest vertical cylinder around the object."""
        if self.shape in (Shape.BOX, Shape.PYRAMID):
            return math.hypot(self.half[0], self.half[1])
        return max(self.half[0], self.half[1])


@dataclass(frozen=True, slots=True)
class Surface:
    """Look of a wall, the floor or the ceiling."""

    color: tuple[float, float, float]
    texture: int = 0
    texture_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Room:
    """An axis-aligned room centred on the origin, floor at z = 0. `size` = (x, y, height) [m].

    `surfaces`: walls at +x, -x, +y, -y, then ceiling and floor.
    """

    size: tuple[float, float, float]
    surfaces: tuple[Surface, Surface, Surface, Surface, Surface, Surface]


@dataclass(frozen=True, slots=True)
class Light:
    """One point light [m] with its strength, and the ambient level; 1 is a normally lit room."""

    position: tuple[float, float, float]
    intensity: float = 1.0
    ambient: float = 0.4


@dataclass(frozen=True, slots=True)
class Start:
    """Where the drone is put: on the floor below `position`, or hovering at it. World frame, [m], [rad]."""

    position: tuple[float, float, float]
    yaw: float


OBJECT_COLUMNS = ("x", "y", "z", "half_x", "half_y", "half_z", "shape", "cos_yaw", "sin_yaw", "class_id")


@dataclass(frozen=True, slots=True)
class Scene:
    """A world: room, solids, light, where the drone starts, and the goals to visit in order."""

    task: str
    seed: int
    room: Room
    objects: tuple[SceneObject, ...]
    light: Light
    start: Start
    goals: tuple[int, ...]

    def geometry(self) -> NDArray[np.float64]:
        """Return `(len(objects), 10)` rows of `OBJECT_COLUMNS`, what compiled loops read."""
        rows = [
            (*o.position, *o.half, float(o.shape), math.cos(o.yaw), math.sin(o.yaw), float(o.class_id))
            for o in self.objects
        ]
        return np.array(rows, np.float64).reshape(len(rows), len(OBJECT_COLUMNS))

    def half_room(self) -> NDArray[np.float64]:
        """Return (half x, half y, height) [m]."""
        return np.array([self.room.size[0] / 2, self.room.size[1] / 2, self.room.size[2]])

    def goal_object(self, class_id: int) -> SceneObject | None:
        return next((o for o in self.objects if o.class_id == class_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data (JSON-ready); the form flight logs keep."""
        return asdict(self)
