"""`World`: everything that the compiled loops know of many missions, as arrays with the drone first."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.perception.memory import Memory, new_memory
from reprohrl.perception.tracker import Views, new_views
from sim.batched.core import BatchCore
from sim.batched.tick import MAX_OBJECTS
from sim.envs.noisy_boxes import GHOST_COLUMNS, MEMORY_COLUMNS
from sim.envs.pool import MAX_LEGS, MAX_MOVERS
from sim.envs.random import Streams, new_streams
from sim.scene import MOVER_COLUMNS

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

RUNNING, SUCCESS, TIMEOUT, HIT_WALL, HIT_FLOOR, HIT_OBSTACLE, HIT_GOAL, HIT_WRONG_GOAL, UNFINISHED = range(9)
WRONGLY_ABSENT = 9
"""Codes of `World.outcome`: how an episode ended by the simulator's truth."""


RECORD = ("success", "reached", "legs", "contact", "timeout", "wrong", "seconds")
"""Columns of `World.record`; `contact` is the code of what was touched."""


class Real(IntEnum):
    """Columns of `World.real`, in m, s, rad."""

    YAW_RATE = 0
    STRENGTH = 1
    TIME_S = 2
    LEG_S = 3
    NEAR_S = 4
    FORGET_S = 5
    REWARD = 6
    TRUE_NEAR_S = 7
    TRUE_LEG_S = 8
    PATH_M = 9
    BIAS_X = 10
    BIAS_Y = 11
    DRIFT_X = 12
    DRIFT_Y = 13
    HOME_X = 14
    HOME_Y = 15
    TRUE_HOME_X = 16
    TRUE_HOME_Y = 17


class Whole(IntEnum):
    """Columns of `World.whole`: counts, indices, codes, and flags (0 or 1)."""

    MOVER_COUNT = 0
    SCENE = 1
    NUM_LEGS = 2
    INDEX = 3
    RETURNING = 4
    GOES_HOME = 5
    ABSENT = 6
    FOUND = 7
    TICK = 8
    STRAY = 9
    SKILL = 10
    TARGET = 11
    ENDED = 12
    WRONG = 13
    OUTCOME = 14
    REACHED = 15
    IN_VIEW = 16
    SWITCHES = 17
    FITTED = 18


class World(NamedTuple):
    """What the drone believes, what is true, and how the mission stands, of N drones."""

    state: Array  # (N, S.SIZE)
    params: Array  # (N, P.SIZE)
    commands: Array  # (N, 3, 4)
    delay: Ints  # (N,)
    objects: Array  # (N, M, 10)
    count: Ints  # (N,)
    half_room: Array  # (N, 3)
    contact: Ints  # (N,)
    clearance: Array  # (N,)
    rotation: Array  # (N, 3, 3)
    boxes: Array  # (N, M, 6)
    true_ranges: Array  # (N, 5)
    goal_distance: Array  # (N, K)
    movers: Array  # (N, MAX_MOVERS, 7)
    streams: Streams  # (N,)
    pose: Array  # (N, 6) believed x, y, z, roll, pitch, yaw
    velocity: Array  # (N, 3) believed, yaw-aligned body frame
    ranges: Array  # (N, 5) measured
    missed: Array  # (N, M)
    alike: Array  # (N, M)
    detections: Array  # (N, M + 1, 6)
    noise: Array  # (N, M, MEMORY_COLUMNS) what the fitted detector model remembers of each object
    ghost: Array  # (N, GHOST_COLUMNS) its box on no object
    memory: Memory
    views: Views
    legs: Ints  # (N, MAX_LEGS) class ids of the goals in order
    action: NDArray[np.float32]  # (N, 4) the last
    leg_times: Array  # (N, MAX_LEGS) of the goals truly reached
    record: Array  # (N, 7) of the episode that ended last: `RECORD`
    real: Array  # (N, len(Real))
    whole: Ints  # (N, len(Whole))


def new_world(core: BatchCore, seed: int) -> World:
    """Return a world around the arrays of `core`; every drone still has to begin its first episode."""
    n = core.batch
    whole = np.zeros((n, len(Whole)), np.int64)
    whole[:, Whole.NUM_LEGS] = 1
    return World(
        core.state, core.params, core.commands, core.delay, core.objects, core.count, core.half_room,
        core.contact, core.clearance, core.rotation, core.boxes, core.ranges, core.goal_distance,
        np.zeros((n, MAX_MOVERS, len(MOVER_COLUMNS))), new_streams(n, seed), np.zeros((n, 6)),
        np.zeros((n, 3)), np.zeros((n, 5)), np.zeros((n, MAX_OBJECTS)), np.full((n, MAX_OBJECTS), -1.0),
        np.full((n, MAX_OBJECTS + 1, 6), -1.0), np.zeros((n, MAX_OBJECTS, MEMORY_COLUMNS)),
        np.zeros((n, GHOST_COLUMNS)), new_memory(n), new_views(n),
        np.zeros((n, MAX_LEGS), np.int64), np.zeros((n, 4), np.float32), np.zeros((n, MAX_LEGS)),
        np.zeros((n, len(RECORD))), np.zeros((n, len(Real))), whole,
    )  # fmt: skip
