"""Bullet's flights behind bullet.csv. Run this file to record them anew; that is a decision, not a repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.agreement.flights import fly_bullet_world, rotor_flight
from tests.contract.scenes import scene

PATH = Path(__file__).with_name("bullet.csv")
COLUMNS = "kind,seed,x,y,z"
ROTORS, COMMANDS = 0, 1
SEEDS = range(4)


def fly() -> NDArray[np.float64]:
    """Return rows of COLUMNS, one per tenth of a second: rotor speeds in a void, commands in a room."""
    rows = []
    for seed in SEEDS:
        rows += [[ROTORS, seed, *p] for p in rotor_flight(seed).bullet[23::24]]
        rows += [[COMMANDS, seed, *p] for p in fly_bullet_world(scene(), seed)]
    return np.array(rows)


if __name__ == "__main__":
    np.savetxt(PATH, fly(), delimiter=",", fmt="%.9g", header=COLUMNS, comments="")
