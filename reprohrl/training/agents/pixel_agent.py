"""The pixel agent's observation: the last frames, and what it knows besides them. No torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.policy_spec import Entry
from reprohrl.policies.observation import ACTION_SCALE
from reprohrl.training.agents.observations import BESIDE_FRAMES, VELOCITY_ACTION, spec
from sim.envs.frames import HEIGHT, WIDTH, FrameCamera

Array32 = NDArray[np.float32]
STACK = 2
PIXELS = STACK * HEIGHT * WIDTH
SPEC = spec(
    "pixel-ppo",
    (Entry("frames", PIXELS, "grey, oldest first, rows of pixels", 0, 255, 255), *BESIDE_FRAMES.entries),
    VELOCITY_ACTION,
)


class FrameStack:
    """The last `STACK` frames of each row (N, STACK, H, W); an episode begins with copies of its first."""

    def __init__(self, batch: int) -> None:
        self.frames = np.zeros((batch, STACK, HEIGHT, WIDTH), np.uint8)
        self._fresh = np.ones(batch, bool)

    def begin(self, rows: NDArray[Any]) -> None:
        """Episodes of `rows` (indices or mask) begin with the next frame."""
        self._fresh[rows] = True

    def push(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self.frames[:, :-1] = self.frames[:, 1:]
        self.frames[:, -1] = frames
        self.frames[self._fresh] = frames[self._fresh, None]
        self._fresh[:] = False
        return self.frames


class PixelAgent:
    """Flies from frames: the world's own where it has an attribute `frames` (N, H, W), else rendered ones."""

    name = "pixel-ppo"

    def __init__(self, policy: Callable[[Array32], Array32], batch: int) -> None:
        self.policy = policy
        self._stack, self._camera = FrameStack(batch), FrameCamera(batch)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self._stack.begin(rows)

    def act(self, world: Any) -> Array32:
        frames = getattr(world, "frames", None)
        frames = self._camera.look(world, ~world.over) if frames is None else frames
        stack = self._stack.push(frames)
        beside = BESIDE_FRAMES.build(world, world.goal)
        seen = np.concatenate([stack.reshape(len(stack), -1), beside], axis=1, dtype=np.float32)
        return np.asarray(self.policy(seen) / ACTION_SCALE, np.float32)
