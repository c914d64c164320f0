"""A profile's drones as the rows the compiled dynamics read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.rates import TICK_S
from sim.dynamics.layout import P
from sim.dynamics.params import IDENTIFIED, Preset, drone_params
from sim.dynamics.step import PHYSICS_HZ
from sim.profiles.profile import Drawn, Profile

LONGEST_SUBSTEPS = 2 * round(TICK_S * PHYSICS_HZ)
"""The batched worlds remember the commands of two ticks: 200 ms."""


def drone_row(drawn: Drawn, preset: Preset | str = IDENTIFIED) -> NDArray[np.float64]:
    """Return a `(P.SIZE,)` row of `preset` with what was drawn; the controller's own beliefs stay nominal."""
    row = drone_params(preset)
    row[P.MASS] = drawn.mass
    row[P.JX : P.JZ + 1] *= drawn.inertia
    row[P.THRUST_GAIN] = drawn.thrust
    row[P.ROTOR_TAU] = drawn.rotor_tau
    row[P.DRAG_XY], row[P.DRAG_Z] = drawn.drag_xy, drawn.drag_z
    row[P.CAPACITY], row[P.RESISTANCE] = drawn.capacity, drawn.resistance
    return row


def drone_rows(profile: Profile, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return `(count, P.SIZE)` rows of drones drawn from `profile`."""
    return np.array([drone_row(profile.draw(rng)) for _ in range(count)])


def delay_substeps(profile: Profile) -> tuple[int, int]:
    """Return the range of a command's delay in sub-steps, upper end left out; at most LONGEST_SUBSTEPS."""
    low, high = (min(round(s * PHYSICS_HZ), LONGEST_SUBSTEPS) for s in profile.loop_delay_s())
    return low, max(low, high) + 1
