"""The names of the agents and where each one lives. Importing this loads none of them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.search import SearchSpace

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run
    from sim.envs.agents import BatchAgent

MODULES: dict[str, str] = {
    "random": "random",
    "scripted": "scripted",
    "routes": "routes",
    "map-planner": "map_planner",
    "dqn8": "dqn8",
    "flat-ppo": "flat_ppo",
    "pixel-ppo": "pixel_ppo",
    "hdqn": "hdqn",
    "sac-her": "sac_her",
    "paper": "paper",
    "ours": "ours",
}
"""Agent name -> its module in this folder, which defines `AGENT`."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, as its module declares it in `AGENT`.

    kind    `learned`, `scripted` or `bound` (an upper bound that is told more than the others)
    train   `train(config, run)`: report, save and finish through `run`; None: there is nothing to learn
    load    `load(folder, batch)`: the agent of a finished run's folder, from its ONNX files, for worlds of
            `batch` rows; the folder is None for an agent that learns nothing
    search  what `reprohrl sweep` may vary
    """

    name: str
    summary: str
    load: Callable[[Path | None, int], BatchAgent]
    kind: str = "learned"
    config: type[AgentConfig] = AgentConfig
    train: Callable[[Any, Run], None] | None = None
    search: SearchSpace = field(default_factory=dict)


def names() -> list[str]:
    """Return the agents of this version, in the order of the tables."""
    here = __name__.rpartition(".")[0]
    return [n for n, module in MODULES.items() if importlib.util.find_spec(f"{here}.{module}")]


def get(name: str) -> Agent:
    """Return the agent `name`, or that of a module of your own: `my_package.my_agent`.

    Raises `UserError` with the nearest name when there is none.
    """
    if "." in name:
        return _of_module(name)
    known = names()
    if name not in known:
        raise UserError(
            f"there is no agent {name!r}",
            why=f"there are: {', '.join(known)}",
            fix=did_you_mean(name, known) or "use one of them",
        )
    return _of_module(f"{__name__.rpartition('.')[0]}.{MODULES[name]}")


def _of_module(module: str) -> Agent:
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise UserError(f"there is no module {module}", why=str(error), fix="is it on PYTHONPATH?") from error
    agent = getattr(found, "AGENT", None)
    if not isinstance(agent, Agent):
        raise UserError(f"the module {module} declares no agent", fix="give it AGENT = Agent(...)")
    return agent


def load(name: str, folder: Path | None, batch: int) -> BatchAgent:
    """Return an agent for worlds of `batch` rows; a learned one from the folder of its finished run."""
    agent = get(name)
    if agent.train is not None and (folder is None or not (folder / "result.json").is_file()):
        raise UserError(
            f"{folder or name} holds no finished training of {name}",
            fix=f"reprohrl train {name}" + (f" --out {folder} --resume" if folder else ""),
        )
    return agent.load(folder, batch)
