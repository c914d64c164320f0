"""The ray-caster against projections computed another way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK
from sim.attitude import body_to_world
from sim.geometry import signed_distance
from sim.render import RayCamera, Rendered, SensorModel
from sim.render.surfaces import object_surface
from sim.scene import Scene, SceneObject, Shape
from sim.tasks import GOAL_HALF_M, make_scene

EMPTY = replace(make_scene("S1", 0), objects=())
EYE = (-1.0, 0.1, 0.9)


def scene_with(*objects: SceneObject) -> Scene:
    return replace(EMPTY, objects=objects)


def solid(shape: Shape, place: tuple[float, float, float], yaw: float = 0.4) -> SceneObject:
    return SceneObject(0, shape, place, GOAL_HALF_M[int(shape)], yaw, (0.8, 0.2, 0.2))


def surface_points(item: SceneObject) -> NDArray[np.float64]:
    """Points (N, 3) whose projections bound the solid's picture, world frame."""
    hx, hy, hz = item.half
    a = np.linspace(0, 2 * math.pi, 720)
    ring = np.stack([hx * np.cos(a), hx * np.sin(a), np.zeros_like(a)], 1)
    up = np.array([[0.0, 0.0, hz]])
    if item.shape is Shape.BOX:
        local = np.array([[i * hx, j * hy, k * hz] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])
    elif item.shape is Shape.PYRAMID:
        local = np.array([[i * hx, j * hy, -hz] for i in (-1, 1) for j in (-1, 1)] + up.tolist())
    elif item.shape is Shape.CONE:
        local = np.concatenate([ring - up, up])
    elif item.shape is Shape.CYLINDER:
        local = np.concatenate([ring - up, ring + up])
    elif item.shape is Shape.TORUS:
        u, v = (m.ravel() for m in np.meshgrid(a[::3], a[::3]))
        radial = (hy - hx) + hx * np.cos(v)
        local = np.stack([hx * np.sin(v), radial * np.cos(u), radial * np.sin(u)], 1)
    else:
        u, v = (m.ravel() for m in np.meshgrid(a[::3], a[:361:3]))
        local = hx * np.stack([np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)], 1)
    c, s = math.cos(item.yaw), math.sin(item.yaw)
    return local @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) + item.position


