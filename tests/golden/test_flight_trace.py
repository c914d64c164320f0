"""Same frame in, same command out: the shipped models answer a recorded flight as they did."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from tests.golden.flight_trace import answer, new_pipeline, replay


def test_every_stage_answers_the_recorded_frames_as_recorded() -> None:
    pipeline = new_pipeline()
    switches = set()
    for frame, state, recorded in replay():
        got = answer(pipeline.step(frame, state))
        switches.add(tuple(got["option"]))
        assert got["option"] == recorded["option"] and got["index"] == recorded["index"]
        assert len(got["boxes"]) == len(recorded["boxes"])
        if got["boxes"]:
            np.testing.assert_allclose(got["boxes"], recorded["boxes"], atol=2e-3)
        np.testing.assert_allclose(got["values"], recorded["values"], atol=5e-3)
        np.testing.assert_allclose(got["sectors"], recorded["sectors"], atol=5e-3)
        np.testing.assert_allclose(got["command"], recorded["command"], atol=5e-3)
    assert len(switches) > 1, "the trace should contain more than one option"


def test_a_pipeline_starts_each_mission_afresh() -> None:
    pipeline = new_pipeline()
    first = [answer(pipeline.step(f, s)) for f, s, _ in replay()[:15]]
    pipeline.reset()
    assert [answer(pipeline.step(f, s)) for f, s, _ in replay()[:15]] == first
