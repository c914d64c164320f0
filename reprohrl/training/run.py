"""What `reprohrl train` and `reprohrl export` do, one function per verb."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
from reprohrl.policies.provenance import Provenance

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


def train(
    what: str,
    folder: Path,
    models: Path,
    *,
    seed: int = 0,
    steps: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train the detector, navigator or selector below `folder`; return the ONNX file, written into `models`.

    `steps` (epochs of the detector) replaces the shipped setting; `progress(done, total)` follows the
    frames a detector needs. Raises `UserError` when `folder` holds a run and `resume` is not asked for.
    """
    if not resume and any(any(folder.rglob(n)) for n in ("checkpoint.zip", "last.pt")):
        raise UserError(
            f"{folder} already holds a training run",
            fix="go on with it: --resume; or name another folder: --out",
        )
    if what == "detector":
        return _train_detector(folder, models, seed, steps, progress)
    from reprohrl.training import navigator, selector

    module = {"navigator": navigator, "selector": selector}[what]
    settings = replace(module.DEFAULTS, seed=seed)
    if steps is not None:
        settings = replace(settings, steps=steps)
    if what == "selector" and (models / "navigator.onnx").is_file():
        return selector.train(
            folder, settings, resume=resume, models=models, navigator=models / "navigator.onnx"
        )
    path: Path = module.train(folder, settings, resume=resume, models=models)
    return path


def export(what: str, checkpoint: Path, models: Path) -> Path:
    """Write the ONNX file of a checkpoint: `checkpoint.zip` of a policy, weights `.pt` of the detector."""
    if what == "detector":
        return _export_detector(checkpoint, models)
    from stable_baselines3 import PPO

    from reprohrl.training import navigator, selector
    from reprohrl.training.finish import export_policy
    from reprohrl.training.progress import EpisodeStatistics

    module, spec = {"navigator": (navigator, NAVIGATOR_SPEC), "selector": (selector, SELECTOR_SPEC)}[what]
    model = PPO.load(checkpoint, device="cpu")
    settings = replace(module.DEFAULTS, seed=model.seed or 0, steps=model.num_timesteps)
    command = f"reprohrl export {what} {checkpoint.name}"
    statistics = EpisodeStatistics(settings.steps)
    return export_policy(what, spec, model, statistics, settings, models, command=command)


def _train_detector(
    folder: Path, models: Path, seed: int, epochs: int | None, progress: Progress | None
) -> Path:
    from reprohrl.training.detector import DetectorConfig, train
    from reprohrl.training.detector_release import release

    config = DetectorConfig(seed=seed, runs=folder)
    if epochs is not None:
        total = sum(s.epochs for s in config.stages)
        stages = tuple(replace(s, epochs=max(1, round(s.epochs * epochs / total))) for s in config.stages)
        config = replace(config, stages=stages)
    return release(train(config, progress=progress), config, models)


def _export_detector(weights: Path, models: Path) -> Path:
    from reprohrl.training.detector import INPUT_SIZE
    from reprohrl.training.detector_export import export_detector

    provenance = Provenance.here(seed=0, config={"checkpoint": weights.name})
    return export_detector(weights, models / "detector.onnx", INPUT_SIZE, provenance, register=True)
