"""Ours: a goal selector over options, and one skill-conditioned navigator that flies them.

Both levels first imitate a plain teacher on the states they get themselves into (the route pilot, the rule
over options), then improve by PPO. Both see the drone's own memory: objects, floor map, routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reprohrl.contracts.errors import UserError
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run
    from sim.envs.agents import BatchAgent


@dataclass(frozen=True, slots=True, kw_only=True)
class OursConfig(AgentConfig):
    """Steps are ticks of the low level, whichever level learns; a decision of the selector is five.

    scenes           train scenes drawn at the start and reused
    profile          randomisation profile of drones and delays, by name or file; None: the usual spread
    imitate          share of the steps in which the navigator imitates
    imitate_selector the same of the selector
    selector         share of the steps of the selector's PPO; the navigator's PPO has the rest
    noise            of the actions while imitating, as a fraction of the command limits
    warm_up          PPO iterations in which only the value is learned
    """

    steps: int = 3_000_000
    environments: int = 512
    eval_episodes: int = 350
    eval_every: int = 400_000
    checkpoint_every: int = 400_000
    scenes: int = 3000
    profile: str | None = None
    imitate: float = 0.2
    imitate_selector: float = 0.1
    selector: float = 0.2
    noise: float = 0.25
    warm_up: int = 8
    rollout: int = 32
    minibatch: int = 4096
    epochs: int = 3
    learning_rate: float = 3e-4
    final_learning_rate: float = 5e-5
    gamma: float = 0.985
    log_std: float = -1.4
    contact: float = -30.0
    hidden: tuple[int, ...] = (128, 128)


def train(config: OursConfig, run: Run) -> None:
    from reprohrl.training.two_level import TwoLevelTraining

    training = TwoLevelTraining(config, run)
    training.run_all()
    run.finish(
        training.steps,
        {
            "navigator": (training.navigator.model.actor, NAVIGATOR_SPEC),
            "selector": (training.selector.model.actor, SELECTOR_SPEC),
        },
        metrics=training.profile(),
    )


def load(folder: Path | None, batch: int) -> BatchAgent:
    from sim.envs.levels import TwoLevelAgent

    if folder is None:
        raise UserError("ours flies from the folder of a finished run", fix="reprohrl train ours")
    return TwoLevelAgent(
        "ours",
        OnnxPolicy.load(folder / "selector.onnx", expect=SELECTOR_SPEC),
        OnnxPolicy.load(folder / "navigator.onnx", expect=NAVIGATOR_SPEC),
    )


AGENT = Agent(
    name="ours",
    summary="goal selector over options and a skill-conditioned navigator, on the drone's own map",
    load=load,
    config=OursConfig,
    train=train,
    search={
        "learning_rate": Real(1e-4, 1e-3, log=True),
        "gamma": Choice((0.97, 0.985, 0.99)),
        "log_std": Choice((-1.8, -1.4, -1.0)),
        "imitate": Choice((0.06, 0.12, 0.24)),
        "hidden": Choice(((64, 64), (128, 128))),
    },
)
