"""The scene as static Bullet bodies; what walks is set to its place before each step."""

from __future__ import annotations

import math
from typing import Any

import pybullet

from sim.bullet.meshes import object_mesh
from sim.scene import Scene, SceneObject, Shape

_WALL_M = 0.2
"""Half thickness of walls, floor and ceiling: thick, so that nothing tunnels."""


def add_scene(scene: Scene, client: int) -> tuple[dict[int, str], list[int]]:
    """Add walls, floor, ceiling and objects to a Bullet client.

    Returns the name of each body id, as in `Truth.contact`, and the body ids of the scene's objects.
    """
    names, bodies = _add_room(scene, client), []
    for item in scene.objects:
        body = pybullet.createMultiBody(
            0.0,
            _collision_shape(item, client),
            basePosition=item.position,
            baseOrientation=upright(item.yaw),
            physicsClientId=client,
        )
        names[body] = item.contact_name
        bodies.append(body)
    return names, bodies


def upright(yaw: float) -> tuple[float, float, float, float]:
    """Return the quaternion (x, y, z, w) of a turn about the vertical [rad]."""
    return 0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)


def _add_room(scene: Scene, client: int) -> dict[int, str]:
    x, y, height = scene.half_room()
    t = _WALL_M
    slabs = (
        ("wall", (x + t, 0.0, height / 2), (t, y + 2 * t, height / 2 + 2 * t)),
        ("wall", (-x - t, 0.0, height / 2), (t, y + 2 * t, height / 2 + 2 * t)),
        ("wall", (0.0, y + t, height / 2), (x + 2 * t, t, height / 2 + 2 * t)),
        ("wall", (0.0, -y - t, height / 2), (x + 2 * t, t, height / 2 + 2 * t)),
        ("ceiling", (0.0, 0.0, height + t), (x, y, t)),
        ("floor", (0.0, 0.0, -t), (x, y, t)),
    )
    names = {}
    for name, position, half in slabs:
        shape = _shape(client, pybullet.GEOM_BOX, halfExtents=half)
        names[pybullet.createMultiBody(0.0, shape, basePosition=position, physicsClientId=client)] = name
    return names


def _collision_shape(item: SceneObject, client: int) -> int:
    """Primitives where Bullet has them, a convex hull for cone and pyramid, triangles for the torus."""
    hx, _, hz = item.half
    if item.shape == Shape.SPHERE:
        return _shape(client, pybullet.GEOM_SPHERE, radius=hx)
    if item.shape == Shape.BOX:
        return _shape(client, pybullet.GEOM_BOX, halfExtents=item.half)
    if item.shape == Shape.CYLINDER:
        return _shape(client, pybullet.GEOM_CYLINDER, radius=hx, height=2 * hz)
    mesh = object_mesh(item)
    if item.shape == Shape.TORUS:
        return _shape(
            client, pybullet.GEOM_MESH, vertices=mesh.vertices.tolist(), indices=mesh.indices.tolist()
        )
    return _shape(client, pybullet.GEOM_MESH, vertices=mesh.vertices.tolist())


def _shape(client: int, kind: int, **arguments: Any) -> int:
    return int(pybullet.createCollisionShape(kind, physicsClientId=client, **arguments))
