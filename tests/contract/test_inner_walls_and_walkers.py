"""Inner walls, rooms of other sizes and solids that walk are the same to every world and every look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.state import Range
from sim.camera import Renderer
from sim.movers import mover_position
from sim.render.camera import RayCamera
from sim.scene import Mover, Scene, SceneObject, Shape, Start
from sim.simulated_world import SimulatedWorld
from sim.tasks import make_scene
from tests.contract.backends import BACKENDS, build
from tests.contract.scenes import goal, scene


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest) -> Iterator[SimulatedWorld]:
    world = build(str(request.param), noise=False)
    yield world
    world.close()


def walker(x: float, y: float) -> SceneObject:
    return SceneObject(6, Shape.CYLINDER, (x, y, 0.85), (0.22, 0.22, 0.85), 0.0, (0.6, 0.1, 0.1))


def walked_in_on() -> Scene:
    """A walker that starts 1.2 m to the left and comes through the origin."""
    return replace(scene(walker(0.0, 1.2)), movers=(Mover(0, (0.0, 1.2), (0.0, -1.2), 0.5, 0.0),))


def facing_the_door(aside: float = 0.0) -> Scene:
    """Two rooms, the drone 1 m before the wall, `aside` of the doorway's middle, looking along x."""
    two = make_scene("X2R", 3)
    start = Start((-1.0, two.doorways[0].position[1] + aside, 0.8), 0.0)
    return replace(two, objects=tuple(o for o in two.objects if o.is_wall), start=start)


def fly(world: SimulatedWorld, seconds: float, **command: float) -> set[str]:
    met = set()
    for _ in range(round(seconds * 10)):
        world.set_command(VelocityCommand(**command))
        world.step()
        met.add(world.truth().contact or "")
    return met - {""}


def test_a_doorway_lets_through_and_the_far_wall_stops(world: SimulatedWorld) -> None:
    world.reset(facing_the_door(), airborne=True)
    assert fly(world, 7.0, vx=0.6) == set()
    assert world.truth().position[0] > 2.5
    assert fly(world, 4.0, vx=0.6) == {"wall"}
    assert world.truth().position[0] == pytest.approx(3.93, abs=0.02)


def test_an_inner_wall_is_a_wall(world: SimulatedWorld) -> None:
    beside = facing_the_door(aside=-1.0 if facing_the_door().doorways[0].position[1] > 0 else 1.0)
    world.reset(beside, airborne=True)
    assert world.state().ranges[Range.FRONT] == pytest.approx(0.95, abs=0.01)
    assert fly(world, 3.0, vx=0.5) == {"wall"}
    assert world.truth().position[0] == pytest.approx(-0.12, abs=0.02)


def test_the_lintel_is_a_wall(world: SimulatedWorld) -> None:
    two = facing_the_door()
    high = replace(two, start=Start((*two.start.position[:2], 2.25), 0.0))
    world.reset(high, airborne=True)
    assert fly(world, 3.0, vx=0.5) == {"wall"}


def test_a_walker_is_where_time_says_and_touching_it_is_an_obstacle_contact(world: SimulatedWorld) -> None:
    world.reset(walked_in_on(), airborne=True)
    assert world.state().ranges[Range.LEFT] == pytest.approx(0.98, abs=0.01)
    assert fly(world, 1.0) == set()
    assert world.state().ranges[Range.LEFT] == pytest.approx(0.48, abs=0.02)
    assert fly(world, 1.5) == {"obstacle"}
    world.reset(walked_in_on(), airborne=True)
    assert world.state().ranges[Range.LEFT] == pytest.approx(0.98, abs=0.01), "time began again"


def test_a_walker_turns_back_at_both_ends(world: SimulatedWorld) -> None:
    off = replace(walked_in_on(), start=Start((1.0, -1.2, 0.8), 0.0))
    world.reset(off, airborne=True)
    sides = []
    for _ in range(20):
        world.step(0.5)
        sides.append(world.state().ranges[Range.RIGHT] < 4.0)
        assert world.truth().contact is None
    assert world.time == pytest.approx(10.0)
    mover = off.mover_rows()[0]
    assert mover_position(mover, 4.8) == pytest.approx((0.0, -1.2))
    assert mover_position(mover, 9.6) == pytest.approx((0.0, 1.2))
    assert mover_position(mover, 10.0) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize("look", ["ray", "bullet", "boxes"])
def test_every_look_shows_a_walker_where_time_says(look: str) -> None:
    off = replace(walked_in_on(), start=Start((-1.5, 0.0, 0.8), 0.0))
    camera = camera_of(look, off)
    centres = []
    for time_s in (1.4, 2.4, 3.4):
        (box,) = camera.render((-1.5, 0.0, 0.8), (0.0, 0.0, 0.0), time_s=time_s).boxes
        assert box.name == "obstacle"
        centres.append(box.cx)
    assert centres[1] == pytest.approx(0.5, abs=0.01)
    assert np.diff(centres) == pytest.approx([centres[1] - centres[0]] * 2, abs=0.01)
    assert centres[2] > centres[0] + 0.2


@pytest.mark.parametrize("look", ["ray", "bullet", "boxes"])
def test_an_inner_wall_hides_what_is_behind_it_and_has_no_box(look: str) -> None:
    two = facing_the_door()
    _, y, z = two.start.position
    aside = -1.0 if y > 0 else 1.0
    seen = replace(two, objects=(goal(0, 1.5, y, z), goal(1, 1.5, y + aside * 1.6, z), *two.objects))
    through = camera_of(look, seen).render((-1.0, y, z), (0.0, 0.0, 0.0)).boxes
    assert [box.name for box in through] == ["sphere"]
    beside = camera_of(look, seen).render((-1.0, y + aside, z), (0.0, 0.0, aside * 0.3)).boxes
    assert [box.name for box in beside] == []


def camera_of(look: str, shown: Scene) -> Renderer:
    if look == "boxes":
        from sim.truth_detector import BoxRenderer

        return BoxRenderer(shown)
    if look == "ray":
        return RayCamera(shown)
    pytest.importorskip("pybullet")
    from sim.bullet.camera import BulletCamera

    return BulletCamera(shown)
