"""The scripted baseline for a whole batch: the decisions of `reprohrl.policies.scripted`, row by row."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS
from reprohrl.contracts.features import MAX_AGE_S, NUM_SECTORS, F
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.contracts.state import Range
from reprohrl.policies import scripted as rule
from sim.envs.agents import Array32, Senses, surface_distances

Array = NDArray[np.float64]

_SCALE = np.array([MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS])
_BEARINGS = np.array([math.remainder(i * 2 * math.pi / NUM_SECTORS, 2 * math.pi) for i in range(NUM_SECTORS)])
"""Bearings [rad] of the sectors, -pi..pi."""


class ScriptedAgent:
    """Search by full turns and moves toward free space, servo on the box, stop by range."""

    name = "scripted"

    def __init__(self, batch: int) -> None:
        self._ticks = np.zeros(batch, np.int64)
        self._go_to = np.zeros(batch, bool)
        self._goal = np.zeros(batch, np.int64)
        self._began = np.full(batch, np.nan)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self._ticks[rows], self._go_to[rows], self._began[rows] = 0, False, np.nan

    def act(self, world: Senses) -> Array32:
        self._decide(world)
        approach, search = self._approach(world), self._search(world)
        command = np.where(self._go_to[:, None], approach, search)
        return np.asarray(np.clip(command / _SCALE, -1.0, 1.0), np.float32)

    def _decide(self, world: Senses) -> None:
        """Choose between going to the goal and searching, as often as the pipeline asks a planner."""
        due = self._ticks % SELECTOR_EVERY == 0
        self._goal = np.where(due, world.goal, self._goal)
        self._ticks += 1
        age = world.values[np.arange(world.batch), world.goal, F.AGE]
        self._go_to = np.where(due, age < min(rule.FORGET_S, MAX_AGE_S), self._go_to)
        fresh = ~self._go_to & np.isnan(self._began)
        self._began = np.where(self._go_to, np.nan, np.where(fresh, world.time_s, self._began))

    def _approach(self, world: Senses) -> Array:
        row = world.values[np.arange(world.batch), self._goal].astype(np.float64)
        distance = surface_distances(world.values, world.ranges, self._goal)
        bearing = row[:, F.BEARING]
        forward = np.clip(0.8 * (distance - rule.APPROACH_STOP_M), -0.2, 0.5)
        forward = forward * np.maximum(0.0, np.cos(bearing)) ** 3
        climb = np.clip(0.8 * row[:, F.DZ], -MAX_VZ_MPS, MAX_VZ_MPS)
        side, forward = _avoid(world, forward, distance)
        return _command(world, forward, side, climb, 2.0 * bearing)

    def _search(self, world: Senses) -> Array:
        elapsed = np.where(np.isnan(self._began), 0.0, world.time_s - self._began)
        turning = elapsed % (rule.FULL_TURN_S + rule.MOVE_ON_S) < rule.FULL_TURN_S
        climb = np.clip(rule.CRUISE_HEIGHT_M - world.position[:, 2], -0.2, 0.2)
        zero = np.zeros(world.batch)
        turn = _command(world, zero, zero, climb, zero + rule.SEARCH_TURN_RADPS)
        bearing = _BEARINGS[np.argmax(world.sectors - 0.05 * np.abs(_BEARINGS), axis=1)]
        forward = 0.35 * np.maximum(0.0, np.cos(bearing)) ** 2
        side, forward = _avoid(world, forward, np.full(world.batch, np.inf))
        move = _command(world, forward, side, climb, 1.5 * bearing)
        return np.where(turning[:, None], turn, move)


def _avoid(world: Senses, forward: Array, goal_distance: Array) -> tuple[Array, Array]:
    """Return (side, forward) velocities (N,) [m/s] that sidestep what is ahead and nearer than the goal."""
    sectors, ranges, clear = world.sectors.astype(np.float64), world.ranges, rule.KEEP_CLEAR_M
    ahead = np.minimum(ranges[:, Range.FRONT], sectors[:, 0])
    left, right = sectors[:, 1:4].min(axis=1), sectors[:, -3:].min(axis=1)
    blocked = ahead < np.minimum(0.9, goal_distance - 0.15)
    side = np.where(blocked, np.where(left > right, 0.3, -0.3), 0.0)
    forward = np.where(blocked, np.minimum(forward, 0.5 * (ahead - clear)), forward)
    for near_left, near_right in ((ranges[:, Range.LEFT], ranges[:, Range.RIGHT]), (left, right)):
        side = side - np.where(near_left < clear, 1.2 * (clear - near_left), 0.0)
        side = side + np.where(near_right < clear, 1.2 * (clear - near_right), 0.0)
    squeezed = np.minimum(left, right) < clear
    return side, np.where(squeezed, np.minimum(forward, 0.2), forward)


def _command(world: Senses, vx: Array, vy: Array, vz: Array, yaw_rate: Array) -> Array:
    """Return (N, 4) within the command limits, off the floor and the ceiling."""
    vz = np.where(world.position[:, 2] < 0.35, np.maximum(vz, 0.1), vz)
    vz = np.where(world.ranges[:, Range.UP] < 0.4, np.minimum(vz, -0.1), vz)
    return np.clip(np.stack([vx, vy, vz, yaw_rate], axis=1), -_SCALE, _SCALE)
