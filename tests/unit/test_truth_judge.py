"""The truth file of the virtual drone says what the benchmark's rule says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from firmware_bridge.virtual.truth import TruthJudge
from sim.tasks import make_scene
from sim.world import Truth

SCENE = make_scene("MS-2", 1)


def truth(t: float, near: int | None = None, *, z: float = 0.8, contact: str | None = None) -> Truth:
    distance = np.full(6, np.inf)
    for goal in SCENE.goals:
        distance[goal] = 0.4 if goal == near else 1.5
    return Truth(np.array([0.0, 0.0, z]), np.zeros(3), np.zeros(3), contact, distance, t)


def observed(*phases: tuple[float, int | None]) -> TruthJudge:
    """A flight of phases: seconds near a goal (or near none)."""
    judge, t = TruthJudge(SCENE), 0.0
    for seconds, near in phases:
        for _ in range(round(seconds / 0.05)):
            judge.observe(truth(t, near))
            t += 0.05
    return judge


def test_goals_held_half_a_second_in_order_are_success() -> None:
    first, second = SCENE.goals
    report = observed((1.0, None), (0.6, first), (2.0, None), (0.6, second), (0.5, None)).report()
    assert report["success"] is True
    assert report["goals_reached"] == report["goals"]
    assert len(report["leg_times_s"]) == 2


def test_passing_by_or_the_wrong_order_is_not() -> None:
    first, second = SCENE.goals
    assert observed((0.4, first), (1.0, None)).report()["goals_reached"] == []
    assert observed((1.0, second), (1.0, None)).report()["goals_reached"] == []


def test_time_on_the_floor_before_take_off_does_not_count() -> None:
    judge = TruthJudge(SCENE)
    judge.observe(truth(0.0, z=0.07))
    judge.observe(truth(500.0, z=0.07))
    judge.observe(truth(501.0))
    report = judge.report()
    assert report["took_off_s"] == 501.0
    assert report["outcome"] == "unfinished"


def test_a_contact_ends_the_mission_and_is_written_down_once(tmp_path: Path) -> None:
    first, _ = SCENE.goals
    judge = observed((1.0, None))
    for t in (1.0, 1.05, 1.1):
        judge.observe(truth(t, contact="wall"))
    for t in np.arange(1.2, 2.5, 0.05):
        judge.observe(truth(float(t), first))
    file = tmp_path / "deep" / "truth.json"
    judge.write(file)
    report = json.loads(file.read_text())
    assert report["outcome"] == "hit a wall"
    assert report["goals_reached"] == []
    assert [c["with"] for c in report["contacts"]] == ["wall"]
    assert [p.name for p in file.parent.iterdir()] == ["truth.json"]
