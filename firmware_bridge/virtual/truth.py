"""What really happened, for judging a mission flown over the link: a JSON file, rewritten each second."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from reprohrl.contracts.vocabulary import GOAL_CLASSES
from sim.scene import Scene
from sim.world import Truth

REACH_M, HOLD_S = 0.5, 0.5
"""A goal is reached when the drone's surface stays this near to its surface for this long."""

AIRBORNE_M = 0.2


class TruthJudge:
    """Follows the goals of a scene in order. `observe` after each physics step; thread-safe."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._lock = threading.Lock()
        self._near_since: float | None = None
        self._reached: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._path: list[list[float]] = []
        self._took_off_s: float | None = None
        self._newest: Truth | None = None

    def observe(self, truth: Truth) -> None:
        with self._lock:
            self._newest = truth
            if self._took_off_s is None and truth.position[2] > AIRBORNE_M:
                self._took_off_s = truth.stamp
            if truth.contact is not None and (
                not self._contacts
                or self._contacts[-1]["with"] != truth.contact
                or truth.stamp - self._contacts[-1]["until_s"] > 0.5
            ):
                self._contacts.append({"with": truth.contact, "at_s": truth.stamp, "until_s": truth.stamp})
            elif truth.contact is not None:
                self._contacts[-1]["until_s"] = truth.stamp
            if not self._path or truth.stamp - self._path[-1][0] >= 0.1:
                self._path.append([round(truth.stamp, 3), *(round(float(v), 3) for v in truth.position)])
            self._judge_goal(truth)

    def _judge_goal(self, truth: Truth) -> None:
        goals = self._scene.goals
        if len(self._reached) >= len(goals):
            return
        goal = goals[len(self._reached)]
        if truth.goal_distance_m[goal] > REACH_M:
            self._near_since = None
            return
        if self._near_since is None:
            self._near_since = truth.stamp
        if truth.stamp - self._near_since >= HOLD_S:
            self._reached.append({"goal": GOAL_CLASSES[goal], "at_s": truth.stamp})
            self._near_since = None

    def report(self) -> dict[str, Any]:
        """Return plain data: goals, contacts, path (rows of t, x, y, z), success."""
        with self._lock:
            truth, goals = self._newest, self._scene.goals
            distances = (
                {}
                if truth is None
                else {
                    name: round(float(d), 3)
                    for name, d in zip(GOAL_CLASSES, truth.goal_distance_m, strict=True)
                    if np.isfinite(d)
                }
            )
            return {
                "task": self._scene.task,
                "seed": self._scene.seed,
                "goals": [GOAL_CLASSES[g] for g in goals],
                "goals_reached": list(self._reached),
                "contacts": list(self._contacts),
                "success": len(self._reached) == len(goals) and not self._contacts,
                "took_off_s": self._took_off_s,
                "time_s": None if truth is None else truth.stamp,
                "position": None if truth is None else [round(float(v), 3) for v in truth.position],
                "goal_distance_m": distances,
                "path": list(self._path),
            }

    def write(self, path: Path) -> None:
        """Write the report so that a reader never sees half of it."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self.report()), encoding="utf-8")
        temporary.replace(path)
