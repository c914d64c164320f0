"""Proximal policy optimisation (Schulman et al. 2017) for batched worlds, without per-environment Python.

Same algorithm as stable-baselines3's; `benchmarks/training_time.py` measures the two side by side.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from reprohrl.training.vec_env import BatchEnv

Array32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PpoConfig:
    """Settings of one PPO run; `steps` are decisions of the level being trained."""

    steps: int = 6_000_000
    rollout: int = 32
    minibatch: int = 4096
    epochs: int = 3
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-4
    gamma: float = 0.985
    gae_lambda: float = 0.95
    entropy: float = 0.0
    clip: float = 0.2
    value_weight: float = 0.5
    max_gradient: float = 1.0
    hidden: tuple[int, ...] = (128, 128)
    log_std: float = -0.7
    threads: int = 2


def mlp(sizes: tuple[int, ...], last_gain: float) -> nn.Sequential:
    """Return tanh layers with orthogonal weights; the last is linear."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        last = i == len(sizes) - 2
        linear = nn.Linear(sizes[i], sizes[i + 1])
        nn.init.orthogonal_(linear.weight, last_gain if last else 2**0.5)
        nn.init.zeros_(linear.bias)
        layers += [linear] if last else [linear, nn.Tanh()]
    return nn.Sequential(*layers)


class ActorCritic(nn.Module):
    """Separate networks for policy and value. `discrete` gives logits, else a Gaussian's mean."""

    def __init__(self, inputs: int, outputs: int, config: PpoConfig, *, discrete: bool) -> None:
        super().__init__()
        self.discrete = discrete
        self.actor = mlp((inputs, *config.hidden, outputs), 0.01)
        self.critic = mlp((inputs, *config.hidden, 1), 1.0)
        self.log_std = nn.Parameter(torch.full((outputs,), config.log_std), requires_grad=not discrete)

    def distribution(self, observation: torch.Tensor) -> Any:
        out = self.actor(observation)
        if self.discrete:
            return torch.distributions.Categorical(logits=out, validate_args=False)
        return torch.distributions.Normal(out, self.log_std.exp(), validate_args=False)

    def log_prob(self, distribution: Any, action: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = distribution.log_prob(action)
        return value if self.discrete else value.sum(-1)

    def value(self, observation: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.critic(observation).squeeze(-1)
        return out


@dataclass(slots=True)
class Profile:
    """Wall seconds spent so far, by phase."""

    simulate: float = 0.0
    infer: float = 0.0
    learn: float = 0.0


@dataclass(slots=True)
class Tally:
    """Outcomes of the last episodes of training."""

    recent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=1000))

    def rates(self) -> dict[str, float]:
        n = max(len(self.recent), 1)

        def share(key: str) -> float:
            return sum(bool(e[key]) for e in self.recent) / n

        return {
            "success": share("success"),
            "contact": sum(e["contact"] is not None for e in self.recent) / n,
            "timeout": share("timeout"),
            "wrong": share("wrong"),
            "seconds": sum(e["seconds"] for e in self.recent) / n,
        }


