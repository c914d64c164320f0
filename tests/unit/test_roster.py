"""The lifecycle manager's plan, without ROS: order, refusal, restarts, deadlines."""

from __future__ import annotations

import pytest

from ros_nodes.respawns import Respawns
from ros_nodes.roster import REACHES, Primary, Roster, Step

NAMES = ("recorder", "supervisor", "detector", "drone")
CRITICAL = ("supervisor", "detector", "drone")


class Fleet:
    """Nodes that do as they are told, in simulated time."""

    def __init__(self, *, refuses: dict[str, Step] | None = None) -> None:
        self.roster = Roster(NAMES, CRITICAL)
        self.now = 0.0
        self.states = dict.fromkeys(NAMES, Primary.UNCONFIGURED)
        self.sessions = dict.fromkeys(NAMES, "1")
        self.dead: set[str] = set()
        self.refuses = refuses or {}
        self.log: list[tuple[str, Step]] = []

    def tick(self, seconds: float = 0.25) -> None:
        """All that live beat, then the roster asks and is answered."""
        self.now += seconds
        for name in NAMES:
            if name not in self.dead:
                self.beat(name)
        for name, step in self.roster.step(self.now):
            self.log.append((name, step))
            self.roster.asked(name, step, self.now)
            if name in self.dead:
                continue
            obeys = self.refuses.get(name) is not step
            if obeys:
                self.states[name] = REACHES[step]
            self.roster.answered(name, step, obeys, self.now)
            self.beat(name)

    def beat(self, name: str) -> None:
        trouble = "no such model" if name in self.refuses else ""
        self.roster.heard(name, self.sessions[name], self.states[name], trouble, self.now)

    def run(self, ticks: int = 30) -> None:
        for _ in range(ticks):
            self.tick()

    def up(self) -> None:
        self.roster.aim(Primary.ACTIVE, self.now)
        self.run()
        assert self.roster.ready(self.now)

    def steps(self, step: Step) -> list[str]:
        return [name for name, s in self.log if s is step]

    def news(self) -> list[str]:
        return [name for name, _ in self.roster.news]


def test_all_are_configured_side_by_side_and_activated_in_order() -> None:
    fleet = Fleet()
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    fleet.tick()
    assert fleet.log == [(name, Step.CONFIGURE) for name in NAMES]
    fleet.run()
    assert fleet.steps(Step.ACTIVATE) == list(NAMES)
    assert fleet.roster.ready(fleet.now) and fleet.roster.done(fleet.now) and "graph_up" in fleet.news()


def test_the_way_down_is_the_way_up_reversed() -> None:
    fleet = Fleet()
    fleet.up()
    fleet.log.clear()
    fleet.roster.aim(Primary.FINALIZED, fleet.now)
    fleet.run()
    back = list(reversed(NAMES))
    expected = [(n, s) for s in (Step.DEACTIVATE, Step.CLEANUP, Step.SHUTDOWN) for n in back]
    assert fleet.log == expected
    assert fleet.roster.done(fleet.now)


@pytest.mark.parametrize(("goal", "state"), [(Primary.INACTIVE, 2), (Primary.UNCONFIGURED, 1)])
def test_a_graph_brought_halfway_down_comes_up_again(goal: Primary, state: int) -> None:
    fleet = Fleet()
    fleet.up()
    fleet.roster.aim(goal, fleet.now)
    fleet.run()
    assert set(fleet.states.values()) == {state}
    assert fleet.roster.missing(fleet.now) == [f"{n}: {goal.name.lower()}" for n in NAMES if n in CRITICAL]
    fleet.up()


def test_a_node_that_was_never_started_is_named() -> None:
    fleet = Fleet()
    fleet.dead.add("detector")
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    fleet.run()
    assert fleet.roster.missing(fleet.now) == ["detector: never heard", "drone: inactive"]
    assert "detector" not in fleet.steps(Step.CONFIGURE)


def test_silence_makes_a_node_missing_after_a_second() -> None:
    fleet = Fleet()
    fleet.up()
    fleet.dead.add("detector")
    fleet.run(3)
    assert fleet.roster.ready(fleet.now), "0.75 s are no reason"
    fleet.run(2)
    assert fleet.roster.missing(fleet.now) == ["detector: silent for 1.2 s"]
    assert fleet.news().count("node_lost") == 1


