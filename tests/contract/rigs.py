"""Every drone behind the `Drone` contract, each with a world whose truth can be looked at.

Simulated drones move their world themselves. A `CrazyflieDrone` flies over real sockets to the virtual
Crazyflie, whose time passes in steps: between two, everything sent has been received, so runs repeat.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reprohrl.contracts.drone import Drone
from sim.dynamics import P
from sim.simulated_world import SimulatedWorld
from tests.contract.backends import build
from tests.contract.scenes import goal, scene

DRONES = ("fast", "bullet", "udp", "tcp")
STEP_S = 0.02
_SETTLE_S = 20.0


class Rig:
    """A drone not connected yet; `wait` lets time pass in which nobody speaks to it."""

    def __init__(self, drone: Drone, world: SimulatedWorld, wait: Callable[[float], None]) -> None:
        self.drone, self.world, self.wait = drone, world, wait

    @property
    def position(self) -> NDArray[np.float64]:
        return self.world.truth().position

    @property
    def velocity(self) -> NDArray[np.float64]:
        return self.world.truth().velocity

    @property
    def motors(self) -> bool:
        return not self.world.motors_off

    def fly(self, command: Any, seconds: float) -> None:
        """Send a command ten times a second."""
        for _ in range(round(seconds * 10)):
            self.drone.send(command)
            self.wait(0.1)

    def weaken(self) -> None:
        """Take half of the thrust away."""
        self.world.params[P.THRUST_GAIN] *= 0.5

    def down_within(self, limit_s: float) -> bool:
        """Let time pass until it lies on the floor with its motors off; False at the limit."""
        for _ in range(round(limit_s / 0.1)):
            if not self.motors and self.position[2] < 0.1:
                return True
            self.wait(0.1)
        return not self.motors and bool(self.position[2] < 0.1)


@contextmanager
def rig(name: str, folder: Path) -> Iterator[Rig]:
    """Make the drone `name` in a room; close it afterwards."""
    with _over_sockets(name, folder) if name in ("udp", "tcp") else _simulated(name) as made:
        try:
            yield made
        finally:
            made.drone.close()


@contextmanager
def _simulated(backend: str) -> Iterator[Rig]:
    from sim.drone import SimulatedDrone

    world = build(backend, seed=4)
    world.reset(scene(goal(0, 1.0, 0.0, 0.8)))
    yield Rig(SimulatedDrone(world), world, world.step)
    world.close()


@contextmanager
def _over_sockets(scheme: str, folder: Path) -> Iterator[Rig]:
    pytest.importorskip("cflib")
    from firmware_bridge.drone import CrazyflieDrone
    from firmware_bridge.lockstep.clock import SteppedClock
    from firmware_bridge.virtual.cpx_server import CpxServer
    from firmware_bridge.virtual.server import VirtualCrazyflie
    from firmware_bridge.virtual.world_body import WorldBody
    from sim.fast.world import FastWorld

    world = FastWorld(seed=4, latency_s=0.0)
    world.reset(scene(goal(0, 1.0, 0.0, 0.8)))
    barrier = Barrier()
    with CpxServer() as deck:
        time_now: list[Callable[[], float]] = [lambda: 0.0]
        with VirtualCrazyflie(WorldBody(world), cpx=deck, clock=lambda: time_now[0]()) as server:
            clock = SteppedClock(server.step, barrier.settle, step_s=STEP_S)
            time_now[0] = clock.now
            uri = server.uri if scheme == "udp" else server.tcp_uri
            drone = CrazyflieDrone(uri, clock=clock, cache=folder, connect_timeout_s=30.0)
            barrier.drone = drone
            yield Rig(drone, world, clock.sleep)


class Barrier:
    """Waits until all that was sent has been received: a ping comes back behind it, in the same order."""

    def __init__(self) -> None:
        self.drone: Any = None
        self._cf: Any = None
        self._number = 0
        self._back = threading.Event()

    def settle(self) -> None:
        link = self.drone._link if self.drone is not None else None
        if link is None or link.cf.link is None:
            time.sleep(0.005)  # still connecting, or the link is gone
            return
        if self._cf is not link.cf:
            self._cf = link.cf
            self._cf.add_header_callback(self._echoed, 15, 0)
        from cflib.crtp.crtpstack import CRTPPacket

        self._number += 1
        self._back.clear()
        packet = CRTPPacket()
        packet.set_header(15, 0)
        packet.data = struct.pack("<BQ", 0x42, self._number)
        self._cf.send_packet(packet)
        assert self._back.wait(_SETTLE_S), "the virtual drone does not answer"

    def _echoed(self, packet: Any) -> None:
        if bytes(packet.data) == struct.pack("<BQ", 0x42, self._number):
            self._back.set()
