"""From trained weights to the shipped file: measure on every held-out subset, export, describe."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reprohrl.policies.manifest import replace_file
from reprohrl.policies.provenance import Provenance
from reprohrl.training.detector import INPUT_SIZE, DetectorConfig, dataset_config
from reprohrl.training.detector_card import card
from reprohrl.training.detector_evaluation import evaluate
from reprohrl.training.detector_export import export_detector

log = logging.getLogger(__name__)
_SUBSETS = ("flight_grey", "flight_colour", "test_grey", "test_colour", "test_bullet")


def release(weights: Path, config: DetectorConfig, models: Path, *, notes: str = "") -> Path:
    """Export `weights` to models/detector.onnx with its metrics JSON and card; returns the ONNX file.

    `notes` tells, in the card and the provenance, what the configuration does not.
    """
    from sim.dataset import generate

    frames = dataset_config(config)
    dataset = generate(frames, config.data).parent
    about = _plain(asdict(config) | {"frames": asdict(frames), "notes": notes})
    path = models / "detector.onnx"
    draft = config.runs / "draft" / "detector.onnx"
    export_detector(weights, draft, INPUT_SIZE, Provenance.here(seed=config.seed, config=about))
    results = {subset: evaluate(draft, dataset, subset) for subset in _SUBSETS}
    metrics = {f"map50_{subset}": r["map50"] for subset, r in results.items()}
    provenance = Provenance.here(seed=config.seed, config=about, metrics=metrics)
    export_detector(weights, path, INPUT_SIZE, provenance, register=True)
    replace_file(models / "detector.metrics.json", (json.dumps(results, indent=1) + "\n").encode())
    replace_file(models / "detector.md", card(results, provenance).encode())
    log.info("detector: %s", metrics)
    return path


def _plain(value: Any) -> Any:
    """Turn paths and tuples into what JSON keeps."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
