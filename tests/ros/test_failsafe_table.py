"""Every row of the supervisor's failsafe table over real DDS; a new row without a fault here fails."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.safety.conditions import Condition, Reaction
from reprohrl.safety.table import Layer, Row, table
from reprohrl_msgs import msg as m
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe
from tests.ros.supervised import AHEAD, CONFIG, FINE, TICK_S, Bench, Fault

pytestmark = [pytest.mark.ros, pytest.mark.timeout(240)]
ROWS = [row for row in table(CONFIG) if row.layer is Layer.SUPERVISOR]
SILENT = Fault(command=None)

FAULTS = {
    Condition.OUT_OF_RANGE: Fault(command=VelocityCommand(vx=0.9)),
    Condition.FENCE_NEAR: Fault({"position": (2.4, 0.0, 1.0)}, VelocityCommand(vx=0.5)),
    Condition.HEIGHT_LIMIT: Fault({"position": (0.0, 0.0, 2.15), "height": 2.15}, VelocityCommand(vz=0.3)),
    Condition.OBSTACLE_CLOSE: Fault({"ranges": (0.2, 4.0, 4.0, 4.0, 4.0)}, VelocityCommand(vx=0.5)),
    Condition.BATTERY_WARNING: Fault({"battery_v": 3.4}),
    Condition.INVALID_COMMAND: Fault(command=VelocityCommand(vx=math.nan)),
    Condition.STALE_COMMAND: SILENT,
    Condition.SILENT_POLICY: SILENT,
    Condition.STALE_CAMERA: Fault(command=None, frames=False),
    Condition.STALE_STATE: Fault(frozen=True),
    Condition.LOST_LINK: Fault({"link": 0.0}),
    Condition.FENCE_OUTSIDE: Fault({"position": (2.8, 0.0, 1.0)}),
    Condition.FENCE_FAR_OUTSIDE: Fault({"position": (3.8, 0.0, 1.0)}),
    Condition.OVERSPEED: Fault({"velocity": (1.8, 0.0, 0.0)}),
    Condition.ESTIMATE_JUMPED: Fault({"position": (1.5, 0.0, 1.0)}),
    Condition.ESTIMATE_UNSURE: Fault({"estimate_std_mps": 0.8}),
    Condition.LOW_BATTERY: Fault({"battery_v": 3.1}),
    Condition.CRITICAL_BATTERY: Fault({"battery_v": 2.9}),
    Condition.TUMBLE: Fault({"attitude": (1.2, 0.0, 0.0)}),
}


@pytest.fixture(scope="module")
def bench(ros: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    probe = Probe(topics=((m.Command, "command"), (m.Event, "events")))
    graph = Graph(ros, tmp_path_factory.mktemp("supervised"), ("supervisor",), lasting=True)
    yield Bench(probe)
    graph.close()
    probe.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.condition}: {row.reaction}")
def test_every_row_of_the_supervisor_acts_in_time_and_ends_as_it_says(bench: Bench, row: Row) -> None:
    """The reaction comes with the first state at which it is due, neither before nor after."""
    fault, reaction = FAULTS[Condition(row.condition)], Reaction[row.reaction.upper()]
    bench.take_off()
    begins_s = bench.now if fault.silence else bench.now + TICK_S

    def acts() -> list[float]:
        said = bench.events(row.condition)
        return [t for t, r, words in said if r == reaction and not words.endswith(": over")]

    while bench.now + TICK_S < begins_s + row.after_s - 1e-6:
        go_on(bench, fault)
        assert not acts(), f"{bench.now - begins_s:.1f} s after the beginning is too early"
    go_on(bench, fault)
    bench.until(acts, f"{row.reaction} because of {row.condition}")
    assert acts() == [pytest.approx(bench.now, abs=1e-3)]
    sent = bench.until(
        lambda: next((c for c in bench.probe.heard["command"][-1:] if c.reaction >= reaction), None),
        f"a command that is a {row.reaction}",
    )
    assert_output(sent, reaction, fault)
    if reaction >= Reaction.LAND:
        assert row.recovery == "final for this flight"
        for _ in range(20):
            assert bench.answered(FINE).reaction >= reaction, "it is final"
    else:
        assert_recovery(bench, row)


def go_on(bench: Bench, fault: Fault) -> None:
    """Go on by a tick; nobody answers a silent navigator before it is time to."""
    if fault.command is None:
        bench.tick(fault)
    else:
        bench.answered(fault)


def assert_output(sent: m.Command, reaction: Reaction, fault: Fault) -> None:
    """What the drone is sent is what the reaction is called."""
    asked = fault.command or AHEAD
    level = math.hypot(sent.vx, sent.vy)
    match reaction:
        case Reaction.PASS:
            assert (sent.vx, sent.vy, sent.vz) == (asked.vx, asked.vy, asked.vz)
        case Reaction.LIMIT:
            assert math.hypot(level, sent.vz) < 0.6 * math.hypot(asked.vx, asked.vy, asked.vz)
        case Reaction.HOVER:
            inward = -CONFIG.fence_return_mps if "position" in fault.state else 0.0
            assert inward <= sent.vx <= 0.0 and sent.vy == sent.vz == 0.0
        case Reaction.LAND:
            assert level == 0.0 and sent.vz == -CONFIG.land_descent_mps
        case Reaction.CUT:
            assert level == sent.vz == 0.0
    assert reaction < Reaction.HOVER or sent.yaw_rate == 0.0


def assert_recovery(bench: Bench, row: Row) -> None:
    """Once it is gone for as long as the row says, it is told to be over, and the navigator flies again."""
    bad = bench.now
    said_s = float(row.recovery.removeprefix("gone for ").removesuffix(" s") if "for" in row.recovery else 0)
    for _ in range(int(said_s / TICK_S) + 20):
        answer = bench.answered(FINE)
        over = [t for t, _, words in bench.events(row.condition) if words.endswith(": over")]
        if over and answer.reaction == m.Command.PASS:
            break
    assert answer.reaction == m.Command.PASS and answer.vx == pytest.approx(AHEAD.vx)
    (ended,) = over
    assert bad + said_s - 1e-3 <= ended <= bad + said_s + 2 * TICK_S + 1e-3


def test_every_condition_of_the_supervisor_has_a_fault_here() -> None:
    assert {str(c) for c in FAULTS} == {row.condition for row in ROWS}
