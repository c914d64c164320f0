"""The whole stack flies and something breaks: the supervisor and the bridge, and what the log says."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from firmware_bridge.lockstep.channel import RADIO
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.flight.result import Ending
from reprohrl.safety.config import Fence, SafetyConfig
from tests.safety.flights import Flight, is_down, wander
from tests.safety.missions import DeckInSimulatedTime, mission

AHEAD = VelocityCommand(vx=0.3)


def events(result: object, kind: str) -> list[str]:
    return [e.text for e in result.log.events if e.kind == kind]  # type: ignore[attr-defined]


def test_a_flight_over_the_radio_ends_with_its_time(start: Callable[..., Flight]) -> None:
    f = start(profile=RADIO, seed=1)
    f.connect()
    result, _ = mission(f, wander(2), limit_s=6.0)
    assert result.ending is Ending.TIME_LIMIT and not result.problems
    assert "setpoints 25.0 Hz" in events(result, "link")[-1]
    is_down(f, within_m=4.0)


def test_a_frozen_camera_hovers_then_lands(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def freeze(t: float, deck: DeckInSimulatedTime) -> None:
        deck.frozen = t > 2.0

    result, _ = mission(f, lambda _t: AHEAD, event=freeze)
    assert (result.ending, result.reason) == (Ending.SUPERVISOR, "land: stale command, stale camera")
    assert 2.0 + 6.0 <= result.duration_s <= 2.0 + 6.4
    assert "stale camera (6.0" in next(e for e in events(result, "supervisor") if "land" in e)
    is_down(f, within_m=1.5)


def test_a_camera_that_freezes_for_three_seconds_is_waited_for(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def freeze(t: float, deck: DeckInSimulatedTime) -> str | None:
        deck.frozen = 2.0 < t < 5.0
        if 3.0 < t < 4.9:
            assert f.speed < 0.1
        return "done" if t > 7.0 else None

    result, _ = mission(f, lambda _t: AHEAD, event=freeze)
    assert result.reason == "done" and f.drone.failsafe == ""
    assert "stale camera: over" in events(result, "supervisor")
    is_down(f, within_m=2.5)


@pytest.mark.parametrize(("every", "lands"), [(2, False), (1, True)])
def test_torn_frames_count_as_none(start: Callable[..., Flight], every: int, lands: bool) -> None:
    f = start()
    f.connect()
    count = [0]

    def tear(t: float, deck: DeckInSimulatedTime) -> None:
        count[0] += 1
        deck.tear = 1 if t > 1.0 and count[0] % every == 0 else 0
        if every == 1 and t > 1.0:
            deck.tear = 100

    result, deck = mission(f, event=tear, limit_s=9.0)
    assert deck.decoder.faults.torn > 10
    assert result.ending is (Ending.SUPERVISOR if lands else Ending.TIME_LIMIT)
    assert ("stale camera" in result.reason) == lands
    is_down(f, within_m=0.3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1e30, 2.0])
def test_a_policy_that_answers_nonsense_hovers_at_once_and_lands_after_a_second(
    start: Callable[..., Flight], bad: float
) -> None:
    f = start()
    f.connect()
    result, _ = mission(f, lambda t: AHEAD if t < 1.0 else VelocityCommand(vx=bad))
    assert (result.ending, result.reason) == (Ending.SUPERVISOR, "land: invalid command")
    assert 1.9 <= result.duration_s <= 2.4
    is_down(f, within_m=0.8)


def test_a_single_nonsense_is_forgiven(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()
    result, _ = mission(f, lambda t: VelocityCommand(vx=math.nan) if 1.0 < t < 1.15 else AHEAD, limit_s=3.0)
    assert result.ending is Ending.TIME_LIMIT
    assert [e for e in events(result, "supervisor") if e.startswith("invalid command (inf")]
    is_down(f, within_m=1.5)


@pytest.mark.parametrize("stall_s", [0.5, 1.5, 4.0])
def test_a_policy_that_thinks_too_long_is_not_waited_for(
    start: Callable[..., Flight], stall_s: float
) -> None:
    f = start()
    f.connect()
    stalled: list[float] = []

    def think(t: float) -> VelocityCommand:
        if t > 1.0 and not stalled:
            stalled.append(f.now)
            f.wait(stall_s)
        return AHEAD

    result, _ = mission(f, think, limit_s=4.0)
    if stall_s < 1.0:
        assert result.ending is Ending.TIME_LIMIT
    else:
        assert result.reason.endswith("the bridge: no command for 1.0 s: land")
        assert "no command for 1.0 s: land" in events(result, "failsafe")
        began = next(e.stamp for e in result.log.events if e.text == "no command for 1.0 s: land")
        assert 0.8 <= began - stalled[0] <= 1.1
    is_down(f, within_m=2.0)


def test_a_policy_that_raises_lands_and_the_error_is_told(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def fail(t: float) -> VelocityCommand:
        if t > 1.0:
            raise ZeroDivisionError("in the policy")
        return AHEAD

    with pytest.raises(ZeroDivisionError, match="in the policy"):
        mission(f, fail)
    is_down(f, within_m=0.8)


def test_ctrl_c_lands(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def interrupt(t: float, _deck: DeckInSimulatedTime) -> None:
        if t > 1.0:
            raise KeyboardInterrupt

    result, _ = mission(f, event=interrupt)
    assert result.ending is Ending.INTERRUPTED
    is_down(f, within_m=0.2)


def test_a_lost_link_ends_the_flight_with_its_reason(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def cut(t: float, _deck: DeckInSimulatedTime) -> None:
        f.loopback.up.cut = f.loopback.down.cut = t > 1.0

    result, _ = mission(f, event=cut)
    assert "stale state" in result.reason and result.duration_s < 2.5
    assert result.problems and "did not report the floor" in result.problems[0]
    is_down(f, locked=True, within_m=0.3)


def test_both_layers_keep_the_fence_and_the_nearer_one_acts_first(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()
    config = SafetyConfig(fence=Fence((-1.0, -1.0, -0.5), (1.0, 1.0, 2.0)))
    result, _ = mission(f, lambda _t: VelocityCommand(vx=0.5), config=config, limit_s=6.0)
    assert result.ending is Ending.TIME_LIMIT
    assert any(e.startswith("geofence near") for e in events(result, "supervisor"))
    assert 0.7 < f.sample.position[0] < 1.1
    is_down(f, within_m=1.3)


def test_a_hovering_mission_is_quiet_in_the_log(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()
    result, _ = mission(f, lambda _t: HOVER, limit_s=3.0)
    assert events(result, "supervisor") == [] and events(result, "failsafe") == []
    is_down(f, within_m=0.1)
