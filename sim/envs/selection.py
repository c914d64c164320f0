"""`BatchSelection`: the high level's environment, over a given low level. Batch first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_AGE_S
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.tracker import Views
from reprohrl.policies.normalisation import bounds
from reprohrl.policies.observation import (
    GO_TO,
    HOLD_ACTION,
    PASS,
    PASS_ACTION,
    RETURN,
    RETURN_ACTION,
    SEARCH,
    SEARCH_ACTION,
    SELECTOR_ACTIONS,
    SELECTOR_SPEC,
    STILL,
    write_selector,
)
from reprohrl.policies.rule import rule_skill
from reprohrl.policies.selector import GIVE_UP_AFTER_S
from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation, Episode

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]
Ints = NDArray[np.int64]
LowLevel = Callable[[Array32], Array32]
"""Normalised observations (N, D) to actions (N, 4) in fractions of the command limits."""

REWARD_SCALE = 0.2
"""The high level is paid what the low level is paid (`sim.envs.config.Rewards`), times this."""

WRONGLY_ABSENT_COST = -5.0
"""On top, for declaring a goal absent that is there: the mission is lost."""

SKILL_OF_ACTION = np.full(len(SELECTOR_ACTIONS), GO_TO)
SKILL_OF_ACTION[SEARCH_ACTION], SKILL_OF_ACTION[HOLD_ACTION] = SEARCH, STILL
SKILL_OF_ACTION[PASS_ACTION], SKILL_OF_ACTION[RETURN_ACTION] = PASS, RETURN
ACTION_OF_SKILL = np.array([-1, SEARCH_ACTION, PASS_ACTION, RETURN_ACTION])


@njit(cache=True, nogil=True)
def _observe(
    v: Views, goal: Ints, left: Ints, leg_s: Array, ranges: Array, low: Array32, high: Array32,
    scale: Array32, out: Array32,
) -> None:  # fmt: skip
    for i in range(out.shape[0]):
        write_selector(
            goal[i], left[i], leg_s[i], v.values[i], v.looked[i], v.routes[i], ranges[i, 0], out[i]
        )
        for k in range(out.shape[1]):
            out[i, k] = min(max(out[i, k], low[k]), high[k]) / scale[k]


@njit(cache=True, nogil=True)
def _rule(goal: Ints, values: Array32, routes: Array32, out: Ints) -> None:
    for i in range(out.shape[0]):
        out[i] = rule_skill(goal[i], values[i], routes[i], MAX_AGE_S)


def rule_actions(goal: Ints, values: Array32, routes: Array32) -> Ints:
    """Return the plain rule's actions (N,) for current goals (N,) and what each drone sees."""
    skill = np.empty(len(goal), np.int64)
    _rule(goal, values, routes, skill)
    return np.where(skill == GO_TO, goal, ACTION_OF_SKILL[skill])


class BatchSelection:
    """Each step is one option for `SELECTOR_EVERY` ticks, flown by the low level.

    Actions are indices into `SELECTOR_ACTIONS`.
    """

    observation_size = SELECTOR_SPEC.observation_size
    action_size = len(SELECTOR_ACTIONS)

    def __init__(
        self,
        batch: int,
        low_level: LowLevel,
        config: NavigationConfig | None = None,
        seed: int = 0,
        *,
        episodes: Sequence[Episode] = (),
    ) -> None:
        self.batch, self.low_level = batch, low_level
        self.world = BatchNavigation(batch, config, seed, episodes=episodes, by_rule=False)
        self._low, self._high, self._scale = bounds(SELECTOR_SPEC.observation)
        self._out = np.zeros((batch, self.observation_size), np.float32)

    def reset(self) -> Array32:
        self.world.reset()
        return self.observation()

    def step(
        self, action: Ints
    ) -> tuple[Array32, Array, NDArray[np.bool_], NDArray[np.bool_], list[dict[str, object]]]:
        """Follow the options; a drone whose episode ends hovers in its next one for the rest of them."""
        w = self.world
        reward = np.zeros(self.batch)
        terminated, truncated = np.zeros(self.batch, bool), np.zeros(self.batch, bool)
        infos: list[dict[str, object]] = [{} for _ in range(self.batch)]
        self.choose(action)
        gave_up = w.returning & ~w.absent & (w.index < w.num_legs)
        terminated |= gave_up
        for i in np.flatnonzero(gave_up):
            infos[i] = self._lost(int(i))
        reward += np.where(gave_up, WRONGLY_ABSENT_COST, 0.0)
        for _ in range(SELECTOR_EVERY):
            ended = terminated | truncated
            command = self.low_level(w.observation())
            command[(w.skill == STILL) | ended] = 0.0
            _, gain, term, trunc, tick_infos = w.step(command)
            reward += np.where(ended, 0.0, REWARD_SCALE * gain)
            for i in np.flatnonzero((term | trunc) & ~ended):
                infos[i] = tick_infos[i]
            terminated |= term & ~ended
            truncated |= trunc & ~ended & ~terminated
        if gave_up.any():
            w.begin(gave_up)
        observation = self.observation()
        for i in np.flatnonzero(terminated | truncated):
            infos[i]["terminal_observation"] = observation[i]
        return observation, reward, terminated, truncated, infos

    def choose(self, action: Ints) -> None:
        """Set the options of all drones; a drone on its way home stays on it."""
        w = self.world
        action = np.where((action == RETURN_ACTION) & (w.leg_s < GIVE_UP_AFTER_S), SEARCH_ACTION, action)
        w.declare_absent(action == RETURN_ACTION)
        skill = np.where(w.returning, RETURN, SKILL_OF_ACTION[action])
        goal = np.where(action < NUM_GOALS, action, w.goal)
        w.set_options(skill, np.where(skill == RETURN, -1, goal))

    def rule(self) -> Ints:
        """Return the plain rule's actions (N,)."""
        return rule_actions(self.world.goal, self.world.values, self.world.routes)

    def observation(self) -> Array32:
        """Return the selector's normalised observation (N, observation_size)."""
        w = self.world
        _observe(
            w.world.views, w.goal, w.num_legs - w.index, w.leg_s, w.ranges, self._low, self._high,
            self._scale, self._out,
        )  # fmt: skip
        return self._out.copy()

    def _lost(self, i: int) -> dict[str, object]:
        w = self.world
        return {
            "success": False, "reached": int(w.index[i]), "legs": int(w.num_legs[i]), "contact": None,
            "timeout": False, "wrong": True, "seconds": float(w.time_s[i]),
        }  # fmt: skip
