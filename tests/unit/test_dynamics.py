"""The single-drone kernels: step responses, limits, battery, randomisation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from sim.dynamics import PHYSICS_DT_S, PHYSICS_HZ, P, S, drone_params, hover_state, step_drone
from sim.dynamics.battery import rest_voltage

YAW = 0.3


def fly(
    command: tuple[float, float, float, float],
    seconds: float,
    params: NDArray[np.float64] | None = None,
    charge: float = 1.0,
) -> NDArray[np.float64]:
    """Return the states (T, S.SIZE) of a flight from hover at 1 m under one command."""
    p = drone_params() if params is None else params
    s = np.zeros(S.SIZE)
    hover_state(s, 0.0, 0.0, 1.0, YAW, charge, p)
    rows = np.empty((int(seconds * PHYSICS_HZ), S.SIZE))
    for row in rows:
        step_drone(s, np.array(command), p, PHYSICS_DT_S)
        row[:] = s
    return rows


def body_velocity(rows: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Velocity (T,) in the frame of the initial yaw."""
    vx, vy = rows[:, S.VEL], rows[:, S.VEL + 1]
    return (
        math.cos(YAW) * vx + math.sin(YAW) * vy,
        math.cos(YAW) * vy - math.sin(YAW) * vx,
        rows[:, S.VEL + 2],
    )[axis]


@pytest.mark.parametrize("rotor_tau", [0.05, 0.06, 0.12])
@pytest.mark.parametrize(("axis", "speed"), [(0, 0.5), (0, -0.5), (1, 0.4), (2, 0.3), (2, -0.3)])
def test_velocity_step_settles_within_a_second_with_little_overshoot(
    axis: int, speed: float, rotor_tau: float
) -> None:
    params = drone_params()
    params[P.ROTOR_TAU] = rotor_tau
    command = [0.0, 0.0, 0.0, 0.0]
    command[axis] = speed
    v = body_velocity(fly(tuple(command), 4.0, params), axis) / speed  # type: ignore[arg-type]
    assert v.max() < 1.10
    assert np.abs(v[PHYSICS_HZ:] - 1).max() < 0.05


def test_yaw_rate_follows_and_left_is_positive() -> None:
    rows = fly((0.0, 0.0, 0.0, 1.0), 3.0)
    assert np.abs(rows[PHYSICS_HZ:, S.RATE + 2] - 1.0).max() < 0.03
    q = rows[-1, S.QUAT : S.QUAT + 4]
    assert 2 * math.atan2(q[2], q[3]) == pytest.approx(YAW + 3.0, abs=0.25)


def test_hover_drifts_less_than_a_millimetre_in_ten_seconds() -> None:
    rows = fly((0.0, 0.0, 0.0, 0.0), 10.0)
    assert np.abs(rows[:, :3] - [0, 0, 1]).max() < 1e-3


def test_level_flight_holds_its_height_within_two_centimetres() -> None:
    rows = fly((0.6, 0.0, 0.0, 0.5), 6.0)
    assert np.abs(rows[:, 2] - 1.0).max() < 0.02


def test_tilt_stays_below_its_limit() -> None:
    rows = fly((1.0, 0.0, 0.0, 0.0), 2.0)
    x, y = rows[:, S.QUAT], rows[:, S.QUAT + 1]
    assert np.degrees(np.arccos(1 - 2 * (x * x + y * y))).max() < 21.5


@pytest.mark.parametrize("seed", range(10))
def test_fully_randomised_drones_follow_their_commands(seed: int) -> None:
    params = drone_params(rng=np.random.default_rng(seed), randomise=1.0)
    rows = fly((0.4, 0.2, 0.1, 0.8), 4.0, params)
    last = rows[-PHYSICS_HZ:]
    assert np.hypot(last[:, S.VEL], last[:, S.VEL + 1]).mean() == pytest.approx(
        math.hypot(0.4, 0.2), abs=0.04
    )
    assert last[:, S.VEL + 2].mean() == pytest.approx(0.1, abs=0.02)


def test_thrust_over_weight_of_the_presets() -> None:
    for name, expected in (("identified", 1.54), ("bare", 2.25)):
        p = drone_params(name)
        assert 4 * p[P.THRUST_CAP] / (p[P.MASS] * 9.81) == pytest.approx(expected, abs=0.01)


def test_hover_sags_the_battery_as_on_the_bench_and_lasts_about_six_minutes() -> None:
    p = drone_params()
    rows = fly((0.0, 0.0, 0.0, 0.0), 10.0)
    assert rest_voltage(1.0) - rows[0, S.VOLTAGE] == pytest.approx(0.43, abs=0.05)
    used = rows[0, S.CHARGE] - rows[-1, S.CHARGE]
    assert 10.0 / used / 60.0 == pytest.approx(5.5, abs=0.7)
    assert p[P.CAPACITY] == 900.0


def test_a_worn_empty_battery_no_longer_carries_the_drone() -> None:
    params = drone_params()
    params[P.RESISTANCE] *= 1.3
    full, empty = (fly((0.0, 0.0, 0.0, 0.0), 3.0, params, charge=c)[-1, 2] for c in (1.0, 0.0))
    assert full == pytest.approx(1.0, abs=0.001)
    assert empty < 0.9


def test_an_unknown_preset_is_named_with_a_suggestion() -> None:
    with pytest.raises(UserError, match='did you mean "identified"'):
        drone_params("identifed")
