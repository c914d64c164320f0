"""The route-following pilot for a whole batch: what the low level learns its first steps from."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.policies.observation import GO_TO, STILL
from reprohrl.policies.pilot import pilot
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
    out = np.empty((env.batch, 4), np.float32)
    _fly(env.skill, env.target, env.values, env.sectors, env.routes, env.ranges, env.position, out)
    return out


class PilotAgent:
    """The pilot under the rule's options, in the batched world."""

    name = "routes"

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        """Nothing is remembered."""

    def act(self, world: BatchNavigation) -> Array32:
        return teach(world)
