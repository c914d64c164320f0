"""The room and its solids as one scene update, from the scene in the flight's header."""

from __future__ import annotations

import math
from typing import Any

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, OBSTACLE_ID, WALL_ID
from reprohrl.reporting import palette
from reprohrl.reporting.foxglove import parts
from reprohrl.reporting.foxglove.parts import Message
from reprohrl.reporting.walkers import at, still_and_walking

SPHERE, CONE, CYLINDER, TORUS, PYRAMID = 0, 2, 3, 4, 5
MAP = "map"


def world(scene: dict[str, Any], stamp: float) -> Message:
    """Return the update that draws the room and what stands in it; frame `map`."""
    still, _ = still_and_walking(scene)
    solids = [_solid(f"solid-{i}", s, stamp) for i, s in enumerate(still)]
    return {"deletions": [], "entities": [_room(scene["room"]["size"], stamp), *solids]}


def walkers(scene: dict[str, Any], stamp: float) -> list[Message]:
    """Return the entities of the solids that walk, where they are at `stamp`."""
    _, walking = still_and_walking(scene)
    return [_solid(f"walker-{i}", at(s, mover, stamp), stamp) for i, (s, mover) in enumerate(walking)]


def _room(size: list[float], stamp: float) -> Message:
    x, y, z = size[0] / 2, size[1] / 2, size[2]
    floor = {
        "pose": parts.pose((0.0, 0.0, -0.01)), "size": parts.vector((size[0], size[1], 0.02)),
        "color": parts.colour(palette.LINE),
    }  # fmt: skip
    ring = [(x, y), (-x, y), (-x, -y), (x, -y), (x, y)]
    edges = [[(a, b, h) for a, b in ring] for h in (0.0, z)] + [[(a, b, 0), (a, b, z)] for a, b in ring[:4]]
    lines = [parts.line(e, palette.WALL, alpha=0.5, width_m=0.015) for e in edges]
    return parts.entity("room", MAP, stamp, cubes=[floor], lines=lines)


def _solid(name: str, solid: dict[str, Any], stamp: float) -> Message:
    half, place = solid["half"], solid["position"]
    kind = solid["class_id"]
    rgb = palette.WALL if kind == WALL_ID else palette.class_colour(kind)
    alpha = 0.35 if kind in (WALL_ID, OBSTACLE_ID) else 1.0
    shape = {
        "pose": parts.pose(place, solid["yaw"]), "size": parts.vector(2 * h for h in half),
        "color": parts.colour(rgb, alpha),
    }  # fmt: skip
    label = []
    if kind < OBSTACLE_ID:
        above = (place[0], place[1], place[2] + half[2] + 0.12)
        label = [parts.text(DETECTOR_CLASSES[kind], above, rgb)]
    if solid["shape"] == SPHERE:
        return parts.entity(name, MAP, stamp, spheres=[shape], texts=label)
    if solid["shape"] in (CONE, CYLINDER):
        top = 0.0 if solid["shape"] == CONE else 1.0
        return parts.entity(name, MAP, stamp, cylinders=[{**shape, "bottom_scale": 1.0, "top_scale": top}],
                            texts=label)  # fmt: skip
    if solid["shape"] == TORUS:
        return parts.entity(name, MAP, stamp, lines=[_ring(solid, rgb)], texts=label)
    if solid["shape"] == PYRAMID:
        return parts.entity(name, MAP, stamp, triangles=[_pyramid(shape, half)], texts=label)
    return parts.entity(name, MAP, stamp, cubes=[shape], texts=label)


def _ring(solid: dict[str, Any], rgb: palette.Colour) -> Message:
    """A torus stands upright: a thick ring in the plane of its own y and z."""
    tube = float(min(solid["half"]))
    radius = float(solid["half"][1]) - tube
    angles = [2 * math.pi * k / 24 for k in range(25)]
    ring = parts.line(
        [(0.0, radius * math.cos(a), radius * math.sin(a)) for a in angles], rgb, width_m=2 * tube
    )
    return {**ring, "pose": parts.pose(solid["position"], solid["yaw"])}


def _pyramid(shape: Message, half: list[float]) -> Message:
    a, b, h = half
    corners = [(a, b, -h), (-a, b, -h), (-a, -b, -h), (a, -b, -h)]
    faces = [p for k in range(4) for p in (corners[k], corners[(k + 1) % 4], (0.0, 0.0, h))]
    return {
        "pose": shape["pose"], "points": [parts.vector(p) for p in faces], "color": shape["color"],
        "colors": [], "indices": [],
    }  # fmt: skip
