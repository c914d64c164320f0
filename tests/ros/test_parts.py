"""The pure parts of the nodes: pairing, silence, watchdog, arguments, graph."""

from __future__ import annotations

import pytest

from reprohrl.contracts.errors import UserError
from ros_nodes.arguments import ARGUMENTS, resolve
from ros_nodes.chain import Chain
from ros_nodes.executables import EXECUTABLES
from ros_nodes.graph import multigoal
from ros_nodes.pairing import RESTART_NS, Pairing
from ros_nodes.prepare_run import prepare_values
from ros_nodes.watchdog import Alarm, Watchdog

S = 10**9


def test_a_pair_comes_once_and_in_either_order() -> None:
    pairs: Pairing[str, str] = Pairing()
    assert pairs.left(1, "a1") is None
    assert pairs.right(1, "b1") == ("a1", "b1")
    assert pairs.right(2, "b2") is None
    assert pairs.left(2, "a2") == ("a2", "b2")
    assert pairs.left(2, "a2") is None and pairs.right(2, "b2") is None


def test_a_pair_drops_what_is_older() -> None:
    pairs: Pairing[str, str] = Pairing()
    pairs.left(1, "old")
    pairs.left(2, "a")
    assert pairs.right(2, "b") == ("a", "b")
    assert pairs.right(1, "late") is None


def test_waiting_messages_are_bounded() -> None:
    pairs: Pairing[int, int] = Pairing(depth=4)
    for k in range(100):
        pairs.left(k, k)
    assert pairs.right(10, 10) is None
    assert pairs.right(99, 99) == (99, 99)


def test_pairing_survives_a_clock_that_begins_again() -> None:
    pairs: Pairing[int, int] = Pairing()
    pairs.left(50 * S, 0)
    assert pairs.right(50 * S, 0) == (0, 0)
    start = 50 * S - RESTART_NS - 1
    pairs.left(start, 1)
    assert pairs.right(start, 1) == (1, 1)


def test_the_stage_that_starves_the_others_is_named() -> None:
    chain = Chain()
    chain.reset(10.0)
    chain.framed(1 * S)
    for stage in ("detector", "mission", "goal_selector", "navigator"):
        chain.answered(stage, 1 * S, 10.1)
    assert chain.complete() and chain.silent(10.2) == ""
    chain.framed(2 * S)
    chain.answered("detector", 2 * S, 10.9)
    chain.answered("navigator", 9 * S, 10.9)  # for a frame that never was
    assert not chain.complete() and chain.silent(11.1) == "mission"
    assert chain.silent(15.0) == "detector"


def test_the_watchdog_hovers_then_lands_for_good() -> None:
    dog = Watchdog(hover_s=0.2, land_s=1.0)
    dog.reset(10.0)
    assert dog.check(10.2) is Alarm.FINE
    assert dog.check(10.3) is Alarm.HOVER
    dog.feed(10.3)
    assert dog.check(10.4) is Alarm.FINE
    assert dog.check(11.31) is Alarm.LAND
    dog.feed(11.4)
    assert dog.check(11.4) is Alarm.LAND
    dog.reset(20.0)
    assert dog.check(20.0) is Alarm.FINE


def test_all_bad_arguments_are_named_at_once() -> None:
    with pytest.raises(UserError) as error:
        resolve({"gaols": "cone", "backend": "radio", "seed": "x", "speed": "-1"})
    for word in ('did you mean "goals"', "backend:=radio", "seed:=x is no number", "speed:=-1 is negative"):
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"goals": "cone,spere"}, 'did you mean "sphere"'),
        ({"planner": "learnt"}, 'did you mean "learned"'),
        ({"backend": "crazyflie", "uri": "radio://0/80"}, "no goals"),
        ({"backend": "crazyflie", "detector": "truth"}, "only the simulator"),
        ({"task": "MC-9"}, "unknown task"),
    ],
)
def test_a_launch_that_cannot_fly_is_refused_before_it_starts(given: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        prepare_values(resolve({"record": "false", **given}))


def test_the_graph_names_only_executables_that_exist() -> None:
    nodes = multigoal(resolve({}))
    assert [n.name for n in nodes] == [
        "drone", "supervisor", "detector", "mission", "goal_selector", "navigator", "recorder",
        "lifecycle_manager", "fly_mission",
    ]  # fmt: skip
    assert {n.executable for n in nodes} <= set(EXECUTABLES)
    managed = [n for n in nodes if n.managed]
    assert all(n.parameters["use_sim_time"] for n in managed)
    real = [n for n in multigoal(resolve({"backend": "crazyflie"})) if n.managed]
    assert not any(n.parameters["use_sim_time"] for n in real)


def test_every_argument_is_described() -> None:
    assert all(a.description and a.name.islower() for a in ARGUMENTS)
    assert "recorder" not in {n.name for n in multigoal(resolve({"record": "false"}))}
