"""A mission flown through bridge, stock cflib and virtual firmware in simulated time."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cflib")
pytest.importorskip("pybullet")

from firmware_bridge import link
from firmware_bridge.lockstep.camera import SteppedCamera, StreamProfile
from firmware_bridge.lockstep.clock import SteppedClock
from reprohrl.cli.crtp_stage import open_crtp_stage, run_crtp_episode
from reprohrl.cli.stage import spec_of
from reprohrl.contracts.errors import UserError
from sim.profiles.catalogue import load_profile

SPEC = spec_of(task="S1", rung="R2", seed=3, planner="scripted", navigator="scripted")


def test_an_episode_over_the_radio_profile_repeats_itself_to_the_last_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also on a machine that is so busy that the connection takes its time."""
    first = run_crtp_episode(SPEC, "radio")
    assert first.success
    check = link._check_version

    def slowly(*args: Any) -> None:
        time.sleep(0.4)  # cflib pings by the wall clock meanwhile
        check(*args)

    monkeypatch.setattr(link, "_check_version", slowly)
    assert run_crtp_episode(SPEC, "radio") == first


def test_a_link_carries_frames_and_no_truth() -> None:
    with (
        pytest.raises(UserError, match="no rung R0"),
        open_crtp_stage(replace(SPEC, rung="R0"), load_profile("wire")),
    ):
        pass


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(lambda dt: None, lambda: None)


def frames(camera: SteppedCamera, count: int, timeout_s: float = 1.0) -> list[float]:
    found = (camera.read(timeout_s) for _ in range(count))
    return [f.stamp for f in found if f is not None]


def black() -> np.ndarray:
    return np.zeros((2, 2), np.uint8)


def test_frames_arrive_late_and_are_stamped_with_what_is_known_of_it(clock: SteppedClock) -> None:
    camera = SteppedCamera(clock, black, StreamProfile(fps=8.0, delay_s=0.125, known_delay_s=0.1))
    clock.sleep(1.0)
    first = camera.read(0.0)
    assert first is not None
    assert first.stamp == pytest.approx(clock.now() - 0.1, abs=0.02)  # arrived just now, said to be 0.1 s old
    stamps = frames(camera, 16)
    assert np.diff(stamps).mean() == pytest.approx(0.125, abs=0.002)


def test_a_frame_that_nobody_read_gives_way_to_the_next(clock: SteppedClock) -> None:
    camera = SteppedCamera(clock, black, StreamProfile(fps=10.0, delay_s=0.0))
    clock.sleep(2.0)
    assert frames(camera, 1)[0] > 1.8
    assert camera.read(0.0) is None


def test_drops_and_freezes_are_those_of_the_profile(clock: SteppedClock) -> None:
    lossy = SteppedCamera(clock, black, StreamProfile(fps=10.0, delay_s=0.0, drop=0.3), seed=1)
    began = clock.now()
    got = len(frames(lossy, 100, 2.0))
    assert got / (10.0 * (clock.now() - began)) == pytest.approx(0.7, abs=0.1)
    lossy.close()
    stuck = SteppedCamera(
        clock, black, StreamProfile(fps=10.0, delay_s=0.0, freeze_every_s=5.0, freeze_s=2.0), seed=1
    )
    gaps = [b - a for a, b in pairwise(frames(stuck, 200, 5.0))]
    assert 2.0 <= max(gaps) < 2.3 and sum(g > 0.3 for g in gaps) >= 1
