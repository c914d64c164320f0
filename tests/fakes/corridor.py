"""A training that takes a second: drones in a corridor, one number to see, one to say.

Run as a script it trains in a folder, and can be told to stop dead at a moment a test chooses.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import DQN, PPO, SAC, HerReplayBuffer
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real
from reprohrl.training.harness import sb3
from reprohrl.training.harness.hooks import Hooks
from reprohrl.training.harness.run import Run

SPEC = PolicySpec(
    "corridor", (Entry("offset", 1, "m", -2.0, 2.0),), (Entry("velocity", 1, "m/s", -1, 1),), 10.0, ()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorConfig(AgentConfig):
    task: str = "corridor"
    steps: int = 2048
    environments: int = 4
    eval_every: int = 700
    checkpoint_every: int = 512
    algorithm: str = "ppo"
    learning_rate: float = 1e-3
    hidden: int = 16
    die_after: int = 0
    part_dies: str = ""


class Corridor(VecEnv):
    """Reach 0 from anywhere in [-1, 1] m within 20 ticks; `kind` is box, discrete or goal (for HER).

    The first one whose file `dies` is not there makes it and takes its process down.
    """

    def __init__(self, count: int, seed: int, kind: str = "box", dies: str = "") -> None:
        self.rng = np.random.default_rng(seed)
        self.kind, self.x, self.tick = kind, np.zeros(count), np.zeros(count, int)
        self.dies, self.steps = dies, 0
        see: Any = spaces.Box(-3, 3, (1,), np.float32)
        if kind == "goal":
            see = spaces.Dict({k: see for k in ("observation", "achieved_goal", "desired_goal")})
        act: Any = spaces.Discrete(3) if kind == "discrete" else spaces.Box(-1, 1, (1,), np.float32)
        super().__init__(count, see, act)

    def _see(self) -> Any:
        x = self.x[:, None].astype(np.float32)
        if self.kind != "goal":
            return x
        return {"observation": x, "achieved_goal": x.copy(), "desired_goal": np.zeros_like(x)}

    def reset(self) -> Any:
        self.x, self.tick = self.rng.uniform(-1, 1, self.num_envs), np.zeros(self.num_envs, int)
        return self._see()

    def step_async(self, actions: Any) -> None:
        self._action = (actions.ravel() - 1.0) if self.kind == "discrete" else actions.ravel()

    def step_wait(self) -> Any:
        self.x = self.x + 0.1 * self._action + self.rng.normal(0, 0.01, self.num_envs)
        self.tick += 1
        self.steps += 1
        if self.dies and self.steps == 100 and not Path(self.dies).exists():
            Path(self.dies).touch()
            os._exit(1)
        near = np.abs(self.x) < 0.1
        done = near | (self.tick >= 20)
        reward = self.compute_reward(self.x[:, None], np.zeros((self.num_envs, 1)), None)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        seen = self._see()
        for i in np.flatnonzero(done):
            last = {k: v[i] for k, v in seen.items()} if isinstance(seen, dict) else seen[i]
            infos[i] = {"success": bool(near[i]), "terminal_observation": last,
                        "TimeLimit.truncated": not near[i]}  # fmt: skip
            self.x[i], self.tick[i] = self.rng.uniform(-1, 1), 0
        return self._see(), reward, done, infos

    def compute_reward(self, achieved: Any, desired: Any, infos: Any) -> Any:
        return -np.abs(achieved - desired)[..., 0].astype(np.float32)

    def close(self) -> None: ...

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None: ...

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return [getattr(self, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs


def make_model(config: CorridorConfig, env: VecEnv) -> BaseAlgorithm:
    common: dict[str, Any] = {
        "seed": config.seed,
        "device": "cpu",
        "policy_kwargs": {"net_arch": [config.hidden]},
    }
    if config.algorithm == "dqn":
        return DQN("MlpPolicy", env, buffer_size=2000, learning_starts=100, batch_size=16, **common)
    if config.algorithm == "sac-her":
        return SAC(
            "MultiInputPolicy", env, buffer_size=2000, learning_starts=200, batch_size=16, gradient_steps=1,
            replay_buffer_class=HerReplayBuffer, train_freq=4, **common,
        )  # fmt: skip
    return PPO(
        "MlpPolicy",
        env,
        n_steps=32,
        batch_size=64,
        n_epochs=2,
        learning_rate=lambda left: config.learning_rate * left,
        **common,
    )


ALGORITHMS = {"ppo": (PPO, "box"), "dqn": (DQN, "discrete"), "sac-her": (SAC, "goal")}


def train(config: CorridorConfig, run: Run) -> BaseAlgorithm:
    algorithm, kind = ALGORITHMS[config.algorithm]

    def evaluate(model: BaseAlgorithm, seed: int) -> tuple[float, int]:
        np.random.seed(1)  # careless on purpose: an evaluation must not disturb the training
        world, done = Corridor(8, seed, kind), []
        seen = world.reset()
        for _ in range(20):
            seen, _, _, infos = world.step(model.predict(seen, deterministic=False)[0])
            done += [info["success"] for info in infos if "success" in info]
        return sum(done) / max(len(done), 1), len(done)

    if config.die_after and run.resume_state() is None:
        _die_after(config.die_after, run)
    model = sb3.train(
        config, run, algorithm, lambda env: make_model(config, env),
        lambda seed, count: Corridor(count, seed, kind, config.part_dies),
        evaluate=evaluate, report_every=200, min_ticks=32,
    )  # fmt: skip
    policies = {"corridor": (model.policy, SPEC)} if config.algorithm == "ppo" else {}
    run.finish(model.num_timesteps, policies)
    return model


def _die_after(checkpoints: int, run: Run) -> None:
    """Have this process killed once, after so many checkpoints."""
    saved, save = [0], run.save

    def save_and_die(*args: Any) -> None:
        save(*args)
        saved[0] += 1
        if saved[0] == checkpoints:
            os.kill(os.getpid(), signal.SIGKILL)

    run.save = save_and_die  # type: ignore[method-assign]


def _load(folder: Path | None, batch: int) -> Any:
    raise NotImplementedError("nothing flies the corridor after training")


AGENT = Agent(
    "tests.fakes.corridor", "Learns to reach the middle of a corridor", _load,
    config=CorridorConfig, train=train,
    search={"learning_rate": Real(1e-4, 1e-1, log=True), "hidden": Choice((8, 16))},
)  # fmt: skip


def weights(model: BaseAlgorithm) -> np.ndarray[Any, Any]:
    """All parameters of the policy, its critic and its target network, one after another."""
    return torch.cat([p.detach().ravel() for p in model.policy.state_dict().values()]).numpy()


def _wait() -> None:
    print("ready", flush=True)
    time.sleep(60)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--stop-after", type=int, default=0)
    parser.add_argument("--moment", choices=("later", "writing"), default="later")
    words = parser.parse_args()
    config = CorridorConfig()
    saved = [0]

    def count(folder: Path) -> None:
        saved[0] += 1

    def follow(progress: Any) -> None:
        if 0 < words.stop_after == saved[0] and words.moment == "later":
            _wait()

    if words.moment == "writing":
        import stable_baselines3.common.base_class as base

        original, calls = base.BaseAlgorithm.save, [0]

        def save(self: Any, path: Any, *args: Any, **kwargs: Any) -> None:
            original(self, path, *args, **kwargs)
            calls[0] += 1
            if calls[0] == words.stop_after:
                _wait()

        base.BaseAlgorithm.save = save  # type: ignore[method-assign]
    with Run(
        "corridor", config, words.folder, resume=words.resume, hooks=Hooks(follow=follow, after_save=count)
    ) as run:
        model = train(config, run)
    np.save(words.folder / "weights.npy", weights(model))
    return 0


if __name__ == "__main__":
    sys.exit(main())
