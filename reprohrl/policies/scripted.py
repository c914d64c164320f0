"""The scripted baseline: search by turning, servo on the box, stop by range. No learning, no map.

It stands behind the same interfaces as the learned levels, and is kept as good as a careful person would
make it: a baseline that is easy to beat proves nothing.
"""

from __future__ import annotations

import math

import numpy as np

from reprohrl.contracts.command import (
    MAX_VX_MPS,
    MAX_VY_MPS,
    MAX_VZ_MPS,
    MAX_YAW_RATE_RADPS,
    VelocityCommand,
)
from reprohrl.contracts.features import MAX_AGE_S, NUM_SECTORS, F, ObjectFeatures
from reprohrl.contracts.mission import MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState, Range
from reprohrl.mission.ordered import ordered_option
from reprohrl.mission.reach import compile_reach, goal_distance

FORGET_S = 6.0
SEARCH_TURN_RADPS = 0.9
FULL_TURN_S = 2 * math.pi / SEARCH_TURN_RADPS
MOVE_ON_S = 2.5
APPROACH_STOP_M = 0.30
KEEP_CLEAR_M = 0.35
CRUISE_HEIGHT_M = 0.85


class ScriptedSelector:
    """Go to the current goal while it was seen lately, search for it otherwise."""

    name = "scripted"

    def reset(self, *, seed: int = 0) -> None:
        """Nothing is remembered between decisions."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        ordered = ordered_option(features, status)
        if ordered is not None:
            return ordered
        age = float(features.values[status.goal, F.AGE])
        kind = OptionKind.GO_TO if age < min(FORGET_S, MAX_AGE_S) else OptionKind.SEARCH
        return Option(kind, status.goal, features.stamp)


class ScriptedNavigator:
    """Visual servo with sidesteps; search by full turns, then a move toward the freest direction."""

    name = "scripted"

    def __init__(self) -> None:
        compile_reach()
        self.reset()

    def reset(self, *, seed: int = 0) -> None:
        self._search_began: float | None = None

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        if option.kind is OptionKind.GO_TO:
            self._search_began = None
            return self._approach(features, option.goal)
        if option.kind is OptionKind.SEARCH:
            return self._search(features)
        self._search_began = None
        return VelocityCommand(stamp=features.stamp)

    def _approach(self, features: ObjectFeatures, goal: int) -> VelocityCommand:
        row = features.values[goal]
        distance = goal_distance(features.values, features.state.ranges, goal)
        bearing = float(row[F.BEARING])
        forward = np.clip(0.8 * (distance - APPROACH_STOP_M), -0.2, 0.5) * max(0.0, math.cos(bearing)) ** 3
        climb = float(np.clip(0.8 * row[F.DZ], -MAX_VZ_MPS, MAX_VZ_MPS))
        side, forward = _avoid(features, float(forward), distance)
        return _command(features.state, forward, side, climb, 2.0 * bearing, features.stamp)

    def _search(self, features: ObjectFeatures) -> VelocityCommand:
        if self._search_began is None:
            self._search_began = features.stamp
        phase = (features.stamp - self._search_began) % (FULL_TURN_S + MOVE_ON_S)
        climb = float(np.clip(CRUISE_HEIGHT_M - features.state.height, -0.2, 0.2))
        if phase < FULL_TURN_S:
            return _command(features.state, 0.0, 0.0, climb, SEARCH_TURN_RADPS, features.stamp)
        free = int(np.argmax(features.sectors - 0.05 * np.abs(_sector_bearings())))
        bearing = float(_sector_bearings()[free])
        forward = 0.35 * max(0.0, math.cos(bearing)) ** 2
        side, forward = _avoid(features, forward, math.inf)
        return _command(features.state, forward, side, climb, 1.5 * bearing, features.stamp)


def _sector_bearings() -> np.ndarray:
    """Bearings [rad] of the sectors, -pi..pi."""
    angles = np.arange(NUM_SECTORS) * (2 * math.pi / NUM_SECTORS)
    return np.where(angles > math.pi, angles - 2 * math.pi, angles)


def _avoid(features: ObjectFeatures, forward: float, goal_distance: float) -> tuple[float, float]:
    """Return (side, forward) velocities [m/s] that sidestep what is ahead and nearer than the goal."""
    sectors = features.sectors.astype(float)
    ranges = features.state.ranges
    ahead = min(ranges[Range.FRONT], sectors[0])
    left, right = float(sectors[1:4].min()), float(sectors[-3:].min())
    side = 0.0
    if ahead < min(0.9, goal_distance - 0.15):
        side = 0.3 if left > right else -0.3
        forward = min(forward, 0.5 * (ahead - KEEP_CLEAR_M))
    for near_left, near_right in ((ranges[Range.LEFT], ranges[Range.RIGHT]), (left, right)):
        if near_left < KEEP_CLEAR_M:
            side -= 1.2 * (KEEP_CLEAR_M - near_left)
        if near_right < KEEP_CLEAR_M:
            side += 1.2 * (KEEP_CLEAR_M - near_right)
    if min(left, right) < KEEP_CLEAR_M:
        forward = min(forward, 0.2)
    return side, forward


def _command(
    state: DroneState, vx: float, vy: float, vz: float, yaw_rate: float, stamp: float
) -> VelocityCommand:
    """Clip to the command limits, and stay off the floor and the ceiling."""
    if state.height < 0.35:
        vz = max(vz, 0.1)
    if state.ranges[Range.UP] < 0.4:
        vz = min(vz, -0.1)
    return VelocityCommand(
        float(np.clip(vx, -MAX_VX_MPS, MAX_VX_MPS)),
        float(np.clip(vy, -MAX_VY_MPS, MAX_VY_MPS)),
        float(np.clip(vz, -MAX_VZ_MPS, MAX_VZ_MPS)),
        float(np.clip(yaw_rate, -MAX_YAW_RATE_RADPS, MAX_YAW_RATE_RADPS)),
        stamp,
    )
