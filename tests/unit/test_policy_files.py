"""A policy file is believed only when everything it says about itself holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.policies import onnx_policy
from reprohrl.policies.export import example_observation, write_policy
from reprohrl.policies.manifest import read_manifest
from reprohrl.policies.mlp import Activation, Dense, build_mlp
from reprohrl.policies.onnx_policy import Example, OnnxPolicy
from reprohrl.policies.paths import model_path
from reprohrl.policies.provenance import Provenance
from reprohrl.policies.verify import list_models, verify_models

SPEC = PolicySpec(
    name="toy",
    observation=(Entry("range", 2, "m", 0.0, 4.0, 4.0), Entry("bearing", 1, "rad", -3.2, 3.2, 3.2)),
    action=(Entry("velocity", 2, "m/s", -0.6, 0.6, 0.6),),
    rate_hz=10.0,
    vocabulary=("sphere", "cube"),
)
ORIGIN = Provenance(revision="abc", seed=7, config={"steps": 10}, metrics={"success": 0.5})
rng = np.random.default_rng(3)
W1, W2 = (rng.normal(size=s).astype(np.float32) for s in ((8, 3), (2, 8)))
B1, B2 = (rng.normal(size=s).astype(np.float32) for s in (8, 2))


def by_hand(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled = np.clip(raw, [0, 0, -3.2], [4, 4, 3.2]) / np.array([4, 4, 3.2])
    return np.clip((np.tanh(scaled @ W1.T + B1) @ W2.T + B2) * 0.6, -0.6, 0.6).astype(np.float32)


def write(folder: Path, *, example: Example | None = None, name: str = "toy") -> Path:
    raw = example_observation(SPEC)
    model = build_mlp([Dense(W1, B1), Activation("Tanh"), Dense(W2, B2)])
    write_policy(folder / f"{name}.onnx", model, SPEC, ORIGIN, example or Example(raw, by_hand(raw)))
    return folder / f"{name}.onnx"


def tamper(path: Path, **meta: str) -> Path:
    """Change metadata and forget the manifest, as a careless copy would."""
    model = onnx.load(path)
    old = {p.key: p.value for p in model.metadata_props}
    onnx.helper.set_model_props(model, old | {k.replace("__", "."): v for k, v in meta.items()})
    other = path.with_name("tampered.onnx")
    onnx.save(model, other)
    return other


def test_the_runtime_scales_and_clips_raw_observations_and_actions(tmp_path: Path) -> None:
    policy = OnnxPolicy.load(write(tmp_path), expect=SPEC)
    raw = np.array([[1.0, 9.0, -5.0], [0.1, 3.9, 3.0]], np.float32)
    assert np.abs(policy(raw) - by_hand(raw)).max() < 1e-6
    assert policy.provenance == ORIGIN
    assert np.array_equal(policy(raw), policy(raw))


def test_a_nan_in_the_observation_shows_in_the_action(tmp_path: Path) -> None:
    policy = OnnxPolicy.load(write(tmp_path))
    assert np.isnan(policy(np.array([[np.nan, 1, 1]], np.float32))).any()


def test_a_policy_of_another_layout_is_refused_with_every_difference_named(tmp_path: Path) -> None:
    wider = replace(SPEC.observation[0], size=5, scale=2.0)
    other = replace(SPEC, observation=(wider, SPEC.observation[1]), vocabulary=("sphere", "cone"))
    with pytest.raises(ModelError) as caught:
        OnnxPolicy.load(write(tmp_path), expect=other)
    text = str(caught.value)
    assert "entry 'range' has size 2, expected 5" in text
    assert "entry 'range' has scale 4.0, expected 2.0" in text
    assert "vocabulary is sphere, cube; expected sphere, cone" in text
    assert "reprohrl train" in caught.value.fix


def test_a_file_that_does_not_reproduce_its_example_is_refused(tmp_path: Path) -> None:
    raw = example_observation(SPEC)
    lie = json.dumps({"observation": raw.tolist(), "action": (by_hand(raw) + 2e-4).tolist()})
    with pytest.raises(ModelError, match=r"its own example; the largest difference is 0\.0002"):
        OnnxPolicy.load(tamper(write(tmp_path), reprohrl__example=lie))


def test_write_policy_refuses_a_wrong_example_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    raw = example_observation(SPEC)
    with pytest.raises(ModelError, match="does not reproduce"):
        write(tmp_path, example=Example(raw, by_hand(raw) + 1.0))
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "toy.onnx"]


def test_a_spec_that_contradicts_its_hash_or_the_graph_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(ModelError, match="contradicts itself"):
        OnnxPolicy.load(tamper(path, reprohrl__spec=replace(SPEC, rate_hz=5.0).to_json()))
    bigger = replace(SPEC, action=(replace(SPEC.action[0], size=3),))
    changed = tamper(path, reprohrl__spec=bigger.to_json(), reprohrl__spec_hash=bigger.hash)
    with pytest.raises(ModelError, match=r"shapes \[\['N', 3\], \['N', 2\]\], the spec needs"):
        OnnxPolicy.load(changed)


@pytest.mark.parametrize("text", ["{", "[]", '{"observation": [[1]]}', '{"observation": [1], "action": [1]}'])
def test_a_damaged_example_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ModelError, match="damaged metadata"):
        OnnxPolicy.load(tamper(write(tmp_path), reprohrl__example=text))


def test_files_that_are_missing_no_onnx_or_no_policy_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot read the model .*none.onnx; No such file"):
        OnnxPolicy.load(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("not a network")
    with pytest.raises(ModelError, match="is not a readable ONNX file"):
        OnnxPolicy.load(tmp_path / "text.onnx")
    onnx.save(build_mlp([Dense(W1, B1)]), tmp_path / "bare.onnx")
    with pytest.raises(ModelError, match=r"not a policy file; it lacks reprohrl\.spec"):
        OnnxPolicy.load(tmp_path / "bare.onnx")


def test_a_file_changed_after_its_manifest_entry_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelError, match=r"SHA-256 is not the one in manifest.json"):
        OnnxPolicy.load(path)


def test_the_manifest_lists_provenance_and_metrics_and_verify_names_what_is_wrong(tmp_path: Path) -> None:
    write(tmp_path)
    good = write(tmp_path, name="other")
    (entry, second) = (read_manifest(tmp_path)[n] for n in ("toy", "other"))
    assert entry.spec_hash == SPEC.hash and entry.metrics == {"success": 0.5}
    assert entry.provenance["seed"] == 7 and second.file == "other.onnx"
    assert [e.name for e in list_models(tmp_path)] == ["other", "toy"]
    assert all(c.ok for c in verify_models(tmp_path))
    good.unlink()
    (tmp_path / "stray.onnx").write_bytes(b"x")
    bad = {c.name: c.problem for c in verify_models(tmp_path, expected={"toy": replace(SPEC, version=2)})}
    assert "cannot read the model" in bad["other"]
    assert "version is 1, expected 2" in bad["toy"]
    assert bad["stray"] == "stray.onnx is not listed in manifest.json"


def test_models_are_found_by_name_with_a_suggestion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPROHRL_MODELS", str(tmp_path))
    path = write(tmp_path)
    assert model_path("toy") == path
    with pytest.raises(ModelError, match=r'did you mean "toy"\?'):
        model_path("tooy")
    monkeypatch.setenv("REPROHRL_MODELS", str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="is not a folder"):
        model_path("toy")


def test_the_example_tolerance_is_the_documented_one() -> None:
    assert onnx_policy.EXAMPLE_TOLERANCE == 1e-4
