"""The same inputs to the compiled drone and to Bullet: rotor speeds in a void, velocity commands in rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.rates import TICK_HZ, TICK_S
from sim.batched.core import NO_CONTACT, SUBSTEPS, BatchCore
from sim.dynamics import S, drone_params, hover_state
from sim.dynamics.rotor_speeds import cf2x_params, fly_rotor_speeds, hover_rpm
from sim.scene import Scene
from sim.tasks import make_scene

Array = NDArray[np.float64]
ROTOR_S, COMMAND_S = 3.0, 3.0
COMMANDS_EVERY = 5  # ticks
COMMAND_SCALE = (0.5, 0.4, 0.2, 1.5)  # [m/s], [rad/s]
TASKS = ("S1", "MC-3", "MC-4")


@dataclass(frozen=True, slots=True)
class RotorFlight:
    """Positions (T, 3) [m] under the same rotor speeds, one row per 1/240 s."""

    bullet: Array
    compat: Array
    ours: Array

    @property
    def length_m(self) -> float:
        return float(np.linalg.norm(np.diff(self.bullet, axis=0), axis=1).sum())

    def drift(self, path: Array) -> float:
        """Greatest distance of `path` from Bullet's as a fraction of the path length."""
        return float(np.linalg.norm(path - self.bullet, axis=1).max() / self.length_m)


def rotor_speeds(seed: int) -> Array:
    """Return rpm (T, 4): climbs, sinks and tumbles, new speeds every tenth of a second."""
    rng = np.random.default_rng(seed)
    holds = round(ROTOR_S * TICK_HZ)
    share = 1 + rng.uniform(-0.02, 0.02, (holds, 1)) + rng.uniform(-0.004, 0.004, (holds, 4))
    return np.repeat(hover_rpm(cf2x_params()) * share, SUBSTEPS, axis=0)


def fly_compiled(rpm: Array, *, bullet_compat: bool) -> Array:
    """Return positions (T, 3) [m] of the compiled drone, level at (0, 0, 1) when it starts."""
    params, row = cf2x_params(), np.zeros(S.SIZE)
    hover_state(row, 0.0, 0.0, 1.0, 0.0, 1.0, params)
    return np.asarray(fly_rotor_speeds(row, rpm, params, bullet_compat))


def rotor_flight(seed: int) -> RotorFlight:
    from sim.bullet.rotor_speeds import fly_in_bullet

    rpm = rotor_speeds(seed)
    return RotorFlight(
        fly_in_bullet(rpm, cf2x_params()),
        fly_compiled(rpm, bullet_compat=True),
        fly_compiled(rpm, bullet_compat=False),
    )


def commands(seed: int) -> Array:
    """Return velocity commands (T, 4), new ones every half second."""
    rng = np.random.default_rng([7, seed])
    ticks = round(COMMAND_S * TICK_HZ)
    drawn = rng.uniform(-1, 1, (-(-ticks // COMMANDS_EVERY), 4)) * COMMAND_SCALE
    return np.repeat(drawn, COMMANDS_EVERY, axis=0)[:ticks]


def room(seed: int) -> Scene:
    """Return the room of a velocity flight."""
    return make_scene(TASKS[seed % len(TASKS)], seed)


def fly_core(rooms: Sequence[tuple[Scene, int]]) -> Array:
    """Return positions (N, T, 3) [m] in the batched core under the `commands` of each room's seed,
    NaN from a drone's first contact on.
    """
    core = BatchCore(len(rooms))
    plans = np.stack([commands(seed) for _, seed in rooms], axis=1)
    for i, (scene, _) in enumerate(rooms):
        core.place(i, scene, drone_params(), delay_substeps=SUBSTEPS, charge=1.0)
    path = np.full((len(rooms), len(plans), 3), np.nan)
    flying = np.ones(len(rooms), bool)
    for tick, command in enumerate(plans):
        core.step(command)
        flying &= core.contact == NO_CONTACT
        path[flying, tick] = core.position[flying]
    return path


def fly_bullet_world(scene: Scene, seed: int) -> Array:
    """Return the same of one drone in the PyBullet world, (T, 3)."""
    from sim.bullet.world import PyBulletWorld

    world = PyBulletWorld(noise=False, latency_s=TICK_S)
    try:
        world.reset(scene, airborne=True)
        plan = commands(seed)
        path = np.full((len(plan), 3), np.nan)
        for tick, command in enumerate(plan):
            world.set_command(VelocityCommand(*map(float, command)))
            world.step()
            truth = world.truth()
            if truth.contact is not None:
                break
            path[tick] = truth.position
        return path
    finally:
        world.close()
