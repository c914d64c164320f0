"""Write policy files: the network, its layout, an example and its provenance in one ONNX file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.manifest import ModelEntry, replace_file, sha256_of, write_entry
from reprohrl.policies.normalisation import bounds
from reprohrl.policies.onnx_policy import (
    KEY_EXAMPLE,
    KEY_HASH,
    KEY_PROVENANCE,
    KEY_SPEC,
    Example,
    OnnxPolicy,
)
from reprohrl.policies.provenance import Provenance


def write_policy(
    path: Path, model: onnx.ModelProto, spec: PolicySpec, provenance: Provenance, example: Example
) -> ModelEntry:
    """Write `model` with its proof to `path` in one step and list it in the manifest beside it.

    The file is verified as a reader would before it takes the place of an older one. Raises `ModelError`.
    """
    proven = onnx.ModelProto()
    proven.CopyFrom(model)
    pair = {"observation": example.observation.tolist(), "action": example.action.tolist()}
    helper.set_model_props(
        proven,
        {
            KEY_SPEC: spec.to_json(),
            KEY_HASH: spec.hash,
            KEY_EXAMPLE: json.dumps(pair),
            KEY_PROVENANCE: provenance.to_json(),
        },
    )
    content = proven.SerializeToString(deterministic=True)
    trial = path.with_name(f".{path.stem}.trial.onnx")
    try:
        replace_file(trial, content)
        OnnxPolicy.load(trial, expect=spec)
    finally:
        trial.unlink(missing_ok=True)
    replace_file(path, content)
    about = asdict(provenance)
    metrics = about.pop("metrics")
    entry = ModelEntry(
        path.stem, path.name, sha256_of(content), "policy", spec.hash, provenance=about, metrics=metrics
    )
    write_entry(path.parent, entry)
    return entry


def example_observation(spec: PolicySpec, *, rows: int = 4, seed: int = 0) -> NDArray[np.float32]:
    """Return random raw observations (rows, D), uniform within each entry's finite bounds."""
    low, high, _ = bounds(spec.observation)
    low, high = np.maximum(low, -1e3), np.minimum(high, 1e3)
    drawn = np.random.default_rng(seed).uniform(low, high, (rows, spec.observation_size))
    return drawn.astype(np.float32)
