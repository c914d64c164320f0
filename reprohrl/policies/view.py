"""What the navigator sees, made readable: the way it follows, and its observation entry by entry."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, SEARCH_ROUTE, F, ObjectFeatures, R
from reprohrl.contracts.mission import Option
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.view import NavigatorView
from reprohrl.policies.observation import GO_TO, NAVIGATOR_SPEC, SEARCH, STILL, skill_of, write_navigator

Point = tuple[float, float, float]


def view_of(features: ObjectFeatures, option: Option) -> NavigatorView:
    """Return what `option` makes the navigator look at in these features."""
    skill = skill_of(option.kind)
    sectors = tuple(round(float(v), 3) for v in features.sectors)
    looked = tuple(round(float(v), 3) for v in features.looked)
    if skill == STILL or (skill == GO_TO and option.goal < 0):
        return NavigatorView(sectors=sectors, looked=looked)
    subgoal, way_m, area_m2 = None, 0.0, 0.0
    way = features.routes[option.goal if skill == GO_TO else SEARCH_ROUTE + skill - SEARCH]
    if way[R.LENGTH] < MAX_ROUTE_M:
        subgoal = _ahead(features.state, float(way[R.BEARING]), float(way[R.NEXT]), 0.0)
        way_m, area_m2 = float(way[R.LENGTH]), float(way[R.AREA])
    goal, age = None, math.inf
    if option.goal >= 0 and features.values[option.goal, F.AGE] < MAX_AGE_S:
        row = features.values[option.goal]
        age = float(row[F.AGE])
        goal = _ahead(features.state, float(row[F.BEARING]), float(row[F.RANGE]), float(row[F.DZ]))
    return NavigatorView(subgoal, way_m, area_m2, age, goal, sectors, looked)


def observation_of(
    features: ObjectFeatures, option: Option, previous: Sequence[float] = (0.0, 0.0, 0.0, 0.0)
) -> list[tuple[str, float, str]]:
    """Return (entry, value, unit) of the navigator's observation; empty for options that hover.

    `previous` is the last action in [-1, 1].
    """
    skill = skill_of(option.kind)
    if skill == STILL or (skill == GO_TO and option.goal < 0):
        return []
    state, out = features.state, np.zeros(NAVIGATOR_SPEC.observation_size, np.float32)
    write_navigator(
        skill, option.goal, features.values, features.sectors, features.looked, features.routes,
        np.array(state.ranges, np.float64), float(state.height), np.array(state.velocity, np.float64),
        float(state.yaw_rate), np.array(previous, np.float32), out,
    )  # fmt: skip
    named: list[tuple[str, float, str]] = []
    for entry in NAVIGATOR_SPEC.observation:
        for k in range(entry.size):
            name = entry.name if entry.size == 1 else f"{entry.name}[{k}]"
            named.append((name, float(out[len(named)]), entry.unit))
    return named


def goal_places(features: ObjectFeatures) -> dict[int, tuple[Point, float]]:
    """Return class id -> (remembered place (x, y, z) [m] in odom, seconds since last seen)."""
    known = {}
    for k, row in enumerate(features.values):
        if row[F.AGE] < MAX_AGE_S:
            place = _ahead(features.state, float(row[F.BEARING]), float(row[F.RANGE]), float(row[F.DZ]))
            known[k] = (place, float(row[F.AGE]))
    return known


def _ahead(state: DroneState, bearing: float, distance: float, up: float) -> Point:
    """Return the point at a bearing [rad] and distance [m] of the yaw-aligned body frame, in odom."""
    x, y, z = state.position
    angle = state.yaw + bearing
    return (x + distance * math.cos(angle), y + distance * math.sin(angle), z + up)
