"""Checkpoints that survive a kill at any moment."""

from __future__ import annotations

from pathlib import Path

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback


def save_atomic(model: BaseAlgorithm, path: Path) -> None:
    """Write `model` to a temporary file beside `path`, then rename it."""
    partial = path.with_suffix(".partial.zip")
    model.save(partial)
    partial.replace(path)


class Checkpoint(BaseCallback):
    """Saves the model to `path` each `every` environment steps."""

    def __init__(self, path: Path, *, every: int) -> None:
        super().__init__()
        self.path, self.every = path, every
        self._next = every

    def _on_training_start(self) -> None:
        self._next = self.num_timesteps + self.every

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        if self.num_timesteps >= self._next:
            self._next += self.every
            save_atomic(self.model, self.path)
