"""What the checks before a flight say of readings, without a drone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from reprohrl.contracts.link import LinkStatistics
from reprohrl.preflight.camera import judge_camera
from reprohrl.preflight.drone import judge_drone
from reprohrl.preflight.finding import Finding, NotReadyError, State, require, worst
from reprohrl.preflight.readings import CameraReadings, DroneReadings

LINK = LinkStatistics(latency_median_s=0.008, latency_p95_s=0.012, rssi_dbm=-45.0, quality=0.99)
GOOD = DroneReadings(
    uri="radio://0/80/2M", seconds=3.0, protocol=12, firmware="2a18fc29", link=LINK, battery_v=4.05,
    decks={"bcFlow2": True, "bcMultiranger": True, "bcAI": True, "bcLoco": False}, supervisor=0b1011,
    variances=((1e-4, 1e-4, 1e-4),) * 10,
    parameters={"stabilizer.estimator": 2.0, "commander.enHighLevel": 1.0},
    log_rate_hz=33.0, state_age_s=0.03,
)  # fmt: skip
FRAMES = CameraReadings("192.168.4.1:5000", 24, 8.0, 0.1, 0.13, 0, 0, 0, (324, 244))


def found(readings: DroneReadings) -> dict[str, Finding]:
    return {f.name: f for f in judge_drone(readings)}


def test_a_drone_without_fault_is_ok_on_every_line() -> None:
    assert {f.name: f.state for f in judge_drone(GOOD)} == dict.fromkeys(
        ("Link", "Firmware", "Decks", "Battery", "Supervisor", "Estimator", "Parameters"), State.OK
    )
    assert judge_camera(FRAMES).state is State.OK


@pytest.mark.parametrize(
    ("name", "change", "state", "words"),
    [
        ("Link", {"link": replace(LINK, latency_p95_s=0.05)}, State.NOTE, "95 % within 50 ms"),
        ("Link", {"link": replace(LINK, latency_p95_s=0.2)}, State.FAILED, "95 % within 200 ms"),
        ("Link", {"link": replace(LINK, ping_loss=0.03)}, State.NOTE, "3.0 % of pings lost"),
        ("Link", {"link": replace(LINK, ping_loss=0.3)}, State.FAILED, "30.0 % of pings lost"),
        ("Link", {"link": LinkStatistics(ping_loss=1.0)}, State.FAILED, "no ping came back"),
        ("Link", {"log_rate_hz": 5.0}, State.FAILED, "5 states/s"),
        ("Link", {"state_age_s": math.inf}, State.FAILED, "states/s"),
        ("Link", {"link": replace(LINK, latency_p95_s=math.nan)}, State.FAILED, "nan ms"),
        ("Firmware", {"protocol": 10}, State.NOTE, "protocol 10"),
        ("Firmware", {"protocol": 3}, State.FAILED, "4 or newer is needed"),
        ("Firmware", {"protocol": -1}, State.NOTE, "protocol -1"),
        ("Decks", {"decks": {"bcMultiranger": True}}, State.NOTE, "none that measures where it is"),
        ("Decks", {"decks": {"bcFlow2": True}}, State.FAILED, "no obstacle"),
        ("Decks", {"decks": {"bcLighthouse4": True, "bcMultiranger": True}}, State.NOTE, "AI-deck"),
        ("Decks", {"supervisor": 1 << 11 | 8}, State.FAILED, "deck fault"),
        ("Battery", {"battery_v": 3.7}, State.NOTE, "3.70 V"),
        ("Battery", {"battery_v": 3.49}, State.FAILED, "take-off needs 3.5 V"),
        ("Battery", {"battery_v": 0.0}, State.NOTE, "not reported"),
        ("Battery", {"battery_v": math.nan}, State.FAILED, "nan V"),
        ("Supervisor", {"supervisor": None}, State.NOTE, "does not say"),
        ("Supervisor", {"supervisor": 8 | 64}, State.FAILED, "locked"),
        ("Supervisor", {"supervisor": 32}, State.FAILED, "tumbled"),
        ("Supervisor", {"supervisor": 128}, State.FAILED, "crashed"),
        ("Supervisor", {"supervisor": 8 | 16}, State.NOTE, "in the air"),
        ("Supervisor", {"supervisor": 0}, State.FAILED, "neither arm nor fly"),
        ("Estimator", {"variances": ()}, State.NOTE, "not logged"),
        ("Estimator", {"variances": ((1e-4, 1e-4, 0.9),) * 10}, State.FAILED, "0.25 is allowed"),
        ("Estimator", {"variances": ((1e-4,) * 3, (5e-3,) * 3)}, State.NOTE, "0.001 is settled"),
        ("Estimator", {"variances": ((math.nan,) * 3,)}, State.FAILED, "no number"),
        ("Parameters", {"parameters": {"stabilizer.estimator": 1.0}}, State.NOTE, "estimator = 1"),
        ("Parameters", {"parameters": {}}, State.NOTE, "has no stabilizer.estimator"),
    ],
)
def test_each_reading_that_is_off_moves_its_own_line_alone(
    name: str, change: dict[str, object], state: State, words: str
) -> None:
    findings = found(replace(GOOD, **change))
    assert (findings[name].state, words in findings[name].evidence) == (state, True), findings[name]
    assert findings[name].fix
    assert [f for f in findings.values() if f.name != name and f.state is not State.OK] == []


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"frames": 0, "trouble": "connection refused"}, State.FAILED, "connection refused"),
        ({"frames": 0}, State.FAILED, "none came"),
        ({"fps": 2.0}, State.FAILED, "2.0/s"),
        ({"age_s": 3.0}, State.FAILED, "3.00 s old"),
        ({"age_s": math.inf}, State.FAILED, "inf s old"),
        ({"fps": 6.0}, State.NOTE, "6.0/s"),
        ({"gap_s": 0.6}, State.NOTE, "longest gap 0.60 s"),
        ({"damaged": 2}, State.NOTE, "2 damaged"),
        ({"reconnects": 1}, State.NOTE, "1 reconnections"),
        ({"trouble": "the stream was closed"}, State.FAILED, "the stream was closed"),
    ],
)
def test_the_camera_is_judged_by_rate_age_and_damage(
    change: dict[str, object], state: State, words: str
) -> None:
    finding = judge_camera(replace(FRAMES, **change))
    assert (finding.state, words in finding.evidence) == (state, True), finding


def test_flight_is_refused_with_every_check_that_failed_and_told_how_to_insist() -> None:
    findings = judge_drone(replace(GOOD, battery_v=3.2, supervisor=64))
    assert worst(findings) is State.FAILED
    with pytest.raises(NotReadyError) as refused:
        require(findings, override="--force")
    assert [f.name for f in refused.value.findings] == ["Battery", "Supervisor"]
    assert "3.20 V" in refused.value.what and "locked" in refused.value.what
    assert "charge it" in refused.value.fix and "--force" in refused.value.fix


def test_notes_do_not_keep_anybody_on_the_ground() -> None:
    require(judge_drone(replace(GOOD, battery_v=3.7)), override="--force")
    assert worst([]) is State.OK


def test_a_drone_without_a_position_deck_needs_an_estimator_that_is_sure() -> None:
    blind = replace(GOOD, decks={"bcMultiranger": True}, variances=((1e-4, 1e-4, 0.9),) * 10)
    findings = found(blind)
    assert findings["Decks"].state is findings["Estimator"].state is State.FAILED
    assert found(replace(blind, variances=()))["Decks"].state is State.FAILED
