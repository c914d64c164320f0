"""What a finished run leaves: the policy files, their card, the final numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.statistics import Rate
from reprohrl.policies.manifest import replace_file
from reprohrl.policies.provenance import Provenance
from reprohrl.training.agents.config import AgentConfig


def write_results(
    folder: Path, agent: str, config: AgentConfig, policies: Mapping[str, Any], numbers: Mapping[str, float]
) -> None:
    """Write the ONNX files, then `card.md`, then `result.json`, whose presence says that all is there.

    `policies` maps file names to (network, `PolicySpec`). Raises `UserError` when a file cannot be written
    and `ModelError` when a file would differ from its network.
    """
    command = f"reprohrl train {agent} --task {config.task} --seed {config.seed} --steps {config.steps}"
    settings = {**config.as_dict(), "agent": agent, "command": command}
    metrics = {f"train_{k}": float(v) for k, v in numbers.items()}
    provenance = Provenance.here(seed=config.seed, config=settings, metrics=metrics)
    parity = {}
    try:
        for name, (network, spec) in policies.items():
            from reprohrl.training.export_torch import export_torch

            entry = export_torch(folder / f"{name}.onnx", network, spec, provenance)
            parity[name] = float(entry.metrics["parity_max_abs"])
        replace_file(folder / "card.md", card(agent, config, numbers, parity, provenance, command).encode())
        result = {
            "agent": agent, "task": config.task, "seed": config.seed, "steps": config.steps,
            "policies": sorted(parity), "parity_max_abs": parity, "numbers": dict(numbers),
        }  # fmt: skip
        replace_file(folder / "result.json", (json.dumps(result, indent=2) + "\n").encode())
    except OSError as error:
        raise UserError(
            f"the results could not be written to {folder}",
            why=error.strerror or str(error),
            fix="make room, then finish with --resume",
        ) from error


def card(
    agent: str,
    config: AgentConfig,
    numbers: Mapping[str, float],
    parity: Mapping[str, float],
    provenance: Provenance,
    command: str,
) -> str:
    """Return the model card (Markdown)."""
    versions = ", ".join(f"{k} {v}" for k, v in provenance.versions.items())
    files = "\n".join(f"| {name}.onnx | {error:.1e} |" for name, error in parity.items())
    settings = "\n".join(f"| {name} | {value} |" for name, value in config.as_dict().items())
    return f"""# {agent}, trained on {config.task}

| | |
|---|---|
| success | {_success(numbers)} |
| training | {numbers["steps"]:,.0f} decision steps in {numbers["wall_s"]:.0f} s |
| of CPU | {numbers["cpu_s"]:.0f} s |
| command | `{command}` |
| revision | `{provenance.revision}`; {versions} |

| policy | largest difference to torch |
|---|---|
{files or "| none | |"}

| setting | value |
|---|---|
{settings}

The learning curve is in `curve.csv`. Flown in simulation only; a rate on training scenes says little about
any other room.
"""


def _success(numbers: Mapping[str, float]) -> str:
    if "success" not in numbers:
        return "not measured"
    episodes = round(numbers["episodes"])
    rate = Rate(round(numbers["success"] * episodes), episodes)
    return f"{rate} of {episodes} {'held-out' if numbers['held_out'] else 'training'} episodes"
