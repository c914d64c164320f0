"""The flight behind dynamics.csv. Run this file to record it anew; that is a decision, not a repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.dynamics import PHYSICS_DT_S, S, drone_params, hover_state, run_drone

PATH = Path(__file__).with_name("dynamics.csv")
COLUMNS = "x,y,z,qx,qy,qz,qw,vx,vy,vz,p,q,r,f1,f2,f3,f4,volts"
COMMANDS = ((0.5, 0.0, 0.0, 0.0), (0.3, 0.3, 0.2, 1.0), (-0.4, 0.2, -0.3, -1.5), (0.0, 0.0, 0.0, 0.0))


def fly() -> NDArray[np.float64]:
    """Return one row of COLUMNS per tenth of a second: half a second of each command, from hover."""
    params, row = drone_params(), np.zeros(S.SIZE)
    hover_state(row, 0.0, 0.0, 1.0, 0.3, 0.8, params)
    rows = []
    for command in COMMANDS:
        for _ in range(5):
            run_drone(row, np.array(command), params, PHYSICS_DT_S, 24)
            rows.append([*row[: S.THRUST + 4], row[S.VOLTAGE]])
    return np.array(rows)


if __name__ == "__main__":
    np.savetxt(PATH, fly(), delimiter=",", fmt="%.9g", header=COLUMNS, comments="")