def project(
    points: NDArray[np.float64], eye: tuple[float, float, float], attitude: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Pixels (N, 2) (column, row) of world points."""
    rotation = body_to_world(attitude)
    body = (points - eye - rotation @ np.array(AI_DECK.offset_m)) @ rotation
    columns = AI_DECK.cx - AI_DECK.fx * body[:, 1] / body[:, 0]
    rows = AI_DECK.cy - AI_DECK.fy * body[:, 2] / body[:, 0]
    return np.stack([columns, rows], 1)


def look(scene: Scene, attitude: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Rendered:
    return RayCamera(scene).render(EYE, attitude)


@pytest.mark.parametrize("shape", list(Shape), ids=lambda s: s.name.lower())
@pytest.mark.parametrize("attitude", [(0.0, 0.0, 0.0), (0.15, -0.1, 0.2), (-0.3, 0.12, -0.15)])
def test_truth_box_bounds_the_projected_solid_within_a_pixel(
    shape: Shape, attitude: tuple[float, float, float]
) -> None:
    item = solid(shape, (0.2, 0.0, 1.3))  # high enough that no silhouette ends in a needle
    (box,) = look(scene_with(item), attitude).boxes
    pixels = np.clip(project(surface_points(item), EYE, attitude), 0, [324, 244])
    (x0, y0), (x1, y1) = pixels.min(0), pixels.max(0)
    left, right = ((box.cx + side * box.w / 2) * 324 for side in (-1, 1))
    top, bottom = ((box.cy + side * box.h / 2) * 244 for side in (-1, 1))
    assert [left, top, right, bottom] == pytest.approx([x0, y0, x1, y1], abs=1.1)


def test_sphere_covers_the_area_of_its_cone_of_sight() -> None:
    item = solid(Shape.SPHERE, (0.6, 0.1, 0.9))
    frame = look(scene_with(item))
    distance = 0.6 - EYE[0] - AI_DECK.offset_m[0]
    tangent = 0.15 / math.sqrt(distance**2 - 0.15**2)
    assert (frame.segmentation == 1).sum() == pytest.approx(math.pi * (AI_DECK.fx * tangent) ** 2, rel=0.02)


def test_pitching_down_moves_the_object_up_and_rolling_right_turns_it_left() -> None:
    scene = scene_with(solid(Shape.SPHERE, (1.0, 0.1, 0.9)))
    level, down = look(scene).boxes[0], look(scene, (0.0, 0.2, 0.0)).boxes[0]
    assert down.cy == pytest.approx(level.cy - math.tan(0.2) * AI_DECK.fy / 244, abs=0.01)
    side = scene_with(solid(Shape.SPHERE, (1.0, 0.1, 1.5)))  # above the optical axis
    assert look(side, (0.3, 0.0, 0.0)).boxes[0].cx < look(side).boxes[0].cx - 0.05


def test_same_seed_and_calls_give_the_same_bytes_and_another_seed_other_noise() -> None:
    scene = make_scene("MC-3", 5)
    first, again, other = (RayCamera(scene, seed=s) for s in (1, 1, 2))
    for yaw in (0.0, 1.0):
        a, b, c = (cam.render(scene.start.position, (0.0, 0.0, yaw)) for cam in (first, again, other))
        assert np.array_equal(a.pixels, b.pixels) and np.array_equal(a.segmentation, b.segmentation)
        assert not np.array_equal(a.pixels, c.pixels)
    first.reset(), again.reset()
    assert np.array_equal(first.render(EYE, (0, 0, 0)).pixels, again.render(EYE, (0, 0, 0)).pixels)


def test_grey_is_the_luma_of_colour() -> None:
    scene = make_scene("MC-3", 5)
    still = SensorModel(read_noise=0.0, shot_noise=0.0)
    grey = RayCamera(scene, sensor=still).render(EYE, (0, 0, 0)).pixels
    colour = RayCamera(scene, grey=False, sensor=still).render(EYE, (0, 0, 0)).pixels
    assert grey.shape == (244, 324) and colour.shape == (244, 324, 3)
    assert np.abs(colour @ [0.299, 0.587, 0.114] - grey)[colour.max(2) < 255].max() <= 1.0


def test_an_object_hidden_by_another_has_no_box() -> None:
    pillar = SceneObject(6, Shape.BOX, (-0.2, 0.1, 1.0), (0.1, 0.3, 1.0), 0.0, (0.5, 0.5, 0.5))
    ball = solid(Shape.SPHERE, (0.5, 0.1, 0.9))
    assert [b.name for b in look(scene_with(pillar, ball)).boxes] == ["obstacle"]
    beside = replace(pillar, position=(-0.2, 0.48, 1.0))  # covers about a half
    assert [b.name for b in look(scene_with(beside, ball)).boxes] == ["obstacle", "sphere"]


def test_an_object_behind_the_camera_or_too_small_has_no_box() -> None:
    behind = solid(Shape.SPHERE, (-1.6, 0.1, 0.9))
    tiny = replace(solid(Shape.SPHERE, (1.5, 0.1, 0.9)), half=(0.03, 0.03, 0.03))
    frame = look(scene_with(behind, tiny))
    assert frame.boxes == () and (frame.segmentation == 2).sum() in range(1, 30)


@pytest.mark.parametrize("shape", list(Shape), ids=lambda s: s.name.lower())
def test_normals_are_the_gradient_of_the_distance(shape: Shape) -> None:
    item = solid(shape, (0.0, 0.0, 1.0), yaw=0.7)
    row = scene_with(item).geometry()[0]
    rng = np.random.default_rng(3)
    checked = 0
    for _ in range(40):
        p = np.array(item.position) + rng.normal(0, 0.2, 3)
        for _ in range(60):  # walk to the surface along the gradient
            p = p - 0.9 * signed_distance(row, *p) * _gradient(row, p)
        outward = _gradient(row, p)
        probes = [p - 0.004 * outward + 0.002 * d for d in (*np.eye(3), *-np.eye(3))]
        on_edge = max(np.linalg.norm(_gradient(row, q) - outward) for q in probes) > 0.15
        if abs(signed_distance(row, *p)) < 1e-4 and not on_edge:
            normal = np.array(object_surface(row, *p)[:3])
            assert normal @ outward > 0.97 and np.linalg.norm(normal) == pytest.approx(1.0, abs=0.02)
            checked += 1
    assert checked >= 8


def _gradient(row: NDArray[np.float64], p: NDArray[np.float64], e: float = 1e-4) -> NDArray[np.float64]:
    g = [signed_distance(row, *(p + d)) - signed_distance(row, *(p - d)) for d in e * np.eye(3)]
    return np.array(g) / max(float(np.linalg.norm(g)), 1e-12)
