"""What each baseline sees: a `PolicySpec` and a builder from the arrays of `Senses`, raw and in units.

The boxes and memories are the tracker's, the same for every method: a false box that the tracker refuses
misleads none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.contracts.rates import TICK_HZ
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from reprohrl.policies.normalisation import scale_observation
from sim.envs.agents import Senses, surface_distances

Array32 = NDArray[np.float32]
Goals = NDArray[np.int64]

MEMORY_S = 10.0
VELOCITY_ACTION = (
    Entry("vx", 1, "m/s", -MAX_VX_MPS, MAX_VX_MPS, MAX_VX_MPS),
    Entry("vy", 1, "m/s", -MAX_VY_MPS, MAX_VY_MPS, MAX_VY_MPS),
    Entry("vz", 1, "m/s", -MAX_VZ_MPS, MAX_VZ_MPS, MAX_VZ_MPS),
    Entry("yaw_rate", 1, "rad/s", -MAX_YAW_RATE_RADPS, MAX_YAW_RATE_RADPS, MAX_YAW_RATE_RADPS),
)
_BOX = Entry("goal_box", 4, "cx, cy in -1..1; w, h as image fraction; 0 when not seen", -1, 1)
_ONE_HOT = Entry("goal_class", NUM_GOALS, "one-hot", 0, 1)


def values_of(count: int) -> tuple[Entry, ...]:
    """Return the action entries of a value network: one value per choice."""
    return (Entry("value", count, "expected return", -1e6, 1e6),)


def spec(name: str, observation: tuple[Entry, ...], action: tuple[Entry, ...]) -> PolicySpec:
    return PolicySpec(name, observation, action, TICK_HZ, GOAL_CLASSES)


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at the world: the entries, and `build(world, goal (N,))` -> (N, D) raw."""

    entries: tuple[Entry, ...]
    build: Callable[[Senses, Goals], Array32]

    @property
    def size(self) -> int:
        return sum(e.size for e in self.entries)

    def scaled(self, world: Senses, goal: Goals) -> Array32:
        """Return the network's input (N, D)."""
        layout = PolicySpec("", self.entries, (), TICK_HZ, GOAL_CLASSES)
        return scale_observation(layout, self.build(world, goal))


def _one_hot(goal: Goals) -> Array32:
    return np.eye(NUM_GOALS, dtype=np.float32)[goal]


def _row(world: Senses, goal: Goals) -> Array32:
    return world.values[np.arange(world.batch), goal]


def _join(*parts: NDArray[np.generic]) -> Array32:
    columns = [p[:, None] if p.ndim == 1 else p for p in parts]
    return np.concatenate(columns, axis=1, dtype=np.float32, casting="unsafe")


def _box(world: Senses, goal: Goals) -> Array32:
    return _row(world, goal)[:, [F.CX, F.CY, F.W, F.H]]


def _build_eight(world: Senses, goal: Goals) -> Array32:
    return _join(_box(world, goal), world.ranges[:, :4])


EIGHT = View((_BOX, Entry("ranges", 4, "m: front, back, left, right", 0, 2, 2)), _build_eight)
"""The 8 numbers of Navardi et al. 2022: the goal's box and the four horizontal ranges."""


def _build_box_and_class(world: Senses, goal: Goals) -> Array32:
    return _join(_box(world, goal), _one_hot(goal))


BOX_AND_CLASS = View((_BOX, _ONE_HOT), _build_box_and_class)
"""4 + k: the box of the chosen goal and its class."""


def _build_flags(world: Senses, goal: Goals) -> Array32:
    return np.asarray(_one_hot(world.goal) + 0.5 * world.values[..., F.VISIBLE], np.float32)


FLAGS = View(
    (Entry("class_flags", NUM_GOALS, "1 when commanded next, 0.5 more when seen", 0, 2),), _build_flags
)
"""1 x k: one flag per class. The commanded order has to reach the agent, so it is in the flags."""


_BODY = (
    Entry("ranges", 5, "m", 0, 2, 2),
    Entry("height", 1, "m", 0, 2.5),
    Entry("velocity", 3, "m/s, yaw-aligned body frame", -1, 1, 0.5),
    Entry("yaw_rate", 1, "rad/s", -2, 2),
    Entry("previous_action", 4, "fraction of the command limits", -1, 1),
)


def _body(world: Senses) -> Array32:
    return _join(world.ranges, world.position[:, 2], world.velocity, world.yaw_rate, world.action)


_GOAL = (
    Entry("goal_known", 1, "flag", 0, 1),
    Entry("goal_visible", 1, "flag", 0, 1),
    _BOX,
    Entry("goal_age", 1, "s", 0, MEMORY_S, MEMORY_S),
    Entry("goal_bearing", 2, "sin, cos", -1, 1),
    Entry("goal_range", 1, "m", 0, 4, 2),
    Entry("goal_dz", 1, "m", -1.5, 1.5),
    Entry("goal_surface", 1, "m", -0.2, 2),
)


