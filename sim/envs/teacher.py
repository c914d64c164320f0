"""The route-following pilot for a whole batch: what the low level learns its first steps from."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.policies.observation import GO_TO, STILL
from reprohrl.policies.pilot import pilot
from sim.envs.agents import Senses
from sim.envs.navigation import BatchNavigation

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]


@njit(cache=True, nogil=True, error_model="numpy")
def _fly(
    skill: NDArray[np.int64], target: NDArray[np.int64], values: Array32, sectors: Array32, routes: Array32,
    ranges: Array, position: Array, out: Array32,
) -> None:  # fmt: skip
    for i in range(out.shape[0]):
        if skill[i] == STILL or (skill[i] == GO_TO and target[i] < 0):
            out[i] = 0.0
        else:
            pilot(skill[i], target[i], values[i], sectors[i], routes[i], ranges[i], position[i, 2], out[i])


def teach(env: BatchNavigation) -> Array32:
    """Return the pilot's actions (N, 4) for the options and views of every drone."""
    return pilot_actions(env, env.skill, env.target)


def pilot_actions(world: Senses, skill: NDArray[np.int64], target: NDArray[np.int64]) -> Array32:
    """Return the pilot's actions (N, 4) for options given as skills and goal class ids (N,)."""
    out = np.empty((world.batch, 4), np.float32)
    _fly(skill, target, world.values, world.sectors, world.routes, world.ranges, world.position, out)
    return out
