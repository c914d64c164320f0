"""What `reprohrl train` and `reprohrl export` do, one function per verb."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

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
        return _export_detector(checkpoint, models, None, {"checkpoint": checkpoint.name}, 0)
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
    from reprohrl.training.detector import DetectorConfig
    from reprohrl.training.detector import train as train_weights
    from sim.dataset import DatasetConfig

    config = DetectorConfig(seed=seed, runs=folder)
    if epochs is not None:
        config = replace(config, epochs=epochs)
    weights = train_weights(config, progress=progress)
    frames = DatasetConfig(config.train_frames, config.val_frames, config.test_frames, seed=config.seed)
    dataset = config.data / f"detector-{frames.digest()}"
    about = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(config).items()}
    return _export_detector(weights, models, dataset, about, seed)


def _export_detector(
    weights: Path, models: Path, dataset: Path | None, about: dict[str, Any], seed: int
) -> Path:
    """Export, measure on the held-out frames where there are any, and list the file in the manifest."""
    from reprohrl.training.detector import INPUT_SIZE
    from reprohrl.training.detector_evaluation import evaluate
    from reprohrl.training.detector_export import export_detector

    path = models / "detector.onnx"
    metrics: dict[str, float] = {}
    if dataset is not None:
        trial = export_detector(weights, weights.with_suffix(".onnx"), INPUT_SIZE, Provenance.here(seed=seed))
        for subset in sorted(p.name for p in (dataset / "images").glob("test*")):
            numbers = evaluate(trial, dataset, subset)
            metrics[f"map50_{subset}"] = numbers["map50"]
            log.info("%s: mAP50 %.3f on %d frames", subset, numbers["map50"], numbers["frames"])
    provenance = Provenance.here(seed=seed, config=about, metrics=metrics)
    return export_detector(weights, path, INPUT_SIZE, provenance, register=True)
