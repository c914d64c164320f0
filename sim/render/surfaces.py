"""Normals and texture coordinates of hit points, compiled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel

_SPHERE, _BOX, _CONE, _CYLINDER, _TORUS, _PYRAMID = range(6)
_EDGE_M = 2e-4
_WRAP_M = 0.3
"""Angles around a round solid become lengths at this radius, so that textures keep their grain."""


@kernel
def room_normal(wall: int) -> tuple[float, float, float]:
    """Return the inward normal of a room face, in `Room.surfaces` order."""
    if wall < 2:
        return (-1.0 if wall == 0 else 1.0), 0.0, 0.0
    if wall < 4:
        return 0.0, (-1.0 if wall == 2 else 1.0), 0.0
    return 0.0, 0.0, (-1.0 if wall == 4 else 1.0)


@kernel
def object_surface(
    o: NDArray[np.float64], px: float, py: float, pz: float
) -> tuple[float, float, float, float, float]:
    """Return the outward normal (world) and texture coordinates [m] at a point on object `o`."""
    shape = int(o[6])
    wx, wy, z = px - o[0], py - o[1], pz - o[2]
    c, s = o[7], o[8]
    x, y = c * wx + s * wy, -s * wx + c * wy
    nx, ny, nz, u, v = 0.0, 0.0, 0.0, 0.0, 0.0
    if shape == _SPHERE:
        nx, ny, nz = x / o[3], y / o[3], z / o[3]
        u, v = math.atan2(y, x) * _WRAP_M, z
    elif shape == _BOX:
        ax, ay, az = abs(x) - o[3], abs(y) - o[4], abs(z) - o[5]
        if ax >= ay and ax >= az:
            nx, u, v = math.copysign(1.0, x), y, z
        elif ay >= az:
            ny, u, v = math.copysign(1.0, y), x, z
        else:
            nz, u, v = math.copysign(1.0, z), x, y
    elif shape == _PYRAMID:
        if z <= -o[5] + _EDGE_M:
            nz, u, v = -1.0, x, y
        else:
            slant = math.sqrt(o[3] * o[3] + 4.0 * o[5] * o[5])
            nz = o[3] / slant
            if abs(x) >= abs(y):
                nx, u, v = math.copysign(2.0 * o[5] / slant, x), y, z
            else:
                ny, u, v = math.copysign(2.0 * o[5] / slant, y), x, z
    elif shape == _TORUS:
        radial = math.sqrt(y * y + z * z) + 1e-12
        major = o[4] - o[3]
        nx, ring = x / o[3], (radial - major) / o[3]
        ny, nz = ring * y / radial, ring * z / radial
        u, v = math.atan2(z, y) * _WRAP_M, math.atan2(x, radial - major) * o[3]
    elif z <= -o[5] + _EDGE_M:  # the underside of a cone or cylinder
        nz, u, v = -1.0, x, y
    elif shape == _CYLINDER and z >= o[5] - _EDGE_M:
        nz, u, v = 1.0, x, y
    else:
        radial = math.sqrt(x * x + y * y) + 1e-12
        slant = math.sqrt(o[3] * o[3] + 4.0 * o[5] * o[5]) if shape == _CONE else 1.0
        side = 2.0 * o[5] / slant if shape == _CONE else 1.0
        nx, ny, nz = side * x / radial, side * y / radial, (o[3] / slant if shape == _CONE else 0.0)
        u, v = math.atan2(y, x) * _WRAP_M, z
    return c * nx - s * ny, s * nx + c * ny, nz, u, v


@kernel
def sample_texture(atlas: NDArray[np.float32], index: int, u: float, v: float) -> float:
    """Bilinear brightness factor at (u, v), in tiles."""
    size = atlas.shape[1]
    fu, fv = u * size, v * size
    iu, iv = math.floor(fu), math.floor(fv)
    au, av = fu - iu, fv - iv
    u0, v0, u1, v1 = iu & (size - 1), iv & (size - 1), (iu + 1) & (size - 1), (iv + 1) & (size - 1)
    top = atlas[index, v0, u0] * (1 - au) + atlas[index, v0, u1] * au
    bottom = atlas[index, v1, u0] * (1 - au) + atlas[index, v1, u1] * au
    return top * (1 - av) + bottom * av
