"""`Pool`: many scenes as arrays, so that compiled loops can start an episode in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.batched.tick import MAX_OBJECTS
from sim.dynamics.params import IDENTIFIED, drone_params
from sim.envs.config import NavigationConfig
from sim.profiles.profile import Profile
from sim.profiles.rows import drone_rows
from sim.scene import MOVER_COLUMNS, OBJECT_COLUMNS, Scene
from sim.tasks import make_scene

Array = NDArray[np.float64]
MAX_LEGS = 6
MAX_MOVERS = 2
_DRONES = 512


class Pool(NamedTuple):
    """S scenes and D drones; rows as `Scene` and `drone_params` give them."""

    objects: Array  # (S, MAX_OBJECTS, 10)
    count: NDArray[np.int64]  # (S,)
    half_room: Array  # (S, 3)
    movers: Array  # (S, MAX_MOVERS, 7)
    mover_count: NDArray[np.int64]  # (S,)
    start: Array  # (S, 4) x, y, z [m], yaw [rad]
    goals: NDArray[np.int64]  # (S, MAX_LEGS)
    num_goals: NDArray[np.int64]  # (S,)
    absent: NDArray[np.bool_]  # (S,) a commanded goal is not there
    drones: Array  # (D, P.SIZE)


def make_pool(
    scenes: Sequence[Scene], randomise: float, rng: np.random.Generator, profile: Profile | None = None
) -> Pool:
    """Return the arrays of `scenes`, and drones drawn with strength `randomise`, or from a `profile`."""
    count = len(scenes)
    pool = Pool(
        np.zeros((count, MAX_OBJECTS, len(OBJECT_COLUMNS))),
        np.array([len(s.objects) for s in scenes], np.int64),
        np.array([s.half_room() for s in scenes]),
        np.zeros((count, MAX_MOVERS, len(MOVER_COLUMNS))),
        np.array([len(s.movers) for s in scenes], np.int64),
        np.array([(*s.start.position, s.start.yaw) for s in scenes]),
        np.zeros((count, MAX_LEGS), np.int64),
        np.array([len(s.goals) for s in scenes], np.int64),
        np.array([any(s.goal_object(g) is None for g in s.goals) for s in scenes]),
        drone_rows(profile, rng, _DRONES)
        if profile is not None
        else np.array([drone_params(IDENTIFIED, rng, randomise) for _ in range(_DRONES)]),
    )
    for i, scene in enumerate(scenes):
        pool.objects[i, : len(scene.objects)] = scene.geometry()
        pool.goals[i, : len(scene.goals)] = scene.goals
        if scene.movers:
            pool.movers[i, : len(scene.movers)] = scene.mover_rows()
    return pool


def draw_scenes(config: NavigationConfig) -> list[Scene]:
    """Return the train scenes of a configuration, each task with its share."""
    tasks, shares = list(config.tasks), np.array(list(config.tasks.values()))
    bounds = np.rint(np.cumsum(shares / shares.sum()) * config.scenes).astype(int)
    return [
        make_scene(tasks[int(np.searchsorted(bounds, i, side="right"))], config.first_scene + i, "train")
        for i in range(config.scenes)
    ]
