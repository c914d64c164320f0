"""What each policy sees, built from `ObjectFeatures`: one compiled builder per level.

The specs below name every entry with unit, bounds and scale; their hashes travel in the ONNX files.
Builders write raw values in units; the policy runtime clips to the bounds and divides by the scale.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS
from reprohrl.contracts.features import (
    HOME_ROUTE,
    MAX_AGE_S,
    MAX_ROUTE_M,
    MAX_SECTOR_M,
    NUM_HEADINGS,
    NUM_SECTORS,
    PASS_ROUTE,
    SEARCH_ROUTE,
    F,
    R,
)
from reprohrl.contracts.mission import OptionKind
from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.contracts.rates import SELECTOR_EVERY, TICK_HZ
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from reprohrl.mission.reach import NOMINAL_RADIUS_M, surface_distance
from reprohrl.perception.bearing import wrap_angle
from reprohrl.perception.compiled import kernel

Array32 = NDArray[np.float32]
Array = NDArray[np.float64]

ACTION_SCALE = np.array([MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS], np.float32)
"""A navigator's output in [-1, 1] times this is (vx, vy, vz, yaw rate) in m/s and rad/s."""

MEMORY_S = 10.0
"""Ages are told apart up to this; older counts as this old."""

SOLID_DZ_M = 0.5
"""A remembered goal object farther above or below than this is not in the way."""

ROUTE_M = 8.0
"""Routes are told apart up to this length."""

SKILLS = (OptionKind.GO_TO, OptionKind.SEARCH, OptionKind.PASS, OptionKind.RETURN)
"""The options that the navigator flies, in the order of its `skill` inputs."""

GO_TO, SEARCH, PASS, RETURN, STILL = range(5)
"""Indices into `SKILLS`, and the one after: hover."""

NAVIGATOR_SPEC = PolicySpec(
    name="navigator",
    observation=(
        Entry("skill", len(SKILLS), "one-hot: go to, search, pass, return", 0, 1),
        Entry("goal_class", NUM_GOALS, "one-hot", 0, 1),
        Entry("goal_known", 1, "flag", 0, 1),
        Entry("goal_visible", 1, "flag", 0, 1),
        Entry("goal_box", 4, "cx, cy in -1..1; w, h as image fraction", -1, 1),
        Entry("goal_age", 1, "s", 0, MEMORY_S, MEMORY_S),
        Entry("goal_bearing", 2, "sin, cos", -1, 1),
        Entry("goal_range", 1, "m", 0, 4, 2),
        Entry("goal_dz", 1, "m", -1.5, 1.5),
        Entry("goal_surface", 1, "m", -0.2, 2),
        Entry("route_bearing", 2, "sin, cos", -1, 1),
        Entry("route_next", 1, "m", 0, 2),
        Entry("route_length", 1, "m", 0, ROUTE_M, 4),
        Entry("route_area", 1, "m^2 of floor not looked at", 0, 8, 4),
        Entry("ranges", 5, "m", 0, 2, 2),
        Entry("height", 1, "m", 0, 2.5),
        Entry("velocity", 3, "m/s, yaw-aligned body frame", -1, 1, 0.5),
        Entry("yaw_rate", 1, "rad/s", -2, 2),
        Entry("previous_action", 4, "fraction of the command limits", -1, 1),
        Entry("sectors", NUM_SECTORS, "m to solids and other goals, ahead first, leftwards",
              0, MAX_SECTOR_M, 1),
        Entry("looked", NUM_HEADINGS, "recency, body frame, ahead first, leftwards", 0, 1),
    ),
    action=(
        Entry("vx", 1, "m/s", -MAX_VX_MPS, MAX_VX_MPS, MAX_VX_MPS),
        Entry("vy", 1, "m/s", -MAX_VY_MPS, MAX_VY_MPS, MAX_VY_MPS),
        Entry("vz", 1, "m/s", -MAX_VZ_MPS, MAX_VZ_MPS, MAX_VZ_MPS),
        Entry("yaw_rate", 1, "rad/s", -MAX_YAW_RATE_RADPS, MAX_YAW_RATE_RADPS, MAX_YAW_RATE_RADPS),
    ),
    rate_hz=TICK_HZ,
    vocabulary=GOAL_CLASSES,
    version=2,
)  # fmt: skip

SELECTOR_ACTIONS = (*(f"go_to {name}" for name in GOAL_CLASSES), "search", "hold", "pass", "return")
SEARCH_ACTION, HOLD_ACTION, PASS_ACTION, RETURN_ACTION = range(NUM_GOALS, NUM_GOALS + 4)

SELECTOR_SPEC = PolicySpec(
    name="selector",
    observation=(
        Entry("current_goal", NUM_GOALS, "one-hot", 0, 1),
        Entry("goal_visible", NUM_GOALS, "flag", 0, 1),
        Entry("goal_known", NUM_GOALS, "flag", 0, 1),
        Entry("goal_age", NUM_GOALS, "s", 0, MEMORY_S, MEMORY_S),
        Entry("goal_route", NUM_GOALS, "m", 0, ROUTE_M, 4),
        Entry("current_known", 1, "flag", 0, 1),
        Entry("current_age", 1, "s", 0, MEMORY_S, MEMORY_S),
        Entry("search_route", 2, "flag; m", 0, ROUTE_M, 4),
        Entry("search_area", 1, "m^2", 0, 8, 4),
        Entry("pass_route", 2, "flag; m", 0, ROUTE_M, 4),
        Entry("pass_area", 1, "m^2", 0, 8, 4),
        Entry("home_route", 1, "m", 0, ROUTE_M, 4),
        Entry("goals_left", 1, "count", 0, 6, 3),
        Entry("leg_elapsed", 1, "s", 0, 60, 30),
        Entry("front_range", 1, "m", 0, 2, 2),
        Entry("looked_mean", 1, "recency", 0, 1),
    ),
    action=(Entry("option", len(SELECTOR_ACTIONS), "logit", -1e6, 1e6),),
    rate_hz=TICK_HZ / SELECTOR_EVERY,
    vocabulary=GOAL_CLASSES,
    version=2,
)


