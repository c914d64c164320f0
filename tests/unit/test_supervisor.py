"""Each condition has its reaction, on time; nothing unsafe leaves the supervisor."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from reprohrl.contracts.command import HOVER, MAX_VX_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS, VelocityCommand
from reprohrl.contracts.state import DroneState
from reprohrl.safety.bridge import BridgeConfig, bridge_rules
from reprohrl.safety.conditions import Condition, Reaction, SafetyEvent, Verdict, rules
from reprohrl.safety.config import Fence, SafetyConfig
from reprohrl.safety.supervisor import Supervisor

CONFIG = SafetyConfig(fence=Fence((-2.0, -2.0, 0.0), (2.0, 2.0, 2.4)))
CALM = DroneState(stamp=0.0, position=(0.0, 0.0, 1.0), height=1.0, flying=True)
AHEAD = VelocityCommand(vx=0.3)
STEP_S = 0.05


class Flight:
    """Feeds a supervisor at 20 Hz; what is set to None has stopped coming."""

    def __init__(self, config: SafetyConfig = CONFIG) -> None:
        self.supervisor = Supervisor(config)
        self.now = 100.0
        self.state: DroneState | None = CALM
        self.command: VelocityCommand | None = AHEAD
        self.camera = True
        self.frame_stamp = 0.0
        self.events: list[SafetyEvent] = []

    def run(self, seconds: float) -> Verdict:
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            if self.camera:
                self.frame_stamp = self.now + 5.0  # the camera has a clock of its own
            command = replace(self.command, stamp=self.frame_stamp) if self.command is not None else None
            state = replace(self.state, stamp=self.now - 70.0) if self.state is not None else None
            verdict = self.supervisor.check(self.now, command, state, self.frame_stamp)
            self.events += verdict.events
        return verdict

    def when(self, reaction: Reaction, limit_s: float = 10.0) -> float:
        """Return after how many seconds the reaction comes."""
        start = self.now
        while self.now - start < limit_s:
            if self.run(STEP_S).reaction is reaction:
                return self.now - start
        raise AssertionError(f"no {reaction.name} within {limit_s} s")


@pytest.fixture
def flight() -> Flight:
    flight = Flight()
    verdict = flight.run(1.0)
    assert verdict.reaction is Reaction.PASS and verdict.command.vx == 0.3 and not flight.events
    return flight


def test_a_frozen_camera_hovers_then_lands(flight: Flight) -> None:
    flight.camera = False
    assert flight.when(Reaction.HOVER) == pytest.approx(0.25, abs=0.06)  # the command is stale first
    assert flight.run(1.0).command.vx == 0.0
    assert flight.when(Reaction.LAND) == pytest.approx(CONFIG.camera_land_s - 1.25, abs=0.11)
    assert flight.events[-1].condition is Condition.STALE_CAMERA


def test_a_camera_that_comes_back_gives_the_drone_back_to_the_policy(flight: Flight) -> None:
    flight.camera = False
    assert flight.run(4.0).reaction is Reaction.HOVER
    flight.camera = True
    assert flight.run(0.1).command.vx == 0.3
    assert [e.reaction for e in flight.events if e.condition is Condition.STALE_CAMERA] == [
        Reaction.HOVER,
        Reaction.PASS,
    ]


def test_a_silent_policy_hovers_then_lands_before_the_firmware_locks(flight: Flight) -> None:
    flight.command = None
    assert flight.when(Reaction.HOVER) == pytest.approx(0.25, abs=0.06)
    assert flight.when(Reaction.LAND) == pytest.approx(0.75, abs=0.06)
    assert flight.events[-1].condition is Condition.SILENT_POLICY


def test_a_stale_state_hovers_then_lands(flight: Flight) -> None:
    flight.state = None
    assert flight.when(Reaction.HOVER) == pytest.approx(0.5, abs=0.06)
    assert flight.when(Reaction.LAND) == pytest.approx(0.5, abs=0.06)


def test_a_state_that_is_no_number_hovers_at_once_then_lands(flight: Flight) -> None:
    flight.state = replace(CALM, position=(math.nan, 0.0, 1.0))
    assert flight.run(STEP_S).command.vx == 0.0
    assert flight.when(Reaction.LAND) < 1.1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e9, 2.0])
def test_a_garbage_command_hovers_at_once_and_lands_when_it_persists(flight: Flight, bad: float) -> None:
    flight.command = VelocityCommand(vx=bad)
    verdict = flight.run(STEP_S)
    assert verdict.reaction is Reaction.HOVER and verdict.command.vx == 0.0
    assert flight.when(Reaction.LAND) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("stamp", [0.0, -1e9, math.nan])
def test_a_stray_command_with_an_old_or_no_stamp_is_ignored(flight: Flight, stamp: float) -> None:
    state = replace(CALM, stamp=flight.now - 70.0)
    stray = VelocityCommand(vx=-0.5, vy=0.3, stamp=stamp)
    verdict = flight.supervisor.check(flight.now, stray, state, flight.frame_stamp)
    assert verdict.reaction is Reaction.PASS and verdict.command.vx == 0.3
    assert flight.run(1.0).reaction is Reaction.PASS


def test_a_command_from_the_future_silences_the_policy_and_lands(flight: Flight) -> None:
    state = replace(CALM, stamp=flight.now - 70.0)
    flight.supervisor.check(flight.now, VelocityCommand(vx=0.5, stamp=1e9), state, flight.frame_stamp)
    assert flight.when(Reaction.HOVER) < 0.4
    assert flight.when(Reaction.LAND) < 1.1


def test_one_bad_command_is_forgiven(flight: Flight) -> None:
    flight.command = VelocityCommand(vx=math.nan)
    flight.run(STEP_S)
    flight.command = AHEAD
    assert flight.run(0.5).reaction is Reaction.PASS


def test_an_eager_command_is_limited_keeping_its_direction(flight: Flight) -> None:
    flight.command = VelocityCommand(vx=0.9, vy=0.3, vz=-0.4, yaw_rate=MAX_YAW_RATE_RADPS + 0.5)
    verdict = flight.run(STEP_S)
    assert verdict.reaction is Reaction.LIMIT
    assert (verdict.command.vx, verdict.command.vy) == pytest.approx((MAX_VX_MPS, MAX_VX_MPS / 3))
    assert (verdict.command.vz, verdict.command.yaw_rate) == (-MAX_VZ_MPS, MAX_YAW_RATE_RADPS)


def test_the_fence_slows_stops_and_returns() -> None:
    flight = Flight(replace(CONFIG, jump_m=math.inf))  # this one teleports
    flight.run(1.0)
    flight.state = replace(CALM, position=(1.9, 0.0, 1.0))
    verdict = flight.run(STEP_S)
    assert verdict.reaction is Reaction.LIMIT and verdict.command.vx == pytest.approx(0.1)
    flight.state = replace(CALM, position=(2.3, 0.0, 1.0))
    verdict = flight.run(STEP_S)
    assert verdict.reaction is Reaction.HOVER and verdict.command.vx == pytest.approx(-0.2)
    flight.state = replace(CALM, position=(2.3, 0.0, 1.0), attitude=(0.0, 0.0, math.pi / 2))
    assert flight.run(STEP_S).command.vy == pytest.approx(0.2)
    flight.state = replace(CALM, position=(3.5, 0.0, 1.0))
    assert flight.when(Reaction.LAND) < 0.3


def test_heights_are_kept(flight: Flight) -> None:
    flight.command = VelocityCommand(vz=0.3)
    flight.state = replace(CALM, height=2.1)
    assert flight.run(STEP_S).command.vz == pytest.approx(0.1)
    flight.state = replace(CALM, height=0.1)
    flight.command = VelocityCommand(vz=-0.3)
    assert flight.run(STEP_S).command.vz == pytest.approx(0.1)


def test_a_close_obstacle_limits_the_approach_but_not_the_way_along_it_or_back(flight: Flight) -> None:
    flight.state = replace(CALM, ranges=(0.15, 4.0, 4.0, 4.0, 4.0))
    flight.command = VelocityCommand(vx=0.3, vy=0.2)
    verdict = flight.run(STEP_S)
    assert (verdict.command.vx, verdict.command.vy) == (0.0, 0.2)
    flight.command = VelocityCommand(vx=-0.3)
    assert flight.run(0.5).command.vx == -0.3
    flight.state = replace(CALM, ranges=(0.4, 4.0, 4.0, 4.0, 4.0))
    flight.command = VelocityCommand(vx=MAX_VX_MPS)
    assert flight.run(0.5).reaction is Reaction.PASS  # a policy may come to a goal at full speed


def test_a_low_battery_lands_after_two_seconds_but_a_burst_of_thrust_does_not(flight: Flight) -> None:
    flight.state = replace(CALM, battery_v=3.15)
    assert flight.run(1.5).reaction is Reaction.PASS
    flight.state = CALM
    assert flight.run(1.0).reaction is Reaction.PASS
    flight.state = replace(CALM, battery_v=3.15)
    assert flight.when(Reaction.LAND) == pytest.approx(2.05, abs=0.06)
    assert "low battery (3.15 V): land" in [e.message for e in flight.events]


def test_a_critical_battery_lands_sooner_and_a_weak_one_is_only_reported(flight: Flight) -> None:
    weak = Flight()
    weak.state = replace(CALM, battery_v=3.4)
    assert weak.run(20.0).reaction is Reaction.PASS
    assert [e.message for e in weak.events] == ["battery warning (3.40 V): pass"]
    flight.state = replace(CALM, battery_v=2.9)
    assert flight.when(Reaction.LAND) < 0.7


@pytest.mark.parametrize("volts", [0.0, math.nan])
def test_a_drone_that_measures_no_battery_is_flown(flight: Flight, volts: float) -> None:
    flight.state = replace(CALM, battery_v=volts)
    assert flight.run(5.0).reaction is Reaction.PASS


def test_a_lost_link_hovers_then_lands(flight: Flight) -> None:
    flight.state = replace(CALM, link=0.0)
    assert flight.when(Reaction.HOVER) == pytest.approx(0.55, abs=0.06)
    assert flight.when(Reaction.LAND) == pytest.approx(1.5, abs=0.06)


def test_a_tumble_cuts_and_nothing_brings_it_back(flight: Flight) -> None:
    flight.state = replace(CALM, attitude=(2.0, 0.0, 0.0))
    assert flight.when(Reaction.CUT) == pytest.approx(0.35, abs=0.06)
    flight.state = CALM
    verdict = flight.run(5.0)
    assert verdict.reaction is Reaction.CUT and verdict.command == replace(HOVER, stamp=verdict.command.stamp)


def test_a_runaway_hovers_then_lands(flight: Flight) -> None:
    flight.state = replace(CALM, velocity=(1.8, 0.0, 0.0))
    assert flight.when(Reaction.HOVER) < 0.5
    assert flight.when(Reaction.LAND) < 1.5


def test_an_operator_can_land_and_cut(flight: Flight) -> None:
    flight.supervisor.demand(Reaction.LAND, "the operator pressed land")
    verdict = flight.run(STEP_S)
    assert verdict.reaction is Reaction.LAND and verdict.command.vz < 0
    assert flight.events[-1].message == "the operator pressed land: land"
    flight.supervisor.demand(Reaction.CUT, "the operator pressed stop")
    assert flight.run(1.0).reaction is Reaction.CUT


def test_landing_stays_until_reset_and_events_come_once(flight: Flight) -> None:
    flight.command = None
    flight.run(2.0)
    flight.command = AHEAD
    assert flight.run(5.0).reaction is Reaction.LAND
    flight.state = replace(CALM, flying=False)
    assert flight.run(1.0).reaction is Reaction.LAND
    assert sum(e.reaction is Reaction.LAND for e in flight.events) == 1
    flight.supervisor.reset()
    flight.state = CALM
    assert flight.run(1.0).reaction is Reaction.PASS


def test_on_the_ground_nothing_passes_and_nothing_is_wrong() -> None:
    flight = Flight()
    flight.state, flight.camera = replace(CALM, flying=False, battery_v=2.0), False
    verdict = flight.run(30.0)
    assert verdict == Verdict(HOVER, Reaction.PASS)


def test_the_most_severe_reaction_wins(flight: Flight) -> None:
    flight.state = replace(CALM, position=(1.9, 0, 1), battery_v=2.0, attitude=(2.0, 0.0, 0.0))
    verdict = flight.run(1.0)
    assert verdict.reaction is Reaction.CUT
    assert {Condition.TUMBLE, Condition.CRITICAL_BATTERY, Condition.FENCE_NEAR} <= set(verdict.active)


def test_an_estimate_that_jumps_hovers_until_it_has_settled(flight: Flight) -> None:
    flight.state = replace(CALM, position=(1.2, 0.0, 1.0))
    assert flight.run(STEP_S).reaction is Reaction.HOVER
    assert "estimate jumped (1.20 m): hover" in [e.message for e in flight.events]
    assert flight.run(0.9).reaction is Reaction.HOVER
    assert flight.run(0.2).reaction is Reaction.PASS


def test_an_estimator_that_doubts_itself_hovers_then_lands(flight: Flight) -> None:
    flight.state = replace(CALM, estimate_std_mps=0.8)
    assert flight.run(STEP_S).reaction is Reaction.HOVER
    assert flight.when(Reaction.LAND) == pytest.approx(CONFIG.estimate_land_s, abs=0.06)


def test_every_condition_but_those_others_demand_has_a_row() -> None:
    of_the_bridge = {r.condition for r in bridge_rules(BridgeConfig())}
    assert {r.condition for r in rules(CONFIG)} == set(Condition) - of_the_bridge
