"""Train the detector from scratch on rendered frames with ultralytics."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.training.torchvision_shim import import_ultralytics

if TYPE_CHECKING:
    from sim.dataset import DatasetConfig

log = logging.getLogger(__name__)

INPUT_SIZE = (192, 256)
"""Rows and columns of the network's input: a 324x244 frame scaled to 255x192."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Part of a training run: frames scaled to `width_px`, the rate falling along a cosine from `rate`.

    class_weight: of the classification loss; more of it where classes are mistaken for each other.
    """

    width_px: int
    epochs: int
    rate: float
    final_share: float
    class_weight: float = 1.0


STAGES = (
    Stage(320, 2, 2e-3, 0.9),
    Stage(192, 6, 2e-3, 0.1),
    Stage(192, 4, 1.5e-3, 0.1),
    Stage(192, 3, 1.5e-3, 0.5),
    Stage(256, 3, 1.2e-3, 0.02),
    Stage(256, 3, 1.0e-3, 0.02),
    Stage(256, 1, 1.5e-3, 0.9, 1.5),
    Stage(256, 3, 1.3e-3, 0.01, 1.5),
    Stage(256, 6, 1.3e-3, 0.01, 1.5),
)
"""What the shipped weights went through.

Small frames teach shapes at a third of the cost; the last stage has the size that flies.
"""


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """Settings of a training run.

    width    channels as a share of YOLO11's; its nano size is 0.25, here half that
    threads  torch threads; two are half again as fast as one where two cores are free
    """

    stages: tuple[Stage, ...] = STAGES
    batch: int = 16
    width: float = 0.125
    seed: int = 0
    threads: int = 1
    data: Path = Path("datasets")
    runs: Path = Path("runs/train-detector")


def train(config: DetectorConfig, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """Generate the frames, train (or continue an interrupted run) and return the best weights (.pt).

    Raises `UserError` when the training extras are missing. `progress(done, total)` follows the frames.
    """
    from sim.dataset import generate

    data = generate(dataset_config(config), config.data, processes=config.threads, progress=progress)
    try:
        ultralytics = import_ultralytics()
    except ImportError as error:
        raise UserError(
            "the training extras are not installed", why=str(error), fix="run `make setup-train`"
        ) from error
    import torch

    torch.set_num_threads(config.threads)
    weights = _model_file(config)
    for number, stage in enumerate(config.stages):
        weights = _run_stage(ultralytics, config, number, stage, data, weights)
    return weights.with_name("best.pt")


def dataset_config(config: DetectorConfig) -> DatasetConfig:
    """Return the frames a training run uses."""
    from sim.dataset import DatasetConfig

    return DatasetConfig(seed=config.seed)


def _run_stage(
    ultralytics: Any, config: DetectorConfig, number: int, stage: Stage, data: Path, start: Path
) -> Path:
    """Train one stage from the weights (or layout) `start`; continue it when begun, skip it when done."""
    import torch

    folder = config.runs.resolve() / f"stage{number}"
    last = folder / "weights" / "last.pt"
    began = time.monotonic()
    trainer = _trainer(ultralytics)
    if not last.exists():
        settings = _settings(config, stage, data)
        settings |= {"project": str(folder.parent), "name": folder.name, "pretrained": start.suffix == ".pt"}
        ultralytics.YOLO(str(start)).train(trainer=trainer, **settings)
    elif torch.load(last, weights_only=False)["epoch"] >= 0:  # ultralytics writes -1 when a run is complete
        log.info("continuing from %s", last)
        ultralytics.YOLO(str(last)).train(trainer=trainer, data=str(data), resume=True)
    log.info("stage %d took %.0f s", number, time.monotonic() - began)
    return last


def _model_file(config: DetectorConfig) -> Path:
    """Write YOLO11's layout with our width and classes; the file name tells ultralytics the scale, n."""
    import yaml
    from ultralytics.utils.checks import check_yaml

    layout = yaml.safe_load(Path(check_yaml("yolo11.yaml")).read_text())
    layout["nc"] = len(DETECTOR_CLASSES)
    layout["scales"] = {"n": [0.50, config.width, 1024]}
    config.runs.mkdir(parents=True, exist_ok=True)
    path = config.runs / "yolo11n-narrow.yaml"
    path.write_text(yaml.safe_dump(layout))
    return path


def _settings(config: DetectorConfig, stage: Stage, data: Path) -> dict[str, Any]:
    """What differs from ultralytics' defaults. The frames are randomised already: augment little."""
    return {
        "data": str(data), "epochs": stage.epochs, "batch": config.batch, "imgsz": stage.width_px,
        "exist_ok": True,
        "device": "cpu", "amp": False, "workers": 0, "cache": "ram", "rect": True, "plots": False,
        "seed": config.seed, "deterministic": True, "save": True, "save_period": 1, "patience": 0,
        "optimizer": "AdamW", "lr0": stage.rate, "lrf": stage.final_share, "momentum": 0.9, "cos_lr": True,
        "weight_decay": 5e-4, "warmup_epochs": 0.2, "warmup_bias_lr": 0.0, "nbs": config.batch,
        "cls": stage.class_weight, "mosaic": 0.0, "translate": 0.05, "scale": 0.15, "fliplr": 0.5,
        "erasing": 0.0, "auto_augment": None, "hsv_h": 0.02, "hsv_s": 0.3, "hsv_v": 0.2, "verbose": True,
    }  # fmt: skip


def _trainer(ultralytics: Any) -> Any:
    """The stock trainer with the memory layout CPU convolutions like (about a tenth faster)."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    class ChannelsLastTrainer(DetectionTrainer):  # type: ignore[misc]
        def _setup_train(self, *args: Any) -> None:
            super()._setup_train(*args)
            self.model: Any = self.model.to(memory_format=torch.channels_last)

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            return batch

    return ChannelsLastTrainer
