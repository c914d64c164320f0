"""Training of the low level: one skill-conditioned network for go-to and search, with PPO."""

from __future__ import annotations

from pathlib import Path

from reprohrl.policies.observation import NAVIGATOR_SPEC
from reprohrl.training.finish import export_policy
from reprohrl.training.ppo import PpoSettings, run_ppo
from reprohrl.training.vec_env import BatchVecEnv

DEFAULTS = PpoSettings()


def train(
    folder: Path, settings: PpoSettings = DEFAULTS, *, resume: bool = False, models: Path | None = None
) -> Path:
    """Train and export; returns the ONNX file, in `models` or else in `folder`."""
    from sim.envs.navigation import BatchNavigation

    env = BatchVecEnv(BatchNavigation(settings.environments, seed=settings.seed))
    model, statistics = run_ppo(env, settings, folder, resume=resume)
    return export_policy(
        "navigator", NAVIGATOR_SPEC, model, statistics, settings, models or folder,
        command=f"reprohrl train navigator --seed {settings.seed} --steps {settings.steps}",
    )  # fmt: skip
