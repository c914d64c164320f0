"""Rooms made for one question each."""

from __future__ import annotations

from sim.scene import GOAL_SHAPES, Light, Room, Scene, SceneObject, Shape, Start, Surface
from sim.tasks import GOAL_HALF_M

_PLAIN = Surface((0.7, 0.7, 0.7))
ROOM = Room((4.0, 4.0, 2.5), (_PLAIN, _PLAIN, _PLAIN, _PLAIN, _PLAIN, _PLAIN))


def scene(*objects: SceneObject, start: Start | None = None) -> Scene:
    """A 4 x 4 x 2.5 m room; the drone starts at the origin, 1 m up, facing +x."""
    goals = tuple(o.class_id for o in objects if not o.is_obstacle)
    return Scene("S1", 0, ROOM, objects, Light((0.5, 0.5, 2.3)), start or Start((0.0, 0.0, 1.0), 0.0), goals)


def goal(class_id: int, x: float, y: float, z: float, yaw: float = 0.0) -> SceneObject:
    return SceneObject(
        class_id, GOAL_SHAPES[class_id], (x, y, z), GOAL_HALF_M[class_id], yaw, (0.8, 0.2, 0.2)
    )


def pillar(x: float, y: float, shape: Shape = Shape.BOX) -> SceneObject:
    return SceneObject(6, shape, (x, y, 1.0), (0.1, 0.1, 1.0), 0.0, (0.2, 0.3, 0.8))