def _goal_features(world: Senses, goal: Goals) -> Array32:
    row = _row(world, goal)
    known = row[:, F.AGE] < MAX_AGE_S
    surface = np.where(known, surface_distances(world.values, world.ranges, goal), 2.0)
    return _join(
        known, row[:, [F.VISIBLE, F.CX, F.CY, F.W, F.H]], row[:, F.AGE],
        np.where(known, np.sin(row[:, F.BEARING]), 0.0), np.where(known, np.cos(row[:, F.BEARING]), 0.0),
        row[:, [F.RANGE, F.DZ]], surface,
    )  # fmt: skip


_AROUND = (
    Entry("sectors", NUM_SECTORS, "m to solids, body frame, ahead first, leftwards", 0, MAX_SECTOR_M, 1),
    Entry("looked", NUM_HEADINGS, "recency, body frame, ahead first, leftwards", 0, 1),
)
_OTHERS = Entry("other_goals", 4 * NUM_GOALS, "per class: nearness 0..1, sin, cos, height / m", -1.5, 1.5)


def _other_goals(world: Senses, goal: Goals) -> Array32:
    """Return (N, 4 K): where the remembered objects are that are not the goal; 0 where none."""
    values = world.values
    known = values[..., F.AGE] < MAX_AGE_S
    known[np.arange(world.batch), goal] = False
    near = np.clip(1.0 - 0.5 * values[..., F.RANGE], 0.0, 1.0)
    bearing = values[..., F.BEARING]
    columns = np.stack([near, near * np.sin(bearing), near * np.cos(bearing), values[..., F.DZ]], axis=-1)
    return np.where(known[..., None], columns, 0.0).reshape(world.batch, -1).astype(np.float32)


_ROUTES = Entry(
    "routes",
    20,
    "goal, search, pass, home: sin, cos, next / 2 m, length / 8 m, area / 8 m^2; 0 without",
    -1,
    1,
)


def _routes(world: Senses, goal: Goals) -> Array32:
    """Return (N, 20): first bearing, lengths, and floor to see at the end of the ways round known solids."""
    n = world.batch
    fixed = np.broadcast_to([SEARCH_ROUTE, PASS_ROUTE, HOME_ROUTE], (n, 3))
    rows = np.concatenate([goal[:, None], fixed], axis=1)
    routes = world.routes[np.arange(n)[:, None], rows].astype(np.float64)
    bearing, length = routes[..., R.BEARING], routes[..., R.LENGTH]
    columns = np.stack(
        [np.sin(bearing), np.cos(bearing), routes[..., R.NEXT] / 2, length / 8, routes[..., R.AREA] / 8],
        axis=-1,
    )
    return np.where(length[..., None] < MAX_ROUTE_M, columns, 0.0).reshape(n, -1).astype(np.float32)


_PROGRESS = (
    Entry("goals_left", 1, "count", 0, 6, 3),
    Entry("leg_elapsed", 1, "s", 0, 60, 30),
)


def _progress(world: Senses) -> Array32:
    return _join(world.num_legs - world.index, world.leg_s)


def _build_features(world: Senses, goal: Goals) -> Array32:
    return _join(
        _one_hot(goal), _goal_features(world, goal), _body(world), _around(world), _other_goals(world, goal),
        _routes(world, goal), _progress(world),
    )  # fmt: skip


def _around(world: Senses) -> Array32:
    return _join(world.sectors, world.looked)


FEATURES = View((_ONE_HOT, *_GOAL, *_BODY, *_AROUND, _OTHERS, _ROUTES, *_PROGRESS), _build_features)
"""All the tracker knows: the goal, the other objects, solids around, ways, and the mission's progress."""


def _build_plain(world: Senses, goal: Goals) -> Array32:
    return _join(
        _one_hot(goal), _goal_features(world, goal), _body(world), _around(world), _other_goals(world, goal),
        _progress(world),
    )  # fmt: skip


PLAIN_FEATURES = View((_ONE_HOT, *_GOAL, *_BODY, *_AROUND, _OTHERS, *_PROGRESS), _build_plain)
"""The same without the planned ways."""


def _build_beside(world: Senses, goal: Goals) -> Array32:
    return _join(_one_hot(goal), _body(world), _progress(world))


BESIDE_FRAMES = View((_ONE_HOT, *_BODY, *_PROGRESS), _build_beside)
"""What the pixel agent knows besides its frames."""


def _build_meta(world: Senses, goal: Goals) -> Array32:
    values = world.values
    known = values[..., F.AGE] < MAX_AGE_S
    return _join(
        _one_hot(world.goal), values[..., F.VISIBLE], known, values[..., F.AGE],
        np.where(known, values[..., F.RANGE], 0.0), world.ranges[:, 0], world.looked.mean(axis=1),
        _progress(world),
    )  # fmt: skip


META = View(
    (
        _ONE_HOT,
        Entry("visible", NUM_GOALS, "flag", 0, 1),
        Entry("known", NUM_GOALS, "flag", 0, 1),
        Entry("age", NUM_GOALS, "s", 0, MEMORY_S, MEMORY_S),
        Entry("range", NUM_GOALS, "m", 0, 4, 2),
        Entry("front_range", 1, "m", 0, 2, 2),
        Entry("looked_mean", 1, "recency", 0, 1),
        *_PROGRESS,
    ),
    _build_meta,
)
"""What a meta-controller chooses options by."""
