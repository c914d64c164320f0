"""Triangle meshes of the scene's solids, made by code."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scene import SceneObject, Shape

SIDES = 32
TUBE_SIDES = 16


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles in the object's own frame. vertices, normals (V, 3) [m]; uvs (V, 2); indices (3 T,)."""

    vertices: NDArray[np.float64]
    normals: NDArray[np.float64]
    uvs: NDArray[np.float64]
    indices: NDArray[np.int64]


def object_mesh(item: SceneObject) -> Mesh:
    """Return the mesh of an object, centred on its bounding box, yaw left out."""
    hx, hy, hz = item.half
    match item.shape:
        case Shape.SPHERE:
            mesh = _revolve([(hx * math.sin(a), -hx * math.cos(a)) for a in np.linspace(0, math.pi, 17)])
        case Shape.BOX:
            mesh = box_mesh(hx, hy, hz)
        case Shape.CONE:
            mesh = _join(_revolve([(hx, -hz), (0.0, hz)]), _revolve([(0.0, -hz), (hx, -hz)]))
        case Shape.CYLINDER:
            ends = (_revolve([(0.0, -hz), (hx, -hz)]), _revolve([(hx, hz), (0.0, hz)]))
            mesh = _join(_revolve([(hx, -hz), (hx, hz)]), *ends)
        case Shape.TORUS:
            mesh = _torus(hy - hx, hx)
        case Shape.PYRAMID:
            mesh = _pyramid(hx, hz)
    return mesh


def box_mesh(hx: float, hy: float, hz: float) -> Mesh:
    """A box of half extents [m], one texture per metre of face."""
    quads = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            quads.append(_box_face((hx, hy, hz), axis, sign))
    return _join(*quads)


def _box_face(half: tuple[float, float, float], axis: int, sign: float) -> Mesh:
    u, v = (axis + 1) % 3, (axis + 2) % 3
    corners = []
    for du, dv in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        point = [0.0, 0.0, 0.0]
        point[axis], point[u], point[v] = sign * half[axis], sign * du * half[u], dv * half[v]
        corners.append(point)
    size_u, size_v = 2 * half[u], 2 * half[v]
    return _quad(np.array(corners), np.array([[0, 0], [size_u, 0], [size_u, size_v], [0, size_v]]))


def _quad(corners: NDArray[np.float64], uvs: NDArray[np.float64]) -> Mesh:
    """Two triangles over four corners, counter-clockwise seen from outside."""
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    normal = normal / np.linalg.norm(normal)
    return Mesh(corners, np.tile(normal, (4, 1)), uvs, np.array([0, 1, 2, 0, 2, 3]))


def _revolve(profile: list[tuple[float, float]]) -> Mesh:
    """Turn a profile of (radius, z), drawn with the inside to its left, about the z axis."""
    angles = np.linspace(0.0, 2 * math.pi, SIDES + 1)
    points = np.array(profile)
    slope = np.gradient(points, axis=0) if len(points) > 2 else np.tile(points[1] - points[0], (2, 1))
    out = np.stack([slope[:, 1], -slope[:, 0]], axis=1)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vertices, normals, uvs = [], [], []
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    girth = float(points[:, 0].max())
    for (r, z), (nr, nz), length in zip(points, out, along, strict=True):
        vertices.append(np.column_stack([r * ring, np.full(SIDES + 1, z)]))
        normals.append(np.column_stack([nr * ring, np.full(SIDES + 1, nz)]))
        uvs.append(np.column_stack([angles * girth, np.full(SIDES + 1, length)]))
    return Mesh(np.vstack(vertices), np.vstack(normals), np.vstack(uvs), _grid(len(points), SIDES + 1))


def _torus(ring_radius: float, tube: float) -> Mesh:
    """An upright ring about the x axis."""
    a, b = np.meshgrid(np.linspace(0, 2 * math.pi, SIDES + 1), np.linspace(0, 2 * math.pi, TUBE_SIDES + 1))
    a, b = a.T.ravel(), b.T.ravel()
    normals = np.column_stack([np.sin(b), np.cos(b) * np.cos(a), np.cos(b) * np.sin(a)])
    centre = np.column_stack([np.zeros_like(a), ring_radius * np.cos(a), ring_radius * np.sin(a)])
    uvs = np.column_stack([a * ring_radius, b * tube])
    return Mesh(centre + tube * normals, normals, uvs, _grid(SIDES + 1, TUBE_SIDES + 1))


def _pyramid(half: float, hz: float) -> Mesh:
    parts = [
        _quad(np.array([[-1, 1, 0], [1, 1, 0], [1, -1, 0], [-1, -1, 0]]) * half - [0, 0, hz], _unit_uv(half))
    ]
    for k in range(4):
        c, s = round(math.cos(k * math.pi / 2)), round(math.sin(k * math.pi / 2))
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        corners = np.array([[half, -half, -hz], [half, half, -hz], [0, 0, hz]]) @ turn.T
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normals = np.tile(normal / np.linalg.norm(normal), (3, 1))
        uvs = np.array([[0, 0], [2 * half, 0], [half, math.hypot(half, 2 * hz)]])
        parts.append(Mesh(corners, normals, uvs, np.array([0, 1, 2])))
    return _join(*parts)


def _unit_uv(half: float) -> NDArray[np.float64]:
    return np.array([[0, 0], [2 * half, 0], [2 * half, 2 * half], [0, 2 * half]])


def _grid(rows: int, columns: int) -> NDArray[np.int64]:
    """Triangles over a (rows, columns) grid of vertices, first index slowest."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (i * columns + j).ravel()
    b, c, d = a + 1, a + columns + 1, a + columns
    return np.column_stack([a, b, c, a, c, d]).ravel().astype(np.int64)


def _join(*parts: Mesh) -> Mesh:
    offsets = np.cumsum([0] + [len(m.vertices) for m in parts[:-1]])
    return Mesh(
        np.vstack([m.vertices for m in parts]),
        np.vstack([m.normals for m in parts]),
        np.vstack([m.uvs for m in parts]),
        np.concatenate([m.indices + int(o) for m, o in zip(parts, offsets, strict=True)]),
    )
