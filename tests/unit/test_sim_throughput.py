"""The speed benchmark measures what it says; how fast is not asserted here."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pybullet")

from benchmarks.sim_throughput import OBJECTS, core_rate, pybullet_rate, room
from sim.geometry import nearest_solid


@pytest.mark.parametrize("count", OBJECTS)
def test_a_room_has_the_solids_asked_for_and_a_free_start(count: int) -> None:
    scene = room(count, 3)
    x, y, z = scene.start.position
    assert len(scene.objects) == count and scene == room(count, 3)
    assert nearest_solid(scene.geometry(), scene.half_room(), x, y, z)[0] > 0.3


def test_rates_are_medians_between_their_extremes() -> None:
    for rate in (core_rate(3, 4, 1, 3, 0.01), pybullet_rate(3, 0.01)):
        assert 0 < rate.lowest <= rate.steps_per_s <= rate.highest
        assert np.isfinite(rate.steps_per_cpu_s)
