"""Who may hear the nodes: this machine, or as far as the user says, and never through shared memory."""

from __future__ import annotations

import pytest

from ros_nodes import environment

PROFILE, RANGE = "FASTRTPS_DEFAULT_PROFILES_FILE", "ROS_AUTOMATIC_DISCOVERY_RANGE"
ASKED = (
    PROFILE,
    "FASTDDS_DEFAULT_PROFILES_FILE",
    RANGE,
    "ROS_LOCALHOST_ONLY",
    "ROS_STATIC_PEERS",
    "RMW_IMPLEMENTATION",
)


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ASKED:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "name, value", [(RANGE, "LOCALHOST"), ("ROS_LOCALHOST_ONLY", "1"), ("UNRELATED", "1")]
)
def test_this_machine_is_said_by_the_profile(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """rmw_fastrtps answers a range of LOCALHOST with shared memory."""
    monkeypatch.setenv(name, value)
    found = environment.variables()
    assert found[RANGE] == "SYSTEM_DEFAULT" and found[PROFILE] == environment.LOCALHOST
    assert found.get("ROS_LOCALHOST_ONLY", "0") == "0"
    assert environment.reach() == "this machine only"


def test_a_node_started_by_a_node_keeps_the_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.variables().items():
        monkeypatch.setenv(name, value)
    assert environment.variables()[PROFILE] == environment.LOCALHOST
    assert environment.reach() == "this machine only"


def test_a_wider_range_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RANGE, "SUBNET")
    found = environment.variables()
    assert found[RANGE] == "SUBNET" and found[PROFILE] == environment.NETWORK
    assert environment.reach() == "discovery SUBNET"


def test_named_peers_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """rmw_fastrtps knows them with a range of LOCALHOST or SUBNET alone."""
    monkeypatch.setenv("ROS_STATIC_PEERS", "192.168.4.2")
    found = environment.variables()
    assert found[RANGE] == "LOCALHOST" and found[PROFILE] == environment.NETWORK


def test_a_profile_of_the_user_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROFILE, "/etc/dds.xml")
    found = environment.variables()
    assert found[PROFILE] == "/etc/dds.xml" and found[RANGE] == "LOCALHOST"
    assert environment.reach() == "discovery LOCALHOST, profile /etc/dds.xml"


def test_another_middleware_gets_its_usual_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp")
    found = environment.variables()
    assert found[RANGE] == "LOCALHOST" and PROFILE not in found
