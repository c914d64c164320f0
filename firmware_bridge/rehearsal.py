"""`RehearsedDrone`: the bridge's own packets, shown instead of sent."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from firmware_bridge.commanders import LANDING_MPS, Commanders
from firmware_bridge.observer import CrazyflieObserver
from firmware_bridge.streamer import SetpointStreamer, StreamLimits
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.state import DroneState

Tell = Callable[[str], None]
_GENERIC, _META, _HIGH_LEVEL, _SUPERVISOR = (7, 0), (7, 1), (8, 0), (9, 1)


class RehearsedDrone(CrazyflieObserver):
    """Listens to the drone and goes through a flight beside it: every packet of it is told, none is sent.

    The setpoint streamer and the commanders are those of a flight. While the drone itself stays on the floor
    its height is taken to be what the stream asks for.
    """

    def __init__(self, uri: str, tell: Tell, *, limits: StreamLimits | None = None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._tell, self._limits = tell, limits
        self._streamer: SetpointStreamer | None = None
        self._commanders: Commanders | None = None
        self._imagined_m = 0.0

    def connect(self) -> None:
        super().connect()
        self.on_kept_back = lambda port, channel, data: self._tell(describe(port, channel, data))
        self._commanders = Commanders(self.cf)
        self._streamer = SetpointStreamer(self._commanders, self._height, self._clock, self._limits)
        self._streamer.start()

    def state(self) -> DroneState:
        """Return the newest state, said to be flying so that everything runs as in a flight."""
        return replace(super().state(), flying=True)

    def take_off(self, height_m: float = 0.8) -> None:
        commanders, streamer = self._parts()
        streamer.climb(height_m)
        commanders.take_off(height_m, max(1.0, height_m / LANDING_MPS))
        self._imagined_m = height_m
        streamer.hold()

    def send(self, command: VelocityCommand) -> None:
        self._imagined_m += 0.1 * command.vz
        self._parts()[1].send(command)

    def land(self) -> None:
        self._parts()[1].begin_landing()

    def emergency_stop(self) -> None:
        self._parts()[1].begin_cut("rehearsed")

    def close(self) -> None:
        if self._streamer is not None:
            self._streamer.close()
            self._streamer = None
        super().close()

    def _height(self) -> float:
        real = super().state()
        return real.height if real.flying else self._imagined_m

    def _parts(self) -> tuple[Commanders, SetpointStreamer]:
        if self._commanders is None or self._streamer is None:
            raise LinkError(f"{self.uri} is not connected", fix="call connect() first")
        return self._commanders, self._streamer


def describe(port: int, channel: int, data: bytes) -> str:
    """Return a packet in words, with its bytes."""
    return f"port {port} channel {channel}: {_words(port, channel, data)}  [{data.hex(' ')}]"


def _words(port: int, channel: int, data: bytes) -> str:
    where, kind = (port, channel), data[:1]
    if where == _GENERIC and kind == b"\x0a" and len(data) == 17:
        vx, vy, rate, z = struct.unpack("<ffff", data[1:])
        return f"hover {vx:+.2f} {vy:+.2f} m/s, {rate:+.1f} deg/s, at {z:.2f} m"
    if where == _GENERIC and kind == b"\x09" and len(data) == 17:
        return f"level at {struct.unpack('<f', data[13:])[0]:.2f} m"
    if where == _GENERIC and kind == b"\x00":
        return "stop"
    if where == _META:
        return "setpoints end"
    if where == _HIGH_LEVEL and kind in (b"\x07", b"\x08") and len(data) == 15:
        height, _, _, duration = struct.unpack("<ff?f", data[2:])
        name = "take off" if kind == b"\x07" else "land"
        return f"{name} to {height:.2f} m in {duration:.1f} s"
    if where == _HIGH_LEVEL and kind == b"\x03":
        return "high-level stop"
    if where == _SUPERVISOR:
        names = {b"\x01": "arm" if data[1:2] == b"\x01" else "disarm", b"\x03": "emergency stop"}
        return names.get(kind, "supervisor command")
    return "command"
