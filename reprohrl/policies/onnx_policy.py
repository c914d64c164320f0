"""`OnnxPolicy`: a policy file that has proved, at load, that it is what the code expects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.compare import differences
from reprohrl.policies.manifest import read_manifest, sha256_of
from reprohrl.policies.normalisation import scale_observation, unscale_action
from reprohrl.policies.provenance import Provenance

EXAMPLE_TOLERANCE = 1e-4
"""Largest absolute difference between the stored example action and the computed one."""

KEY_SPEC, KEY_HASH = "reprohrl.spec", "reprohrl.spec_hash"
KEY_EXAMPLE, KEY_PROVENANCE = "reprohrl.example", "reprohrl.provenance"
_RETRAIN = "train it again with `reprohrl train`, or restore the file that belongs to this version"


@dataclass(frozen=True, slots=True)
class Example:
    """Raw observations (N, D) and the actions (N, A) the file must answer them with."""

    observation: NDArray[np.float32]
    action: NDArray[np.float32]


class OnnxPolicy:
    """Maps raw observations in their units to actions in theirs; one thread, deterministic."""

    def __init__(self, session: ort.InferenceSession, spec: PolicySpec, provenance: Provenance) -> None:
        self.spec = spec
        self.provenance = provenance
        self._session = session
        self._input = session.get_inputs()[0].name

    @staticmethod
    def load(path: Path | str, expect: PolicySpec | None = None) -> OnnxPolicy:
        """Open and verify a policy file: checksum, metadata, spec, graph sizes, example.

        Without `expect` any spec the file declares is accepted. Raises `ModelError`.
        """
        path = Path(path)
        session = open_session(path)
        meta = session.get_modelmeta().custom_metadata_map
        missing = [k for k in (KEY_SPEC, KEY_HASH, KEY_EXAMPLE, KEY_PROVENANCE) if k not in meta]
        if missing:
            why = f"it lacks {', '.join(missing)}"
            raise ModelError(f"{path} is not a policy file", why=why, fix=_RETRAIN)
        try:
            spec = PolicySpec.from_json(meta[KEY_SPEC])
            provenance = Provenance.from_json(meta[KEY_PROVENANCE])
            example = _read_example(meta[KEY_EXAMPLE])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} has damaged metadata", why=repr(error), fix=_RETRAIN) from error
        if spec.hash != meta[KEY_HASH]:
            why = f"its layout hashes to {spec.hash}, but the file says {meta[KEY_HASH]}"
            raise ModelError(f"{path} contradicts itself", why=why, fix=_RETRAIN)
        if expect is not None and (found := differences(spec, expect)):
            raise ModelError(f"{path} does not fit this version", why="; ".join(found), fix=_RETRAIN)
        _check_graph(path, session, spec)
        policy = OnnxPolicy(session, spec, provenance)
        policy._check_example(path, example)
        return policy

    def __call__(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the actions (N, A) for raw observations (N, D); rows are independent."""
        scaled = scale_observation(self.spec, observation)
        (output,) = self._session.run(None, {self._input: scaled})
        return unscale_action(self.spec, np.asarray(output, np.float32))

    def _check_example(self, path: Path, example: Example) -> None:
        sizes = (example.observation.shape[1:], example.action.shape[1:])
        if sizes != ((self.spec.observation_size,), (self.spec.action_size,)):
            why = f"it has sizes {sizes[0]} and {sizes[1]}"
            raise ModelError(f"the example in {path} has the wrong size", why=why, fix=_RETRAIN)
        error = float(np.abs(self(example.observation) - example.action).max(initial=0.0))
        if not error <= EXAMPLE_TOLERANCE:
            why = f"the largest difference is {error:.2g}, allowed is {EXAMPLE_TOLERANCE:g}"
            raise ModelError(f"{path} does not reproduce its own example", why=why, fix=_RETRAIN)


def open_session(path: Path) -> ort.InferenceSession:
    """Open an ONNX file on one CPU thread, its checksum verified where the manifest lists it.

    Raises `ModelError` when it is missing, changed or not ONNX.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        fix = "see `reprohrl models list` for the shipped ones"
        raise ModelError(f"cannot read the model {path}", why=str(error.strerror), fix=fix) from error
    listed = {e.file: e.sha256 for e in read_manifest(path.parent).values()}
    if path.name in listed and listed[path.name] != sha256_of(content):
        why = "its SHA-256 is not the one in manifest.json"
        raise ModelError(f"{path} was changed", why=why, fix="restore it, or run `reprohrl export` again")
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own, unrelated, exception classes
        why = str(error).splitlines()[0][:200]
        raise ModelError(f"{path} is not a readable ONNX file", why=why, fix=_RETRAIN) from error


def _read_example(text: str) -> Example:
    pair: dict[str, Any] = json.loads(text)
    observation, action = (np.asarray(pair[k], np.float32) for k in ("observation", "action"))
    if observation.ndim != 2 or action.ndim != 2 or len(observation) != len(action) or not len(action):
        raise ValueError(f"example of shapes {observation.shape} and {action.shape}")
    return Example(observation, action)


def _check_graph(path: Path, session: ort.InferenceSession, spec: PolicySpec) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shapes = [list(t.shape) for t in (*inputs, *outputs)]
    fits = (
        len(inputs) == 1
        and len(outputs) == 1
        and all(len(s) == 2 and not isinstance(s[0], int) for s in shapes)
        and [s[1] for s in shapes] == [spec.observation_size, spec.action_size]
    )
    if not fits:
        needed = [["N", spec.observation_size], ["N", spec.action_size]]
        why = f"it has shapes {shapes}, the spec needs {needed}"
        raise ModelError(f"the network in {path} does not fit its own spec", why=why, fix=_RETRAIN)
