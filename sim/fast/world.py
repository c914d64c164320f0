"""`FastWorld`: a `World` on the compiled drone and the scene's analytic distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.dynamics.compiled import entry
from sim.dynamics.layout import Row, S
from sim.dynamics.modes import advance
from sim.dynamics.step import PHYSICS_DT_S
from sim.geometry import nearest_solid
from sim.simulated_world import SimulatedWorld

NOTHING, WALL, FLOOR, CEILING = -9, -1, -2, -3
_PROBE_M = 1e-4


class FastWorld(SimulatedWorld):
    """A room stepped by compiled kernels; see `SimulatedWorld` for its arguments."""

    def _place(self) -> None:
        return

    def _advance(self) -> str | None:
        hit = _advance_in_room(
            self.row,
            int(self._mode),
            self._setpoint,
            self.params,
            PHYSICS_DT_S,
            self._objects,
            self._half_room,
        )
        if hit == NOTHING:
            return None
        return {WALL: "wall", FLOOR: "floor", CEILING: "ceiling"}.get(hit) or self.solid_name(hit)


@entry
def _advance_in_room(
    s: Row,
    mode: int,
    setpoint: Row,
    p: Row,
    dt: float,
    objects: NDArray[np.float64],
    half_room: NDArray[np.float64],
) -> int:
    """One sub-step, then push the drone out of whatever it touches; returns what that was."""
    advance(s, mode, setpoint, p, dt)
    x, y, z = s[S.POS], s[S.POS + 1], s[S.POS + 2]
    distance, what = nearest_solid(objects, half_room, x, y, z)
    depth = DRONE_RADIUS_M - distance
    if depth < 0.0:
        return NOTHING
    if what == FLOOR and z > 0.5 * half_room[2]:
        what = CEILING
    nx = nearest_solid(objects, half_room, x + _PROBE_M, y, z)[0] - distance
    ny = nearest_solid(objects, half_room, x, y + _PROBE_M, z)[0] - distance
    nz = nearest_solid(objects, half_room, x, y, z + _PROBE_M)[0] - distance
    n = max((nx * nx + ny * ny + nz * nz) ** 0.5, 1e-9)
    nx, ny, nz = nx / n, ny / n, nz / n
    into = min(s[S.VEL] * nx + s[S.VEL + 1] * ny + s[S.VEL + 2] * nz, 0.0)
    s[S.POS] += depth * nx
    s[S.POS + 1] += depth * ny
    s[S.POS + 2] += depth * nz
    s[S.VEL] -= into * nx
    s[S.VEL + 1] -= into * ny
    s[S.VEL + 2] -= into * nz
    if what == FLOOR:
        _rest(s)
    return what


@entry
def _rest(s: Row) -> None:
    """Friction of a drone standing on its feet: no sliding, no turning."""
    for i in range(2):
        s[S.VEL + i] = 0.0
    for i in range(3):
        s[S.RATE + i] = 0.0
