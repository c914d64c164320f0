"""Measure the exported detector on held-out frames, read through the runtime that flies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from reprohrl.contracts.detection import Detection
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from reprohrl.perception.detector import OnnxDetector
from reprohrl.training.detector_metrics import Frames, average_precision, fit_errors

OPERATING_CONFIDENCE = 0.35
_CURVE_CONFIDENCE = 0.01


def evaluate(model: Path, dataset: Path, subset: str, *, limit: int | None = None) -> dict[str, Any]:
    """Return mAP50, AP per class and the fitted errors on `subset` of the dataset folder."""
    detector = OnnxDetector(model, confidence=_CURVE_CONFIDENCE)
    frames: Frames = []
    images = sorted((dataset / "images" / subset).glob("*.jpg"))[:limit]
    if not images:
        raise UserError(
            f"there are no frames in {dataset / 'images' / subset}", fix="run `reprohrl train detector`"
        )
    for image in images:
        truth = read_labels(dataset / "labels" / subset / f"{image.stem}.txt")
        frames.append((truth, detector.detect(Frame(read_image(image), 0.0)).items))
    return summarise(frames)


def summarise(frames: Frames) -> dict[str, Any]:
    """Numbers of one set of frames, JSON-ready."""
    precision = average_precision(frames)
    confident: Frames = [
        (truth, tuple(d for d in found if d.confidence >= OPERATING_CONFIDENCE)) for truth, found in frames
    ]
    return {
        "frames": len(frames),
        "objects": sum(len(truth) for truth, _ in frames),
        "map50": round(float(np.mean(list(precision.values()))), 4),
        "ap50": {name: round(value, 4) for name, value in precision.items()},
        "confidence": OPERATING_CONFIDENCE,
        "errors": asdict(fit_errors(confident)),
    }


def read_image(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Read a grey picture as (H, W), a colour one as (H, W, 3) RGB."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise UserError(f"cannot read the picture {path}")
    return np.asarray(pixels if pixels.ndim == 2 else pixels[..., ::-1], np.uint8)


def read_labels(path: Path) -> tuple[Detection, ...]:
    """Read a YOLO label file: class, centre x, centre y, width, height per line."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return tuple(Detection(int(r[0]), 1.0, *(float(v) for v in r[1:5])) for r in rows)