@kernel
def write_navigator(
    skill: int, goal: int, values: Array32, sectors: Array32, looked: Array32, routes: Array32,
    ranges: Array, height: float, velocity: Array, yaw_rate: float, previous: Array32, out: Array32,
) -> None:  # fmt: skip
    """Write the raw observation of one drone into `out` (NAVIGATOR_SPEC.observation_size,).

    skill: an index into `SKILLS`; goal: class id, -1 when returning; values (K, F); sectors (S,) [m];
    looked (B,); routes (NUM_ROUTES, 4); ranges (5,) [m]; height [m]; velocity (3,) [m/s]; yaw_rate
    [rad/s]; previous (4,) in [-1, 1]. Only go-to is shown the goal: finding it ends a search, the search
    does not fly there.
    """
    out[:] = 0.0
    out[skill] = 1.0
    k = 4
    if goal >= 0:
        out[k + goal] = 1.0
    k += NUM_GOALS
    out[k + 6], out[k + 11] = MEMORY_S, 2.0
    if skill == GO_TO:
        row = values[goal]
        out[k + 6] = min(row[F.AGE], MEMORY_S)
        if row[F.AGE] < MAX_AGE_S:
            out[k] = 1.0
            out[k + 1] = row[F.VISIBLE]
            out[k + 2], out[k + 3] = row[F.CX], row[F.CY]
            out[k + 4], out[k + 5] = row[F.W], row[F.H]
            out[k + 7], out[k + 8] = math.sin(row[F.BEARING]), math.cos(row[F.BEARING])
            out[k + 9], out[k + 10] = row[F.RANGE], row[F.DZ]
            out[k + 11] = surface_distance(row, ranges[0], goal)
    k += 12
    way = routes[goal if skill == GO_TO else SEARCH_ROUTE + skill - SEARCH]
    if way[R.LENGTH] < MAX_ROUTE_M:
        out[k], out[k + 1] = math.sin(way[R.BEARING]), math.cos(way[R.BEARING])
    out[k + 2], out[k + 3], out[k + 4] = way[R.NEXT], way[R.LENGTH], way[R.AREA]
    k += 5
    for j in range(5):
        out[k + j] = ranges[j]
    out[k + 5] = height
    for j in range(3):
        out[k + 6 + j] = velocity[j]
    out[k + 9] = yaw_rate
    for j in range(4):
        out[k + 10 + j] = previous[j]
    k += 14
    for j in range(NUM_SECTORS):
        out[k + j] = sectors[j]
    _add_other_goals(values, goal if skill == GO_TO else -1, out[k : k + NUM_SECTORS])
    k += NUM_SECTORS
    for j in range(NUM_HEADINGS):
        out[k + j] = looked[j]


@kernel
def _add_other_goals(values: Array32, goal: int, sectors: Array32) -> None:
    """Put the remembered goal objects into the sectors (S,), but for the one flown to."""
    width = 2 * math.pi / NUM_SECTORS
    for k in range(NUM_GOALS):
        row = values[k]
        known = k != goal and row[F.AGE] < MAX_AGE_S
        if not known or abs(row[F.DZ]) >= SOLID_DZ_M or row[F.RANGE] >= MAX_SECTOR_M:
            continue
        half = math.atan2(NOMINAL_RADIUS_M[k], max(row[F.RANGE], 0.05)) + 0.5 * width
        surface = max(row[F.RANGE] - NOMINAL_RADIUS_M[k], 0.0)
        for j in range(NUM_SECTORS):
            if abs(wrap_angle(row[F.BEARING] - j * width)) < half and surface < sectors[j]:
                sectors[j] = surface


@kernel
def write_selector(
    goal: int, goals_left: int, leg_elapsed_s: float, values: Array32, looked: Array32, routes: Array32,
    front_m: float, out: Array32,
) -> None:  # fmt: skip
    """Write the raw observation of one drone into `out` (SELECTOR_SPEC.observation_size,).

    goal: class id of the current goal; goals_left: including it; leg_elapsed_s [s]; front_m: front range.
    """
    out[:] = 0.0
    out[goal] = 1.0
    for k in range(NUM_GOALS):
        known = values[k, F.AGE] < MAX_AGE_S
        out[NUM_GOALS + k] = values[k, F.VISIBLE]
        out[2 * NUM_GOALS + k] = 1.0 if known else 0.0
        out[3 * NUM_GOALS + k] = min(values[k, F.AGE], MEMORY_S)
        out[4 * NUM_GOALS + k] = routes[k, R.LENGTH] if known else ROUTE_M
    j = 5 * NUM_GOALS
    out[j], out[j + 1] = out[2 * NUM_GOALS + goal], out[3 * NUM_GOALS + goal]
    j += 2
    for route in (SEARCH_ROUTE, PASS_ROUTE):
        out[j] = 1.0 if routes[route, R.LENGTH] < MAX_ROUTE_M else 0.0
        out[j + 1], out[j + 2] = routes[route, R.LENGTH], routes[route, R.AREA]
        j += 3
    out[j] = routes[HOME_ROUTE, R.LENGTH]
    out[j + 1], out[j + 2], out[j + 3] = goals_left, leg_elapsed_s, front_m
    out[j + 4] = looked.mean()


def skill_of(kind: OptionKind) -> int:
    """Return the index into `SKILLS` of an option, `STILL` for those that ask for hovering."""
    return SKILLS.index(kind) if kind in SKILLS else STILL
