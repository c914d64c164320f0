"""The batched core: the same numbers in any batch, solids that hide, stop and walk, and measured ranges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.state import MAX_RANGE_M
from reprohrl.contracts.vocabulary import WALL_ID
from sim.batched.core import CONTACT_WALL, MAX_OBJECTS, NO_CONTACT, BatchCore
from sim.batched.threads import CHUNK_ROWS
from sim.bundles import BUNDLE_ROWS, LANES, NO_HIT, cast_bundle
from sim.dynamics import drone_params
from sim.geometry import nearest_solid, ray_scene, signed_distance
from sim.rays import ray_object
from sim.scene import Mover, Scene, SceneObject, Shape, Start
from sim.tasks import GOAL_HALF_M, make_scene
from tests.contract.scenes import goal, pillar, scene

OUT = ("state", "boxes", "ranges", "goal_distance", "contact", "clearance", "rotation")


def fly(rows: list[int], threads: int = 1, ticks: int = 12) -> dict[str, np.ndarray]:
    """Fly drones, each with the scene, build and commands of its number, for some ticks."""
    core = BatchCore(len(rows), substeps=8, threads=threads)
    commands = np.empty((ticks, len(rows), 4))
    for i, number in enumerate(rows):
        rng = np.random.default_rng(number)
        params = drone_params(rng=rng, randomise=1.0)
        core.place(i, make_scene("MC-4", number % 9), params, delay_substeps=number % 9, charge=0.8)
        commands[:, i] = rng.uniform(-1, 1, (ticks, 4)) * (0.6, 0.5, 0.3, 2.0)
    for command in commands:
        core.step(command)
    return {name: getattr(core, name).copy() for name in OUT}


def test_a_drone_flies_the_same_bits_in_any_batch_and_on_any_number_of_threads() -> None:
    many = fly(list(range(3 * CHUNK_ROWS)))
    assert (many["boxes"][..., 0] >= 0).sum() > 3 * CHUNK_ROWS
    for rows, threads in (([5], 1), (list(range(7)), 1), (list(range(64)), 2), (list(range(384)), 2)):
        some = fly(rows, threads)
        assert all(np.array_equal(some[name], many[name][rows]) for name in OUT)


def look(world: Scene) -> BatchCore:
    core = BatchCore(1)
    core.place(0, world, drone_params(), delay_substeps=0, charge=1.0)
    core.sense(np.arange(1))
    return core


def inner_wall(x: float, half_y: float, y: float = 0.0) -> SceneObject:
    return SceneObject(WALL_ID, Shape.BOX, (x, y, 1.25), (0.05, half_y, 1.25), 0.0, (0.9, 0.9, 0.9))


def test_an_inner_wall_hides_goals_stops_drones_and_has_no_box() -> None:
    ball = goal(0, 1.5, 0.0, 1.0)
    assert look(scene(ball)).boxes[0, 0, 0] == 0
    core = look(scene(inner_wall(0.7, 1.0), ball))
    assert (core.boxes[0, :, 0] == -1).all()
    for _ in range(25):
        core.step(np.array([[0.6, 0.0, 0.0, 0.0]]))
        if core.contact[0] != NO_CONTACT:
            break
    assert core.contact[0] == CONTACT_WALL
    assert 0.65 - 0.07 <= core.position[0, 0] <= 0.65  # a tick's flight past the touch at most
    half = look(scene(inner_wall(0.7, 1.0, 1.0), ball)).boxes[0]
    assert half[1, 0] == 0 and half[1, 1] == pytest.approx(0.5, abs=0.1)


def test_a_wall_beside_or_behind_hides_nothing_even_when_its_middle_is_nearer() -> None:
    ball = goal(0, 1.0, 0.1, 1.0)
    for wall in (
        inner_wall(1.4, 1.9),
        replace(inner_wall(0.0, 1.0), position=(0.9, -0.3, 1.25), yaw=math.pi / 2),
    ):
        box = look(scene(ball, wall)).boxes[0, 0]
        assert box[0] == 0 and box[1] == 1.0


def test_the_visible_part_of_a_goal_behind_a_pillar_is_what_its_box_bounds() -> None:
    world = scene(goal(1, 1.4, 0.0, 1.0), pillar(0.7, 0.12))
    alone, hidden = look(scene(goal(1, 1.4, 0.0, 1.0))).boxes[0, 0], look(world).boxes[0, 0]
    assert 0.3 < hidden[1] < 0.9 and hidden[4] < 0.9 * alone[4] and hidden[2] > alone[2] + 0.01
    right = [b[2] + b[4] / 2 for b in (alone, hidden)]
    assert right[0] == pytest.approx(right[1], abs=1e-9)  # the free side is where it was


def test_each_drone_has_a_room_of_its_own_size() -> None:
    small = scene(start=Start((0.0, 0.0, 1.0), 0.0))
    large = replace(small, room=replace(small.room, size=(8.0, 4.0, 3.0)))
    core = BatchCore(2)
    for i, world in enumerate((small, large)):
        core.place(i, world, drone_params(), delay_substeps=0, charge=1.0)
    core.sense(np.arange(2))
    np.testing.assert_allclose(core.ranges[:, 0], [2.0, 4.0])
    np.testing.assert_allclose(core.ranges[:, 4], [1.5, 2.0])


def test_a_walking_solid_is_where_its_path_says_at_the_end_of_the_tick() -> None:
    world = scene(pillar(1.0, -1.0))
    world = replace(world, movers=(Mover(0, (1.0, -1.0), (1.0, 1.0), 0.5, 0.0),))
    core = look(world)
    for _ in range(20):
        core.step(np.zeros((1, 4)))
    assert core.objects[0, 0, :2] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert core.ranges[0, 0] == pytest.approx(0.9, abs=0.01)


def test_a_scene_with_too_many_solids_is_refused_with_the_numbers() -> None:
    crowd = scene(*(pillar(-1.8 + 0.25 * i, 1.0) for i in range(MAX_OBJECTS + 1)))
    with pytest.raises(UserError, match=f"{MAX_OBJECTS + 1} solids"):
        look(crowd)


@pytest.mark.parametrize("seed", range(6))
def test_ranges_are_the_nearest_of_five_rays_of_each_cone(seed: int) -> None:
    world = make_scene("MC-4", seed)
    rng = np.random.default_rng(seed)
    tan = math.tan(math.radians(12.0))
    core = look(world)
    half, objects = core.half_room[0], core.objects[0, : core.count[0]]
    for _ in range(30):
        core.state[0, :3] = [*rng.uniform(-1.7, 1.7, 2), rng.uniform(0.1, 2.2)]
        q = np.array([*rng.normal(0, 0.12, 2), *rng.normal(0, 1, 2)])
        core.state[0, 3:7] = q / np.linalg.norm(q)
        core.sense(np.arange(1))
        r = core.rotation[0]
        for sensor, axis in enumerate((r[:, 0], -r[:, 0], r[:, 1], -r[:, 1], r[:, 2])):
            sides = [v for v in r.T if abs(v @ axis) < 0.5]
            rays = [axis, *(axis + sign * tan * side for side in sides for sign in (-1, 1))]
            nearest = min(ray_scene(objects, half, *core.state[0, :3], *d, MAX_RANGE_M) for d in rays)
            if nearest > 1e-6:
                assert core.ranges[0, sensor] == pytest.approx(nearest, abs=2e-3)


@pytest.mark.parametrize("shape", list(Shape), ids=lambda s: s.name.lower())
def test_a_bundle_of_rays_meets_what_each_of_its_rays_meets(shape: Shape) -> None:
    rng = np.random.default_rng(int(shape))
    o = np.array([0.3, -0.2, 1.0, *GOAL_HALF_M[shape], shape, math.cos(0.4), math.sin(0.4), 0])
    differ, errors = 0, []
    for _ in range(300):
        p = rng.normal(size=3)
        p = o[:3] + p / np.linalg.norm(p)
        rays = np.zeros((BUNDLE_ROWS, LANES), np.float32)
        rays[:3] = (o[:3] - p)[:, None] + rng.uniform(-0.25, 0.25, (3, LANES))
        t = np.full(LANES, NO_HIT)
        cast_bundle(o, *p, rays, t)
        single = np.array([ray_object(o, *p, *map(float, rays[:3, i]), 1e9) for i in range(LANES)])
        differ += int(((t < 1e8) != (single < 1e8)).sum())
        both = (t < 1e8) & (single < 1e8)
        errors += np.abs(t - single)[both].tolist()
    # a torus is traced: a ray that grazes it may count as a hit a few millimetres early
    assert np.quantile(errors, 0.99) < (0.005 if shape is Shape.TORUS else 1e-4)
    assert differ <= (12 if shape is Shape.TORUS else 2)  # of 2400


def test_the_nearest_solid_is_the_one_with_the_smallest_distance() -> None:
    rng = np.random.default_rng(0)
    for seed in range(8):
        world = make_scene("MC-4", seed)
        objects, half = world.geometry(), world.half_room()
        for _ in range(40):
            p = [*rng.uniform(-1.9, 1.9, 2), rng.uniform(0.05, 2.4)]
            room = min(half[0] - abs(p[0]), half[1] - abs(p[1]), p[2], half[2] - p[2])
            distances = [signed_distance(o, *p) for o in objects]
            assert nearest_solid(objects, half, *p)[0] == pytest.approx(min(room, *distances), abs=1e-12)
