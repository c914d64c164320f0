"""The end of a training run: the policy file, its metrics, its learning curve."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from stable_baselines3 import PPO

from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.provenance import Provenance
from reprohrl.training.export_torch import export_torch
from reprohrl.training.ppo import PpoSettings
from reprohrl.training.progress import EpisodeStatistics

log = logging.getLogger(__name__)


def export_policy(
    name: str,
    spec: PolicySpec,
    model: PPO,
    statistics: EpisodeStatistics,
    settings: PpoSettings,
    folder: Path,
    *,
    command: str,
) -> Path:
    """Write `<name>.onnx` and `<name>.curve.json` into `folder`; return the ONNX file."""
    folder.mkdir(parents=True, exist_ok=True)
    last = statistics.summary() if statistics.outcomes else {}
    metrics = {
        f"train_{k}": round(v, 4)
        for k, v in last.items()
        if k in ("success", "contact", "timeout", "seconds")
    }
    metrics["train_steps"] = float(model.num_timesteps)
    provenance = Provenance.here(
        seed=settings.seed, config={**settings.as_dict(), "command": command}, metrics=metrics
    )
    path = folder / f"{name}.onnx"
    entry = export_torch(path, model.policy, spec, provenance)
    if statistics.history:
        (folder / f"{name}.curve.json").write_text(json.dumps(statistics.history), encoding="utf-8")
    log.info(
        "wrote %s (%s), largest difference to torch %.1e",
        path,
        entry.sha256[:12],
        entry.metrics["parity_max_abs"],
    )
    return path
