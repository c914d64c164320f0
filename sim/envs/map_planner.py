"""The upper bound: a planner that knows the scene and where it is, behind the same velocity commands.

It reads the simulator's truth, so it tells what the missions allow, not what perception does. It still has
to satisfy the on-board judgement of having arrived: it faces the goal and waits until that says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.vocabulary import NUM_GOALS
from sim.dynamics.layout import S
from sim.envs.agents import Array32
from sim.envs.distance_field import (
    BLOCKED,
    CELL_M,
    HARD_M,
    cell_of,
    clearance_at,
    fill_clearance,
    fill_cost,
    line_clearance,
    next_point,
)
from sim.envs.dodge import dodge
from sim.geometry import signed_distance

Array = NDArray[np.float64]

_SCALE = np.array([MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS])
HOME = -1
STAND_M = (0.28, 0.42)
"""The drone's centre stops this far from the goal's surface: 0.21 to 0.35 m of air."""

PATIENCE_S = 2.0
"""Near the goal for this long without being counted, it creeps nearer."""


@dataclass(slots=True)
class _Plan:
    """What is known of one row's scene, and the ways computed so far, by goal class."""

    start: Array
    still: Array
    movers: Array
    radii: Array
    ways: dict[int, tuple[Array, Array, Array]] = field(default_factory=dict)
    near_s: float = 0.0
    goal: int = HOME


class MapPlanner:
    """Follows the cheapest way round every solid to where the goal is seen from near by."""

    name = "map-planner"

    def __init__(self, batch: int) -> None:
        self._plans: list[_Plan | None] = [None] * batch
        self.absent = np.zeros(batch, bool)
        """(N,) rows whose current goal is nowhere in the scene."""

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self.absent[rows] = False
        for i in rows:
            self._plans[i] = None

    def act(self, world: Any) -> Array32:
        """Return (N, 4) action fractions. `world` is a `BatchNavigation`: its core's truth is read."""
        core, over = world.core, world.over
        position, yaw, goals = core.position, core.attitude[:, 2], world.goal
        velocity = core.state[:, S.VEL : S.VEL + 2]
        command = np.zeros((world.batch, 4))
        for i in np.flatnonzero(~over):
            solids = core.objects[i, : core.count[i]]
            plan = self._plans[i]
            if plan is None:
                plan = self._plans[i] = _begin(world, i, solids)
            goal = HOME if world.returning[i] or not (solids[:, 9] == goals[i]).any() else int(goals[i])
            self.absent[i] = goal == HOME
            command[i] = _fly(
                plan, goal, solids, core.half_room[i], position[i], velocity[i], float(yaw[i]),
                float(world.time_s[i]),
            )  # fmt: skip
        return np.asarray(np.clip(command / _SCALE, -1.0, 1.0), np.float32)


def _begin(world: Any, i: int, solids: Array) -> _Plan:
    movers = world.scene_of(int(i)).mover_rows()
    still = np.ones(len(solids), bool)
    still[movers[:, 0].astype(np.int64)] = False
    return _Plan(world.core.position[i].copy(), solids[still].copy(), movers, solids[~still, 3:5].max(axis=1))


def _way(plan: _Plan, goal: int, room: Array) -> tuple[Array, Array, Array]:
    """Return per cell (I, J): clearance, cost of the way to the goal, clearance to all but the goal."""
    if goal not in plan.ways:
        still = plan.still
        match = np.flatnonzero(still[:, 9] == goal) if goal != HOME else np.zeros(0, np.int64)
        target = int(match[0]) if len(match) else -1
        shape = (math.ceil(2 * room[0] / CELL_M), math.ceil(2 * room[1] / CELL_M))
        clearance, others = np.empty(shape), np.empty(shape)
        fill_clearance(still, -1, room[0], room[1], clearance)
        cost = np.full(shape, BLOCKED)
        if target < 0:
            cost[cell_of(cost, room[0], room[1], plan.start[0], plan.start[1])] = 0.0
            others[:] = clearance
        else:
            fill_clearance(still, target, room[0], room[1], others)
            _mark_stands(cost, clearance, others, still[target], room)
        fill_cost(clearance, cost)
        plan.ways[goal] = (clearance, cost, others)
    return plan.ways[goal]


