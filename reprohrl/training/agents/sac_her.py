"""SAC with hindsight experience replay (Haarnoja et al. 2018, Andrychowicz et al. 2017), goal-conditioned.

A goal is a point in the odometry frame. What is achieved is the point `STAND_M` ahead of the drone, so that
to achieve the place of an object means to stand before it and look at it, which is what the mission asks.
While the object is not known, the desired point is the tracker's next waypoint of the search. The reward is
sparse, -1 per tick until the two points agree, as hindsight needs it; touching a solid costs as much as never
arriving. The network sees the desired point relative to the achieved one, turned into the body frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, SEARCH_ROUTE, F, R
from reprohrl.contracts.policy_spec import Entry
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.observations import PLAIN_FEATURES, VELOCITY_ACTION, View, spec
from reprohrl.training.agents.onnx_agent import FlatAgent
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real, Whole
from sim.envs.agents import BatchAgent, Senses

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

STAND_M = 0.5
NEAR_M = 0.15
CRUISE_M = 0.85
LOOK_AROUND_RAD = 2.0
"""Where there is no way to search along, the desired point is this far to the left: turn."""

OFFSET = Entry("goal_offset", 3, "m, from the point ahead to the desired one, body frame", -3, 3)


def achieved(world: Senses) -> NDArray[np.float64]:
    """Return (N, 6): the point ahead [m], cos and sin of the yaw, and 0 for no contact."""
    yaw = world.attitude[:, 2]
    c, s, zero = np.cos(yaw), np.sin(yaw), np.zeros(world.batch)
    x, y, z = world.position.T
    return np.stack([x + STAND_M * c, y + STAND_M * s, z, c, s, zero], axis=1)


def desired(world: Senses, goal: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (N, 6): the object's place as remembered, or the next waypoint of the search; then zeros."""
    row = world.values[np.arange(world.batch), goal].astype(np.float64)
    search = world.routes[:, SEARCH_ROUTE].astype(np.float64)
    known, way = row[:, F.AGE] < MAX_AGE_S, search[:, R.LENGTH] < MAX_ROUTE_M
    bearing = np.where(known, row[:, F.BEARING], np.where(way, search[:, R.BEARING], LOOK_AROUND_RAD))
    away = np.where(known, row[:, F.RANGE], np.where(way, search[:, R.NEXT], STAND_M))
    height = np.where(known, world.position[:, 2] + row[:, F.DZ], CRUISE_M)
    heading = world.attitude[:, 2] + bearing
    x = world.position[:, 0] + away * np.cos(heading)
    y = world.position[:, 1] + away * np.sin(heading)
    return np.concatenate([np.stack([x, y, height], axis=1), np.zeros((world.batch, 3))], axis=1)


def offset(have: Any, want: Any) -> Any:
    """Return (N, 3) from the achieved to the desired point in the body frame; numpy or torch."""
    dx, dy = want[:, 0] - have[:, 0], want[:, 1] - have[:, 1]
    c, s = have[:, 3], have[:, 4]
    return c * dx + s * dy, -s * dx + c * dy, want[:, 2] - have[:, 2]


def _build(world: Senses, goal: NDArray[np.int64]) -> NDArray[np.float32]:
    plain = PLAIN_FEATURES.build(world, goal)
    relative = np.stack(offset(achieved(world), desired(world, goal)), axis=1)
    return np.concatenate([plain, relative], axis=1, dtype=np.float32)


VIEW = View((*PLAIN_FEATURES.entries, OFFSET), _build)
SPEC = spec("sac-her", VIEW.entries, VELOCITY_ACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class SacHerConfig(AgentConfig):
    """relabelled  goals taken in hindsight per transition that keeps its own"""

    environments: int = 64
    learning_rate: float = 5e-4
    gamma: float = 0.97
    tau: float = 0.01
    batch: int = 512
    updates: int = 4
    """gradient steps per step of all environments"""
    buffer: int = 300_000
    relabelled: int = 4
    hidden: tuple[int, ...] = (128, 128)


def train(config: SacHerConfig, run: Run) -> None:
    from reprohrl.training.agents.goal_env import GoalVecEnv, PatientSac, sac_arguments
    from reprohrl.training.agents.held_out import evaluate_with
    from reprohrl.training.harness import sb3

    model = sb3.train(
        config,
        run,
        PatientSac,
        lambda env: PatientSac(
            "MultiInputPolicy", env, device="cpu", seed=config.seed, **sac_arguments(config)
        ),
        lambda seed, n: GoalVecEnv(config, seed, n),
        evaluate=evaluate_with(config, SPEC, lambda policy: FlatAgent("sac-her", policy, VIEW)),
    )
    run.finish(model.num_timesteps, {"policy": (model.policy, SPEC)})


def load(folder: Path | None, batch: int) -> BatchAgent:
    if folder is None:
        raise UserError("sac-her flies from the folder of a finished run", fix="reprohrl train sac-her")
    return FlatAgent("sac-her", OnnxPolicy.load(folder / "policy.onnx", expect=SPEC), VIEW)


AGENT = Agent(
    name="sac-her",
    summary="SAC with hindsight replay: stand before the point where the goal is remembered",
    load=load,
    config=SacHerConfig,
    train=train,
    search={
        "learning_rate": Real(1e-4, 2e-3, log=True),
        "gamma": Choice((0.95, 0.97, 0.98)),
        "tau": Choice((0.005, 0.01, 0.02)),
        "updates": Whole(1, 8),
        "relabelled": Choice((2, 4, 8)),
    },
)
