"""The learned low level: one skill-conditioned network, from an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.policies.observation import ACTION_SCALE, NAVIGATOR_SPEC, navigator_observation
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path


class OnnxNavigator:
    """Flies GO_TO and SEARCH by the network; HOLD and LAND ask for zero velocity."""

    name = "learned"

    def __init__(self, path: Path | str | None = None) -> None:
        self._policy = OnnxPolicy.load(path or model_path("navigator"), expect=NAVIGATOR_SPEC)
        self.reset()

    def reset(self, *, seed: int = 0) -> None:
        self._previous = np.zeros((1, 4), np.float32)

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        """Return the command for this frame; stamped with the frame's stamp."""
        if option.kind not in (OptionKind.GO_TO, OptionKind.SEARCH) or option.goal < 0:
            self._previous = np.zeros((1, 4), np.float32)
            return _stamped(HOVER, features.stamp)
        state = features.state
        observation = navigator_observation(
            features.values[None],
            features.sectors[None],
            features.looked[None],
            np.array([option.goal]),
            np.array([option.kind is OptionKind.GO_TO]),
            np.array([state.ranges]),
            np.array([state.height]),
            np.array([state.velocity]),
            np.array([state.yaw_rate]),
            self._previous,
        )
        action = self._policy(observation)
        self._previous = (action / ACTION_SCALE).astype(np.float32)
        vx, vy, vz, yaw_rate = (float(v) for v in action[0])
        return VelocityCommand(vx, vy, vz, yaw_rate, features.stamp)


def _stamped(command: VelocityCommand, stamp: float) -> VelocityCommand:
    return VelocityCommand(command.vx, command.vy, command.vz, command.yaw_rate, stamp)
