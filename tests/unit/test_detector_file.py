"""The shipped detector sees; files that are not what they claim are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.perception.detector import KEY_DETECTOR, OnnxDetector
from reprohrl.policies.paths import model_path
from reprohrl.training.detector_metrics import match
from sim.dataset.samples import sample


def altered(tmp_path: Path, **changes: str) -> Path:
    model = onnx.load(model_path("detector"))
    props = {p.key: p.value for p in model.metadata_props} | changes
    helper.set_model_props(model, {k: v for k, v in props.items() if v})
    onnx.save(model, tmp_path / "detector.onnx")
    return tmp_path / "detector.onnx"


@pytest.mark.parametrize("subset", ["flight_grey", "flight_colour"])
def test_the_shipped_detector_finds_most_objects_of_held_out_scenes(subset: str) -> None:
    detector = OnnxDetector()
    total, hits = 0, 0
    for index in range(5000, 5040):  # beyond the frames the card reports
        item = sample(subset, index, 0)
        found = detector.detect(Frame(item.pixels, 0.0)).items
        total += len(item.boxes)
        hits += sum(m >= 0 for m in match(item.boxes, found))
    assert hits / total > 0.7


def test_detections_are_repeatable_and_ordered() -> None:
    frame = Frame(sample("flight_grey", 3, 0).pixels, 2.0)
    first, second = OnnxDetector(confidence=0.05).detect(frame), OnnxDetector(confidence=0.05).detect(frame)
    assert first == second and first.stamp == 2.0
    scores = [d.confidence for d in first.items]
    assert scores == sorted(scores, reverse=True)
    assert all(d.cx - d.w / 2 >= 0 and d.cx + d.w / 2 <= 1 + 1e-6 for d in first.items)


def test_a_black_frame_holds_nothing() -> None:
    assert OnnxDetector().detect(Frame(np.zeros((244, 324), np.uint8), 0.0)).items == ()


def test_a_detector_of_other_classes_is_refused_by_name(tmp_path: Path) -> None:
    about = {"classes": ["cat", *DETECTOR_CLASSES[1:]], "input": [192, 256]}
    with pytest.raises(ModelError, match="it knows cat, cube"):
        OnnxDetector(altered(tmp_path, **{KEY_DETECTOR: json.dumps(about)}))


def test_a_wrong_input_size_damaged_or_missing_metadata_is_refused(tmp_path: Path) -> None:
    about = {"classes": list(DETECTOR_CLASSES), "input": [64, 64]}
    with pytest.raises(ModelError, match="contradicts its metadata"):
        OnnxDetector(altered(tmp_path, **{KEY_DETECTOR: json.dumps(about)}))
    with pytest.raises(ModelError, match="damaged metadata"):
        OnnxDetector(altered(tmp_path, **{KEY_DETECTOR: "{"}))
    with pytest.raises(ModelError, match="is not a detector file"):
        OnnxDetector(altered(tmp_path, **{KEY_DETECTOR: ""}))
    with pytest.raises(ModelError, match="is not a detector file"):
        OnnxDetector(model_path("navigator"))
