"""The dataset generator: repeatable frames, honest splits, whole folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.dataset import DatasetConfig, generate
from sim.dataset.lookalikes import beside_lookalike
from sim.dataset.poses import random_pose
from sim.dataset.samples import sample
from sim.dataset.scenes import randomised_scene
from sim.geometry import nearest_solid
from sim.tasks import make_scene


def test_a_frame_depends_on_subset_index_and_seed_alone() -> None:
    first, again, other = sample("train", 3, 0), sample("train", 3, 0), sample("train", 3, 1)
    assert np.array_equal(first.pixels, again.pixels) and first.boxes == again.boxes
    assert first.scene != other.scene
    assert sample("train", 4, 0).pixels.ndim == 2 and first.pixels.ndim == 3, "half grey, half colour"


def test_the_test_subsets_show_held_out_scenes_twice() -> None:
    grey, colour = sample("test_grey", 7, 0), sample("test_colour", 7, 0)
    assert grey.scene == colour.scene and grey.pose == colour.pose and grey.boxes == colour.boxes
    assert grey.pixels.shape == (244, 324) and colour.pixels.shape == (244, 324, 3)


def test_scenes_show_every_class_and_some_frames_show_nothing() -> None:
    frames = [sample("train", i, 0) for i in range(60)]
    assert {b.name for f in frames for b in f.boxes} == set(DETECTOR_CLASSES)
    assert 1 <= sum(not f.boxes for f in frames) <= 20
    cut = [b for f in frames for b in f.boxes if min(b.cx - b.w / 2, b.cy - b.h / 2) < 1e-6]
    assert len(cut) >= 5, "boxes that leave the image are part of the data"


def test_poses_keep_clear_of_solids_and_look_from_where_a_drone_flies() -> None:
    rng = np.random.default_rng(0)
    tilts = []
    for _ in range(40):
        scene = randomised_scene(rng)
        (x, y, z), attitude = random_pose(scene, rng)
        assert nearest_solid(scene.geometry(), scene.half_room(), x, y, z)[0] > 0.1
        assert 0.2 <= z <= 1.7
        tilts += attitude[:2]
    assert np.degrees(np.std(tilts)) == pytest.approx(5.0, rel=0.3)


def test_a_lookalike_stands_beside_its_goal_in_the_same_paint() -> None:
    rng = np.random.default_rng(1)
    classes = []
    for seed in range(40):
        before = make_scene("MC-2", seed, "train")
        found = beside_lookalike(before, rng)
        if found is None:
            continue
        scene, goal = found
        pillar = scene.objects[-1]
        assert pillar.is_obstacle and goal in scene.objects and set(before.objects) < set(scene.objects)
        assert 0.04 < goal.footprint_gap(*pillar.position[:2]) - pillar.footprint_radius < 0.71
        assert np.ptp(np.subtract(pillar.color, goal.color)) < 0.1, "a shade apart"
        assert pillar.texture == goal.texture
        classes.append(goal.name)
    assert len(classes) > 25 and sum(c in ("cube", "cylinder") for c in classes) > len(classes) / 2


def test_generate_writes_yolo_folders_once_and_leaves_no_scraps(tmp_path: Path) -> None:
    config = DatasetConfig(train=3, val=2, test=1, train_bullet=0, test_bullet=0, seed=5)
    seen: list[tuple[int, int]] = []
    data = generate(config, tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (9, 9)
    names = sorted(p.name for p in data.parent.glob("images/train/*.jpg"))
    assert names == ["000000.jpg", "000001.jpg", "000002.jpg"]
    for line in (data.parent / "labels/train/000000.txt").read_text().splitlines():
        class_id, *box = line.split()
        assert 0 <= int(class_id) < len(DETECTOR_CLASSES) and all(0 <= float(v) <= 1 for v in box)
    stamp = data.stat().st_mtime_ns
    assert generate(config, tmp_path) == data and data.stat().st_mtime_ns == stamp
    assert [p.name for p in tmp_path.iterdir()] == [data.parent.name]
