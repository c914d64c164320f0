"""What really happened, for judging a mission flown over the link: a JSON file, rewritten each second."""

from __future__ import annotations

import copy
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.evaluation.judge import MissionJudge
from sim.scene import Scene
from sim.world import Truth

AIRBORNE_M = 0.2
PATH_EVERY_S = 0.1
SAME_CONTACT_S = 0.5


class TruthJudge:
    """Judges a scene's goals in order from take-off on. `observe` after each physics step; thread-safe."""

    def __init__(self, scene: Scene, *, time_limit_per_goal_s: float = 60.0) -> None:
        self._scene = scene
        self._lock = threading.Lock()
        self._judge = MissionJudge(scene.goals, time_limit_per_goal_s)
        self._contacts: list[dict[str, Any]] = []
        self._path: list[list[float]] = []
        self._took_off_s: float | None = None
        self._newest: Truth | None = None

    def observe(self, truth: Truth) -> None:
        with self._lock:
            self._newest = truth
            if self._took_off_s is None and truth.position[2] > AIRBORNE_M:
                self._took_off_s = truth.stamp
            if self._took_off_s is not None:
                position = [float(v) for v in truth.position]
                self._judge.update(truth.stamp, truth.goal_distance_m, truth.contact, position)
            if truth.contact is not None:
                self._note_contact(truth.contact, truth.stamp)
            if not self._path or truth.stamp - self._path[-1][0] >= PATH_EVERY_S:
                self._path.append([round(truth.stamp, 3), *(round(float(v), 3) for v in truth.position)])

    def _note_contact(self, what: str, stamp: float) -> None:
        """Add a contact, or prolong the last one when it is the same touch."""
        last = self._contacts[-1] if self._contacts else None
        if last is not None and last["with"] == what and stamp - last["until_s"] <= SAME_CONTACT_S:
            last["until_s"] = stamp
        else:
            self._contacts.append({"with": what, "at_s": stamp, "until_s": stamp})

    def report(self) -> dict[str, Any]:
        """Return plain data: outcome so far, goals, contacts, path (rows of t, x, y, z), newest truth."""
        with self._lock:
            truth = self._newest
            judged = copy.deepcopy(self._judge).finish()
            names = [GOAL_CLASSES[g] for g in self._scene.goals]
            report: dict[str, Any] = {
                "task": self._scene.task,
                "seed": self._scene.seed,
                "goals": names,
                "outcome": str(judged.outcome),
                "success": judged.success,
                "goals_reached": names[: judged.goals_reached],
                "leg_times_s": list(judged.leg_times_s),
                "path_m": judged.path_m,
                "contacts": copy.deepcopy(self._contacts),
                "took_off_s": self._took_off_s,
                "path": list(self._path),
            }
        if truth is not None:
            report["time_s"] = truth.stamp
            report["position"] = [round(float(v), 3) for v in truth.position]
            report["goal_distance_m"] = {
                name: round(float(distance), 3)
                for name, distance in zip(GOAL_CLASSES, truth.goal_distance_m, strict=True)
                if np.isfinite(distance)
            }
        return report

    def write(self, path: Path) -> None:
        """Write the report so that a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self.report()), encoding="utf-8")
        temporary.replace(path)
