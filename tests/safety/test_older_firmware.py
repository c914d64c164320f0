"""A drone with an older protocol is flown with its own commands, or refused where it cannot be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware_bridge.virtual.ports import platform
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from tests.safety.conftest import lift
from tests.safety.flights import Flight, is_down


def without(f: Flight, *names: str) -> None:
    f.firmware.variables[:] = [v for v in f.firmware.variables if v.name not in names]


@pytest.mark.parametrize("version", [8, 9, 11])
def test_a_protocol_before_the_supervisor_port_flies_and_fails_safe(
    start: Callable[..., Flight], monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    monkeypatch.setitem(platform._VERSIONS, 0, bytes([version, 0, 0, 0]))
    f = start()
    without(f, "supervisor.info")
    lift(f)
    assert any(s.startswith(f"protocol {version}: older than 12") for s in f.said)
    assert f.fly(1.0, VelocityCommand(vx=0.3, yaw_rate=0.5)) == ""
    assert f.world.truth().attitude[2] > 0.2, "the legacy yaw rate is inverted; cflib knows"
    f.wait(1.5)
    assert f.drone.failsafe == "no command for 1.0 s: land"
    is_down(f, within_m=1.0)


def test_an_emergency_stop_takes_the_legacy_way(
    start: Callable[..., Flight], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(platform._VERSIONS, 0, bytes([10, 0, 0, 0]))
    f = lift(start())
    f.drone.emergency_stop()
    assert f.until(lambda: not f.sample.motors, 1.0) <= 0.1
    is_down(f, locked=True, within_m=0.2)


def test_a_protocol_without_these_tables_is_refused_with_the_remedy(
    start: Callable[..., Flight], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_bridge.link.OLDEST_PROTOCOL", 13)
    f = start()
    with pytest.raises(LinkError, match="speaks protocol 12; this software needs 13 or newer; update"):
        f.connect()
