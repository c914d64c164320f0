"""`Loopback`: a virtual firmware, a link with a profile, and the clock that moves both."""

from __future__ import annotations

import itertools
import threading
from types import TracebackType
from typing import Self

import cflib.crtp

from firmware_bridge.lockstep.channel import PERFECT, Channel, LinkProfile
from firmware_bridge.lockstep.clock import SteppedClock
from firmware_bridge.lockstep.driver import OPEN, SCHEME, LockstepDriver
from firmware_bridge.virtual import ports
from firmware_bridge.virtual.body import VehicleBody
from firmware_bridge.virtual.clockwork import LINK_TIMEOUT_S
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.ports import console, log

_NUMBERS = itertools.count()


class Loopback:
    """Connect to `uri` with any cflib program whose waiting is done on `clock`. A context manager.

    up, down   the two directions of the link: change their `profile`, or `cut` them
    """

    def __init__(
        self,
        body: VehicleBody,
        *,
        profile: LinkProfile = PERFECT,
        seed: int = 0,
        require_arming: bool = False,
    ) -> None:
        self.name = f"virtual-{next(_NUMBERS)}"
        self.up, self.down = Channel(profile, 2 * seed), Channel(profile, 2 * seed + 1)
        self.lock = threading.RLock()
        self.console_text = ""
        self._driver: LockstepDriver | None = None
        self._heard = 0.0
        self.clock = SteppedClock(self._advance, self._settle)
        self.firmware = Firmware(
            body, require_arming=require_arming, console=self._print,
            send_log=lambda data: self._to_host(log.data_packet(data)),
        )  # fmt: skip
        if LockstepDriver not in cflib.crtp.CLASSES:
            if not cflib.crtp.CLASSES:
                cflib.crtp.init_drivers()
            cflib.crtp.CLASSES.insert(0, LockstepDriver)
        OPEN[self.name] = self

    @property
    def uri(self) -> str:
        return SCHEME + self.name

    def close(self) -> None:
        OPEN.pop(self.name, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def attach(self, driver: LockstepDriver) -> None:
        """Take a host; the one before it is forgotten, and so are its log blocks."""
        with self.lock:
            self._driver = driver
            self.firmware.log.reset()

    def detach(self, driver: LockstepDriver) -> None:
        with self.lock:
            if self._driver is driver:
                self._driver = None

    def from_host(self, packet: Packet) -> None:
        with self.lock:
            if self.up.offer(packet, self.clock.now()):
                self._handle(packet)

    def _handle(self, packet: Packet) -> None:
        self._heard = self.clock.now()
        for reply in ports.handle(self.firmware, packet):
            self._to_host(reply)

    def _to_host(self, packet: Packet) -> None:
        if self.down.offer(packet, self.clock.now()) and self._driver is not None:
            self._driver.deliver(packet, wake=not self.clock.stepping)

    def _print(self, text: str) -> None:
        self.console_text += text
        for packet in console.packets(text):
            self._to_host(packet)

    def _advance(self, dt: float) -> None:
        with self.lock:
            now = self.clock.now()
            for packet in self.up.due(now):
                self._handle(packet)
            self.firmware.step(dt)
            if len(self.firmware.log) and now - self._heard > LINK_TIMEOUT_S:
                self.firmware.log.reset()  # as the firmware does when it hears nothing for a second
            for packet in self.down.due(now + dt):
                if self._driver is not None:
                    self._driver.deliver(packet, wake=False)

    def _settle(self) -> None:
        driver = self._driver
        if driver is not None:
            driver.drain()
