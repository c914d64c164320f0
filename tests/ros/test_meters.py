"""What nodes measure of themselves: rates, ages, percentiles, and where a frame's time went."""

from __future__ import annotations

import pytest
from diagnostic_msgs.msg import DiagnosticStatus

from reprohrl_msgs.msg import DroneState, Hop
from ros_nodes.health import Health
from ros_nodes.latency import by_part, parts, total_ms
from ros_nodes.meters import Meter, percentile

pytestmark = pytest.mark.ros
MS = 1_000_000


def test_a_steady_topic_has_its_rate_and_a_silent_one_shows_its_silence() -> None:
    meter = Meter("state")
    for k in range(50):
        meter.heard(0.1 * k, 0.02)
    assert meter.rate_hz(4.9) == pytest.approx(10.0, rel=0.02)
    assert meter.silent_s(6.9) == pytest.approx(2.0)
    assert meter.age_s() == pytest.approx(0.02)
    assert Meter("other").silent_s(1.0) == float("inf")


def test_percentiles_are_samples() -> None:
    samples = [float(k) for k in range(1, 101)]
    assert percentile(samples, 0.5) == 50.0
    assert percentile(samples, 0.99) == 99.0
    assert percentile([], 0.5) == 0.0


def test_rejected_and_lost_messages_are_a_warning_and_a_failed_transition_an_error() -> None:
    health = Health(lambda: 1.0, lambda: 1.0)
    meter = health.topic("state")
    health.heard(meter, DroneState())
    assert health.status("/x", active=True).level == DiagnosticStatus.OK
    meter.rejected, meter.lost = 2, 3
    status = health.status("/x", active=True)
    assert status.level == DiagnosticStatus.WARN
    assert "2 messages rejected, 3 lost" in status.message
    assert {v.key for v in status.values} >= {"state: rate [Hz]", "state: age p95 [ms]"}
    assert health.status("/x", active=False, trouble="no model").level == DiagnosticStatus.ERROR


def test_an_age_on_another_clock_is_not_believed() -> None:
    health = Health(lambda: 1.0, lambda: 1.8e9)
    meter = health.topic("state")
    health.heard(meter, DroneState())
    assert meter.age_s() == 0.0


def hops() -> list[Hop]:
    times = (("camera", 0, 1), ("detector", 3, 9), ("drone", 10, 12))
    return [Hop(stage=s, heard_ns=a * MS, said_ns=b * MS) for s, a, b in times]


def test_the_parts_of_a_trace_add_up_to_the_whole() -> None:
    found = dict(parts(hops()))
    assert found == {
        "camera": 1.0, "camera to detector": 2.0, "detector": 6.0, "detector to drone": 1.0, "drone": 2.0
    }  # fmt: skip
    assert sum(found.values()) == total_ms(hops()) == 12.0
    assert by_part([hops(), hops()])["detector"] == [6.0, 6.0]
    assert total_ms([]) == 0.0