def test_a_new_process_is_brought_up_while_the_others_stay() -> None:
    fleet = Fleet()
    fleet.up()
    fleet.log.clear()
    fleet.sessions["detector"], fleet.states["detector"] = "2", Primary.UNCONFIGURED
    fleet.run(3)
    assert fleet.log == [("detector", Step.CONFIGURE), ("detector", Step.ACTIVATE)]
    assert fleet.roster.ready(fleet.now) and fleet.roster.members["detector"].restarts == 1
    assert "node_restarted" in fleet.news()


def test_two_that_died_together_do_not_wait_for_each_other() -> None:
    fleet = Fleet()
    fleet.up()
    fleet.dead |= {"supervisor", "detector"}
    fleet.run(6)
    fleet.dead.remove("detector")
    fleet.sessions["detector"], fleet.states["detector"] = "2", Primary.UNCONFIGURED
    fleet.run(4)
    assert fleet.states["detector"] is Primary.ACTIVE
    assert fleet.roster.missing(fleet.now)[0].startswith("supervisor: silent")


def test_a_node_that_refuses_fails_the_graph_with_its_words() -> None:
    fleet = Fleet(refuses={"detector": Step.CONFIGURE})
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    fleet.run()
    assert fleet.roster.failed() == "detector: no such model"
    assert fleet.steps(Step.CONFIGURE).count("detector") == 1, "not asked again and again"
    assert "drone" not in fleet.steps(Step.ACTIVATE)
    fleet.refuses.clear()
    fleet.up()


def test_a_refusal_waits_for_its_words() -> None:
    roster = Roster(("detector",), ("detector",))
    roster.aim(Primary.ACTIVE, 0.0)
    roster.heard("detector", "1", 1, "", 0.0)
    roster.asked("detector", Step.CONFIGURE, 0.0)
    roster.answered("detector", Step.CONFIGURE, False, 0.1)
    assert not roster.failed()
    roster.heard("detector", "1", 1, "no such model", 0.2)
    assert roster.failed() == "detector: no such model"
    roster.aim(Primary.ACTIVE, 1.0)
    roster.heard("detector", "1", 1, "", 1.0)
    roster.asked("detector", Step.CONFIGURE, 1.0)
    roster.answered("detector", Step.CONFIGURE, False, 1.1)
    roster.step(2.2)
    assert roster.failed() == "detector: could not configure"


def test_a_recorder_that_refuses_does_not_keep_the_drone_on_the_ground() -> None:
    fleet = Fleet(refuses={"recorder": Step.CONFIGURE})
    fleet.up()
    assert fleet.roster.failed() == "" and fleet.roster.members["recorder"].failed


def test_a_request_that_never_arrived_is_repeated() -> None:
    fleet = Fleet()
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    fleet.beat("supervisor")
    assert fleet.roster.step(0.0) == [("supervisor", Step.CONFIGURE)]
    fleet.roster.asked("supervisor", Step.CONFIGURE, 0.0)
    fleet.now = 2.0
    fleet.beat("supervisor")
    assert fleet.roster.step(2.0) == []
    fleet.now = 3.1
    fleet.beat("supervisor")
    assert fleet.roster.step(3.1) == [("supervisor", Step.CONFIGURE)]


def test_a_heartbeat_from_before_the_transition_changes_nothing() -> None:
    fleet = Fleet()
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    fleet.beat("recorder")
    fleet.roster.asked("recorder", Step.CONFIGURE, 0.0)
    fleet.roster.answered("recorder", Step.CONFIGURE, True, 0.2)
    fleet.beat("recorder")  # was sent before, and comes after the answer
    assert fleet.roster.step(0.3) == []
    fleet.states["recorder"] = Primary.INACTIVE
    fleet.beat("recorder")
    assert fleet.roster.step(0.4)[0] == ("recorder", Step.ACTIVATE)


def test_a_repeated_request_that_was_not_due_is_no_failure_but_deafness_is() -> None:
    fleet = Fleet()
    fleet.roster.aim(Primary.ACTIVE, 0.0)
    for attempt in range(4):
        fleet.now = 3.5 * attempt
        fleet.beat("supervisor")
        assert fleet.roster.step(fleet.now) == [("supervisor", Step.CONFIGURE)], attempt
        fleet.roster.asked("supervisor", Step.CONFIGURE, fleet.now)
        fleet.roster.answered("supervisor", Step.CONFIGURE, False, fleet.now) if attempt else None
        assert not fleet.roster.failed()
    fleet.roster.step(fleet.now)
    assert fleet.roster.failed() == "supervisor: did not answer 3 requests"


