"""Train the detector from scratch on rendered frames with ultralytics."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.training.torchvision_shim import import_ultralytics

log = logging.getLogger(__name__)

INPUT_SIZE = (256, 320)
"""Rows and columns of the network's input: 324x244 frames scaled to 320 wide, bars above and below."""


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """Settings of a training run.

    width    channels as a share of YOLO11's; its nano size is 0.25, here half that
    threads  torch threads; two are half again as fast as one where two cores are free
    """

    train_frames: int = 9000
    val_frames: int = 400
    test_frames: int = 1000
    epochs: int = 7
    batch: int = 16
    learning_rate: float = 2e-3
    width: float = 0.125
    seed: int = 0
    threads: int = 1
    data: Path = Path("datasets")
    runs: Path = Path("runs/train-detector")


def train(config: DetectorConfig, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """Generate the frames, train (or continue an interrupted run) and return the best weights (.pt).

    Raises `UserError` when the training extras are missing. `progress(done, total)` follows the frames.
    """
    from sim.dataset import DatasetConfig, generate

    frames = DatasetConfig(config.train_frames, config.val_frames, config.test_frames, seed=config.seed)
    data = generate(frames, config.data, processes=config.threads, progress=progress)
    try:
        ultralytics = import_ultralytics()
    except ImportError as error:
        raise UserError(
            "the training extras are not installed", why=str(error), fix="run `make setup-train`"
        ) from error
    import torch

    torch.set_num_threads(config.threads)
    last = config.runs.resolve() / "yolo" / "weights" / "last.pt"
    started = time.monotonic()
    if last.exists():
        log.info("continuing from %s", last)
        model = ultralytics.YOLO(str(last))
        model.train(trainer=_trainer(ultralytics), data=str(data), resume=True)
    else:
        model = ultralytics.YOLO(str(_model_file(config)))
        model.train(trainer=_trainer(ultralytics), **_settings(config, data))
    log.info("trained in %.0f s", time.monotonic() - started)
    return last.with_name("best.pt")


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


def _settings(config: DetectorConfig, data: Path) -> dict[str, Any]:
    """Everything that differs from ultralytics' defaults. The frames are randomised already: augment little."""
    return {
        "data": str(data), "epochs": config.epochs, "batch": config.batch, "imgsz": max(INPUT_SIZE),
        "project": str(config.runs.resolve()), "name": "yolo", "exist_ok": True, "pretrained": False,
        "device": "cpu", "amp": False, "workers": 0, "cache": "ram", "rect": True, "plots": False,
        "seed": config.seed, "deterministic": True, "save": True, "save_period": 1, "patience": 0,
        "optimizer": "AdamW", "lr0": config.learning_rate, "lrf": 0.01, "momentum": 0.9, "cos_lr": True,
        "weight_decay": 5e-4, "warmup_epochs": 0.5, "warmup_bias_lr": 0.0, "nbs": config.batch,
        "mosaic": 0.0, "translate": 0.05, "scale": 0.15, "fliplr": 0.5, "erasing": 0.0, "auto_augment": None,
        "hsv_h": 0.02, "hsv_s": 0.3, "hsv_v": 0.2, "verbose": True,
    }  # fmt: skip


def _trainer(ultralytics: Any) -> Any:
    """The stock trainer with the memory layout CPU convolutions like (about a tenth faster)."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    class ChannelsLastTrainer(DetectionTrainer):  # type: ignore[misc]
        def _setup_train(self, *args: Any) -> None:
            super()._setup_train(*args)
            self.model = self.model.to(memory_format=torch.channels_last)

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            return batch

    return ChannelsLastTrainer
