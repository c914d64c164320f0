"""Sensor noise: as large as stated, slow where it is slow, silent where it is silent."""

from __future__ import annotations

import numpy as np
import pytest

from reprohrl.contracts.state import MAX_RANGE_M, DroneState
from sim.dynamics import S, drone_params, hover_state
from sim.sensors import SILENT, SensorNoise, Sensors
from tests.contract.scenes import pillar, scene


def measure(noise: SensorNoise, count: int, *, seed: int = 0, flying: bool = True) -> list[DroneState]:
    """Measurements of a still hover at 1 m, 60 per second."""
    room = scene(pillar(1.0, 0.0))
    row = np.zeros(S.SIZE)
    hover_state(row, 0.0, 0.0, 1.0, 0.0, 1.0, drone_params())
    sensors = Sensors(noise, np.random.default_rng(seed))
    return [
        sensors.measure(row, room.geometry(), room.half_room(), k / 60, flying=flying) for k in range(count)
    ]


def test_silent_sensors_tell_the_truth() -> None:
    state = measure(SILENT, 60)[-1]
    assert state.position == pytest.approx((0.0, 0.0, 1.0))
    assert state.velocity == pytest.approx((0.0, 0.0, 0.0))
    assert state.ranges == pytest.approx((0.9, 2.0, 2.0, 2.0, 1.5), abs=0.001)


def test_white_noise_has_the_stated_size() -> None:
    noise = SensorNoise(velocity_bias_mps=0.0, yaw_bias_radps=0.0)
    states = measure(noise, 2000)
    assert np.std([s.velocity[0] for s in states]) == pytest.approx(noise.velocity_mps, rel=0.1)
    assert np.std([s.height for s in states]) == pytest.approx(noise.height_m, rel=0.1)
    assert np.std([s.ranges[0] for s in states]) == pytest.approx(0.01 + 0.009, rel=0.1)
    assert max(s.ranges[1] for s in states) <= MAX_RANGE_M


def test_odometry_drifts_by_decimetres_a_minute_and_not_on_the_ground() -> None:
    ends = [np.hypot(*measure(SensorNoise(), 3600, seed=k)[-1].position[:2]) for k in range(8)]
    assert 0.03 < np.median(ends) < 0.6
    still = measure(SensorNoise(), 600, flying=False)[-1]
    assert still.position[:2] == (0.0, 0.0)


def test_the_velocity_bias_changes_slowly() -> None:
    noise = SensorNoise(velocity_mps=0.0)
    vx = np.array([s.velocity[0] for s in measure(noise, 3600)])
    assert np.abs(np.diff(vx)).max() < 0.002
    assert np.ptp(vx) > 0.004
