"""The training environments: the Gymnasium contract, reproducibility, and what ends an episode."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env

from reprohrl.contracts.features import F
from reprohrl.policies.observation import NAVIGATOR_SPEC
from sim.batched.core import BatchCore
from sim.dynamics.params import drone_params
from sim.envs.config import NavigationConfig
from sim.envs.detector_model import NO_ERRORS, DetectorErrors, corrupt
from sim.envs.navigation import BatchNavigation
from sim.envs.selection import BatchSelection
from sim.envs.single import NavigationEnv, SelectionEnv
from sim.tasks import make_scene

FEW = NavigationConfig(scenes=20)


def hover(observation: np.ndarray) -> np.ndarray:
    return np.zeros((len(observation), 4), np.float32)


def test_the_low_level_passes_check_env() -> None:
    check_env(NavigationEnv(FEW), skip_render_check=True)


def test_the_high_level_passes_check_env() -> None:
    check_env(SelectionEnv(hover, FEW), skip_render_check=True)


def test_a_seed_repeats_an_episode_bit_for_bit() -> None:
    def run() -> list[np.ndarray]:
        env, rng = BatchNavigation(4, FEW, seed=7), np.random.default_rng(1)
        out = [env.reset()]
        for _ in range(80):
            observation, reward, *_ = env.step(rng.uniform(-1, 1, (4, 4)).astype(np.float32))
            out += [observation, reward]
        return out

    assert all(np.array_equal(a, b) for a, b in zip(run(), run(), strict=True))


def test_flying_into_a_wall_ends_the_episode_as_contact() -> None:
    env = BatchNavigation(8, NavigationConfig(tasks={"S1": 1.0}, scenes=20), seed=0)
    env.reset()
    forward = np.tile(np.array([1, 0, 0, 0], np.float32), (8, 1))
    ends = [i for _ in range(120) for i in env.step(forward)[4] if "success" in i]
    contacts = [i for i in ends if i["contact"] is not None]
    assert len(contacts) > 0.8 * len(ends) > 4


def test_hovering_out_the_leg_limit_truncates() -> None:
    env = BatchNavigation(4, NavigationConfig(tasks={"S1": 1.0}, scenes=5, leg_limit_s=2.05), seed=0)
    env.reset()
    for _ in range(21):
        _, _, terminated, truncated, infos = env.step(np.zeros((4, 4), np.float32))
    assert truncated.all() and not terminated.any() and all(i["timeout"] for i in infos)


def test_observations_fit_the_spec_and_are_finite() -> None:
    env = BatchNavigation(16, FEW, seed=3)
    observation, rng = env.reset(), np.random.default_rng(0)
    assert observation.shape == (16, NAVIGATOR_SPEC.observation_size)
    for _ in range(50):
        observation, *_ = env.step(rng.uniform(-1, 1, (16, 4)).astype(np.float32))
        assert np.isfinite(observation).all() and np.abs(observation).max() <= 10


def test_without_errors_the_features_locate_the_goals() -> None:
    config = NavigationConfig(tasks={"MS-3": 1.0}, scenes=40, detector=NO_ERRORS)
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
    boxes = np.tile(np.array([0, 1.0, 0.5, 0.5, 0.2, 0.3]), (20000, 1, 1))
    dense = corrupt(boxes, DetectorErrors(), np.ones(20000), np.random.default_rng(0))
    seen = dense[:, 0, 0] >= 0
    assert seen.mean() == pytest.approx(0.90, abs=0.01)
    assert (dense[:, 1, 0] >= 0).mean() == pytest.approx(0.02, abs=0.004)
    assert (dense[seen, 0, 4] / 0.2).std() == pytest.approx(0.05, abs=0.005)


def test_the_high_level_steps_five_ticks_and_reports_ends() -> None:
    env = BatchSelection(4, hover, NavigationConfig(tasks={"S1": 1.0}, scenes=5, leg_limit_s=2.05), seed=0)
    env.reset()
    for step in range(5):
        _, _, terminated, truncated, infos = env.step(np.full(4, 7))
        assert (terminated | truncated).all() == (step == 4)
    assert all(i["timeout"] for i in infos)