class LeanPpo:
    """One learner on one batched world. `iterate` collects a rollout and learns from it."""

    def __init__(self, env: BatchEnv, config: PpoConfig, seed: int, *, discrete: bool = False) -> None:
        torch.set_num_threads(config.threads)
        torch.manual_seed(seed)
        self.env, self.config, self.discrete = env, config, discrete
        self.model = ActorCritic(env.observation_size, env.action_size, config, discrete=discrete)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.learning_rate, eps=1e-5)
        self.steps, self.tally, self.profile = 0, Tally(), Profile()
        self._observation: Array32 | None = None
        n, t = env.batch, config.rollout
        self._seen = np.zeros((t, n, env.observation_size), np.float32)
        self._done = np.zeros((t, n), np.float32)
        self._reward = np.zeros((t, n), np.float32)

    def restart(self) -> None:
        """Begin new episodes with the next rollout."""
        self._observation = None

    def iterate(self, *, value_only: bool = False) -> dict[str, float]:
        """Collect one rollout, learn from it, and return what is worth plotting.

        `value_only` leaves the policy as it is: a value that knows nothing would spoil one that imitated.
        """
        part = min(self.steps / self.config.steps, 1.0)
        start, end = self.config.learning_rate, self.config.final_learning_rate
        for group in self.optimiser.param_groups:
            group["lr"] = start + (end - start) * part
        batch = self._collect()
        began = time.perf_counter()
        losses = self._learn(*batch, value_only=value_only)
        self.profile.learn += time.perf_counter() - began
        return losses

    @torch.no_grad()
    def _collect(self) -> tuple[torch.Tensor, ...]:
        """Return observations, actions, log-probabilities, advantages and returns of a rollout."""
        config, env = self.config, self.env
        if self._observation is None:
            self._observation = env.reset().copy()
        actions, log_probs, values, late = [], [], [], []
        for t in range(config.rollout):
            began = time.perf_counter()
            self._seen[t] = self._observation
            seen = torch.from_numpy(self._seen[t])
            distribution = self.model.distribution(seen)
            action = distribution.sample()
            actions.append(action)
            log_probs.append(self.model.log_prob(distribution, action))
            values.append(self.model.value(seen))
            between = time.perf_counter()
            observation, reward, terminated, truncated, infos = env.step(action.numpy())
            self._observation, self._reward[t] = observation.copy(), reward
            self._done[t] = terminated | truncated
            self.tally.recent.extend(infos[i] for i in np.flatnonzero(terminated | truncated))
            rows = np.flatnonzero(truncated)
            if len(rows):
                last = np.stack([np.asarray(infos[i]["terminal_observation"], np.float32) for i in rows])
                late.append((t, rows, self.model.value(torch.from_numpy(last)).numpy()))
            self.profile.infer += between - began
            self.profile.simulate += time.perf_counter() - between
        self.steps += config.rollout * env.batch
        for t, rows, value in late:
            self._reward[t, rows] += config.gamma * value
        value = torch.stack([*values, self.model.value(torch.from_numpy(self._observation))])
        advantage = self._advantages(value)
        flat = torch.from_numpy(self._seen.reshape(-1, self._seen.shape[-1]))
        action = torch.cat(actions)
        returns = advantage + value[:-1].reshape(-1)
        return flat, action, torch.cat(log_probs), advantage, returns

    def _advantages(self, value: torch.Tensor) -> torch.Tensor:
        """Generalised advantage estimation (Schulman et al. 2016), flattened like the rollout."""
        config = self.config
        running = torch.ones(value.shape[1:]) - torch.from_numpy(self._done)
        reward = torch.from_numpy(self._reward)
        advantage = torch.zeros_like(reward)
        carry = torch.zeros(reward.shape[1])
        for t in reversed(range(config.rollout)):
            delta = reward[t] + config.gamma * value[t + 1] * running[t] - value[t]
            carry = delta + config.gamma * config.gae_lambda * running[t] * carry
            advantage[t] = carry
        return advantage.reshape(-1)

    def _learn(
        self,
        seen: torch.Tensor,
        action: torch.Tensor,
        old: torch.Tensor,
        advantage: torch.Tensor,
        returns: torch.Tensor,
        *,
        value_only: bool,
    ) -> dict[str, float]:
        config = self.config
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        loss_sum, kl_sum, count = 0.0, 0.0, 0
        for _ in range(config.epochs):
            for rows in torch.randperm(len(old)).split(config.minibatch):
                distribution = self.model.distribution(seen[rows])
                log_prob = self.model.log_prob(distribution, action[rows])
                ratio = (log_prob - old[rows]).exp()
                gain = advantage[rows]
                policy = -torch.min(gain * ratio, gain * ratio.clamp(1 - config.clip, 1 + config.clip)).mean()
                value = nn.functional.mse_loss(self.model.value(seen[rows]), returns[rows])
                loss = config.value_weight * value if value_only else policy + config.value_weight * value
                if config.entropy:
                    entropy = distribution.entropy()
                    loss = loss - config.entropy * (entropy if self.discrete else entropy.sum(-1)).mean()
                self.optimiser.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), config.max_gradient)
                self.optimiser.step()
                loss_sum, count = loss_sum + float(value.detach()), count + 1
                kl_sum += float((old[rows] - log_prob.detach()).mean())
        return {"value_loss": loss_sum / count, "kl": kl_sum / count}

    def save(self, path: Path) -> None:
        """Write network, optimiser and progress; random states are the caller's."""
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "steps": self.steps,
                "recent": [
                    {k: v for k, v in e.items() if k != "terminal_observation"} for e in self.tally.recent
                ],
            },
            path,
        )

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        self.tally.recent.extend(state["recent"])
