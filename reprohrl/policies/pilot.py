"""A pilot without learning: follows the routes of the drone's own map, keeps clear, faces the goal.

It teaches the learned low level its first steps, and is a method of the benchmark of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.features import (
    MAX_AGE_S,
    MAX_ROUTE_M,
    NUM_SECTORS,
    SEARCH_ROUTE,
    F,
    ObjectFeatures,
    R,
)
from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.mission.reach import surface_distance
from reprohrl.perception.compiled import compiling, kernel
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.observation import ACTION_SCALE, GO_TO, RETURN, SEARCH, STILL, skill_of

Array32 = NDArray[np.float32]
Array = NDArray[np.float64]

STOP_M = 0.30
"""Surface distance [m] at which the approach of a goal ends."""

KEEP_CLEAR_M = 0.42
CRUISE_M = 0.85
CRUISE_MPS = 0.45
LOOK_FROM_M = 0.5
"""A search looks at its target from this far; it need not stand on it."""


@kernel
def pilot(
    skill: int, goal: int, values: Array32, sectors: Array32, routes: Array32, ranges: Array, height: float,
    out: Array32,
) -> None:  # fmt: skip
    """Write (vx, vy, vz, yaw rate) as fractions of the command limits into `out` (4,).

    Arguments as for `write_navigator`.
    """
    way = routes[goal if skill == GO_TO else SEARCH_ROUTE + skill - SEARCH]
    bearing, ahead, climb = float(way[R.BEARING]), 0.0, CRUISE_M - height
    keep = KEEP_CLEAR_M
    if skill == GO_TO and values[goal, F.AGE] < MAX_AGE_S:
        row = values[goal]
        surface = surface_distance(row, ranges[0], goal)
        direct = row[F.RANGE] < 1.0 or way[R.LENGTH] >= MAX_ROUTE_M
        if direct:
            bearing, climb = float(row[F.BEARING]), float(row[F.DZ])
            ahead = min(max(0.8 * (surface - STOP_M), -0.2), CRUISE_MPS)
            keep = 0.25 if surface < 0.8 else KEEP_CLEAR_M
        else:
            climb = 0.5 * float(row[F.DZ]) if row[F.RANGE] < 1.6 else climb
            ahead = CRUISE_MPS
    elif way[R.LENGTH] < MAX_ROUTE_M:
        spare = way[R.NEXT] - (LOOK_FROM_M if way[R.LENGTH] - way[R.NEXT] < 0.1 and skill != RETURN else 0.0)
        ahead = min(CRUISE_MPS, 0.9 * max(spare, 0.0))
    else:
        bearing = 0.7
    turn = 2.0 * bearing
    align = max(0.0, math.cos(bearing))
    forward = ahead * align * align * align
    side = 0.5 * math.sin(bearing) * min(abs(ahead), 0.25)
    forward, side = _keep_clear(sectors, ranges, forward, side, keep)
    if height < 0.35:
        climb = max(climb, 0.1)
    if ranges[4] < 0.4:
        climb = min(climb, -0.1)
    out[0], out[1], out[2], out[3] = forward, side, 0.8 * climb, turn
    for k in range(4):
        out[k] = min(max(out[k] / ACTION_SCALE[k], np.float32(-1.0)), np.float32(1.0))


@kernel
def _keep_clear(
    sectors: Array32, ranges: Array, forward: float, side: float, keep: float
) -> tuple[float, float]:
    """Push away from what is nearer than `keep` [m]; slow down for what is ahead."""
    for j in range(NUM_SECTORS):
        near = keep - sectors[j]
        if near > 0:
            angle = j * (2 * math.pi / NUM_SECTORS)
            forward -= 0.8 * near * math.cos(angle)
            side -= 0.8 * near * math.sin(angle)
    if ranges[0] < keep:
        forward = min(forward, 0.8 * (ranges[0] - keep))
    if ranges[1] < keep:
        forward += 0.8 * (keep - ranges[1])
    if ranges[2] < keep:
        side -= 0.8 * (keep - ranges[2])
    if ranges[3] < keep:
        side += 0.8 * (keep - ranges[3])
    front = min(ranges[0], float(sectors[0]))
    return min(forward, max(0.6 * (front - 0.2), 0.05) if forward > 0 else forward), side


class RouteNavigator:
    """The pilot as a navigator."""

    name = "routes"

    def __init__(self) -> None:
        with compiling("the pilot"):
            self.act(nothing_seen(), Option(OptionKind.SEARCH, 0))

    def reset(self, *, seed: int = 0) -> None:
        """Nothing is remembered."""

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        skill = skill_of(option.kind)
        if skill == STILL or (skill == GO_TO and option.goal < 0):
            return VelocityCommand(stamp=features.stamp)
        state, out = features.state, np.zeros(4, np.float32)
        pilot(
            skill, option.goal, features.values, features.sectors, features.routes,
            np.array(state.ranges, np.float64), float(state.height), out,
        )  # fmt: skip
        vx, vy, vz, turn = (float(v) for v in out * ACTION_SCALE)
        return VelocityCommand(vx, vy, vz, turn, features.stamp)
