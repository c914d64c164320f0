"""stable-baselines3 algorithms in a run: a killed and resumed training equals an uninterrupted one.

Training goes in chunks. Wherever one begins, in any process, a checkpoint holds the network, the optimiser
and the replay buffer; the environment is made anew and every random generator seeded from (seed, chunk).
Nothing else is carried from one chunk into the next, so it does not matter which process flies it.
"""

from __future__ import annotations

import math
import pickle
import random
import warnings
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.utils import set_random_seed
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper

from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.harness.parts import MakeEnv, make_parts
from reprohrl.training.harness.run import Run

MIN_TICKS = 1000
"""Shortest chunk, in steps of each environment: longer than episodes, or their ends would never be seen."""
WINDOW = 1000
"""Training episodes the success rate is taken over."""

Evaluate = Callable[[BaseAlgorithm, int], tuple[float, int]]


def train(
    config: AgentConfig,
    run: Run,
    algorithm: type[BaseAlgorithm],
    make_model: Callable[[VecEnv], BaseAlgorithm],
    make_env: MakeEnv,
    *,
    evaluate: Evaluate | None = None,
    report_every: int | None = None,
    min_ticks: int = MIN_TICKS,
) -> BaseAlgorithm:
    """Train a model of stable-baselines3 (or sb3-contrib) for `config.steps` steps, or to the target.

    algorithm              its class, to load a checkpoint with
    make_model(env)        a new model; give it `seed=config.seed`, `device="cpu"`, no `VecNormalize`, no SDE
    make_env(seed, n)      n environments of one chunk; the infos of finished episodes hold `success`
    evaluate(model, seed)  success share and number of held-out episodes; draws all it needs from `seed`
    report_every           decision steps between two points of the curve; default: a 200th of the run
    min_ticks              shortest chunk, in steps of each environment

    Returns the trained model. Ctrl-C and SIGTERM raise `KeyboardInterrupt`, a full disk `UserError`.
    """
    torch.set_num_threads(config.threads)
    env = Restarting(
        lambda seed: make_parts(make_env, seed, config, run.hooks.place), chunk_seed(config.seed, 0)
    )
    found = run.resume_state()
    if found is None:
        model = make_model(env)
    else:
        model = algorithm.load(found / "model.zip", env=env, device="cpu")
        if (found / "replay.pkl").exists() and isinstance(model, OffPolicyAlgorithm):
            model.load_replay_buffer(found / "replay.pkl", truncate_last_traj=False)
    every = max(config.checkpoint_every, min_ticks * env.num_envs)
    chunks = Chunks(config, run, env, evaluate, report_every or max(config.steps // 200, 1), every)
    if found is not None:
        chunks.restore(found)
    try:
        remaining = config.steps - model.num_timesteps
        if remaining > 0:
            model.learn(remaining, callback=chunks, reset_num_timesteps=False, log_interval=None)
        chunks.close(model)
    except _TargetError:
        pass
    return model


def chunk_seed(seed: int, chunk: int) -> int:
    """Return the seed of one chunk of a run."""
    return int(np.random.SeedSequence((seed, chunk)).generate_state(1)[0])


class _TargetError(Exception):
    """Leaves `learn` between two updates, the target being reached."""


class Restarting(VecEnvWrapper):
    """Stands for the environment of whichever chunk is being flown."""

    def __init__(self, make_env: Callable[[int], VecEnv], seed: int) -> None:
        self._make_env, self._seed = make_env, seed
        super().__init__(make_env(seed))

    def restart(self, seed: int) -> None:
        """Go on in the environment of `seed`; reset it before the next step."""
        if seed != self._seed:
            self.venv.close()
            self.venv: VecEnv = self._make_env(seed)
            self._seed = seed

    def reset(self) -> Any:
        return self.venv.reset()

    def step_wait(self) -> Any:
        return self.venv.step_wait()


class Chunks(BaseCallback):
    """Begins the chunks, reports, evaluates and stops; always between two rollouts."""

    def __init__(
        self,
        config: AgentConfig,
        run: Run,
        env: Restarting,
        evaluate: Evaluate | None,
        report_every: int,
        every: int,
    ) -> None:
        super().__init__()
        self.config, self.run, self.env, self.evaluate = config, run, env, evaluate
        self.report_every, self.every = report_every, every
        self.outcomes: deque[bool] = deque(maxlen=WINDOW)
        self.chunk = -1
        self._chunk_at, self._report_at, self._eval_at = 0, report_every, config.eval_every

    def restore(self, folder: Path) -> None:
        """Take the counters of a checkpoint; the next rollout begins its next chunk."""
        state = pickle.loads((folder / "chunks.pkl").read_bytes())
        self.chunk, self._report_at, self._eval_at = state["counters"]
        self.outcomes.extend(state["outcomes"])

    def _on_rollout_start(self) -> None:
        steps = self.model.num_timesteps
        if steps > self.run.saved_steps:
            self._tell(steps)
            if steps >= self._chunk_at:
                self._save(steps)
        elif self.run.should_stop():
            raise _TargetError
        if steps >= self._chunk_at:
            self._begin_chunk(steps)

    def _on_step(self) -> bool:
        self.outcomes.extend(bool(info["success"]) for info in self.locals["infos"] if "success" in info)
        return True

    def close(self, model: BaseAlgorithm) -> None:
        """Report, evaluate and save the end of the training."""
        self.model = model
        if model.num_timesteps > self.run.saved_steps:
            self._report_at = self._eval_at = 0
            self._tell(model.num_timesteps)
            self._save(model.num_timesteps)

    def _tell(self, steps: int) -> None:
        if steps >= self._report_at:
            self._report_at = (steps // self.report_every + 1) * self.report_every
            rate = sum(self.outcomes) / len(self.outcomes) if self.outcomes else math.nan
            self.run.report(steps, success_rate=rate, episodes=len(self.outcomes), scalars=self._scalars())
        if steps >= self._eval_at and self.evaluate is not None:
            self._eval_at = (steps // self.config.eval_every + 1) * self.config.eval_every
            self._evaluate(self.evaluate, steps)
        if self.run.should_stop():
            self._save(steps)
            raise _TargetError

    def _evaluate(self, evaluate: Evaluate, steps: int) -> None:
        """Measure on held-out episodes without a trace in the generators of the training."""
        kept = torch.get_rng_state(), np.random.get_state(), random.getstate()
        success, episodes = evaluate(self.model, chunk_seed(self.config.seed, steps))
        torch.set_rng_state(kept[0])
        np.random.set_state(kept[1])
        random.setstate(kept[2])
        self.run.evaluated(steps, success, episodes)

    def _scalars(self) -> dict[str, float]:
        values = self.model.logger.name_to_value
        return {k: float(v) for k, v in values.items() if isinstance(v, int | float | np.number)}

    def _begin_chunk(self, steps: int) -> None:
        """Forget all but the model and its buffer, and go on as any other process would."""
        self.chunk += 1
        self._chunk_at = (steps // self.every + 1) * self.every
        seed = chunk_seed(self.config.seed, self.chunk)
        self.env.restart(seed)
        set_random_seed(seed)
        model = self.model
        model.action_space.seed(seed)
        if model.env is None:
            raise RuntimeError("the model has no environment")
        model._last_obs = model.env.reset()
        model._last_episode_starts = np.ones(model.env.num_envs, bool)
        if getattr(model, "action_noise", None) is not None:
            model.action_noise.reset()

    def _save(self, steps: int) -> None:
        counters = (self.chunk, self._report_at, self._eval_at)
        state = pickle.dumps({"counters": counters, "outcomes": list(self.outcomes)})
        buffer: Any = getattr(self.model, "replay_buffer", None)
        if hasattr(buffer, "truncate_last_trajectory"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that trajectories are cut here is meant
                buffer.truncate_last_trajectory()

        def write(folder: Path) -> None:
            self.model.save(folder / "model.zip")
            (folder / "chunks.pkl").write_bytes(state)
            if buffer is not None:
                self.model.save_replay_buffer(folder / "replay.pkl")

        self.run.save(steps, write)
