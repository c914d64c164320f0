"""The training worlds: the Gymnasium contract, reproducibility, and what begins and ends an episode."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env

from reprohrl.contracts.features import F
from reprohrl.policies.observation import (
    GO_TO,
    NAVIGATOR_SPEC,
    RETURN_ACTION,
    SEARCH,
    SEARCH_ACTION,
    SELECTOR_SPEC,
    STILL,
)
from reprohrl.policies.selector import GIVE_UP_AFTER_S
from sim.batched.core import BatchCore
from sim.dynamics.params import drone_params
from sim.envs.config import NavigationConfig
from sim.envs.detector_model import NO_ERRORS, R1_ERRORS, begin_errors, detect
from sim.envs.navigation import BatchNavigation
from sim.envs.random import new_streams
from sim.envs.selection import BatchSelection
from sim.envs.single import NavigationEnv, SelectionEnv
from sim.envs.teacher import teach
from sim.tasks import make_scene

FEW = NavigationConfig(scenes=20)
VIEWS = ("values", "sectors", "looked", "routes", "ranges", "position", "detections")


def hover(observation: np.ndarray) -> np.ndarray:
    return np.zeros((len(observation), 4), np.float32)


def fly(batch: int, threads: int, ticks: int = 60) -> list[np.ndarray]:
    """Return everything rows 0.. were shown and paid, under actions that depend on row and tick alone."""
    env = BatchNavigation(batch, NavigationConfig(scenes=20, threads=threads), seed=7)
    rng = np.random.default_rng(1)
    actions = rng.uniform(-1, 1, (ticks, 64, 4)).astype(np.float32)
    out = [env.reset().copy()]
    for t in range(ticks):
        observation, reward, terminated, truncated, _ = env.step(actions[t, :batch])
        out += [observation.copy(), reward, terminated, truncated, *(getattr(env, n).copy() for n in VIEWS)]
    return out


def test_a_drone_flies_the_same_whatever_the_batch_and_the_threads() -> None:
    whole = fly(64, 1)
    assert any(part.any() for part in whole[3::11]), "some episodes should end on the way"
    for batch, threads in ((1, 1), (5, 1), (64, 2)):
        assert all(np.array_equal(a[:batch], b) for a, b in zip(whole, fly(batch, threads), strict=True))


def test_reseeding_repeats_a_run() -> None:
    env, action = BatchNavigation(4, FEW, seed=7), np.full((4, 4), 0.2, np.float32)

    def run(seed: int) -> list[np.ndarray]:
        env.reseed(seed)
        return [env.reset().copy()] + [env.step(action)[0].copy() for _ in range(30)]

    first = run(11)
    assert not np.array_equal(first[-1], run(12)[-1])
    assert all(np.array_equal(a, b) for a, b in zip(first, run(11), strict=True))


def test_the_low_level_passes_check_env() -> None:
    check_env(NavigationEnv(FEW), skip_render_check=True)


def test_the_high_level_passes_check_env() -> None:
    check_env(SelectionEnv(hover, FEW), skip_render_check=True)


def test_a_finished_drone_begins_its_next_episode_at_once() -> None:
    env = BatchNavigation(8, NavigationConfig(tasks={"S1": 1.0}, scenes=20), seed=0)
    env.reset()
    forward = np.tile(np.array([1, 0, 0, 0], np.float32), (8, 1))
    ends = []
    for _ in range(120):
        _, _, terminated, truncated, infos = env.step(forward)
        for i in np.flatnonzero(terminated | truncated):
            ends.append(infos[i])
            assert env.time_s[i] == 0 and env.index[i] == 0
            assert infos[i]["terminal_observation"].shape == (NAVIGATOR_SPEC.observation_size,)
    contacts = [i for i in ends if i["contact"] is not None]
    assert len(contacts) > 0.8 * len(ends) > 4


def test_hovering_out_the_leg_limit_truncates() -> None:
    env = BatchNavigation(4, NavigationConfig(tasks={"S1": 1.0}, scenes=5, leg_limit_s=2.05), seed=0)
    env.reset()
    for _ in range(21):
        _, _, terminated, truncated, infos = env.step(np.zeros((4, 4), np.float32))
    assert truncated.all() and not terminated.any() and all(i["timeout"] for i in infos)


def test_test_episodes_are_flown_once_and_then_rest() -> None:
    episodes = [("S1", 0), ("S1", 1), ("MC-3", 0, "train")]
    env = BatchNavigation(3, NavigationConfig(leg_limit_s=4.0), episodes=episodes)
    env.reset()
    scenes = [env.scene_of(i) for i in range(3)]
    assert scenes == [make_scene(*episode) for episode in episodes]
    for _ in range(60):
        env.step(teach(env))
    assert env.over.all()
    path, duration = env.path_m.copy(), env.duration_s.copy()
    observation, reward, terminated, truncated, _ = env.step(np.ones((3, 4), np.float32))
    assert not reward.any() and not (terminated | truncated).any() and np.isfinite(observation).all()
    assert np.array_equal(path, env.path_m) and np.array_equal(duration, env.duration_s)


def test_episodes_and_drones_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="1 episodes for 2 drones"):
        BatchNavigation(2, FEW, episodes=[("S1", 0)])


def test_the_pilot_finds_goals_in_test_episodes() -> None:
    env = BatchNavigation(8, NavigationConfig(), episodes=[("S1", s) for s in range(8)])
    env.reset()
    for _ in range(400):
        env.step(teach(env))
    assert env.goals_reached.sum() >= 6 and (env.leg_times_s[env.goals_reached > 0, 0] > 0).all()


def test_a_goal_declared_absent_sends_the_drone_home_and_ends_a_test_episode_that_had_it() -> None:
    env = BatchNavigation(2, NavigationConfig(), episodes=[("MC-3", 0), ("XA", 0)], by_rule=False)
    env.reset()
    env.declare_absent(np.array([True, True]))
    assert env.returning.all() and env.absent.tolist() == [False, True]
    for _ in range(3):
        env.step(np.zeros((2, 4), np.float32))
    assert env.over[0], "the goal is there: the mission is lost"


def test_observations_fit_the_spec_and_are_finite() -> None:
    env = BatchNavigation(16, FEW, seed=3)
    observation, rng = env.reset(), np.random.default_rng(0)
    assert observation.shape == (16, NAVIGATOR_SPEC.observation_size)
    for _ in range(50):
        observation, *_ = env.step(rng.uniform(-1, 1, (16, 4)).astype(np.float32))
        assert np.isfinite(observation).all() and np.abs(observation).max() <= 10


def test_without_errors_the_features_locate_the_goals() -> None:
    config = NavigationConfig(tasks={"MS-3": 1.0}, scenes=40, detector=NO_ERRORS, fitted_share=0.0)
    env = BatchNavigation(32, config, seed=0)
    env.reset()
    for _ in range(3):
        env.step(np.zeros((32, 4), np.float32))
    seen = env.values[..., F.VISIBLE] > 0
    estimate = np.hypot(env.values[..., F.RANGE], env.values[..., F.DZ])[seen]
    truth = env.core.goal_distance[seen]
    assert seen.sum() > 15
    assert np.median(np.abs(estimate - 0.2 - truth)) < 0.15


def test_the_delay_holds_a_command_back() -> None:
    core = BatchCore(2)
    for i, delay in enumerate((0, 24)):
        core.place(i, make_scene("S1", 3, "train"), drone_params(), delay_substeps=delay, charge=0.9)
    core.sense(np.arange(2))
    core.step(np.tile([0.0, 0.0, 0.3, 0.0], (2, 1)))
    assert core.velocity[0, 2] > 0.02 and abs(core.velocity[1, 2]) < 0.005


def test_detector_errors_have_the_stated_rates() -> None:
    frames, streams = 20000, new_streams(1, 0)
    box = np.array([[0, 1.0, 0.5, 0.5, 0.2, 0.3]])
    missed, alike, out = np.zeros(1), np.full(1, -1.0), np.zeros((2, 6))
    begin_errors(streams, 0, R1_ERRORS, missed, alike)
    rows = np.empty((frames, 2, 6))
    for k in range(frames):
        detect(box, R1_ERRORS, 1.0, streams, 0, missed, alike, out)
        rows[k] = out
    seen = rows[:, 0, 0] >= 0
    assert seen.mean() == pytest.approx(0.90, abs=0.01)
    assert (rows[:, 1, 0] >= 0).mean() == pytest.approx(0.02, abs=0.004)
    assert (rows[seen, 0, 4] / 0.2).std() == pytest.approx(0.05, abs=0.005)


def test_the_high_level_steps_five_ticks_and_reports_ends() -> None:
    env = BatchSelection(4, hover, NavigationConfig(tasks={"S1": 1.0}, scenes=5, leg_limit_s=2.05), seed=0)
    assert env.reset().shape == (4, SELECTOR_SPEC.observation_size)
    for step in range(5):
        _, _, terminated, truncated, infos = env.step(np.full(4, SEARCH_ACTION))
        assert (terminated | truncated).all() == (step == 4)
    assert all(i["timeout"] for i in infos)


def test_giving_up_a_goal_that_is_there_loses_the_mission() -> None:
    env = BatchSelection(4, hover, NavigationConfig(tasks={"S1": 1.0}, scenes=5), seed=0)
    env.reset()
    give_up = np.array([RETURN_ACTION, *3 * [SEARCH_ACTION]])
    assert not env.step(give_up)[2].any(), "too early: it is looked for again"
    env.world.leg_s[:] = GIVE_UP_AFTER_S
    _, reward, terminated, _, infos = env.step(give_up)
    assert terminated.tolist() == [True, False, False, False]
    assert infos[0]["wrong"] and not infos[0]["success"] and reward[0] < reward[1:].min() - 1.0
    assert not env.world.returning[0], "the next mission has begun"


def test_the_rule_labels_every_drone_with_an_action_it_may_take() -> None:
    env = BatchSelection(16, hover, NavigationConfig(scenes=20), seed=0)
    env.reset()
    for _ in range(4):
        action = env.rule()
        assert ((action >= 0) & (action < env.action_size)).all()
        env.step(action)
        assert set(np.unique(env.world.skill)) <= {GO_TO, SEARCH, 2, 3, STILL}
