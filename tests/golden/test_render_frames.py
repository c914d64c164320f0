"""The ray-caster draws what it drew: recorded frames without noise, in four kinds of room."""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.record_render import TASKS, frame, recorded


@pytest.mark.parametrize("task", TASKS)
def test_frames_are_the_recorded_ones(task: str) -> None:
    drawn, kept = frame(task, grey=False).pixels.astype(int), recorded(task).astype(int)
    difference = np.abs(drawn - kept)
    assert difference.mean() < 0.02, "a tenth of a grey level in one pixel of five would be a new look"
    assert (difference > 1).sum() <= 20, "single pixels on an edge may fall to the other side"


@pytest.mark.parametrize("task", TASKS)
def test_grey_frames_are_the_luma_of_the_recorded_ones(task: str) -> None:
    kept = recorded(task)
    luma = kept @ [0.299, 0.587, 0.114]
    difference = np.abs(frame(task, grey=True).pixels - luma)[kept.max(2) < 255]
    assert difference.max() <= 1.5
