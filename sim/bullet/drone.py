"""The simulated drone and camera, under the names of the Bullet backend."""

from __future__ import annotations

from sim.camera import SimCamera
from sim.drone import SimulatedDrone


class PyBulletDrone(SimulatedDrone):
    """A drone in a `PyBulletWorld`; see `SimulatedDrone`."""


__all__ = ["PyBulletDrone", "SimCamera"]
