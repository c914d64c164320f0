"""Every cell of the benchmark keeps what it promises, and its scenes never change unnoticed."""

from __future__ import annotations

import hashlib
import json
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reprohrl.contracts.errors import UserError
from sim.scene import Scene, SceneObject
from sim.tasks import (
    CURRICULA,
    MIN_GAP_M,
    TASKS,
    TEST_SEEDS,
    VALIDATION_SEEDS,
    make_scene,
    mixture,
    parse_task,
)
from sim.tasks.layout import segment_distance
from sim.tasks.rooms import DOOR_CORNER_M, DOOR_WIDTH_M, INNER_WALL_GAP_M, LANE_M

PINS = Path(__file__).parents[1] / "golden" / "tasks.json"
SEEDS = range(40)


def rounded(value: Any) -> Any:
    """The same to nine decimals, so that no machine's last bit counts."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    return round(value, 9) if isinstance(value, float) else value


def fingerprint(task: str, split: str) -> str:
    scenes = [rounded(make_scene(task, seed, split).to_dict()) for seed in range(3)]  # type: ignore[arg-type]
    return hashlib.sha256(json.dumps(scenes, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("task", TASKS)
def test_the_first_scenes_are_those_that_were_published(task: str) -> None:
    pins = json.loads(PINS.read_text())
    assert {split: fingerprint(task, split) for split in ("train", "test")} == pins[task]


@pytest.mark.parametrize("task", TASKS)
def test_a_scene_is_a_function_of_task_split_and_seed(task: str) -> None:
    assert make_scene(task, 5) == make_scene(task.lower(), 5)
    starts = [make_scene(task, seed, split).start for split in ("train", "test") for seed in SEEDS]
    assert len(set(starts)) == len(starts), "a train scene is a test scene"


def test_published_seeds_overlap_with_no_training_pool() -> None:
    assert (TEST_SEEDS.start, TEST_SEEDS.stop) == (0, 1000)
    assert VALIDATION_SEEDS.start >= 1_000_000


@pytest.mark.parametrize("task", TASKS)
def test_goals_and_obstacles_are_as_many_as_the_cell_says(task: str) -> None:
    spec = parse_task(task)
    for seed in SEEDS:
        scene = make_scene(task, seed)
        there = [o.class_id for o in scene.objects if o.is_goal]
        assert len(set(there)) == len(there) == (spec.decoys if spec.absent else spec.goals)
        assert len(set(scene.goals)) == len(scene.goals) == spec.goals
        assert not spec.absent or scene.goal_object(scene.goals[0]) is None
        pillars = sum(o.is_obstacle for o in scene.objects) - len(scene.movers)
        assert spec.obstacles[0] * spec.rooms <= pillars <= spec.obstacles[1] * spec.rooms


def still(scene: Scene) -> list[SceneObject]:
    moving = {m.object_index for m in scene.movers}
    return [o for i, o in enumerate(scene.objects) if not o.is_wall and i not in moving]


@pytest.mark.parametrize("task", TASKS)
def test_solids_keep_their_gaps_and_the_start_its_air(task: str) -> None:
    for seed in SEEDS:
        scene = make_scene(task, seed)
        x, y, _ = scene.start.position
        for a, b in combinations(still(scene), 2):
            gap = math.dist(a.position[:2], b.position[:2]) - a.footprint_radius - b.footprint_radius
            assert gap >= MIN_GAP_M - 1e-9
        for item in scene.objects:
            assert item.footprint_gap(x, y) >= (0.8 if item.is_goal else 0.4) - 1e-9
        for side, value in zip(scene.room.size, (x, y), strict=False):
            assert abs(value) <= side / 2 - 0.5 + 1e-9
        for item in still(scene):
            for side, value in zip(scene.room.size, item.position[:2], strict=False):
                assert abs(value) + item.footprint_radius <= side / 2 - 0.25 + 1e-9


def test_two_rooms_have_a_doorway_with_a_free_lane_and_goals_on_both_sides() -> None:
    centres, starts = [], []
    for seed in SEEDS:
        scene = make_scene("X2R", seed)
        assert scene.room.size == (8.0, 4.0, 2.5)
        (door,) = scene.doorways
        walls = [o for o in scene.objects if o.is_wall]
        dx, dy = door.position
        assert dx == 0.0 and DOOR_WIDTH_M[0] <= door.width_m <= DOOR_WIDTH_M[1] and door.height_m == 2.0
        assert abs(dy) + door.width_m / 2 <= 2.0 - DOOR_CORNER_M + 1e-9
        for y in np.linspace(-2.0, 2.0, 81):
            for z in (0.1, 1.9, 2.1, 2.4):
                solid = any(
                    abs(y - o.position[1]) <= o.half[1] and abs(z - o.position[2]) <= o.half[2] for o in walls
                )
                open_here = abs(y - dy) < door.width_m / 2 and z < 2.0
                assert solid is not open_here or abs(abs(y - dy) - door.width_m / 2) < 1e-6
        for item in still(scene):
            assert (
                segment_distance(*item.position[:2], -1.0, dy, 1.0, dy) >= LANE_M / 2 + item.footprint_radius
            )
            if item.is_goal:
                assert abs(item.position[0]) - item.footprint_radius >= 0.05 + INNER_WALL_GAP_M - 1e-9
        assert {math.copysign(1, o.position[0]) for o in scene.objects if o.is_goal} == {-1.0, 1.0}
        centres.append(dy)
        starts.append(scene.start.position[0] > 0)
    assert np.std(centres) > 0.3 and 0.2 < np.mean(starts) < 0.8


def test_the_walker_keeps_off_solids_and_the_start() -> None:
    for seed in SEEDS:
        scene = make_scene("XM", seed)
        (walk,) = scene.movers
        walker = scene.objects[walk.object_index]
        assert walker.is_obstacle and walker.half == (0.22, 0.22, 0.85) and walk.speed_mps == 0.5
        assert math.dist(walk.a, walk.b) >= 1.2
        for item in still(scene):
            gap = segment_distance(*item.position[:2], *walk.a, *walk.b) - item.footprint_radius
            assert gap >= 0.45 - 1e-9
        x, y, _ = scene.start.position
        assert math.dist((x, y), walker.position[:2]) - 0.22 >= 1.0 - 1e-9
        assert segment_distance(x, y, *walk.a, *walk.b) - 0.22 >= 0.6 - 1e-9


def test_other_goals_can_be_asked_for() -> None:
    assert make_scene("X2R", 1, goals=(4, 2)).goals == (4, 2)
    absent = make_scene("XA", 1, goals=(3,))
    assert absent.goals == (3,) and absent.goal_object(3) is None
    assert sum(o.is_goal for o in absent.objects) == 2


def test_curricula_hold_known_tasks_and_never_the_held_out_ones() -> None:
    for name, stages in CURRICULA.items():
        assert stages[0].since == 0.0 and [s.since for s in stages] == sorted(s.since for s in stages)
        for stage in stages:
            assert sum(stage.tasks.values()) == pytest.approx(1.0), name
            assert set(stage.tasks) <= set(TASKS) - {"XK-5", "XK-6"}
    assert mixture("ours", 0.0) != mixture("ours", 1.0)
    assert mixture("mc-3") == {"MC-3": 1.0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make_scene("X2", 0), "unknown task 'X2'.*did you mean \"X2R\""),
        (lambda: make_scene("S1", -1), "seed -1 is negative"),
        (lambda: mixture("our"), 'unknown curriculum.*did you mean "ours"'),
    ],
)
def test_a_mistake_is_answered_with_a_suggestion(call: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        call()
