"""Live numbers of a training run: steps per second, success rate, time left."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any

from stable_baselines3.common.callbacks import BaseCallback

log = logging.getLogger(__name__)


class EpisodeStatistics(BaseCallback):
    """Keeps the outcomes of the last episodes, logs them, and stops at a success target if one is given."""

    def __init__(
        self, total_steps: int, *, window: int = 1000, every_s: float = 15.0, target: float | None = None
    ) -> None:
        super().__init__()
        self.total_steps, self.every_s, self.target = total_steps, every_s, target
        self.outcomes: deque[dict[str, Any]] = deque(maxlen=window)
        self.history: list[dict[str, float]] = []
        self._start = self._last = 0.0
        self._first_step = 0

    def _on_training_start(self) -> None:
        self._start = self._last = time.monotonic()
        self._first_step = self.num_timesteps

    def _on_step(self) -> bool:
        self.outcomes.extend(info for info in self.locals["infos"] if "success" in info)
        if time.monotonic() - self._last < self.every_s or not self.outcomes:
            return True
        self._last = time.monotonic()
        row = self.summary()
        self.history.append(row)
        log.info(
            "%5.2f M of %.1f M steps  %6.0f steps/s  success %5.1f %%  reached %4.2f of legs  "
            "contact %4.1f %%  wrong %4.1f %%  timeout %4.1f %%  %4.1f s  left %4.0f s",
            row["steps"] / 1e6, self.total_steps / 1e6, row["rate"], 100 * row["success"], row["reached"],
            100 * row["contact"], 100 * row["wrong"], 100 * row["timeout"], row["seconds"], row["left_s"],
        )  # fmt: skip
        return self.target is None or len(self.outcomes) < 500 or row["success"] < self.target

    def summary(self) -> dict[str, float]:
        n = max(len(self.outcomes), 1)
        rate = (self.num_timesteps - self._first_step) / max(time.monotonic() - self._start, 1e-9)

        def mean(key: str) -> float:
            return sum(float(bool(o[key]) if key != "seconds" else o[key]) for o in self.outcomes) / n

        return {
            "steps": float(self.num_timesteps),
            "rate": rate,
            "success": mean("success"),
            "reached": sum(o["reached"] / o["legs"] for o in self.outcomes) / n,
            "contact": sum(o["contact"] is not None for o in self.outcomes) / n,
            "wrong": mean("wrong"),
            "timeout": mean("timeout"),
            "seconds": mean("seconds"),
            "left_s": (self.total_steps - self.num_timesteps) / max(rate, 1.0),
        }
