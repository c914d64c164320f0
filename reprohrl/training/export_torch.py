"""Turn a trained torch network into a policy file, with the parity measured and written into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import nn

from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.export import example_observation, write_policy
from reprohrl.policies.manifest import ModelEntry
from reprohrl.policies.mlp import Activation, Dense, Layer, Norm, build_mlp
from reprohrl.policies.normalisation import scale_observation, unscale_action
from reprohrl.policies.onnx_policy import Example, OnnxPolicy
from reprohrl.policies.provenance import Provenance

PARITY_TOLERANCE = 1e-4
_PARITY_ROWS = 1000
_OPS: dict[type[nn.Module], str] = {
    nn.Tanh: "Tanh",
    nn.ReLU: "Relu",
    nn.Sigmoid: "Sigmoid",
}
_NOTHING = (nn.Identity, nn.Flatten, nn.Dropout)


def actor_of(policy: nn.Module) -> nn.Sequential:
    """Return the deterministic actor of a stable-baselines3 policy: observation -> mean or logits.

    Knows PPO/A2C (`mlp_extractor`), SAC (`actor.mu`), TD3 (`actor.mu`) and DQN (`q_net`).
    """
    part: Any = policy
    if hasattr(part, "mlp_extractor"):
        return nn.Sequential(part.mlp_extractor.policy_net, part.action_net)
    if hasattr(part, "q_net"):
        return nn.Sequential(part.q_net.q_net)
    if hasattr(part, "actor") and hasattr(part.actor, "latent_pi"):
        return nn.Sequential(part.actor.latent_pi, part.actor.mu, nn.Tanh())
    if hasattr(part, "actor"):
        return nn.Sequential(part.actor.mu)
    raise ModelError(f"no actor found in {type(policy).__name__}", fix="pass the actor network itself")


def layers_of(module: nn.Module) -> Iterator[Layer]:
    """Yield the layers of a feed-forward network. Raises `ModelError` for a layer it cannot write."""
    match module:
        case nn.Linear():
            bias = module.bias if module.bias is not None else torch.zeros(module.out_features)
            yield Dense(_numpy(module.weight), _numpy(bias))
        case nn.LayerNorm():
            yield Norm(_numpy(module.weight), _numpy(module.bias), module.eps)
        case nn.ELU():
            yield Activation("Elu", module.alpha)
        case nn.LeakyReLU():
            yield Activation("LeakyRelu", module.negative_slope)
        case nn.Softmax():
            yield Activation("Softmax")
        case nn.Sequential() | nn.ModuleList():
            for child in module:
                yield from layers_of(child)
        case _ if type(module) in _OPS:
            yield Activation(_OPS[type(module)])
        case _ if isinstance(module, _NOTHING):
            return
        case _:
            raise ModelError(
                f"cannot export a layer of type {type(module).__name__}",
                why="policy files are written from linear layers, layer norms and common activations",
            )


def export_torch(
    path: Path,
    network: nn.Module,
    spec: PolicySpec,
    provenance: Provenance,
    *,
    observation: NDArray[np.float32] | None = None,
) -> ModelEntry:
    """Write `network` (scaled observation -> scaled action) as the policy file `path`.

    The network is a `nn.Sequential` of plain layers, a stable-baselines3 policy, or any module with a method
    `to_onnx()` that returns its graph. `observation`
    (N, D) are raw rows for the example; random ones are drawn when it is not given. The file is
    compared with torch on 1000 random rows; the largest difference becomes `parity_max_abs`.
    Raises `ModelError` when it exceeds 1e-4.
    """
    own_graph = getattr(network, "to_onnx", None)
    actor: nn.Module = network if isinstance(network, nn.Sequential) or own_graph else actor_of(network)
    example = example_observation(spec) if observation is None else np.asarray(observation, np.float32)
    model = own_graph() if own_graph else build_mlp(list(layers_of(actor)))
    pair = Example(example, _run(actor, spec, example))
    rows = example_observation(spec, rows=_PARITY_ROWS, seed=1)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    policy = OnnxPolicy(session, spec, provenance)
    error = float(np.abs(policy(rows) - _run(actor, spec, rows)).max())
    if not error <= PARITY_TOLERANCE:
        why = f"allowed is {PARITY_TOLERANCE:g}"
        raise ModelError(f"{path} would differ from torch by {error:.2g}", why=why)
    metrics = {**provenance.metrics, "parity_max_abs": error}
    return write_policy(path, model, spec, replace(provenance, metrics=metrics), pair)


def _run(actor: nn.Module, spec: PolicySpec, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.no_grad():
        device = next(actor.parameters()).device
        output = actor(torch.as_tensor(scale_observation(spec, raw), device=device))
    return unscale_action(spec, _numpy(output))


def _numpy(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)
