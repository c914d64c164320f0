"""The learned low level: one skill-conditioned network, from an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.perception.compiled import compiling
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.observation import (
    ACTION_SCALE,
    GO_TO,
    NAVIGATOR_SPEC,
    STILL,
    skill_of,
    write_navigator,
)
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path


class OnnxNavigator:
    """Flies the options of `SKILLS` by the network; others ask for zero velocity."""

    name = "learned"

    def __init__(self, path: Path | str | None = None) -> None:
        self._policy = OnnxPolicy.load(path or model_path("navigator"), expect=NAVIGATOR_SPEC)
        self._observation = np.zeros((1, NAVIGATOR_SPEC.observation_size), np.float32)
        self.reset()
        with compiling("the navigator's observation"):
            self.act(nothing_seen(), Option(OptionKind.GO_TO, 0))
        self.reset()

    def reset(self, *, seed: int = 0) -> None:
        self._previous = np.zeros(4, np.float32)

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand:
        """Return the command for this frame; stamped with the frame's stamp."""
        skill = skill_of(option.kind)
        if skill == STILL or (skill == GO_TO and option.goal < 0):
            self._previous[:] = 0.0
            return _stamped(HOVER, features.stamp)
        state = features.state
        write_navigator(
            skill, option.goal, features.values, features.sectors, features.looked, features.routes,
            np.array(state.ranges, np.float64), float(state.height), np.array(state.velocity, np.float64),
            float(state.yaw_rate), self._previous, self._observation[0],
        )  # fmt: skip
        action = self._policy(self._observation)
        self._previous = (action[0] / ACTION_SCALE).astype(np.float32)
        vx, vy, vz, yaw_rate = (float(v) for v in action[0])
        return VelocityCommand(vx, vy, vz, yaw_rate, features.stamp)


def _stamped(command: VelocityCommand, stamp: float) -> VelocityCommand:
    return VelocityCommand(command.vx, command.vy, command.vz, command.yaw_rate, stamp)
