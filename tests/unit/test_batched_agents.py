"""The agents that learn nothing, flying real episodes in the batched world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.contracts.state import DroneState
from reprohrl.evaluation.judge import Outcome
from reprohrl.policies.observation import ACTION_SCALE
from reprohrl.policies.scripted import ScriptedNavigator, ScriptedSelector
from sim.envs.agents import RandomAgent
from sim.envs.config import NavigationConfig
from sim.envs.map_planner import MapPlanner
from sim.envs.navigation import BatchNavigation
from sim.envs.scripted import ScriptedAgent
from sim.envs.trial import fly_batch


def features_of(world: Any, i: int) -> ObjectFeatures:
    state = DroneState(
        float(world.time_s[i]),
        velocity=tuple(world.velocity[i]),
        yaw_rate=float(world.yaw_rate[i]),
        height=float(world.position[i, 2]),
        ranges=tuple(world.ranges[i]),
    )
    return ObjectFeatures(world.values[i], world.sectors[i], world.looked[i], state, float(world.time_s[i]))


def test_the_batched_script_decides_as_the_flying_one() -> None:
    batch, config = 6, NavigationConfig(tasks={"MC-2": 1.0}, scenes=12)
    world, agent = BatchNavigation(batch, config, seed=3), ScriptedAgent(batch)
    world.reset()
    agent.reset(np.arange(batch))
    alone = [(ScriptedSelector(), ScriptedNavigator()) for _ in range(batch)]
    options: list[Any] = [None] * batch
    ticks = np.zeros(batch, int)
    worst = 0.0
    for _ in range(300):
        together = agent.act(world)
        for i, (selector, navigator) in enumerate(alone):
            features = features_of(world, i)
            if ticks[i] % SELECTOR_EVERY == 0:
                status = MissionStatus(Mission((int(world.goal[i]),)), 0, MissionPhase.ACTIVE, features.stamp)
                options[i] = selector.decide(features, status)
            ticks[i] += 1
            command = navigator.act(features, options[i])
            expected = np.array([command.vx, command.vy, command.vz, command.yaw_rate]) / ACTION_SCALE
            worst = max(worst, float(np.abs(expected - together[i]).max()))
        _, _, terminated, truncated, _ = world.step(together)
        ended = np.flatnonzero(terminated | truncated)
        agent.reset(ended)
        for i in ended:
            ticks[i] = 0
            alone[i][1].reset()
    assert worst < 1e-5


def test_random_actions_depend_on_the_episode_seed_alone() -> None:
    def acts(seeds: list[int]) -> np.ndarray:
        agent = RandomAgent(len(seeds))
        agent.reset(np.arange(len(seeds)), np.array(seeds))
        return np.stack([agent.act(None) for _ in range(40)])  # type: ignore[arg-type]

    together, alone = acts([5, 9, 5]), acts([9])
    assert np.array_equal(together[:, 0], together[:, 2])
    assert np.array_equal(together[:, 1], alone[:, 0])
    assert not np.array_equal(together[:, 0], together[:, 1])
    assert abs(together.mean()) < 0.2 and together.min() > -1 and together.max() < 1


@pytest.mark.parametrize(("task", "least"), [("MC-3", 18), ("X2R", 18), ("XM", 17)])
def test_who_knows_the_map_comes_through(task: str, least: int) -> None:
    results = fly_batch(MapPlanner(20), task, range(20), "R0")
    assert sum(r.success for r in results) >= least
    assert [r.seed for r in results] == list(range(20))


def test_who_knows_the_map_says_at_once_that_a_goal_is_absent() -> None:
    results = fly_batch(MapPlanner(5), "XA", range(5), "R1")
    assert all(r.success and r.declared_s is not None and r.declared_s < 1.0 for r in results)


def test_the_script_flies_single_goals_and_random_actions_do_not() -> None:
    script = fly_batch(ScriptedAgent(30), "S1", range(30), "R1")
    chance = fly_batch(RandomAgent(30), "S1", range(30), "R1")
    assert sum(r.success for r in script) >= 27
    assert sum(r.success for r in chance) <= 10
    assert {r.outcome for r in chance} >= {Outcome.COLLISION_WALL}
    assert all(0.0 < r.spl <= 1.0 for r in script if r.success)


@pytest.mark.parametrize("make", [RandomAgent, ScriptedAgent, MapPlanner])
def test_an_episode_does_not_depend_on_the_others_flown_with_it(make: Any) -> None:
    together = fly_batch(make(4), "MC-2", [3, 8, 11, 5], "R1")
    assert fly_batch(make(1), "MC-2", [11], "R1") == together[2:3]
