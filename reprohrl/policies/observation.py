"""What each policy sees, built from `ObjectFeatures`: one builder per level, batch first.

The specs below name every entry with unit, bounds and scale; their hashes travel in the ONNX files.
Builders return raw values in units; the policy runtime clips to the bounds and divides by the scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS
from reprohrl.contracts.features import MAX_AGE_S, MAX_SECTOR_M, NUM_HEADINGS, NUM_SECTORS, F
from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.contracts.rates import SELECTOR_EVERY, TICK_HZ
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from reprohrl.mission.reach import NOMINAL_RADIUS_M, surface_distance
from reprohrl.perception.bearing import wrap_angle

Array32 = NDArray[np.float32]

ACTION_SCALE = np.array([MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS], np.float32)
"""A navigator's output in [-1, 1] times this is (vx, vy, vz, yaw rate) in m/s and rad/s."""

MEMORY_S = 10.0
"""Ages are told apart up to this; older counts as this old."""

SOLID_DZ_M = 0.5
"""A remembered goal object farther above or below than this is not in the way."""

NAVIGATOR_SPEC = PolicySpec(
    name="navigator",
    observation=(
        Entry("skill_go_to", 1, "flag", 0, 1),
        Entry("goal_class", NUM_GOALS, "one-hot", 0, 1),
        Entry("goal_known", 1, "flag", 0, 1),
        Entry("goal_visible", 1, "flag", 0, 1),
        Entry("goal_box", 4, "cx, cy in -1..1; w, h as image fraction", -1, 1),
        Entry("goal_age", 1, "s", 0, MEMORY_S, MEMORY_S),
        Entry("goal_bearing", 2, "sin, cos", -1, 1),
        Entry("goal_range", 1, "m", 0, 4, 2),
        Entry("goal_dz", 1, "m", -1.5, 1.5),
        Entry("goal_surface", 1, "m", -0.2, 2),
        Entry("ranges", 5, "m", 0, 2, 2),
        Entry("height", 1, "m", 0, 2.5),
        Entry("velocity", 3, "m/s, yaw-aligned body frame", -1, 1, 0.5),
        Entry("yaw_rate", 1, "rad/s", -2, 2),
        Entry("previous_action", 4, "fraction of the command limits", -1, 1),
        Entry(
            "sectors",
            NUM_SECTORS,
            "m to solids and other goals, body frame, ahead first, leftwards",
            0,
            MAX_SECTOR_M,
            1,
        ),
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
)

SELECTOR_ACTIONS = (*(f"go_to {name}" for name in GOAL_CLASSES), "search", "hold")

SELECTOR_SPEC = PolicySpec(
    name="selector",
    observation=(
        Entry("current_goal", NUM_GOALS, "one-hot", 0, 1),
        Entry("goal_visible", NUM_GOALS, "flag", 0, 1),
        Entry("goal_known", NUM_GOALS, "flag", 0, 1),
        Entry("goal_age", NUM_GOALS, "s", 0, MEMORY_S, MEMORY_S),
        Entry("goal_bearing_sin", NUM_GOALS, "sin", -1, 1),
        Entry("goal_bearing_cos", NUM_GOALS, "cos", -1, 1),
        Entry("goal_range", NUM_GOALS, "m", 0, 4, 2),
        Entry("goals_left", 1, "count", 0, 6, 3),
        Entry("leg_elapsed", 1, "s", 0, 60, 30),
        Entry("front_range", 1, "m", 0, 2, 2),
        Entry("looked_mean", 1, "recency", 0, 1),
    ),
    action=(Entry("option", len(SELECTOR_ACTIONS), "logit", -1e6, 1e6),),
    rate_hz=TICK_HZ / SELECTOR_EVERY,
    vocabulary=GOAL_CLASSES,
)


_UNSEEN = np.zeros(len(F), np.float32)
_UNSEEN[F.AGE] = MAX_AGE_S


def navigator_observation(
    values: Array32,
    sectors: Array32,
    looked: Array32,
    goal: NDArray[np.int64],
    go_to: NDArray[np.bool_],
    ranges: NDArray[np.float64],
    height: NDArray[np.float64],
    velocity: NDArray[np.float64],
    yaw_rate: NDArray[np.float64],
    previous_action: Array32,
) -> Array32:
    """Return (N, NAVIGATOR_SPEC.observation_size) float32.

    values (N, K, F); sectors (N, S) [m]; looked (N, B); goal (N,) class ids; go_to (N,) True for GO_TO,
    False for SEARCH, which is not shown the goal: finding it ends the search, it does not fly there;
    ranges (N, 5) [m]; height (N,) [m]; velocity (N, 3) [m/s]; yaw_rate (N,) [rad/s];
    previous_action (N, 4) in [-1, 1].
    """
    n = np.arange(len(goal))
    row = np.where(go_to[:, None], values[n, goal], _UNSEEN)
    known = row[:, F.AGE] < MAX_AGE_S
    one_hot = np.zeros((len(goal), NUM_GOALS), np.float32)
    one_hot[n, goal] = 1
    surface = np.where(known, surface_distance(values, ranges, goal), 2.0)
    parts = [
        go_to[:, None],
        one_hot,
        known[:, None],
        row[:, [F.VISIBLE, F.CX, F.CY, F.W, F.H]],
        np.minimum(row[:, F.AGE : F.AGE + 1], MEMORY_S),
        np.where(known, np.sin(row[:, F.BEARING]), 0.0)[:, None],
        np.where(known, np.cos(row[:, F.BEARING]), 0.0)[:, None],
        row[:, [F.RANGE, F.DZ]],
        surface[:, None],
        ranges,
        height[:, None],
        velocity,
        yaw_rate[:, None],
        previous_action,
        _with_other_goals(sectors, values, goal, go_to),
        looked,
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _with_other_goals(
    sectors: Array32, values: Array32, goal: NDArray[np.int64], go_to: NDArray[np.bool_]
) -> Array32:
    """Return the sectors (N, S) with the remembered goal objects in them, but for the one flown to."""
    n, row = np.arange(len(goal)), values.astype(np.float64)
    reach = row[..., F.RANGE]
    solid = (row[..., F.AGE] < MAX_AGE_S) & (np.abs(row[..., F.DZ]) < SOLID_DZ_M) & (reach < MAX_SECTOR_M)
    solid[n, goal] &= ~go_to
    half_width = np.arctan2(NOMINAL_RADIUS_M, np.maximum(reach, 0.05)) + np.pi / NUM_SECTORS
    off = wrap_angle(row[..., F.BEARING, None] - np.arange(NUM_SECTORS) * (2 * np.pi / NUM_SECTORS))
    covered = solid[..., None] & (np.abs(off) < half_width[..., None])
    surface = np.maximum(reach - NOMINAL_RADIUS_M, 0.0)[..., None]
    nearest = np.where(covered, surface, MAX_SECTOR_M).min(axis=1)
    return np.asarray(np.minimum(sectors, nearest), np.float32)


def selector_observation(
    values: Array32,
    looked: Array32,
    goal: NDArray[np.int64],
    goals_left: NDArray[np.int64],
    leg_elapsed_s: NDArray[np.float64],
    ranges: NDArray[np.float64],
) -> Array32:
    """Return (N, SELECTOR_SPEC.observation_size) float32.

    goal (N,) class id of the current goal; goals_left (N,) including it; leg_elapsed_s (N,) [s].
    """
    n = np.arange(len(goal))
    one_hot = np.zeros((len(goal), NUM_GOALS), np.float32)
    one_hot[n, goal] = 1
    known = values[..., F.AGE] < MAX_AGE_S
    parts = [
        one_hot,
        values[..., F.VISIBLE],
        known,
        np.minimum(values[..., F.AGE], MEMORY_S),
        np.where(known, np.sin(values[..., F.BEARING]), 0.0),
        np.where(known, np.cos(values[..., F.BEARING]), 0.0),
        values[..., F.RANGE],
        goals_left[:, None],
        leg_elapsed_s[:, None],
        ranges[:, :1],
        looked.mean(axis=1, keepdims=True),
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)