def _mark_stands(cost: Array, clearance: Array, others: Array, target: Array, room: Array) -> None:
    """Set the cost to zero where the goal is near, free in view, and nothing else is close."""
    x = -room[0] + (np.arange(cost.shape[0]) + 0.5) * CELL_M
    y = -room[1] + (np.arange(cost.shape[1]) + 0.5) * CELL_M
    for margin in (0.22, 0.16, HARD_M):
        for i, j in np.argwhere(
            (clearance > STAND_M[0]) & (clearance < STAND_M[1] + 0.3) & (others > margin)
        ):
            away = signed_distance(target, x[i], y[j], target[2])
            if STAND_M[0] < away < STAND_M[1] and (
                line_clearance(others, room[0], room[1], x[i], y[j], target[0], target[1]) > 0.05
            ):
                cost[i, j] = 0.0
        if (cost == 0.0).any():
            return


def _fly(
    plan: _Plan, goal: int, solids: Array, room: Array, position: Array, moving: Array, yaw: float,
    time_s: float,
) -> Array:  # fmt: skip
    """Return the velocity command (4,) in m/s and rad/s, yaw-aligned body frame."""
    clearance, cost, others = _way(plan, goal, room)
    x, y, z = (float(v) for v in position)
    ahead = np.empty(3)
    next_point(clearance, cost, room[0], room[1], x, y, 1.2, ahead)
    target = solids[np.flatnonzero(solids[:, 9] == goal)[0]] if 0 <= goal < NUM_GOALS else None
    to_next, left = ahead[:2] - position[:2], math.hypot(ahead[0] - x, ahead[1] - y)
    room_here = clearance_at(solids, -1, room[0], room[1], x, y)
    speed = min(MAX_VX_MPS, 0.12 + 0.9 * left, 0.16 + 1.6 * max(room_here - HARD_M, 0.0))
    velocity = to_next / max(left, 1e-6) * (speed if left > 0.05 else 0.9 * left)
    height, face = float(plan.start[2]), ahead[:2]
    near = False
    if target is not None:
        height = min(max(float(target[2]), 0.5), 1.3)
        seen = line_clearance(others, room[0], room[1], x, y, target[0], target[1]) > 0.02
        face = target[:2] if seen else face
        gap = signed_distance(target, x, y, z)
        near = seen and gap < 0.55
        velocity = _stand(plan, goal, velocity, target, x, y, gap) if near else velocity
    plan.near_s = plan.near_s + TICK_S if near and goal == plan.goal else 0.0
    plan.goal = goal
    if len(plan.movers):
        wanted, velocity = velocity, np.zeros(2)
        dodge(wanted, position, moving, yaw, clearance, room, plan.movers, plan.radii, time_s, velocity)
    error = math.remainder(math.atan2(face[1] - y, face[0] - x) - yaw, 2 * math.pi)
    if target is None and left < 0.1:
        error = 0.0
    c, s = math.cos(yaw), math.sin(yaw)
    forward, side = c * velocity[0] + s * velocity[1], -s * velocity[0] + c * velocity[1]
    too_fast = max(1.0, abs(forward) / MAX_VX_MPS, abs(side) / MAX_VY_MPS)
    return np.array([forward / too_fast, side / too_fast, 1.2 * (height - z), 2.5 * error])


def _stand(plan: _Plan, goal: int, velocity: Array, target: Array, x: float, y: float, gap: float) -> Array:
    """Keep the standing distance; creep nearer when the goal is not counted in good time."""
    waiting = max(0.0, plan.near_s - PATIENCE_S)
    stand = max(0.34 - 0.02 * waiting, 0.19)
    inward = np.array([target[0] - x, target[1] - y])
    inward /= max(float(np.linalg.norm(inward)), 1e-6)
    along = float(velocity @ inward)
    radial = float(np.clip(0.9 * (gap - stand), -0.25, 0.25))
    return np.asarray(velocity - along * inward + radial * inward)
