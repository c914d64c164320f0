"""Held-out success of a network in training: validation episodes at R1, flown by the deterministic policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.normalisation import scale_observation, unscale_action
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.export_torch import actor_of
from sim.envs.agents import BatchAgent
from sim.envs.trial import fly_batch
from sim.tasks import VALIDATION_SEEDS

RUNG = "R1"


class TorchPolicy:
    """A network in place of its policy file: raw observations to actions in units."""

    def __init__(self, network: torch.nn.Module, spec: PolicySpec) -> None:
        whole = isinstance(network, torch.nn.Sequential) or hasattr(network, "to_onnx")
        self.network = network if whole else actor_of(network)
        self.spec = spec

    def __call__(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            output = self.network(torch.from_numpy(scale_observation(self.spec, observation)))
        return unscale_action(self.spec, output.numpy())


def evaluate_with(
    config: AgentConfig, spec: PolicySpec, agent: Callable[[Any], BatchAgent]
) -> Callable[[Any, int], tuple[float, int]]:
    """Return `evaluate(model, seed)` for `sb3.train`; `agent(policy)` builds what flies."""

    def evaluate(model: Any, seed: int) -> tuple[float, int]:
        return fly_held_out(agent(TorchPolicy(model.policy, spec)), config)

    return evaluate


def fly_held_out(agent: BatchAgent, config: AgentConfig, *, task: str | None = None) -> tuple[float, int]:
    """Return success share and number of the validation episodes of the task, the same ones each time.

    `task` replaces the one of the settings, where that is a mixture.
    """
    seeds = VALIDATION_SEEDS[: config.eval_episodes]
    results = fly_batch(agent, task or config.task, seeds, RUNG)
    return sum(r.success for r in results) / len(results), len(results)
