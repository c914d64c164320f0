"""The shipped models: training the detector, and putting what was trained into a folder of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.policies.provenance import Provenance

Progress = Callable[[int, int], None]


def train_detector(
    folder: Path,
    models: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train the detector below `folder`; return the ONNX file, written into `models`.

    `epochs` replaces the shipped setting; `progress(done, total)` follows the frames it needs. Raises
    `UserError` when `folder` holds a run and `resume` is not asked for.
    """
    if not resume and any(folder.rglob("last.pt")):
        raise UserError(
            f"{folder} already holds a training run",
            fix="go on with it: --resume; or name another folder: --out",
        )
    from reprohrl.training.detector import DetectorConfig, train
    from reprohrl.training.detector_release import release

    config = DetectorConfig(seed=seed, runs=folder)
    if epochs is not None:
        total = sum(s.epochs for s in config.stages)
        stages = tuple(replace(s, epochs=max(1, round(s.epochs * epochs / total))) for s in config.stages)
        config = replace(config, stages=stages)
    return release(train(config, progress=progress), config, models)


def export(what: str, source: Path, models: Path) -> list[Path]:
    """Write into `models` the detector's weights file `source`, or the policies of the finished run there."""
    if what == "detector":
        return [_export_detector(source, models)]
    from reprohrl.training.release import release_policies

    return release_policies(source, models)


def _export_detector(weights: Path, models: Path) -> Path:
    from reprohrl.training.detector import INPUT_SIZE
    from reprohrl.training.detector_export import export_detector

    provenance = Provenance.here(seed=0, config={"checkpoint": weights.name})
    return export_detector(weights, models / "detector.onnx", INPUT_SIZE, provenance, register=True)