def test_a_transition_has_a_deadline() -> None:
    roster = Roster(NAMES, CRITICAL)
    roster.aim(Primary.ACTIVE, 0.0)
    roster.heard("detector", "1", Primary.UNCONFIGURED, "", 0.0)
    roster.asked("detector", Step.CONFIGURE, 0.0)
    roster.step(59.0)
    assert not roster.failed(), "a node may load its model for a while, without a heartbeat"
    roster.step(60.1)
    assert roster.failed() == "detector: did not configure within 60 s"


def test_a_node_that_ended_while_it_was_asked_is_not_waited_for() -> None:
    fleet = Fleet()
    fleet.up()
    fleet.roster.asked("drone", Step.DEACTIVATE, fleet.now)
    fleet.roster.aim(Primary.FINALIZED, fleet.now)
    fleet.states["drone"] = Primary.FINALIZED
    fleet.run()
    assert fleet.roster.done(fleet.now)


def test_strangers_are_passed_over() -> None:
    roster = Roster(NAMES, CRITICAL)
    roster.heard("fly_mission", "1", 3, "", 0.0)
    assert list(roster.members) == list(NAMES)


def test_a_process_is_started_again_three_times_a_minute_and_never_after_a_mistake_of_the_user() -> None:
    respawns = Respawns(most=3, within_s=60.0)
    assert [respawns.may("detector", -9, t) for t in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]
    assert respawns.may("navigator", 1, 3.0)
    assert respawns.may("detector", -9, 61.0)
    assert not respawns.may("mission", 2, 100.0)


def hanging_fleet(restarted: tuple[str, ...] = ("detector",)) -> Fleet:
    fleet = Fleet()
    fleet.roster = Roster(NAMES, CRITICAL, restarted=restarted, hung_s=3.0)
    fleet.up()
    return fleet


def test_a_node_that_falls_silent_is_hung_once_and_again_with_its_next_process() -> None:
    fleet = hanging_fleet()
    fleet.dead.add("detector")
    fleet.run(12)
    assert fleet.roster.hung == []
    fleet.run(20)
    assert [name for name, _ in fleet.roster.hung] == ["detector"]
    assert fleet.roster.hung[0][1].startswith("no heartbeat for 3.")
    fleet.roster.hung.clear()
    fleet.dead.clear()
    fleet.sessions["detector"], fleet.states["detector"] = "2", Primary.UNCONFIGURED
    fleet.run()
    assert fleet.roster.ready(fleet.now) and fleet.roster.hung == []
    fleet.dead.add("detector")
    fleet.run(20)
    assert [name for name, _ in fleet.roster.hung] == ["detector"]


def test_a_silent_node_that_nobody_starts_again_is_left_alone() -> None:
    fleet = hanging_fleet()
    fleet.dead |= {"drone", "recorder"}
    fleet.run(200)
    assert fleet.roster.hung == []


def test_a_manager_that_was_stopped_itself_calls_nobody_hung() -> None:
    fleet = hanging_fleet()
    fleet.now += 100.0
    fleet.roster.step(fleet.now)  # its timer comes before the heartbeats that wait
    assert fleet.roster.hung == []
    fleet.run(30)
    assert fleet.roster.hung == []


@pytest.mark.parametrize(("name", "within_s"), [("detector", 20.0), ("recorder", 130.0), ("drone", 40.0)])
def test_a_node_that_does_not_come_down_is_hung_after_its_grace(name: str, within_s: float) -> None:
    fleet = hanging_fleet(restarted=())
    began = fleet.now
    fleet.roster.aim(Primary.FINALIZED, began)
    fleet.roster.asked(name, Step.DEACTIVATE, began)
    fleet.roster.step(began + within_s - 0.1)
    assert fleet.roster.hung == []
    fleet.roster.step(began + within_s + 0.1)
    assert fleet.roster.hung == [(name, f"did not deactivate within {within_s:g} s")]


def test_a_node_that_does_not_configure_is_hung_where_it_is_started_again() -> None:
    for restarted, hung in ((("detector",), ["detector"]), ((), [])):
        roster = Roster(NAMES, CRITICAL, restarted=restarted)
        roster.aim(Primary.ACTIVE, 0.0)
        roster.heard("detector", "1", Primary.UNCONFIGURED, "", 0.0)
        roster.asked("detector", Step.CONFIGURE, 0.0)
        roster.step(60.1)
        assert [name for name, _ in roster.hung] == hung
