"""What every drone promises to whoever flies it: simulated, and a Crazyflie over UDP and over TCP/CPX."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from tests.contract.rigs import DRONES, Rig, rig


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of tables for all."""
    return tmp_path_factory.mktemp("crazyflie")


@pytest.fixture(params=DRONES)
def any_rig(request: pytest.FixtureRequest, folder: Path) -> Iterator[Rig]:
    with rig(str(request.param), folder) as made:
        yield made


@pytest.mark.parametrize("height", [0.5, 1.2])
def test_take_off_ends_in_a_hover_at_the_height(any_rig: Rig, height: float) -> None:
    with any_rig.drone as drone:
        drone.take_off(height)
        any_rig.fly(HOVER, 0.8)
        assert any_rig.position == pytest.approx([0.0, 0.0, height], abs=0.06)
        assert np.abs(any_rig.velocity).max() < 0.1
        assert drone.state().flying


def test_leaving_the_context_lands_without_a_contact(any_rig: Rig) -> None:
    with any_rig.drone as drone:
        drone.take_off(0.6)
    assert any_rig.down_within(1.0)
    assert any_rig.position[2] == pytest.approx(0.07, abs=0.005)
    assert any_rig.world.truth().contact is None


def test_an_exception_in_flight_lands(any_rig: Rig) -> None:
    with pytest.raises(RuntimeError, match="lost"), any_rig.drone as drone:
        drone.take_off(0.6)
        any_rig.fly(VelocityCommand(vx=0.3), 0.5)
        raise RuntimeError("lost")
    assert any_rig.down_within(1.0)


def test_a_drone_sent_nothing_more_stops(any_rig: Rig) -> None:
    with any_rig.drone as drone:
        drone.take_off(0.8)
        any_rig.fly(VelocityCommand(vx=-0.4), 1.0)
        assert any_rig.velocity[0] < -0.25
        any_rig.wait(1.3)
        assert np.abs(any_rig.velocity[:2]).max() < 0.08
        assert any_rig.position[0] > -0.9


@pytest.mark.parametrize(
    "command",
    [
        VelocityCommand(vx=0.4), VelocityCommand(vy=-0.25), VelocityCommand(vz=0.2),
        VelocityCommand(yaw_rate=-0.8), VelocityCommand(vx=0.3, vy=0.1, vz=-0.1, yaw_rate=0.4),
    ],
)  # fmt: skip
def test_a_command_is_followed_and_shows_in_the_state(any_rig: Rig, command: VelocityCommand) -> None:
    with any_rig.drone as drone:
        drone.take_off(0.9)
        any_rig.fly(command, 1.5)
        yaw = any_rig.world.truth().attitude[2]
        c, s = math.cos(yaw), math.sin(yaw)
        x, y, z = any_rig.velocity
        body = (c * x + s * y, c * y - s * x, z)
        assert body == pytest.approx((command.vx, command.vy, command.vz), abs=0.09)
        state = drone.state()
        assert state.velocity == pytest.approx(body, abs=0.15)
        assert state.yaw == pytest.approx(yaw, abs=0.1)
        assert yaw == pytest.approx(1.5 * command.yaw_rate, abs=0.25)  # a tenth of a second of latency
        assert state.position == pytest.approx(any_rig.position, abs=0.15)
        assert state.height == pytest.approx(any_rig.position[2], abs=0.08)


def test_the_state_tells_what_the_sensors_see_and_grows_newer(any_rig: Rig) -> None:
    with any_rig.drone as drone:
        drone.take_off(0.8)
        stamps = []
        for _ in range(5):
            any_rig.fly(HOVER, 0.1)
            stamps.append(drone.state().stamp)
        assert all(b > a for a, b in pairwise(stamps))
        state = drone.state()
        assert state.ranges == pytest.approx((0.85, 2.0, 2.0, 2.0, 1.7), abs=0.2)
        assert 3.3 < state.battery_v < 4.25 and state.link == 1.0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_command_that_is_no_number_is_refused_and_the_drone_hovers_on(any_rig: Rig, bad: float) -> None:
    with any_rig.drone as drone:
        drone.take_off(0.8)
        with pytest.raises(UserError, match="finite"):
            drone.send(VelocityCommand(vy=bad))
        any_rig.fly(HOVER, 0.5)
        assert any_rig.position == pytest.approx([0.0, 0.0, 0.8], abs=0.06)


def test_an_emergency_stop_falls_and_locks(any_rig: Rig) -> None:
    drone = any_rig.drone
    drone.connect()
    drone.take_off(0.8)
    drone.emergency_stop()
    any_rig.wait(1.0)
    assert any_rig.position[2] < 0.1 and not any_rig.motors
    with pytest.raises(LinkError, match="locked"):
        drone.take_off(0.8)


def test_a_drone_that_cannot_climb_says_so(any_rig: Rig) -> None:
    any_rig.weaken()
    any_rig.drone.connect()
    with pytest.raises(LinkError, match=r"did not reach 0\.8 m in"):
        any_rig.drone.take_off(0.8)


def test_landing_twice_and_closing_twice_do_no_harm_and_it_flies_again(any_rig: Rig) -> None:
    drone = any_rig.drone
    drone.connect()
    drone.connect()
    drone.land()
    for height in (0.5, 0.8):
        drone.take_off(height)
        any_rig.fly(HOVER, 0.5)
        assert any_rig.position[2] == pytest.approx(height, abs=0.06)
        drone.land()
        drone.land()
        assert any_rig.down_within(1.0)
    drone.close()
    drone.close()


def test_it_is_flown_again_after_closing_the_link(any_rig: Rig) -> None:
    for _ in range(2):
        with any_rig.drone as drone:
            drone.take_off(0.5)
            any_rig.fly(HOVER, 0.3)
        any_rig.wait(2.5)
        assert not any_rig.motors
