"""Record what ultralytics itself finds with the shipped detector on a few held-out frames.

Run after retraining: python -m tests.golden.record_detector (needs the training extras).
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.perception.detector import OnnxDetector
from reprohrl.policies.paths import model_path
from reprohrl.training.torchvision_shim import import_ultralytics
from sim.dataset.samples import sample

FOLDER = Path(__file__).parent / "detector"
FRAMES = (
    ("flight_grey", 3), ("flight_grey", 16), ("flight_grey", 26),
    ("test_grey", 7), ("flight_colour", 3), ("test_colour", 3),
)  # fmt: skip
CONFIDENCE, IOU = 0.25, 0.5


def predict(pixels: NDArray[np.uint8]) -> list[list[float]]:
    """Rows (class, confidence, cx, cy, w, h) as ultralytics' own pipeline gives them, best first."""
    model = import_ultralytics().YOLO(str(model_path("detector")), task="detect")
    bgr = np.repeat(pixels[..., None], 3, 2) if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    size = OnnxDetector().input_size
    boxes = model.predict(bgr, imgsz=size, conf=CONFIDENCE, iou=IOU, verbose=False, device="cpu")[0].boxes
    rows = np.concatenate([np.stack([boxes.cls, boxes.conf], 1), np.asarray(boxes.xywhn)], 1)
    return [[round(float(v), 6) for v in row] for row in rows[np.argsort(-rows[:, 1], kind="stable")]]


def main() -> None:
    """Write the frames (JPEG) and detections.json."""
    FOLDER.mkdir(exist_ok=True)
    found = {}
    for subset, index in FRAMES:
        name = f"{subset}_{index}.jpg"
        pixels = sample(subset, index, 0).pixels
        cv2.imwrite(str(FOLDER / name), pixels if pixels.ndim == 2 else pixels[..., ::-1])
        stored = cv2.imread(str(FOLDER / name), cv2.IMREAD_UNCHANGED)
        found[name] = predict(stored if stored.ndim == 2 else stored[..., ::-1])
    text = ",\n".join(f" {json.dumps(name)}: {json.dumps(rows)}" for name, rows in found.items())
    (FOLDER / "detections.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
