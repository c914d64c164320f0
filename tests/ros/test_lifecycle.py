"""A managed node in a process of its own test: transitions, what it keeps, what it lets go of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.action import ActionServer
from rclpy.parameter import Parameter as Given

from reprohrl.contracts.errors import UserError
from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyMission
from ros_nodes import qos
from ros_nodes.parameter import StageConfig, parameter
from ros_nodes.stage import Stage
from tests.ros.probe import Probe

pytestmark = pytest.mark.ros


@dataclass(frozen=True, slots=True)
class SampleConfig(StageConfig):
    """What the sample node can be told."""

    fails: str = parameter("", "hook that raises")


class Sample(Stage):
    """Has one of everything, and fails where it is told to."""

    CONFIG = SampleConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("sample", **kwargs)
        self.calls: list[str] = []
        self.heard: list[str] = []
        self.ticks = self.always = 0
        self.raises: Exception = UserError("no such model 'x.onnx'", fix="name one that exists")

    def configure(self) -> None:
        self._note("configure")
        self.create_publisher(m.Option, "option", qos.STAGES)
        self.listen(m.Event, "news", lambda e: self.heard.append(e.name), qos.STAGES)
        self.listen(m.Event, "latched", lambda e: self.heard.append(e.name), qos.LATCHED)
        self.create_service(srv.Pause, "pause", lambda request, response: response)
        self.create_client(srv.Land, "land")
        self.server = ActionServer(self, FlyMission, "fly", lambda goal: FlyMission.Result())
        self.every(0.01, self._tick)
        self.every(0.01, self._tick_always, always=True)

    def activate(self) -> None:
        self._note("activate")

    def deactivate(self) -> None:
        self._note("deactivate")

    def cleanup(self) -> None:
        self._note("cleanup")

    def _note(self, hook: str) -> None:
        self.calls.append(hook)
        if self.values["fails"] == hook:
            raise self.raises

    def _tick(self) -> None:
        self.ticks += 1

    def _tick_always(self) -> None:
        self.always += 1


class Stand:
    """A sample node and a probe in one executor."""

    def __init__(self, probe: Probe, **parameters: Any) -> None:
        self.probe = probe
        self.node = Sample(parameter_overrides=[Given(k, value=v) for k, v in parameters.items()])
        self.beats: list[m.Heartbeat] = []
        probe.executor.add_node(self.node)
        probe.node.create_subscription(m.Heartbeat, "heartbeat", self.beats.append, qos.STAGES)
        self.changer = probe.node.create_client(ChangeState, "sample/change_state")
        self.publishers = {
            topic: probe.node.create_publisher(m.Event, topic, profile)
            for topic, profile in (("news", qos.STAGES), ("latched", qos.LATCHED))
        }

    def ask(self, transition: int) -> bool:
        """Ask over DDS, as a lifecycle manager does."""
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(self.probe.call(self.changer, request).success)

    def state(self) -> int:
        """As told by the newest heartbeat."""
        count = len(self.beats)
        self.probe.until(lambda: len(self.beats) > count, "a heartbeat")
        return int(self.beats[-1].state)

    def close(self) -> None:
        self.probe.executor.remove_node(self.node)
        self.node.bring_down()
        self.node.destroy_node()


@pytest.fixture
def probe(ros: int) -> Iterator[Probe]:
    one = Probe("lifecycle_probe")
    yield one
    one.close()


@pytest.fixture
def stand(probe: Probe) -> Iterator[Stand]:
    one = Stand(probe)
    yield one
    one.close()


def failing(probe: Probe, hook: str) -> Stand:
    return Stand(probe, fails=hook)


CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = 1, 2, 3, 4


def entities(node: Stage) -> dict[str, int]:
    kinds = ("publishers", "subscriptions", "services", "clients", "timers", "waitables")
    return {kind: len(list(getattr(node, kind))) for kind in kinds}


def test_the_states_follow_the_transitions(stand: Stand) -> None:
    assert stand.state() == State.PRIMARY_STATE_UNCONFIGURED
    for step, state, active in (
        (CONFIGURE, State.PRIMARY_STATE_INACTIVE, False),
        (ACTIVATE, State.PRIMARY_STATE_ACTIVE, True),
        (DEACTIVATE, State.PRIMARY_STATE_INACTIVE, False),
        (CLEANUP, State.PRIMARY_STATE_UNCONFIGURED, False),
        (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, State.PRIMARY_STATE_FINALIZED, False),
    ):
        assert stand.ask(step)
        assert stand.state() == state and stand.node.active is active
    assert stand.node.finalized
    assert stand.node.calls == ["configure", "activate", "deactivate", "cleanup", "cleanup"]


def test_a_transition_that_is_not_due_is_refused_and_changes_nothing(stand: Stand) -> None:
    before = stand.state()
    assert not stand.ask(ACTIVATE)
    assert stand.state() == before and stand.node.calls == []


def test_a_cleanup_destroys_all_that_configuring_made(stand: Stand) -> None:
    before = entities(stand.node)
    for _ in range(3):
        assert stand.ask(CONFIGURE)
        assert all(entities(stand.node)[k] > n for k, n in before.items()), "one of each was made"
        assert stand.ask(CLEANUP)
        assert entities(stand.node) == before


def test_an_inactive_node_hears_nothing_but_keeps_what_is_latched(stand: Stand) -> None:
    p = stand.probe
    stand.ask(CONFIGURE)
    for publisher in stand.publishers.values():
        p.until(lambda it=publisher: it.get_subscription_count() == 1, "the subscription")
    stand.publishers["news"].publish(m.Event(name="too early"))
    stand.publishers["latched"].publish(m.Event(name="standing"))
    p.until(lambda: stand.node.always > 20, "timers that always run")
    assert stand.node.heard == [] and stand.node.ticks == 0
    stand.ask(ACTIVATE)
    assert stand.node.heard == ["standing"]
    stand.publishers["news"].publish(m.Event(name="in time"))
    p.until(lambda: stand.node.ticks > 3 and len(stand.node.heard) == 2, "an active node")
    stand.ask(DEACTIVATE)
    ticks = stand.node.ticks
    stand.publishers["news"].publish(m.Event(name="too late"))
    p.spin(0.1)
    assert stand.node.heard == ["standing", "in time"] and stand.node.ticks == ticks


@pytest.mark.parametrize(("hook", "step", "state"), [("configure", CONFIGURE, 1), ("activate", ACTIVATE, 2)])
def test_a_mistake_of_the_user_fails_the_transition_and_is_told(
    probe: Probe, hook: str, step: int, state: int
) -> None:
    stand = failing(probe, hook)
    before = entities(stand.node)
    if hook == "activate":
        assert stand.ask(CONFIGURE)
    assert not stand.ask(step)
    assert stand.state() == state and not stand.node.active
    assert "no such model 'x.onnx'" in stand.beats[-1].trouble and "name one" in stand.beats[-1].trouble
    if hook == "configure":
        assert entities(stand.node) == before, "nothing half made is left"
    stand.close()


@pytest.mark.parametrize("hook", ["configure", "activate", "deactivate"])
def test_an_error_leads_back_to_unconfigured_and_from_there_up_again(probe: Probe, hook: str) -> None:
    stand = failing(probe, hook)
    before = entities(stand.node)
    stand.node.raises = RuntimeError("the sensor is gone")
    steps = {"configure": CONFIGURE, "activate": ACTIVATE, "deactivate": DEACTIVATE}
    for name, step in steps.items():
        if name == hook:
            stand.node.raises = RuntimeError("the sensor is gone")
            assert not stand.ask(step)
            break
        assert stand.ask(step)
    stand.node.values["fails"] = ""
    assert stand.state() in (State.PRIMARY_STATE_UNCONFIGURED, State.PRIMARY_STATE_FINALIZED)
    assert "RuntimeError: the sensor is gone" in stand.beats[-1].trouble
    if hook != "deactivate":
        assert entities(stand.node) == before
        assert stand.ask(CONFIGURE) and stand.ask(ACTIVATE) and stand.node.active
    stand.close()


def test_a_node_says_that_it_lives_four_times_a_second(stand: Stand) -> None:
    stand.probe.until(lambda: len(stand.beats) >= 5, "five heartbeats", 20.0)
    assert {b.node for b in stand.beats} == {"sample"} and len({b.session for b in stand.beats}) == 1
    other = Sample()
    assert stand.node.session != other.session, "a new process has a new session"
    other.destroy_node()
