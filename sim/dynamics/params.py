"""Presets of the drone and their randomisation, as parameter rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from sim.dynamics.layout import P

AMPERE_HOUR_C = 3600.0


@dataclass(frozen=True, slots=True)
class Preset:
    """Measured constants of one build of the drone. SI units; columns of `P` say what each is."""

    name: str
    mass: float
    inertia: tuple[float, float, float]
    thrust_cap: float
    drag_xy: float
    drag_z: float
    arm: float = 0.0325  # 46 mm from the centre to a motor
    kappa: float = 0.00699  # platform_defaults_cf2.h
    rotor_tau: float = 0.06  # rotor model near hover: 40 to 60 ms; flights fit 0.12 s, radio delay included
    capacity: float = 0.250 * AMPERE_HOUR_C
    resistance: float = 0.157  # slope of Bitcraze's bench between 1.83 A at 3.71 V and 4.44 A at 3.30 V
    idle_current: float = 0.35  # AI-deck streaming


IDENTIFIED = Preset("identified", 0.0319, (16.8e-6, 16.8e-6, 29.8e-6), 0.12, 0.0135, 0.0168)
"""A Crazyflie 2.1+ as flown, identified in drone-models: 31.9 g with decks, thrust over weight 1.54."""

BARE = Preset("bare", 0.027, (1.4e-5, 1.4e-5, 2.17e-5), 0.149, 0.0092, 0.0103)
"""The 27 g CF2X of gym-pybullet-drones, thrust over weight 2.25."""

PRESETS: dict[str, Preset] = {p.name: p for p in (IDENTIFIED, BARE)}

SPREAD: dict[P, tuple[float, float]] = {
    P.MASS: (0.90, 1.12),
    P.JX: (0.8, 1.2),
    P.JY: (0.8, 1.2),
    P.JZ: (0.8, 1.2),
    P.THRUST_GAIN: (0.92, 1.06),
    P.ROTOR_TAU: (0.8, 2.0),
    P.DRAG_XY: (0.5, 1.6),
    P.DRAG_Z: (0.5, 1.6),
    P.CAPACITY: (0.8, 1.05),
    P.RESISTANCE: (0.8, 1.3),
}
"""Factors, low to high, that full randomisation draws from; the controller's own beliefs stay nominal."""


def drone_params(
    preset: Preset | str = IDENTIFIED, rng: np.random.Generator | None = None, randomise: float = 0.0
) -> NDArray[np.float64]:
    """Return a `(P.SIZE,)` row of `preset`; `randomise` in [0, 1] scales how far `SPREAD` reaches.

    Raises `UserError` for an unknown preset name or when `randomise` is given without `rng`.
    """
    if isinstance(preset, str):
        if preset not in PRESETS:
            raise UserError(
                f"unknown drone preset {preset!r}",
                why=f"the presets are {', '.join(PRESETS)}",
                fix=did_you_mean(preset, list(PRESETS)) or "use one of them",
            )
        preset = PRESETS[preset]
    row = np.zeros(P.SIZE)
    row[P.MASS] = row[P.CTRL_MASS] = preset.mass
    row[P.JX : P.JZ + 1] = preset.inertia
    row[P.CTRL_JXY], row[P.CTRL_JZ] = preset.inertia[0], preset.inertia[2]
    row[P.ARM], row[P.KAPPA] = preset.arm, preset.kappa
    row[P.THRUST_GAIN], row[P.THRUST_CAP], row[P.ROTOR_TAU] = 1.0, preset.thrust_cap, preset.rotor_tau
    row[P.DRAG_XY], row[P.DRAG_Z] = preset.drag_xy, preset.drag_z
    row[P.CAPACITY], row[P.RESISTANCE] = preset.capacity, preset.resistance
    row[P.IDLE_CURRENT] = preset.idle_current
    if randomise > 0:
        if rng is None:
            raise UserError("randomise needs a random generator", fix="pass rng=default_rng(seed)")
        for column, (low, high) in SPREAD.items():
            row[column] *= 1.0 + min(randomise, 1.0) * (rng.uniform(low, high) - 1.0)
    return row
