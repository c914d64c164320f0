"""The compiled drone flies what Bullet once flew; needs no PyBullet."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreement.flights import fly_compiled, fly_core, rotor_speeds
from sim.agreement.report import MAX_DRIFT, MAX_MEDIAN_M
from tests.contract.scenes import scene
from tests.golden.record_bullet import COMMANDS, PATH, ROTORS, SEEDS

RECORDED = np.loadtxt(PATH, delimiter=",", skiprows=1)


def recorded(kind: int, seed: int) -> np.ndarray:
    return RECORDED[(RECORDED[:, 0] == kind) & (RECORDED[:, 1] == seed), 2:]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_rotor_speeds_drift_less_than_the_tolerance_in_compat_mode(seed: int) -> None:
    bullet = recorded(ROTORS, seed)
    length = np.linalg.norm(np.diff(bullet, axis=0), axis=1).sum()
    error = {
        compat: np.linalg.norm(
            fly_compiled(rotor_speeds(seed), bullet_compat=compat)[23::24] - bullet, axis=1
        )
        for compat in (True, False)
    }
    assert length > 2.0
    assert error[True].max() < MAX_DRIFT * length / 100  # measured: the file's nine digits
    assert MAX_DRIFT * length < error[False].max() < 0.01 * length  # ours does not lag a step behind


def test_the_same_velocity_commands_stay_together() -> None:
    paths = fly_core([(scene(), seed) for seed in SEEDS])
    distance = np.linalg.norm(paths - [recorded(COMMANDS, seed) for seed in SEEDS], axis=2)
    assert np.median(distance) < MAX_MEDIAN_M and distance.max() < 1e-6
