"""Two levels on a batched world: a selector that chooses options at 2 Hz, a navigator that flies them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.rates import SELECTOR_EVERY, TICK_HZ
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.policies.observation import (
    ACTION_SCALE,
    NAVIGATOR_SPEC,
    RETURN,
    RETURN_ACTION,
    SEARCH_ACTION,
    SELECTOR_SPEC,
    STILL,
    write_navigator,
    write_selector,
)
from reprohrl.policies.selector import GIVE_UP_AFTER_S
from sim.envs.agents import Senses
from sim.envs.selection import SKILL_OF_ACTION, rule_actions
from sim.envs.teacher import pilot_actions

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Policy = Callable[[Array32], Array32]
"""Raw observations (N, D) to actions (N, A) in units."""


@njit(cache=True, nogil=True)
def _navigator_rows(
    skill: Ints, goal: Ints, values: Array32, sectors: Array32, looked: Array32, routes: Array32,
    ranges: Array, position: Array, velocity: Array, yaw_rate: Array, previous: Array32, out: Array32,
) -> None:  # fmt: skip
    for i in range(out.shape[0]):
        write_navigator(
            min(skill[i], RETURN), goal[i], values[i], sectors[i], looked[i], routes[i], ranges[i],
            position[i, 2], velocity[i], yaw_rate[i], previous[i], out[i],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _selector_rows(
    goal: Ints, left: Ints, leg_s: Array, values: Array32, looked: Array32, routes: Array32, ranges: Array,
    out: Array32,
) -> None:  # fmt: skip
    for i in range(out.shape[0]):
        write_selector(goal[i], left[i], leg_s[i], values[i], looked[i], routes[i], ranges[i, 0], out[i])


class TwoLevelAgent:
    """`selector` and `navigator` are policies, or None for the plain rule and the route pilot.

    Options are chosen on every fifth tick of each row, as in flight.
    """

    def __init__(self, name: str, selector: Policy | None, navigator: Policy | None) -> None:
        self.name, self.selector, self.navigator = name, selector, navigator
        self.reset(np.arange(0))

    def reset(self, rows: Ints, seeds: Ints | None = None) -> None:
        """Episodes of these rows begin."""
        n = int(rows.max(initial=-1)) + 1
        self.skill, self.target = np.full(n, STILL), np.zeros(n, np.int64)
        self.absent = np.zeros(n, bool)

    def act(self, world: Senses) -> Array32:
        """Return (N, 4) fractions of `ACTION_SCALE`."""
        if len(self.skill) != world.batch:
            self.reset(np.arange(world.batch))
        due = np.rint(world.time_s * TICK_HZ).astype(np.int64) % SELECTOR_EVERY == 0
        if due.any():
            self._choose(world, due)
        action = self._fly(world)
        action[self.skill == STILL] = 0.0
        return action

    def _choose(self, world: Senses, due: NDArray[np.bool_]) -> None:
        goal = world.goal
        if self.selector is None:
            chosen = rule_actions(goal, world.values, world.routes)
            chosen[(chosen == RETURN_ACTION) & (world.leg_s < GIVE_UP_AFTER_S)] = SEARCH_ACTION
        else:
            seen = np.empty((world.batch, SELECTOR_SPEC.observation_size), np.float32)
            left = world.num_legs - world.index
            _selector_rows(
                goal, left, world.leg_s, world.values, world.looked, world.routes, world.ranges, seen
            )
            logits = self.selector(seen)
            logits[world.leg_s < GIVE_UP_AFTER_S, RETURN_ACTION] = -np.inf
            chosen = logits.argmax(axis=1)
        skill = SKILL_OF_ACTION[chosen]
        self.absent |= due & (skill == RETURN)
        skill = np.where(self.absent, RETURN, skill)
        self.skill = np.where(due, skill, self.skill)
        target = np.where(skill == RETURN, -1, np.where(chosen < NUM_GOALS, chosen, goal))
        self.target = np.where(due, target, self.target)

    def _fly(self, world: Senses) -> Array32:
        if self.navigator is None:
            return pilot_actions(world, self.skill, self.target)
        seen = np.empty((world.batch, NAVIGATOR_SPEC.observation_size), np.float32)
        _navigator_rows(
            self.skill, self.target, world.values, world.sectors, world.looked, world.routes, world.ranges,
            world.position, world.velocity, world.yaw_rate, world.action, seen,
        )  # fmt: skip
        return np.asarray(self.navigator(seen) / ACTION_SCALE, np.float32)
