"""What every simulated drone promises to whoever flies it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from sim.camera import SimCamera
from sim.clocks import RealtimeClock
from sim.drone import SimulatedDrone
from sim.dynamics import P
from sim.render.camera import RayCamera
from sim.simulated_world import SimulatedWorld
from tests.contract.backends import BACKENDS, build
from tests.contract.scenes import goal, scene


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest) -> Iterator[SimulatedWorld]:
    world = build(str(request.param), seed=4)
    world.reset(scene(goal(0, 1.0, 0.0, 0.8)))
    yield world
    world.close()


@pytest.mark.parametrize("height", [0.5, 0.8, 1.2])
def test_take_off_ends_in_a_hover_at_the_height(world: SimulatedWorld, height: float) -> None:
    with SimulatedDrone(world) as drone:
        drone.take_off(height)
        assert world.truth().position == pytest.approx([0.0, 0.0, height], abs=0.05)
        assert np.abs(world.truth().velocity).max() < 0.1
        assert drone.state().flying


def test_leaving_the_context_lands_without_a_contact(world: SimulatedWorld) -> None:
    with SimulatedDrone(world) as drone:
        drone.take_off(0.6)
    assert world.truth().position[2] == pytest.approx(0.07, abs=0.005)
    assert world.motors_off
    assert not drone.state().flying
    assert world.truth().contact is None


def test_an_exception_in_flight_lands(world: SimulatedWorld) -> None:
    with pytest.raises(RuntimeError, match="lost"), SimulatedDrone(world) as drone:
        drone.take_off(0.6)
        raise RuntimeError("lost")
    assert world.motors_off


def test_a_drone_sent_nothing_more_hovers(world: SimulatedWorld) -> None:
    with SimulatedDrone(world) as drone:
        drone.take_off(0.8)
        drone.send(VelocityCommand(vx=-0.4))
        world.step(3.0)
        assert np.abs(world.truth().velocity).max() < 0.05


def test_an_emergency_stop_falls_and_locks(world: SimulatedWorld) -> None:
    drone = SimulatedDrone(world)
    drone.connect()
    drone.take_off(0.8)
    drone.emergency_stop()
    world.step(1.0)
    assert world.truth().position[2] < 0.1
    with pytest.raises(LinkError, match="locked"):
        drone.take_off(0.8)


def test_a_drone_that_cannot_climb_says_so(world: SimulatedWorld) -> None:
    world.params[P.THRUST_GAIN] *= 0.5
    drone = SimulatedDrone(world)
    drone.connect()
    with pytest.raises(LinkError, match=r"did not reach 0\.8 m in time"):
        drone.take_off(0.8)


def test_frames_come_ten_times_a_second_with_the_state_of_their_exposure(world: SimulatedWorld) -> None:
    camera = SimCamera(world, RayCamera(world.scene))
    with SimulatedDrone(world) as drone:
        drone.take_off(0.8)
        stamps = []
        for _ in range(5):
            frame = camera.read(0.5)
            assert frame is not None
            assert frame.pixels.shape == (244, 324)
            assert drone.state().stamp == frame.stamp
            stamps.append(frame.stamp)
        assert np.diff(stamps) == pytest.approx([0.1] * 4)
        assert camera.last is not None
        assert [box.name for box in camera.last.boxes] == ["sphere"]


def test_a_frozen_camera_returns_nothing_while_time_passes(world: SimulatedWorld) -> None:
    camera = SimCamera(world, RayCamera(world.scene))
    camera.freeze(True)
    assert camera.read(0.3) is None
    assert world.time == pytest.approx(0.3)
    camera.freeze(False)
    assert camera.read(0.3) is not None


def test_realtime_flies_as_fast_as_its_clock(world: SimulatedWorld) -> None:
    started = time.monotonic()
    with RealtimeClock(world, speed=8.0) as clock:
        drone = SimulatedDrone(world, clock)
        drone.connect()
        drone.take_off(0.5)
        flown = clock.now()
        drone.land()
    assert time.monotonic() - started > flown / 8.0
    assert world.motors_off
    assert drone.state().height == pytest.approx(0.07, abs=0.03)
