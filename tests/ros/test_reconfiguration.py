"""Parameters of real nodes: declared with their ranges, changed where it is safe, refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.parameter import Parameter

from reprohrl.contracts.errors import UserError
from ros_nodes.health import Health
from ros_nodes.mission import MissionNode
from ros_nodes.stage import Stage
from ros_nodes.supervisor import SupervisorNode

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]
Make = Callable[..., Stage]


@pytest.fixture
def make(ros: int) -> Iterator[Make]:
    made: list[Stage] = []

    def one(kind: type[Stage], **values: Any) -> Stage:
        made.append(kind(parameter_overrides=[Parameter(k, value=v) for k, v in values.items()]))
        return made[-1]

    yield one
    for node in made:
        node.bring_down()
        node.destroy_node()


def answer(node: Stage, name: str, value: Any) -> tuple[bool, str]:
    (result,) = node.set_parameters([Parameter(name, value=value)])
    return result.successful, result.reason


def test_parameters_are_declared_with_meaning_unit_and_range(make: Make) -> None:
    described = make(SupervisorNode).describe_parameter("fence_top_m")
    assert described.description == "top of the geofence [m]" and not described.read_only
    assert (described.floating_point_range[0].from_value, described.floating_point_range[0].to_value) == (
        0.5, 100.0,
    )  # fmt: skip


def test_a_node_names_all_that_is_wrong_before_it_is_there(make: Make) -> None:
    with pytest.raises(UserError) as error:
        make(SupervisorNode, fence_top_m=0.1, fence_half_m=2, fance=1.0, silence_land_s="soon")
    for words in ("fence_top_m is 0.1", "write 2.0", "no parameter fance", "silence_land_s is 'soon'"):
        assert words in str(error.value)
    assert "docs/nodes/supervisor.md" in error.value.fix


def test_what_is_read_at_each_use_may_change_at_any_time(make: Make) -> None:
    node = make(MissionNode)
    assert node.bring_up()
    assert answer(node, "height_m", 1.2) == (True, "")
    assert node.values["height_m"] == 1.2
    done, why = answer(node, "height_m", 5.0)
    assert not done and node.values["height_m"] == 1.2 and why


def test_what_is_read_once_is_refused_with_a_reason_until_the_node_is_reset(make: Make) -> None:
    node = make(SupervisorNode)
    assert node.bring_up()
    done, why = answer(node, "fence_top_m", 2.0)
    assert not done and "read when the node is configured" in why and "manage_graph" in why
    assert node.values["fence_top_m"] == 2.4
    node.trigger_deactivate()
    assert not answer(node, "fence_top_m", 2.0)[0]
    node.trigger_cleanup()
    assert answer(node, "fence_top_m", 2.0) == (True, "") and node.values["fence_top_m"] == 2.0


def test_fault_injection_cannot_be_switched_on_in_a_running_node(make: Make) -> None:
    node = make(SupervisorNode)
    assert not answer(node, "fault_injection", True)[0]
    assert node.values["fault_injection"] is False
    with pytest.raises(UserError, match="fault injection is not enabled"):
        make(SupervisorNode, faults="command=off")


def test_diagnostics_take_their_rates_and_time_outs_from_the_interfaces(ros: int) -> None:
    now = [0.0]
    health = Health(lambda: now[0], lambda: now[0])
    meter = health.topic("state")
    assert health.status("n", active=True).level == DiagnosticStatus.OK, "not heard yet: still starting"
    for hz, level, words in (
        (10.0, DiagnosticStatus.OK, "running"),
        (6.0, DiagnosticStatus.WARN, "state comes at 6.0 Hz, not 8"),
        (2.0, DiagnosticStatus.ERROR, "state comes at 2.0 Hz, not 8"),
    ):
        now[0] += 100.0
        for _ in range(60):
            now[0] += 1.0 / hz
            meter.heard(now[0])
        told = health.status("n", active=True)
        assert told.level == level and words in told.message, told.message
    now[0] += 2.0
    assert "state is silent for 2.0 s" in health.status("n", active=True).message
    assert health.status("n", active=False).level == DiagnosticStatus.OK
