"""Opening a simulation by names, flying it, and asking for what does not exist."""

from __future__ import annotations

import time

import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import UserError
from sim.simulation import SimulationConfig, open_simulation
from sim.tasks import make_scene


@pytest.mark.parametrize(("backend", "look"), [("bullet", "ray"), ("fast", "ray"), ("bullet", "bullet")])
def test_every_backend_and_look_flies_and_sees(backend: str, look: str) -> None:
    config = SimulationConfig(backend=backend, look=look)
    with open_simulation(make_scene("S1", 1), config) as simulation, simulation.drone as drone:
        drone.take_off(0.8)
        for _ in range(3):
            frame = simulation.camera.read(0.2)
            assert frame is not None
            drone.send(VelocityCommand(yaw_rate=0.5, stamp=frame.stamp))
        assert drone.state().stamp == pytest.approx(frame.stamp)
        drone.land()


def test_realtime_lets_time_pass_by_itself() -> None:
    with open_simulation(make_scene("S1", 1), SimulationConfig(backend="fast", realtime=True)) as simulation:
        before, wall = simulation.clock.now(), time.monotonic()
        time.sleep(0.3)
        passed = time.monotonic() - wall
        assert simulation.clock.now() - before == pytest.approx(passed, abs=0.15)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (SimulationConfig(backend="bulet"), "unknown backend 'bulet'.*did you mean \"bullet\""),
        (SimulationConfig(look="rays"), "unknown look 'rays'.*did you mean \"ray\""),
    ],
)
def test_an_unknown_name_is_answered_with_a_suggestion(config: SimulationConfig, message: str) -> None:
    with pytest.raises(UserError, match=message):
        open_simulation(make_scene("S1", 1), config)
