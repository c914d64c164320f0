"""How fast a drone is stepped: PyBullet, the world protocol on kernels, and the kernels themselves.

Run: python -m benchmarks.physics
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from reprohrl.contracts.command import VelocityCommand
from sim.bullet.world import PyBulletWorld
from sim.dynamics import PHYSICS_DT_S, PHYSICS_HZ, S, drone_params, hover_state, run_drone
from sim.fast import FastWorld
from sim.simulated_world import SimulatedWorld
from sim.tasks import make_scene

TICKS = 100
KERNEL_STEPS = 1_000_000


def kernel_rate() -> float:
    """Sub-steps per second of `step_drone` in one thread: control, rotors, battery, rigid body."""
    params, row = drone_params(), np.zeros(S.SIZE)
    command = np.array([0.3, 0.0, 0.0, 0.5])

    def fly(steps: int) -> None:
        hover_state(row, 0.0, 0.0, 1.0, 0.0, 1.0, params)
        run_drone(row, command, params, PHYSICS_DT_S, steps)

    return KERNEL_STEPS / best_of(fly, KERNEL_STEPS)


def world_rate(world: SimulatedWorld) -> float:
    """Sub-steps per second through the world protocol, in a room with obstacles, sensors included."""

    def fly(ticks: int) -> None:
        world.reset(make_scene("MC-4", 0), airborne=True)
        for _ in range(ticks):
            world.set_command(VelocityCommand(yaw_rate=0.5))
            world.step()

    seconds = best_of(fly, TICKS)
    world.close()
    return TICKS * PHYSICS_HZ / 10 / seconds


def best_of(run: Callable[[int], None], size: int, repeats: int = 3) -> float:
    """Shortest of some timings [s], after a first call that compiles."""
    run(1)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(size)
        times.append(time.perf_counter() - start)
    return min(times)


def measure() -> dict[str, float]:
    """Return sub-steps per second by name."""
    return {
        "PyBulletWorld": world_rate(PyBulletWorld()),
        "FastWorld": world_rate(FastWorld()),
        "step_drone (compiled, 1 thread)": kernel_rate(),
    }


def main() -> None:
    rates = measure()
    slowest = rates["PyBulletWorld"]
    for name, rate in rates.items():
        print(f"{name:34s} {rate:12,.0f} sub-steps/s  x {rate / slowest:7.1f}")


if __name__ == "__main__":
    main()
