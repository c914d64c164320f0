"""The sensor's arithmetic, measured on flat fields."""

from __future__ import annotations

import numpy as np
import pytest

from sim.render.sensor import SensorModel, expose

FLAT = np.full((244, 324, 3), 0.36, np.float32)
STILL = SensorModel(auto_exposure=0.0, vignette=0.0, read_noise=0.0, shot_noise=0.0)


def field(model: SensorModel, image: np.ndarray = FLAT, blur: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    return expose(image, model, grey=True, seed=3, blur_px=blur).astype(float)


def test_exposure_and_gamma_follow_the_formula() -> None:
    assert field(STILL).mean() == pytest.approx(255 * 0.36, abs=0.6)
    bright = SensorModel(0.0, exposure=1.5, gamma=0.5, vignette=0.0, read_noise=0.0, shot_noise=0.0)
    assert field(bright).mean() == pytest.approx(255 * (1.5 * 0.36) ** 0.5, abs=0.6)


def test_auto_exposure_brings_a_dark_room_to_its_target() -> None:
    model = SensorModel(auto_exposure=0.4, vignette=0.0, read_noise=0.0, shot_noise=0.0)
    assert field(model, FLAT / 2).mean() == pytest.approx(102, abs=1)
    assert field(model, FLAT / 10).mean() == pytest.approx(255 * 0.036 * 3, abs=1), "the gain is limited to 3"


def test_noise_has_the_stated_spread_and_no_bias() -> None:
    noisy = field(SensorModel(0.0, vignette=0.0, read_noise=0.02, shot_noise=0.04))
    expected = 255 * np.hypot(0.02, 0.04 * 0.6)
    assert noisy.std() == pytest.approx(expected, rel=0.03)
    assert noisy.mean() == pytest.approx(255 * 0.36, abs=0.15)


def test_vignette_darkens_the_corners_alone() -> None:
    image = field(SensorModel(0.0, vignette=0.5, read_noise=0.0, shot_noise=0.0))
    assert image[122, 162] == pytest.approx(255 * 0.36, abs=1)
    assert image[0, 0] == pytest.approx(255 * 0.36 * 0.5, abs=2)


def test_motion_blur_spreads_a_line_along_the_motion_only() -> None:
    line = np.zeros_like(FLAT)
    line[:, 162] = 1.0
    assert (field(STILL, line, (6.0, 0.0))[100] > 5).sum() in (6, 7, 8)
    assert (field(STILL, line, (0.0, 6.0))[100] > 5).sum() == 1
