"""Train one agent in this process."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.training.agents import registry
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.harness.hooks import Hooks
from reprohrl.training.harness.run import Run, read_result


def default_folder(agent: str, config: AgentConfig, root: Path = Path("runs/train")) -> Path:
    """Return where a run goes that names no folder."""
    return root / agent / config.task / f"seed-{config.seed}"


def train_agent(
    name: str,
    config: AgentConfig,
    folder: Path,
    *,
    resume: bool = False,
    hooks: Hooks | None = None,
) -> Path:
    """Train the agent in `folder`, or go on where it stopped, and return the folder of the finished run.

    A run that is finished is left alone by `resume`, unless more steps are asked for. Raises `UserError` for
    a folder in use, other settings or a full disk, and `KeyboardInterrupt` after Ctrl-C or SIGTERM, with the
    last checkpoint kept.
    """
    agent = registry.get(name)
    if agent.train is None:
        raise UserError(f"the agent {name} learns nothing", why=agent.summary, fix="it flies as it is")
    result = read_result(folder)
    if resume and result is not None and result["steps"] >= config.steps:
        return folder
    _set_threads(config.threads)
    with Run(name, config, folder, resume=resume, hooks=hooks) as run:
        agent.train(config, run)
        if not run.finished:
            raise RuntimeError(f"the agent {name} left its training without run.finish()")
    return folder


def _set_threads(threads: int) -> None:
    if importlib.util.find_spec("torch") is None:
        raise UserError(
            "the training extras are not installed", why="there is no torch", fix="make setup-train"
        )
    import torch

    torch.set_num_threads(threads)
