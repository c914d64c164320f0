"""`reprohrl tune latency` against virtual drones whose delays are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("cflib")

from firmware_bridge.lockstep.channel import LinkProfile
from firmware_bridge.lockstep.loopback import Loopback
from firmware_bridge.observer import CrazyflieObserver
from firmware_bridge.virtual.link_quality import LinkQuality
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.cli.crtp_stage import open_crtp_stage
from reprohrl.cli.main import main
from reprohrl.cli.stage import spec_of
from reprohrl.cli.tune import Motion, record_and_judge
from sim.profiles.catalogue import load_profile
from sim.profiles.measured import with_measured
from sim.profiles.profile import Profile, Range
from tests.fakes.kinematic_body import KinematicBody

SPEC = spec_of(task="MC-3", rung="R2", seed=4, world="fast")
STEP_S = 1 / 120
"""Lockstep delivers packets at whole steps: a packet is up to one later than the link makes it."""


def link_with(latency_s: float, camera_s: float) -> Profile:
    radio = load_profile("radio")
    new = {
        "link_latency": Range(latency_s, latency_s), "camera_delay": Range(camera_s, camera_s),
        "link_loss": Range(0.0, 0.0),
    }  # fmt: skip
    return replace(radio, ranges={**radio.ranges, **new})


@pytest.mark.parametrize(("latency_s", "camera_s"), [(0.010, 0.125), (0.050, 0.060)])
def test_a_flown_turn_finds_the_delays_of_link_and_camera(latency_s: float, camera_s: float) -> None:
    pytest.importorskip("pybullet")
    with open_crtp_stage(SPEC, link_with(latency_s, camera_s), known_camera_s=0.0) as stage:
        found, lines = record_and_judge(
            stage.drone, stage.camera, Motion.fly, 12.0, stage.clock, lambda _: None, force=True
        )
        assert stage.drone.state().height < 0.15  # and landed
    assert found.round_trip_s is not None and found.camera_s is not None
    assert 2 * latency_s <= found.round_trip_s <= 2 * latency_s + 3 * STEP_S
    assert found.camera_s[1] == pytest.approx(camera_s, abs=0.03)
    assert found.fps == pytest.approx(8.0, abs=0.3)
    assert [line.split(":")[0] for line in lines] == ["Link", "Commands", "Camera", "Stream"]
    tuned = with_measured(load_profile("crazyflie"), "tuned", found)
    assert tuned["camera_delay"].middle == pytest.approx(camera_s, abs=0.03)


@pytest.fixture
def loop() -> Iterator[Loopback]:
    with Loopback(KinematicBody(), profile=LinkProfile(0.040, 0.010)) as loop:
        yield loop


def test_pings_alone_measure_the_link_without_moving_anything(loop: Loopback, tmp_path: Path) -> None:
    with CrazyflieObserver(loop.uri, clock=loop.clock, cache=tmp_path) as drone:
        found, lines = record_and_judge(drone, None, Motion.none, 12.0, loop.clock, lambda _: None)
    assert found.round_trip_s is not None and found.round_trip_s / 2 == pytest.approx(0.045, abs=0.01)
    assert found.camera_s is None and len(lines) == 1
    assert not loop.firmware.body.motors


def test_a_command_is_timed_on_a_body_that_follows_at_once(loop: Loopback, tmp_path: Path) -> None:
    from firmware_bridge.drone import CrazyflieDrone

    with CrazyflieDrone(loop.uri, clock=loop.clock, cache=tmp_path) as drone:
        _, lines = record_and_judge(drone, None, Motion.fly, 12.0, loop.clock, lambda _: None, force=True)
    told = next(line for line in lines if line.startswith("Commands"))
    # 40 ms up, 40 ms down, half a period of setpoints and of log packets, and whole steps of 8.3 ms
    assert 0.08 <= float(told.split()[1]) / 1e3 <= 0.15


def test_the_verb_writes_a_profile_that_flights_and_training_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    out = tmp_path / "mine.json"
    with VirtualCrazyflie(KinematicBody(), quality=LinkQuality(latency_s=0.020)) as drone:
        drone.run()
        assert main(["tune", "latency", "--uri", drone.uri, "--camera", "none", "--out", str(out)]) == 0
    assert "Link: " in capsys.readouterr().out
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]
    mine = load_profile(out)
    assert mine.name == "mine" and mine["link_latency"].high >= 0.020  # a busy machine only adds
    assert mine["mass"] == load_profile("crazyflie")["mass"]
    assert "measured on udp://" in json.loads(out.read_text())["ranges"]["link_latency"]["source"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "mine.txt"], "it has to end in .json"),
        (["--base", "crazyfly"], 'did you mean "crazyflie"?'),
    ],
)
def test_a_wrong_word_is_answered_before_connecting(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", "latency", "--uri", "udp://127.0.0.1:1", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_dry_run_says_what_would_move(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "latency", "--uri", "udp://127.0.0.1:1", "--motion", "fly", "--dry-run"]) == 0
    assert "take off, turn, and land" in capsys.readouterr().out


def test_the_profiles_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "profiles"]) == 0
    said = capsys.readouterr().out
    assert "crazyflie:" in said and "radio:" in said and "drone-models" in said
