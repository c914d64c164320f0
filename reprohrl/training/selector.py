"""Training of the high level: a goal selector over options, with PPO, on a frozen navigator."""

from __future__ import annotations

from pathlib import Path

from stable_baselines3 import PPO

from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path
from reprohrl.training.finish import export_policy
from reprohrl.training.imitate import imitate
from reprohrl.training.ppo import PpoSettings, run_ppo
from reprohrl.training.vec_env import BatchVecEnv

DEFAULTS = PpoSettings(
    steps=400_000,
    rollout=16,
    minibatch=1024,
    learning_rate=2e-4,
    hidden=(64, 64),
    entropy=0.003,
    gamma=0.97,
    checkpoint_every=50_000,
)


def train(
    folder: Path,
    settings: PpoSettings = DEFAULTS,
    *,
    resume: bool = False,
    models: Path | None = None,
    navigator: Path | None = None,
) -> Path:
    """Train over the policy file `navigator` (default: the shipped one) and export; returns the ONNX file."""
    from sim.envs.selection import BatchSelection

    low_level = OnnxPolicy.load(navigator or model_path("navigator"), expect=NAVIGATOR_SPEC)
    batch = BatchSelection(settings.environments, low_level, seed=settings.seed)

    def warm_start(model: PPO) -> None:
        imitate(model, batch, seed=settings.seed)

    env = BatchVecEnv(batch, discrete=True)
    model, statistics = run_ppo(env, settings, folder, resume=resume, continuous=False, begin=warm_start)
    return export_policy(
        "selector", SELECTOR_SPEC, model, statistics, settings, models or folder,
        command=f"reprohrl train selector --seed {settings.seed} --steps {settings.steps}",
    )  # fmt: skip
