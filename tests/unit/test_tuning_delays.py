"""Delays out of recordings whose delay is known."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from firmware_bridge.tuning.delays import camera_delay, command_delay
from firmware_bridge.tuning.recording import turns
from firmware_bridge.tuning.stream import stream_numbers
from firmware_bridge.tuning.vision import turn_between
from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.errors import UserError
from sim.profiles.catalogue import load_profile
from sim.profiles.measured import Measured, with_measured

RNG = np.random.default_rng(0)


def plan(seconds: float = 12.0) -> np.ndarray:
    rate, rows = turns(), []
    for t in np.arange(0.0, seconds, 0.02):
        if not rows or rows[-1][1] != rate(t):
            rows.append((t, rate(t)))
    return np.array(rows)


def yaw_of(delay_s: float, lag_s: float = 0.0, noise: float = 0.002) -> np.ndarray:
    """Yaw of a drone that follows `plan` late, sampled at 33 Hz."""
    rate, grid = turns(), np.arange(0.0, 12.5, 0.001)
    wanted = np.array([rate(t - delay_s) if 0 <= t - delay_s < 12.0 else 0.0 for t in grid])
    if lag_s > 0:
        for i in range(1, len(wanted)):
            wanted[i] = wanted[i - 1] + (wanted[i] - wanted[i - 1]) * 0.001 / lag_s
    yaw = 3.0 + np.cumsum(wanted) * 0.001  # wraps at pi
    times = np.arange(0.0, 12.4, 0.03)
    values = np.interp(times, grid, yaw) + noise * RNG.standard_normal(len(times))
    return np.column_stack([times, (values + math.pi) % (2 * math.pi) - math.pi])


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.12, 0.3])
def test_a_commands_delay_is_found_within_a_hundredth_of_a_second(delay_s: float) -> None:
    found = command_delay(plan(), yaw_of(delay_s))
    assert found.seconds == pytest.approx(delay_s, abs=0.01)
    assert found.low <= found.seconds <= found.high and found.fit > 0.95


def test_a_lag_is_told_from_a_delay() -> None:
    found = command_delay(plan(), yaw_of(0.1, lag_s=0.1))
    assert found.seconds == pytest.approx(0.1, abs=0.02)
    assert found.lag_s == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("delay_s", [-0.02, 0.03, 0.125, 0.4])
def test_a_cameras_delay_is_found_between_frames_125_ms_apart(delay_s: float) -> None:
    yaw = yaw_of(0.1, lag_s=0.1)
    turned = np.unwrap(yaw[:, 1])
    exposures = np.arange(0.5, 11.5, 0.125)
    seen = np.diff(np.interp(exposures, yaw[:, 0], turned)) * 0.97 + 0.01 * RNG.standard_normal(
        len(exposures) - 1
    )
    arrivals = exposures + delay_s
    found = camera_delay(np.column_stack([arrivals[:-1], arrivals[1:], seen]), yaw)
    assert found.seconds == pytest.approx(delay_s, abs=0.02) and found.fit > 0.9


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda seen, yaw: (seen, yaw * [1, 0]), "turned by 0 deg only"),
        (lambda seen, yaw: (seen[:3], yaw), "only 3 pairs of frames came"),
        (
            lambda seen, yaw: (np.column_stack([seen[:, :2], RNG.standard_normal(len(seen))]), yaw),
            "do not show",
        ),
    ],
)
def test_a_recording_that_says_nothing_gives_no_number(spoil, words: str) -> None:
    times = np.arange(0.5, 11.0, 0.125)
    seen = np.column_stack([times, times + 0.125, np.full(len(times), 0.05)])
    with pytest.raises(UserError, match=words):
        camera_delay(*spoil(seen, yaw_of(0.1)))


def test_a_drone_that_turns_by_itself_gives_no_commands_delay() -> None:
    yaw = yaw_of(0.0)
    yaw[:, 1] = 0.5 * np.sin(11.0 * yaw[:, 0])
    with pytest.raises(UserError, match="did not turn as it was told"):
        command_delay(plan(), yaw)


@pytest.mark.parametrize("pixels", [-15, -4, 0, 6, 20])
def test_turning_left_moves_the_picture_right(pixels: int) -> None:
    scene = cv2.GaussianBlur((RNG.random((244, 500)) * 255).astype(np.float32), (9, 9), 3)
    picture = np.clip((scene - scene.mean()) * 4 + 128, 0, 255).astype(np.uint8)
    before, after = picture[:, 60 : 60 + 324], picture[:, 60 - pixels : 60 - pixels + 324]
    found = turn_between(before, after)
    assert found is not None and found * AI_DECK.fx == pytest.approx(pixels, abs=0.7)


def test_pictures_without_content_or_of_two_sizes_show_no_turn() -> None:
    grey = np.full((244, 324), 90, np.uint8)
    assert turn_between(grey, grey[:, :160]) is None
    assert turn_between(grey, grey) is None


def test_a_streams_rate_drops_and_freezes_come_from_its_arrivals() -> None:
    times = [0.125 * i for i in range(80) if i % 10]
    times = [t + (2.0 if t > 5.0 else 0.0) for t in times]
    found = stream_numbers(times)
    assert found is not None
    assert found.fps == pytest.approx(8.0) and found.drop == pytest.approx(0.09, abs=0.02)
    assert found.freeze_s == pytest.approx(2.125, abs=0.2) and found.freeze_every_s == pytest.approx(
        11.75, abs=0.3
    )
    assert stream_numbers(times[:5]) is None


def test_what_was_measured_takes_the_place_of_the_bases_ranges_alone() -> None:
    base = load_profile("crazyflie")
    found = Measured(
        "radio://0", "2026-01-01", round_trip_s=0.02, round_trip_p95_s=0.0337, loss=0.004,
        camera_s=(0.12, 0.13, 0.15), fps=8.0, drop=0.01, freeze_s=0.0, freeze_every_s=math.inf,
    )  # fmt: skip
    mine = with_measured(base, "mine", found)
    assert mine["link_latency"][:2] == pytest.approx((0.009, 0.011))
    assert mine["link_jitter"].high == pytest.approx(0.0110, abs=2e-4)  # two jitters of 10 ms and a tenth
    assert mine["camera_delay"].middle == pytest.approx(0.13) and mine["camera_delay"].high == pytest.approx(
        0.15
    )
    assert mine["camera_fps"][:2] == pytest.approx((7.2, 8.8))
    assert "measured on radio://0" in mine["link_loss"].source
    assert mine["mass"] == base["mass"] and mine["camera_freeze"] == base["camera_freeze"]
