"""The simulated worlds, by name, for the suites every backend passes."""

from __future__ import annotations

from typing import Any

import pytest

from sim.simulated_world import SimulatedWorld

BACKENDS = ("fast", "bullet")


def build(backend: str, **arguments: Any) -> SimulatedWorld:
    """Return a world of `backend`; skips the test where PyBullet is not installed."""
    if backend == "fast":
        from sim.fast import FastWorld

        return FastWorld(**arguments)
    pytest.importorskip("pybullet")
    from sim.bullet.world import PyBulletWorld

    return PyBulletWorld(**arguments)
