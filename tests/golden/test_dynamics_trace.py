"""The drone still flies as it did when the policies were trained."""

from __future__ import annotations

import numpy as np

from tests.golden.record_dynamics import PATH, fly


def test_the_drone_flies_its_recorded_trace_within_a_micrometre() -> None:
    recorded = np.loadtxt(PATH, delimiter=",", skiprows=1)
    assert np.abs(fly() - recorded).max() < 1e-6
