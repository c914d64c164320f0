"""Environment steps per second of the batched core, beside PyBullet environments, in one run.

Run: python -m benchmarks.sim_throughput [--quick] [--json FILE]

One environment step is 8 physics sub-steps at 240 Hz under a velocity command: cascade, motor lag, drag,
battery, contacts with every solid, five multi-ranger cones, and the boxes of all objects with occlusion.
The peers fly 8 sub-steps at 240 Hz too, without boxes or ranges. gym-pybullet-drones is measured when it can
be imported: pip install it, or put a checkout on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from sim.batched.core import BatchCore
from sim.bullet.world import PyBulletWorld
from sim.dynamics import PHYSICS_HZ, drone_params
from sim.geometry import nearest_solid
from sim.scene import GOAL_SHAPES, Scene, SceneObject, Shape, Start
from sim.tasks import GOAL_HALF_M, make_scene

SUBSTEPS = 8
ROLLOUT = 24  # steps, 0.8 s: the drones stay in their rooms
SPEEDS = (0.5, 0.4, 0.2, 2.0)
BATCHES = (1, 64, 256, 1024, 4096, 16384)
OBJECTS = (0, 4, 10, 14)
ROOMS = 48
_PILLAR = (0.1, 0.1, 1.0)


@dataclass(frozen=True)
class Rate:
    """One line: medians and the spread of some repeats. On a shared machine look at the CPU seconds."""

    name: str
    steps_per_s: float
    lowest: float
    highest: float
    steps_per_cpu_s: float


def room(count: int, seed: int) -> Scene:
    """A 4 x 4 x 2.5 m room with `count` solids, goals and pillars in turn, at least 0.3 m apart."""
    rng = np.random.default_rng([count, seed])
    objects: list[SceneObject] = []
    while len(objects) < count:
        i = len(objects)
        goal = i % 2 == 0
        class_id = i // 2 % 6 if goal else 6
        half = GOAL_HALF_M[class_id] if goal else _PILLAR
        x, y = (float(v) for v in rng.uniform(-1.7, 1.7, 2))
        place = (x, y, float(rng.uniform(0.5, 1.2)) if goal else 1.0)
        shape = GOAL_SHAPES[class_id] if goal else (Shape.BOX, Shape.CYLINDER)[i // 2 % 2]
        item = SceneObject(class_id, shape, place, half, float(rng.uniform(-3, 3)), (0.5, 0.5, 0.5))
        gaps = (
            np.hypot(x - o.position[0], y - o.position[1]) - o.footprint_radius - item.footprint_radius
            for o in objects
        )
        if min(gaps, default=1.0) > 0.3:
            objects.append(item)
    scene = replace(make_scene("S1", seed), objects=tuple(objects), goals=())
    while True:
        x, y = (float(v) for v in rng.uniform(-1.4, 1.4, 2))
        if nearest_solid(scene.geometry().reshape(-1, 10), scene.half_room(), x, y, 0.9)[0] > 0.3:
            return replace(scene, start=Start((x, y, 0.9), float(rng.uniform(-3, 3))))


def core_rate(batch: int, objects: int, threads: int, repeats: int, seconds: float) -> Rate:
    """Rate of `BatchCore.step`; the drones start again between rollouts, off the clock."""
    core = BatchCore(batch, substeps=SUBSTEPS, threads=threads)
    rooms, params = [room(objects, seed) for seed in range(min(ROOMS, batch))], drone_params()
    for i in range(batch):
        core.place(i, rooms[i % len(rooms)], params, delay_substeps=4, charge=0.9)
    core.sense(np.arange(batch))
    start = core.state.copy()
    commands = np.random.default_rng(0).uniform(-1, 1, (ROLLOUT, batch, 4)) * SPEEDS

    def rollouts(times: int) -> tuple[float, float]:
        wall = cpu = 0.0
        for _ in range(times):
            core.state[:] = start
            begin, begin_cpu = time.perf_counter(), time.process_time()
            for command in commands:
                core.step(command)
            wall += time.perf_counter() - begin
            cpu += time.process_time() - begin_cpu
        return wall, cpu

    def run(budget: float) -> tuple[float, float]:
        times = max(1, round(budget / max(rollouts(1)[0], 1e-6)))
        wall, cpu = rollouts(times)
        return times * ROLLOUT * batch / wall, times * ROLLOUT * batch / max(cpu, 1e-9)

    return summarise(f"{batch:6d} drones, {objects:2d} objects, {threads} thread(s)", run, repeats, seconds)


def pybullet_rate(repeats: int, seconds: float) -> Rate:
    """Rate of `PyBulletWorld` stepped through the world protocol in a room with 10 solids, no boxes."""
    world = PyBulletWorld()
    world.reset(room(10, 0), airborne=True)
    rng = np.random.default_rng(0)

    def step() -> None:
        world.set_command(VelocityCommand(*map(float, rng.uniform(-1, 1, 4) * SPEEDS)))
        world.step(SUBSTEPS / PHYSICS_HZ)

    try:
        return summarise("PyBulletWorld, 10 objects", paced(step), repeats, seconds)
    finally:
        world.close()


def aviary_rates(repeats: int, seconds: float) -> list[Rate]:
    """Rates of gym-pybullet-drones at 240/30 Hz in an empty world; none when it cannot be imported.

    `VelocityAviary` is its bare velocity interface, `HoverAviary` with velocity actions what it trains with.
    """
    with quiet():
        try:
            from gym_pybullet_drones.envs.HoverAviary import HoverAviary
            from gym_pybullet_drones.envs.VelocityAviary import VelocityAviary
            from gym_pybullet_drones.utils.enums import ActionType
        except ModuleNotFoundError:
            return []
        clock = {"pyb_freq": PHYSICS_HZ, "ctrl_freq": PHYSICS_HZ // SUBSTEPS, "gui": False}
        peers = {
            "gym-pybullet-drones VelocityAviary": VelocityAviary(num_drones=1, **clock),
            "gym-pybullet-drones HoverAviary, VEL": HoverAviary(act=ActionType.VEL, **clock),
        }
        rates = []
        for name, env in peers.items():
            env.reset(seed=0)
            action: NDArray[np.float32] = np.array([[0.1, 0.0, 0.05, 0.5]], np.float32)
            rates.append(summarise(name, paced(partial(env.step, action)), repeats, seconds))
            env.close()
        return rates


def paced(step: Callable[[], object]) -> Callable[[float], tuple[float, float]]:
    """Return a run that calls `step` for a time [s] and gives the calls per second and per CPU second."""

    def run(budget: float) -> tuple[float, float]:
        begin, begin_cpu, count = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - begin < budget:
            for _ in range(10):
                step()
            count += 10
        spent = time.perf_counter() - begin, time.process_time() - begin_cpu
        return count / spent[0], count / max(spent[1], 1e-9)

    return run


def summarise(name: str, run: Callable[[float], tuple[float, float]], repeats: int, seconds: float) -> Rate:
    run(0.05)
    rates, cpu = zip(*(run(seconds) for _ in range(repeats)), strict=True)
    return Rate(name, statistics.median(rates), min(rates), max(rates), statistics.median(cpu))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Peers print when they are made; their words do not belong into the table."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def measure(repeats: int, seconds: float, say: Callable[[Rate], None]) -> dict[str, list[Rate]]:
    """Run everything; `say` hears each line as it is measured."""
    threads = sorted({1, min(2, os.cpu_count() or 1)})

    def told(rate: Rate) -> Rate:
        say(rate)
        return rate

    single, sizes = told(core_rate(1, 10, 1, repeats, seconds)), []
    for count in threads:
        sizes += [told(core_rate(n, 10, count, repeats, seconds)) for n in BATCHES[1:]]
    crowds = [told(core_rate(1024, m, threads[-1], repeats, seconds)) for m in OBJECTS]
    peers = [pybullet_rate(repeats, seconds), *aviary_rates(repeats, seconds)]
    return {
        "core": [single, *sizes],
        "objects": crowds,
        "peers": [told(peer) for peer in peers],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="sim_throughput", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short repeat of each")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    asked = parser.parse_args()
    repeats, seconds = (1, 0.1) if asked.quick else (5, 0.5)

    def say(rate: Rate) -> None:
        spread = f"{rate.lowest:,.0f} to {rate.highest:,.0f}"
        sys.stdout.write(
            f"{rate.name:44s} {rate.steps_per_s:10,.0f} steps/s, {spread:22s} "
            f"{rate.steps_per_cpu_s:10,.0f} /CPU-s\n"
        )
        sys.stdout.flush()

    found = measure(repeats, seconds, say)
    fastest = max(found["core"], key=lambda r: r.steps_per_s)
    thrifty = max(found["core"], key=lambda r: r.steps_per_cpu_s)
    sys.stdout.write(f"\nfastest:{fastest.name}; per CPU second:{thrifty.name}\n")
    for peer in found["peers"]:
        sys.stdout.write(
            f"  {fastest.steps_per_s / peer.steps_per_s:6,.0f} x {peer.name}, "
            f"{thrifty.steps_per_cpu_s / peer.steps_per_cpu_s:,.0f} x per CPU second\n"
        )
    if asked.json:
        rows = {kind: [vars(rate) for rate in rates] for kind, rates in found.items()}
        part = asked.json.with_name(asked.json.name + ".part")
        part.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        part.replace(asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
