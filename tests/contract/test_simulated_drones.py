"""What only a simulated drone has: a camera in lockstep, and a clock that runs as fast as asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from sim.camera import SimCamera
from sim.clocks import RealtimeClock
from sim.drone import SimulatedDrone
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
