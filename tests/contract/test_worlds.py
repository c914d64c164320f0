"""What every simulated world promises, whoever integrates it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.state import Range
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from sim.scene import Shape, Start
from sim.simulated_world import SimulatedWorld
from sim.tasks import make_scene
from tests.contract.backends import BACKENDS, build
from tests.contract.scenes import goal, pillar, scene


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(backend: str) -> Iterator[SimulatedWorld]:
    world = build(backend, noise=False)
    yield world
    world.close()


def run(world: SimulatedWorld, seconds: float, **command: float) -> list[str]:
    """Fly one command, ten ticks a second; return the contacts met."""
    contacts = []
    for _ in range(round(seconds * 10)):
        world.set_command(VelocityCommand(**command))
        world.step()
        contact = world.truth().contact
        if contact is not None:
            contacts.append(contact)
    return contacts


def test_time_is_what_was_stepped(world: SimulatedWorld) -> None:
    world.reset(scene())
    for _ in range(30):
        world.step(0.01)
    assert world.time == pytest.approx(0.3, abs=1 / 240)
    assert world.truth().stamp == world.time


def test_standing_on_the_floor_is_no_contact_and_no_flight(world: SimulatedWorld) -> None:
    world.reset(scene())
    world.step(1.0)
    assert world.truth().contact is None
    assert world.truth().position == pytest.approx([0.0, 0.0, 0.07], abs=1e-3)
    assert not world.state().flying


def test_a_command_takes_effect_after_the_latency(backend: str) -> None:
    world = build(backend, noise=False, latency_s=0.1)
    world.reset(scene(), airborne=True)
    world.set_command(VelocityCommand(vx=0.5))
    world.step(0.1)
    assert abs(world.truth().velocity[0]) < 1e-6
    world.step(0.2)
    assert world.truth().velocity[0] > 0.05
    world.close()


def test_velocity_is_followed_in_the_yaw_aligned_body_frame(world: SimulatedWorld) -> None:
    turned = scene(start=Start((0.0, 0.0, 1.0), math.pi / 2))
    world.reset(turned, airborne=True)
    run(world, 1.5, vx=0.4)
    assert world.truth().velocity[:2] == pytest.approx([0.0, 0.4], abs=0.03)
    assert world.state().velocity[:2] == pytest.approx((0.4, 0.0), abs=0.03)


def test_attitude_setpoints_tilt_and_level(world: SimulatedWorld) -> None:
    world.reset(scene(), airborne=True)
    world.set_attitude(0.0, 0.1, 0.0, 0.0)
    world.step(1.0)
    assert world.truth().attitude == pytest.approx([0.0, 0.1, 0.0], abs=0.02)
    assert world.truth().velocity[0] > 0.3
    world.set_attitude(0.0, 0.0, 0.0, 0.0)
    world.step(0.7)
    assert world.truth().attitude == pytest.approx([0.0, 0.0, 0.0], abs=0.02)


def test_motors_off_falls_and_ignores_setpoints(world: SimulatedWorld) -> None:
    world.reset(scene(), airborne=True)
    world.set_motors_off(True)
    assert "floor" in run(world, 1.0, vz=0.3)
    assert world.truth().position[2] < 0.1


def test_a_silent_commander_leads_to_hover_where_a_watchdog_is_set(world: SimulatedWorld) -> None:
    world.command_timeout_s = 0.5
    world.reset(scene(), airborne=True)
    world.set_command(VelocityCommand(vx=0.4))
    world.step(3.0)
    assert np.abs(world.truth().velocity).max() < 0.03
    assert 0.1 < world.truth().position[0] < 0.5


@pytest.mark.parametrize(
    ("command", "name"),
    [({"vx": 0.6}, "wall"), ({"vx": -0.6}, "wall"), ({"vy": 0.4}, "wall"), ({"vz": 0.3}, "ceiling")],
)
def test_the_room_stops_the_drone_and_is_named(
    world: SimulatedWorld, command: dict[str, float], name: str
) -> None:
    world.reset(scene(), airborne=True)
    assert set(run(world, 6.0, **command)) == {name}
    assert np.abs(world.truth().position[:2]).max() < 1.94
    assert world.truth().position[2] < 2.44


@pytest.mark.parametrize("class_id", range(NUM_GOALS))
def test_every_goal_shape_is_hit_where_its_surface_is(world: SimulatedWorld, class_id: int) -> None:
    lowered = 1.0 - (0.05 if class_id in (2, 5) else 0.0)
    aside = 0.14 if class_id == 4 else 0.0  # through the ring's middle one flies without touching
    world.reset(scene(goal(class_id, 0.8, aside, lowered)), airborne=True)
    contacts = []
    for _ in range(40):
        contacts += run(world, 0.1, vx=0.4)
        if contacts:
            break
    assert set(contacts) == {f"goal:{GOAL_CLASSES[class_id]}"}
    assert world.truth().goal_distance_m[class_id] == pytest.approx(0.0, abs=0.02)
    assert np.isinf(np.delete(world.truth().goal_distance_m, class_id)).all()


@pytest.mark.parametrize("shape", [Shape.BOX, Shape.CYLINDER])
def test_pillars_are_obstacles(world: SimulatedWorld, shape: Shape) -> None:
    world.reset(scene(pillar(0.6, 0.0, shape)), airborne=True)
    assert set(run(world, 2.0, vx=0.4)) == {"obstacle"}


def test_the_middle_of_the_ring_is_free(world: SimulatedWorld) -> None:
    world.reset(scene(goal(4, 0.8, 0.0, 1.0)), airborne=True)
    assert run(world, 4.0, vx=0.4) == []
    assert world.truth().position[0] > 1.2


def test_a_gentle_landing_is_no_contact_unless_the_floor_is_forbidden(world: SimulatedWorld) -> None:
    for forbidden in (False, True):
        world.reset(scene(), airborne=True)
        world.floor_is_contact = forbidden
        assert bool(run(world, 5.0, vz=-0.25)) is forbidden


def test_ranges_see_walls_objects_and_ceiling(world: SimulatedWorld) -> None:
    world.reset(scene(pillar(1.0, 0.0)), airborne=True)
    ranges = world.state().ranges
    assert ranges[Range.FRONT] == pytest.approx(0.9, abs=0.01)
    assert ranges[Range.BACK] == pytest.approx(2.0, abs=0.01)
    assert ranges[Range.UP] == pytest.approx(1.5, abs=0.01)


def test_the_same_seed_repeats_and_another_differs(backend: str) -> None:
    def fly(seed: int) -> list[tuple[float, ...]]:
        world = build(backend, seed=seed, randomise=0.5)
        rows = []
        for _ in range(2):  # the second episode must not depend on the first
            world.reset(make_scene("MC-3", 7), airborne=True)
            run(world, 1.0, vx=0.3, yaw_rate=0.5)
            rows.append((*world.truth().position, *world.state().position, *world.state().ranges))
        world.close()
        assert rows[0] == rows[1]
        return rows

    assert fly(1) == fly(1)
    assert fly(1) != fly(2)


def test_noise_is_small_and_measurements_do_not_depend_on_being_read(backend: str) -> None:
    states = []
    for reads in (1, 5):
        world = build(backend, seed=3)
        world.reset(scene(), airborne=True)
        for _ in range(20):
            world.step()
            for _ in range(reads):
                state = world.state()
        states.append(state)
        error = np.array(state.position) - world.truth().position
        assert 0 < np.abs(error).max() < 0.1
        assert state.stamp == world.time
        world.close()
    assert states[0] == states[1]


def test_a_setpoint_that_is_not_finite_is_refused(world: SimulatedWorld) -> None:
    world.reset(scene(), airborne=True)
    with pytest.raises(UserError, match="not finite"):
        world.set_command(VelocityCommand(vx=math.nan))


def test_the_battery_drains_and_sags(world: SimulatedWorld) -> None:
    world.reset(scene())
    resting = world.state().battery_v
    world.reset(scene(), airborne=True)
    first = world.state().battery_v
    world.step(5.0)
    assert resting - first == pytest.approx(0.37, abs=0.05)
    assert world.state().battery_v < first


def test_a_contact_does_not_outlive_its_episode(world: SimulatedWorld) -> None:
    world.reset(scene(), airborne=True)
    assert run(world, 6.0, vx=0.6)[-1] == "wall"
    world.reset(scene(), airborne=True)
    assert world.truth().contact is None
