"""A command sent over the bridge moves the drone as the same command moves the simulated world. Lockstep."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from firmware_bridge.angles import Degrees
from firmware_bridge.streamer import SetpointStreamer
from firmware_bridge.virtual import ports
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.world_body import WorldBody
from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.command import VelocityCommand
from sim.fast.world import FastWorld
from sim.simulated_world import SimulatedWorld
from tests.contract.scenes import goal, scene

STREAM_S = 0.04


class LockstepSink:
    """Puts setpoints on the ports of a firmware, as cflib packs them."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware

    def hover(self, vx: float, vy: float, yaw_rate: Degrees, z: float) -> None:
        data = struct.pack("<Bffff", 10, vx, vy, yaw_rate.value, z)
        ports.handle(self._firmware, Packet(Port.COMMANDER_GENERIC, 0, data))

    def level(self, z: float) -> None:
        raise AssertionError("nothing is wrong here")

    def notify_stop_and_land(self, duration_s: float) -> None:
        raise AssertionError("nobody is silent here")

    def stop(self) -> None:
        raise AssertionError("nothing is wrong here")

    def emergency_stop(self) -> None:
        raise AssertionError("nothing is wrong here")


def bridge(world: SimulatedWorld) -> tuple[Firmware, SetpointStreamer, ManualClock]:
    world.reset(scene(goal(0, 1.7, 1.7, 0.8)), airborne=True)
    firmware = Firmware(WorldBody(world), console=lambda _t: None, send_log=lambda _d: None)
    clock = ManualClock()
    streamer = SetpointStreamer(LockstepSink(firmware), lambda: firmware.state.position[2], clock)
    streamer.reset(world.truth().position[2])
    return firmware, streamer, clock


@pytest.mark.parametrize(
    "command",
    [
        VelocityCommand(vx=0.4),
        VelocityCommand(vy=-0.3),
        VelocityCommand(vz=0.2),
        VelocityCommand(vx=0.3, vz=-0.15, yaw_rate=0.5),
        VelocityCommand(yaw_rate=-1.0),
    ],
)
def test_two_seconds_of_a_command_end_in_the_same_place(command: VelocityCommand) -> None:
    direct, over_bridge = FastWorld(noise=False, latency_s=0.05), FastWorld(noise=False, latency_s=0.0)
    direct.reset(scene(goal(0, 1.7, 1.7, 0.8)), airborne=True)
    firmware, streamer, clock = bridge(over_bridge)
    for _ in range(50):
        direct.set_command(command)
        direct.step(STREAM_S)
        streamer.send(command)
        clock.sleep(STREAM_S)
        streamer.tick()
        firmware.step(STREAM_S)
    a, b = direct.truth(), over_bridge.truth()
    assert np.abs(a.position - b.position).max() < 0.06
    assert abs(a.attitude[2] - b.attitude[2]) < 0.08
    assert np.abs(a.velocity - b.velocity).max() < 0.06


def test_landing_on_the_high_level_commander_is_no_contact() -> None:
    world = FastWorld(seed=2, latency_s=0.0)
    world.reset(scene(goal(0, 1.7, 1.7, 0.8)))
    firmware = Firmware(WorldBody(world), console=lambda _t: None, send_log=lambda _d: None)
    contacts: set[str | None] = set()

    def wait(seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            firmware.step(0.02)
            contacts.add(world.truth().contact)

    ports.handle(firmware, Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 7, 0, 0.8, 0.0, True, 2.0)))
    wait(4.0)
    assert world.truth().position == pytest.approx([0.0, 0.0, 0.8], abs=0.06)
    ports.handle(firmware, Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 8, 0, 0.0, 0.0, True, 2.7)))
    wait(5.0)
    assert world.motors_off
    assert world.truth().position[2] == pytest.approx(0.07, abs=0.01)
    assert contacts == {None}
