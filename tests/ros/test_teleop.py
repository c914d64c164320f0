"""`cmd_vel` over real DDS: it flies while it is fresh, within limits, and silence gives the control back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist

from reprohrl.contracts.command import MAX_VX_MPS
from reprohrl_msgs import msg as m
from ros_nodes import qos
from ros_nodes.stamps import key
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]
START_S = 90.0
EVER = "navigator.teleop_fresh_s=5.0"
"""For steps that have to see a command fly, however slow the machine is."""


class Driver:
    """A graph in flight on a mission, and a hand on the stick."""

    def __init__(self, ros: int, run_dir: Path, **values: str) -> None:
        self.probe = Probe()
        self.graph = Graph(
            ros, run_dir, lasting=True, task="MS-4", seed="3", record="false", speed="1", **values
        )
        self.stick = self.probe.node.create_publisher(Twist, "cmd_vel", qos.COMMANDS)

    def take_off(self) -> None:
        p = self.probe
        p.until(lambda: p.newest("graph_status") and p.newest("graph_status").ready, "the graph", START_S)
        p.until(lambda: p.send_mission("cone", "sphere").accepted, "a mission that is accepted", START_S)
        p.until(lambda: len(p.heard["command"]) >= 5, "five commands", START_S)

    def push(self, *, until: Callable[[], Any], what: str, **velocity: float) -> Any:
        """Hold the stick until something happens."""
        twist = Twist()
        for name, value in velocity.items():
            setattr(twist.angular if name == "turn" else twist.linear, name.replace("turn", "z"), value)

        def pushed() -> Any:
            self.stick.publish(twist)
            return until()

        return self.probe.until(pushed, what, START_S)

    def raw(self, since: int = 0) -> list[Any]:
        return [c for c in self.probe.heard["raw_command"] if key(c.header.stamp) > since]

    def supervised(self, stamp: int) -> Any:
        found = lambda: [c for c in self.probe.heard["command"] if key(c.header.stamp) == stamp]  # noqa: E731
        return self.probe.until(found, "the supervised command", START_S)[0]

    def told(self, name: str) -> bool:
        return any(e.name == name for e in self.probe.heard["events"])

    def close(self) -> None:
        self.graph.close()
        self.probe.close()


@pytest.fixture
def drive(ros: int, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    drivers: list[Driver] = []

    def start(**values: str) -> Driver:
        drivers.append(Driver(ros, tmp_path / "run", **values))
        drivers[-1].take_off()
        return drivers[-1]

    yield start
    for one in drivers:
        one.close()


def test_a_fresh_twist_flies_within_the_limits_and_silence_gives_the_control_back(
    drive: Callable[..., Driver],
) -> None:
    d = drive(teleop="true", parameters=EVER)

    def flown(**wanted: float) -> Callable[[], Any]:
        return lambda: next(
            (c for c in d.raw() if all(abs(getattr(c, k) - v) < 1e-6 for k, v in wanted.items())), None
        )

    gentle = d.push(x=0.0, y=-0.11, turn=0.25, until=flown(vx=0.0, vy=-0.11, yaw_rate=0.25), what="a turn")
    out = d.supervised(key(gentle.header.stamp))
    assert (out.vy, out.yaw_rate) == pytest.approx((-0.11, 0.25))
    d.probe.until(lambda: d.told("teleop_drives"), "the control taken", START_S)

    eager = d.push(x=1.2 * MAX_VX_MPS, until=flown(vx=1.2 * MAX_VX_MPS), what="an eager command")
    out = d.supervised(key(eager.header.stamp))
    assert abs(out.vx) <= MAX_VX_MPS and out.reaction == m.Command.LIMIT

    d.push(x=0.0, until=flown(vx=0.0, vy=0.0, vz=0.0, yaw_rate=0.0), what="a stick let go")
    d.probe.until(lambda: d.told("teleop_silent"), "the control given back", START_S)
    back = key(d.raw()[-1].header.stamp)
    d.probe.until(lambda: any(c.vx or c.yaw_rate for c in d.raw(back)), "the policy's own command", START_S)

    mad = d.push(x=50.0, until=flown(vx=50.0), what="an absurd command")
    out = d.supervised(key(mad.header.stamp))
    assert out.vx == 0.0 and out.reaction >= m.Command.HOVER


def test_a_twist_that_is_no_number_is_dropped_and_counted(drive: Callable[..., Driver]) -> None:
    d = drive(teleop="true")
    said: list[Any] = []
    d.probe.node.create_subscription(DiagnosticArray, "/diagnostics", said.append, 50)

    def rejected() -> bool:
        values = [v for a in said for s in a.status if s.name == "/navigator" for v in s.values]
        counts = [v.value.split(", ")[1] for v in values if v.key.startswith("cmd_vel: received")]
        return any(int(count) > 0 for count in counts)

    d.push(x=math.nan, until=rejected, what="the count of what was refused")
    d.push(x=0.1, y=math.inf, until=lambda: len(d.raw()) > 10, what="ten more commands")
    assert all(math.isfinite(c.vx) and math.isfinite(c.vy) for c in d.raw())
    assert not d.told("teleop_drives")
    assert sorted(d.graph.alive()) == sorted(d.graph.specs)


def test_without_teleop_nobody_listens_to_cmd_vel(drive: Callable[..., Driver]) -> None:
    d = drive()
    assert d.probe.node.count_subscribers("cmd_vel") == 0
