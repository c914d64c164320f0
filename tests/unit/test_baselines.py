"""The learned baselines: each trains, is saved, flies from its files, and repeats itself under a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from reprohrl.training.agents import registry
from reprohrl.training.agents.dqn8 import paper_reward
from reprohrl.training.agents.env import make_world
from reprohrl.training.agents.observations import (
    BESIDE_FRAMES,
    BOX_AND_CLASS,
    EIGHT,
    FEATURES,
    FLAGS,
    META,
    PLAIN_FEATURES,
)
from reprohrl.training.harness.execute import train_agent
from reprohrl.training.harness.hooks import Hooks
from sim.envs.trial import fly_batch

pytestmark = pytest.mark.train

TINY = ["task=S1", "environments=4", "eval_every=100000", "eval_episodes=2", "hidden=16,16"]
FEW = {
    "dqn8": ["steps=400", "batch=16", "buffer=400"],
    "flat-ppo": ["steps=256", "rollout=16", "minibatch=32"],
    "pixel-ppo": ["steps=64", "rollout=8", "minibatch=16", "channels=4,8"],
    "hdqn": ["steps=400", "batch=16", "buffer=400"],
    "paper": ["steps=400", "batch=16", "buffer=400"],
    "sac-her": ["steps=1600", "batch=16", "buffer=4000", "updates=1"],
}


def train(name: str, folder: Path) -> Path:
    config = registry.get(name).config().with_words([*TINY, *FEW[name]])
    return train_agent(name, config, folder, hooks=Hooks(tensorboard=False))


@pytest.mark.parametrize("name", FEW)
def test_a_baseline_learns_is_saved_flies_and_repeats_itself(name: str, tmp_path: Path) -> None:
    folder = train(name, tmp_path / "a")
    first = fly_batch(registry.load(name, folder, 3), "S1", [0, 1, 2], "R1")
    again = fly_batch(registry.load(name, folder, 1), "S1", [1], "R1")
    assert again == first[1:2]
    assert list(folder.glob("*.onnx"))
    twin = train(name, tmp_path / "b")
    for path in folder.glob("*.onnx"):
        same = np.random.default_rng(0).uniform(-1, 1, (5, _inputs(path))).astype(np.float32)
        assert np.array_equal(_run(path, same), _run(twin / path.name, same))


def _inputs(path: Path) -> int:
    from reprohrl.policies.onnx_policy import OnnxPolicy

    return OnnxPolicy.load(path).spec.observation_size


def _run(path: Path, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    from reprohrl.policies.onnx_policy import OnnxPolicy

    return OnnxPolicy.load(path)(rows)


def test_every_view_fits_its_entries_and_stays_in_its_bounds() -> None:
    config = registry.get("flat-ppo").config().with_words(["task=MC-3"])
    world, rng = make_world(config, 0, 8), np.random.default_rng(0)
    world.reset()
    for _ in range(60):
        world.step(rng.uniform(-1, 1, (8, 4)).astype(np.float32))
        for view in (EIGHT, BOX_AND_CLASS, FLAGS, FEATURES, PLAIN_FEATURES, BESIDE_FRAMES, META):
            raw, scaled = view.build(world, world.goal), view.scaled(world, world.goal)
            assert raw.shape == scaled.shape == (8, view.size)
            assert np.isfinite(raw).all() and np.abs(scaled).max() <= 2.01
    assert EIGHT.size == 8 and FLAGS.size == 6 and BOX_AND_CLASS.size == 10


def test_the_literal_reward_of_2022_pays_for_being_near() -> None:
    config = registry.get("dqn8").config().with_words(["task=S1"])
    world = make_world(config, 0, 4)
    world.reset()
    _, shared, _, _, _ = world.step(np.zeros((4, 4), np.float32))
    reward = paper_reward(world, shared, [{}, {}, {"success": True}, {"success": False}])
    away = world.core.goal_distance[np.arange(4), world.goal]
    assert reward[0] == pytest.approx(1.0 - away[0]) and reward[2] == 10.0 and reward[3] == -10.0
