"""Networks trained in torch come out of their ONNX file unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.policy_spec import Entry, PolicySpec
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.provenance import Provenance

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

BOX = PolicySpec("box", (Entry("x", 5, "m", -2.0, 2.0, 2.0),), (Entry("v", 3, "m/s", -1.0, 1.0),), 10.0, ())
LOGITS = PolicySpec("choice", (Entry("x", 5, "", -1.0, 1.0),), (Entry("logit", 4, "", -1e6, 1e6),), 2.0, ())
ORIGIN = Provenance("abc", 0)


CASES = [("PPO", BOX), ("SAC", BOX), ("PPO", LOGITS), ("DQN", LOGITS)]


@pytest.mark.parametrize(("algorithm", "spec"), CASES)
def test_an_sb3_policy_exports_with_measured_parity(algorithm: str, spec: PolicySpec, tmp_path: Path) -> None:
    gymnasium = pytest.importorskip("gymnasium")
    sb3 = pytest.importorskip("stable_baselines3")
    from reprohrl.training.export_torch import export_torch

    class Env(gymnasium.Env):  # type: ignore[misc]
        observation_space = gymnasium.spaces.Box(-1, 1, (5,), np.float32)
        if spec is BOX:
            action_space = gymnasium.spaces.Box(-1, 1, (3,), np.float32)
        else:
            action_space = gymnasium.spaces.Discrete(4)

    model = getattr(sb3, algorithm)("MlpPolicy", Env(), seed=1, device="cpu")
    entry = export_torch(tmp_path / "p.onnx", model.policy, spec, ORIGIN)
    policy = OnnxPolicy.load(tmp_path / "p.onnx", expect=spec)
    assert entry.metrics["parity_max_abs"] < 1e-5
    assert policy.provenance.metrics == entry.metrics
    raw = np.linspace(-1, 1, 50, dtype=np.float32).reshape(10, 5)
    asked, _ = model.predict(raw / spec.observation[0].scale, deterministic=True)
    answer = policy(raw)
    assert np.abs(answer - asked).max() < 1e-5 if spec is BOX else (answer.argmax(1) == asked).all()


def test_every_supported_layer_agrees_with_torch(tmp_path: Path) -> None:
    from torch import nn

    from reprohrl.training.export_torch import export_torch

    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(5, 16), nn.LayerNorm(16), nn.ELU(), nn.Linear(16, 16, bias=False), nn.LeakyReLU(0.1),
        nn.Identity(), nn.Sequential(nn.Linear(16, 16), nn.ReLU()), nn.Linear(16, 3), nn.Tanh(),
    )  # fmt: skip
    assert export_torch(tmp_path / "p.onnx", net, BOX, ORIGIN).metrics["parity_max_abs"] < 1e-5


def test_a_layer_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    from torch import nn

    from reprohrl.training.export_torch import export_torch

    with pytest.raises(ModelError, match="cannot export a layer of type GRU"):
        export_torch(tmp_path / "p.onnx", nn.Sequential(nn.Linear(5, 3), nn.GRU(3, 3)), BOX, ORIGIN)
    assert not (tmp_path / "p.onnx").exists()
