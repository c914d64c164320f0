"""Listening to a virtual Crazyflie without ever moving it, and what the doctor makes of what it hears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cflib")

from firmware_bridge.doctor.gate import look, require_ready
from firmware_bridge.doctor.measure import measure_drone
from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.lockstep.channel import RADIO, LinkProfile
from firmware_bridge.lockstep.loopback import Loopback
from firmware_bridge.observer import CrazyflieObserver, only_reads
from firmware_bridge.virtual.crtp import Packet, Port
from reprohrl.contracts.command import VelocityCommand
from reprohrl.preflight.finding import Finding, NotReadyError, State
from tests.fakes.kinematic_body import KinematicBody


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def loop(body: KinematicBody) -> Iterator[Loopback]:
    with Loopback(body) as loop:
        yield loop


def observe(loop: Loopback, tmp_path: Path) -> CrazyflieObserver:
    return CrazyflieObserver(loop.uri, clock=loop.clock, cache=tmp_path)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {f.name: f for f in findings}


def spy(loop: Loopback, monkeypatch: pytest.MonkeyPatch) -> list[Packet]:
    """Collect every packet that reaches the drone's end of the link."""
    seen: list[Packet] = []
    take = loop.from_host
    monkeypatch.setattr(loop, "from_host", lambda packet: (seen.append(packet), take(packet))[1])
    return seen


def test_an_observer_hears_the_drone_and_nothing_that_moves_ever_leaves_it(
    loop: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = spy(loop, monkeypatch)
    with observe(loop, tmp_path) as drone:
        cf: Any = drone.cf
        drone.take_off()
        drone.send(VelocityCommand(vx=0.5))
        cf.commander.send_hover_setpoint(0.5, 0, 0, 0.8)
        cf.commander.send_setpoint(0, 0, 0, 40000)
        cf.commander.send_notify_setpoint_stop()
        cf.high_level_commander.takeoff(0.8, 1.0)
        cf.loc.send_extpos([0, 0, 0])
        cf.supervisor.send_arming_request(True)
        cf.supervisor.send_emergency_stop()
        cf.platform.send_user_notification()
        loop.clock.sleep(2.0)
        drone.land()
        drone.emergency_stop()
        assert drone.state().height < 0.05
        bits = measure_drone(drone, loop.clock, seconds=0.5).supervisor
        assert bits is not None and not bits & 1 << 6, "an emergency stop got through"
        assert sum(drone.kept_back.values()) == 8
    moving = [p for p in seen if not only_reads(p.port, p.channel, p.data)]
    assert moving == []
    assert {p.port for p in seen} >= {Port.LOG, Port.PARAM, Port.LINK}


def test_an_observer_leaves_a_drone_in_the_air_where_it_is(loop: Loopback, tmp_path: Path) -> None:
    body = loop.firmware.body
    with CrazyflieDrone(loop.uri, clock=loop.clock, cache=tmp_path) as pilot:
        pilot.take_off(0.6)
        pilot.cf.high_level_commander.go_to(0, 0, 0.6, 0, 1.0)
        pilot.cf.commander.send_notify_setpoint_stop()
        pilot._airborne = False  # the pilot lets go without landing, as a crashed program does
    with observe(loop, tmp_path) as drone:
        loop.clock.sleep(3.0)
        assert drone.state().height == pytest.approx(0.6, abs=0.1)
    assert body.position[2] == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize(
    ("port", "channel", "data", "harmless"),
    [
        (2, 1, b"\0\0", True), (2, 2, b"\0\0\1", False), (2, 3, b"\7\0\0", True), (2, 3, b"\0", False),
        (2, 3, b"\3\0\0", False), (2, 3, b"", False), (3, 0, b"", False), (4, 2, b"", False),
        (5, 1, b"\5", True), (6, 0, b"", False), (7, 0, b"\0", False), (7, 1, b"", False),
        (8, 0, b"", False), (9, 0, b"\x0c", True), (9, 1, b"\3", False), (13, 0, b"\1\1", False),
        (13, 1, b"\0", True), (13, 2, b"", False), (15, 0, b"", True), (14, 0, b"", False),
    ],
)  # fmt: skip
def test_what_only_reads_is_listed_and_everything_else_is_kept_back(
    port: int, channel: int, data: bytes, harmless: bool
) -> None:
    assert only_reads(port, channel, data) is harmless


def test_a_healthy_drone_passes_with_evidence_on_every_line(loop: Loopback, tmp_path: Path) -> None:
    with observe(loop, tmp_path) as drone:
        findings = look(drone, None, loop.clock)
    found = by_name(findings)
    assert list(found) == ["Link", "Firmware", "Decks", "Battery", "Supervisor", "Estimator", "Parameters"]
    assert [f for f in findings if f.state is State.FAILED] == []
    assert "protocol 12" in found["Firmware"].evidence
    assert "4.00 V" in found["Battery"].evidence
    assert "bcFlow2" in found["Decks"].evidence and "bcMultiranger" in found["Decks"].evidence
    assert "stabilizer.estimator = 2" in found["Parameters"].evidence


def test_the_link_of_the_radio_profile_is_measured_as_it_is(body: KinematicBody, tmp_path: Path) -> None:
    with Loopback(body, profile=RADIO) as loop, observe(loop, tmp_path) as drone:
        readings = measure_drone(drone, loop.clock, seconds=5.0)
    # 10 ms each way, seen in steps of 8.3 ms
    assert 0.020 <= readings.link.latency_median_s <= 0.042
    assert 30 <= readings.log_rate_hz <= 34


def _empty(body: KinematicBody, loop: Loopback) -> None:
    body.battery_v = 3.42


def _tumbled(body: KinematicBody, loop: Loopback) -> None:
    body.roll = 3.0


def _lost(body: KinematicBody, loop: Loopback) -> None:
    loop.firmware.estimator.lose(1.0)


def _deaf(body: KinematicBody, loop: Loopback) -> None:
    loop.up.profile = loop.down.profile = LinkProfile(0.15)


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (_empty, "Battery", "3.42 V, take-off needs 3.5 V"),
        (_tumbled, "Supervisor", "tumbled"),
        (_lost, "Estimator", "0.25 is allowed"),
        (_deaf, "Link", "wanted: 30 ms"),
    ],
)
def test_each_trouble_fails_its_own_line_and_flight_is_refused_naming_it(
    body: KinematicBody, loop: Loopback, tmp_path: Path, spoil: Any, name: str, words: str
) -> None:
    with observe(loop, tmp_path) as drone:
        spoil(body, loop)
        loop.clock.sleep(2.0)
        with pytest.raises(NotReadyError) as refused:
            require_ready(drone, None, loop.clock, override="--force")
    bad = by_name(refused.value.findings)
    assert name in bad and words in bad[name].evidence and bad[name].fix
    assert f"{name}: " in refused.value.what and "--force" in refused.value.fix


def test_the_doctor_leaves_the_log_blocks_of_the_flight_as_they_were(loop: Loopback, tmp_path: Path) -> None:
    with observe(loop, tmp_path) as drone:
        before = len(loop.firmware.log)
        measure_drone(drone, loop.clock, seconds=1.0)
        loop.clock.sleep(0.2)
        assert len(loop.firmware.log) == before
