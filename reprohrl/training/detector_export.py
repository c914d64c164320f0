"""Write trained detector weights as the ONNX file the runtime reads."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.perception.detector import KEY_DETECTOR, KEY_PROVENANCE, OnnxDetector
from reprohrl.policies.manifest import register_file, replace_file
from reprohrl.policies.provenance import Provenance
from reprohrl.training.torchvision_shim import import_ultralytics

OPSET = 17
LICENSE = "AGPL-3.0"
"""Ultralytics states that weights trained with its code fall under its licence; the card says more."""


def export_detector(
    weights: Path, path: Path, size: tuple[int, int], provenance: Provenance, *, register: bool = False
) -> Path:
    """Export `weights` (.pt) to `path` with a fixed input of `size` (rows, columns), batch 1.

    `register` lists the file in the manifest beside it. The file is loaded once before it takes its place.
    """
    import torch

    ultralytics = import_ultralytics()
    network = ultralytics.YOLO(str(weights)).model.float().fuse().eval()
    network.model[-1].export, network.model[-1].format = True, "onnx"
    network.model[-1].dynamic = False
    example = torch.zeros(1, 3, *size)
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        raw = Path(scratch) / "detector.onnx"
        network(example)  # builds the anchors of this input size
        torch.onnx.export(
            network, (example,), str(raw), opset_version=OPSET, input_names=["images"],
            output_names=["boxes"], dynamo=False,
        )  # fmt: skip
        content = _with_metadata(raw, size, provenance)
    trial = path.with_name(f".{path.stem}.trial.onnx")
    try:
        replace_file(trial, content)
        OnnxDetector(trial)
    finally:
        trial.unlink(missing_ok=True)
    replace_file(path, content)
    if register:
        about = asdict(provenance)
        metrics = about.pop("metrics")
        register_file(path, kind="detector", license=LICENSE, provenance=about, metrics=metrics)
    return path


def _with_metadata(raw: Path, size: tuple[int, int], provenance: Provenance) -> bytes:
    import onnx
    from onnx import helper

    model = onnx.load(raw)
    about = {"classes": list(DETECTOR_CLASSES), "input": list(size), "license": LICENSE}
    ultralytics_reads = {
        "task": "detect", "stride": "32", "batch": "1", "channels": "3", "imgsz": str(list(size)),
        "names": str(dict(enumerate(DETECTOR_CLASSES))),
    }  # fmt: skip
    ours = {KEY_DETECTOR: json.dumps(about), KEY_PROVENANCE: provenance.to_json()}
    helper.set_model_props(model, ours | ultralytics_reads)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
