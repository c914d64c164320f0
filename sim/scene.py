"""`Scene`: the only description of a world. Physics, renderers, truth boxes and drawings all read it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, NUM_GOALS, OBSTACLE_ID, WALL_ID


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
        return "wall" if self.is_wall else DETECTOR_CLASSES[self.class_id]

    @property
    def is_goal(self) -> bool:
        return self.class_id < NUM_GOALS

    @property
    def is_obstacle(self) -> bool:
        return self.class_id == OBSTACLE_ID

    @property
    def is_wall(self) -> bool:
        """Whether this is part of an inner wall: it looks like the room's walls, and no detector names it."""
        return self.class_id == WALL_ID

    @property
    def contact_name(self) -> str:
        """What touching it is called: "goal:<class>", "obstacle" or "wall"."""
        return f"goal:{self.name}" if self.is_goal else self.name

    @property
    def footprint_radius(self) -> float:
        """Radius [m] of the smallest vertical cylinder around the object."""
        if self.shape in (Shape.BOX, Shape.PYRAMID):
            return math.hypot(self.half[0], self.half[1])
        return max(self.half[0], self.half[1])

    def footprint_gap(self, x: float, y: float) -> float:
        """Horizontal distance [m] from a point to the footprint: a rectangle for a wall, else a disc."""
        dx, dy = x - self.position[0], y - self.position[1]
        if not self.is_wall:
            return math.hypot(dx, dy) - self.footprint_radius
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        along, across = abs(c * dx + s * dy) - self.half[0], abs(-s * dx + c * dy) - self.half[1]
        return math.hypot(max(along, 0.0), max(across, 0.0)) + min(max(along, across), 0.0)


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


@dataclass(frozen=True, slots=True)
class Mover:
    """Object `object_index` walks from `a` to `b` (x, y) [m] and back, for ever, at constant speed.

    `phase` in [0, 1) is the part of the round trip done when time begins. `sim.movers` computes where
    the solid is; the object's own `position` is that of time 0.
    """

    object_index: int
    a: tuple[float, float]
    b: tuple[float, float]
    speed_mps: float
    phase: float


@dataclass(frozen=True, slots=True)
class Doorway:
    """An opening in an inner wall: centre (x, y) [m], width and height [m], and the heading through it."""

    position: tuple[float, float]
    width_m: float
    height_m: float
    yaw: float


OBJECT_COLUMNS = ("x", "y", "z", "half_x", "half_y", "half_z", "shape", "cos_yaw", "sin_yaw", "class_id")
MOVER_COLUMNS = ("object_index", "a_x", "a_y", "b_x", "b_y", "speed_mps", "phase")


@dataclass(frozen=True, slots=True)
class Scene:
    """A world: room, solids, light, where the drone starts, and the goals to visit in order.

    A class among `goals` that no object has is a goal that is not there. Time begins with the episode.
    """

    task: str
    seed: int
    room: Room
    objects: tuple[SceneObject, ...]
    light: Light
    start: Start
    goals: tuple[int, ...]
    movers: tuple[Mover, ...] = ()
    doorways: tuple[Doorway, ...] = ()

    def geometry(self) -> NDArray[np.float64]:
        """Return `(len(objects), 10)` rows of `OBJECT_COLUMNS` at time 0, what compiled loops read."""
        rows = [
            (*o.position, *o.half, float(o.shape), math.cos(o.yaw), math.sin(o.yaw), float(o.class_id))
            for o in self.objects
        ]
        return np.array(rows, np.float64).reshape(len(rows), len(OBJECT_COLUMNS))

    def mover_rows(self) -> NDArray[np.float64]:
        """Return `(len(movers), 7)` rows of `MOVER_COLUMNS`; `sim.movers.move` reads them."""
        rows = [(float(m.object_index), *m.a, *m.b, m.speed_mps, m.phase) for m in self.movers]
        return np.array(rows, np.float64).reshape(len(rows), len(MOVER_COLUMNS))

    def half_room(self) -> NDArray[np.float64]:
        """Return (half x, half y, height) [m]."""
        return np.array([self.room.size[0] / 2, self.room.size[1] / 2, self.room.size[2]])

    def goal_object(self, class_id: int) -> SceneObject | None:
        return next((o for o in self.objects if o.class_id == class_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data (JSON-ready); the form flight logs keep."""
        return asdict(self)
