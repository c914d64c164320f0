"""The compiled solids: rays land on the surface that the signed distance describes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.geometry import nearest_solid, ray_object, ray_scene, signed_distance
from sim.scene import Shape
from sim.tasks import GOAL_HALF_M

HALF = {
    Shape.SPHERE: GOAL_HALF_M[0],
    Shape.BOX: (0.1, 0.2, 0.3),
    Shape.CONE: GOAL_HALF_M[2],
    Shape.CYLINDER: GOAL_HALF_M[3],
    Shape.TORUS: GOAL_HALF_M[4],
    Shape.PYRAMID: GOAL_HALF_M[5],
}


def row(shape: Shape, yaw: float = 0.4) -> np.ndarray:
    return np.array([0.3, -0.2, 1.0, *HALF[shape], shape, math.cos(yaw), math.sin(yaw), 0], float)


@pytest.mark.parametrize("shape", list(Shape))
@settings(max_examples=150, deadline=None)
@given(
    start=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: math.hypot(*v) > 0.3),
    aim=st.tuples(*[st.floats(-0.15, 0.15)] * 3),
)
def test_a_ray_that_hits_ends_on_the_surface(shape: Shape, start: tuple, aim: tuple) -> None:
    o = row(shape)
    p = np.array(start) / math.hypot(*start) + o[:3]
    d = np.array(aim) + o[:3] - p
    t = ray_object(o, *p, *d, 10.0)
    if t < 1e8:
        assert abs(signed_distance(o, *(p + t * d))) < 2e-3
    else:
        along = [signed_distance(o, *(p + s * d)) for s in np.linspace(0, 3, 60)]
        assert min(along) > -0.02


@pytest.mark.parametrize("shape", list(Shape))
def test_distance_is_negative_inside_and_grows_outside(shape: Shape) -> None:
    o = row(shape)
    inside = o[:3] + (
        np.array([0, 0, o[5] - o[3]]) if shape == Shape.TORUS else np.array([0, 0, -o[5] * 0.3])
    )
    assert signed_distance(o, *inside) < 0
    assert signed_distance(o, 2.3, -0.2, 1.0) == pytest.approx(2.0 - o[3], abs=0.15)


def test_a_ray_in_an_empty_room_ends_at_the_wall() -> None:
    half = np.array([2.0, 2.0, 2.5])
    empty = np.zeros((0, 10))
    assert ray_scene(empty, half, 0.5, 0, 1, 1, 0, 0, 4.0) == pytest.approx(1.5)
    assert ray_scene(empty, half, 0.5, 0, 1, 0, 0, 1, 4.0) == pytest.approx(1.5)
    assert nearest_solid(empty, half, 1.9, 0, 1.0) == (pytest.approx(0.1), -1)
    assert nearest_solid(empty, half, 0, 0, 0.2) == (pytest.approx(0.2), -2)
