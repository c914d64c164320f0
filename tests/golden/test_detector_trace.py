"""The runtime detector finds exactly what ultralytics finds with the same file on the same frames."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from reprohrl.contracts.drone import Frame
from reprohrl.perception.detector import OnnxDetector
from reprohrl.training.detector_evaluation import read_image

FOLDER = Path(__file__).parent / "detector"
GOLDEN: dict[str, list[list[float]]] = json.loads((FOLDER / "detections.json").read_text())


def rows(name: str) -> list[list[float]]:
    detector = OnnxDetector(confidence=0.25, iou=0.5)
    found = detector.detect(Frame(read_image(FOLDER / name), 1.5))
    assert found.stamp == 1.5
    return [[d.class_id, d.confidence, d.cx, d.cy, d.w, d.h] for d in found.items]


@pytest.mark.parametrize("name", list(GOLDEN))
def test_runtime_agrees_with_recorded_ultralytics_predictions(name: str) -> None:
    found = rows(name)
    assert len(found) == len(GOLDEN[name])
    assert np.allclose(found, GOLDEN[name], atol=2e-3)


def test_the_recorded_frames_show_something() -> None:
    assert sum(map(len, GOLDEN.values())) >= len(GOLDEN)


@pytest.mark.train
def test_runtime_agrees_with_ultralytics_itself() -> None:
    pytest.importorskip("ultralytics")
    from tests.golden.record_detector import predict

    for name in GOLDEN:
        assert np.allclose(rows(name), predict(read_image(FOLDER / name)), atol=1e-4)
