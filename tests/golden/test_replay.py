"""The golden flight decides today as it did when recorded; a change that decides otherwise is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.cli.replay import read, stack_of
from reprohrl.contracts.errors import ModelError, UserError
from reprohrl.contracts.mission import MissionPhase, OptionKind
from reprohrl.flight.log import FlightHeader, FlightLog
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.paths import model_path
from reprohrl.policies.registry import make_planner
from reprohrl.replay.replay import Replayed, Stack, replay
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.supervisor import Supervisor
from tests.golden.record_replay import GOLDEN


def has_models() -> bool:
    try:
        return all(model_path(name).is_file() for name in ("detector", "selector", "navigator"))
    except ModelError:
        return False


needs_models = pytest.mark.skipif(not has_models(), reason="no trained models in models/")


@pytest.fixture(scope="module")
def log() -> FlightLog:
    return read(GOLDEN)


def told(result: Replayed) -> str:
    return "\n".join(d.told() for d in result.differences[:10])


@needs_models
@pytest.mark.parametrize("chained", [False, True])
def test_todays_stages_decide_as_recorded(log: FlightLog, chained: bool) -> None:
    result = replay(log, stack_of(log.header), chained=chained)
    assert not result.differences, told(result)
    assert result.compared["detector"] == result.compared["supervisor"] == len(log.rows)
    assert result.compared["goal_selector"] == len(log.rows) / 5


def test_the_golden_flight_is_worth_replaying(log: FlightLog) -> None:
    kinds = {row.option.kind for row in log.rows if row.option is not None}
    assert OptionKind.GO_TO in kinds
    assert max(row.status.index for row in log.rows if row.status is not None) >= 1, "no goal is reached"
    assert sum(len(row.detections.items) for row in log.rows) > 20
    assert GOLDEN.stat().st_size < 1_500_000


@needs_models
def test_another_planner_and_another_fence_are_named(log: FlightLog) -> None:
    stack = stack_of(log.header, pictures=False)
    stack.planner = make_planner("scripted")
    stack.supervisor = Supervisor(replace(SafetyConfig(), max_velocity_mps=(0.2, 0.2, 0.2)))
    result = replay(log, stack)
    assert {d.stage for d in result.differences} == {"goal_selector", "supervisor"}
    assert not result.compared["detector"]
    first = result.of("supervisor")[0]
    assert first.what == "reaction" and (first.recorded, first.replayed) == ("pass", "limit")


def test_a_box_that_is_gone_and_one_that_is_new_are_named(log: FlightLog) -> None:
    class Blind:
        def detect(self, frame):  # type: ignore[no-untyped-def]
            return replace(seen, stamp=frame.stamp, items=())

    seen = next(row.detections for row in log.rows if row.detections.items)
    result = replay(log, Stack(ObjectTracker(), detector=Blind()))
    boxes = sum(len(row.detections.items) for row in log.rows)
    assert len(result.of("detector")) == boxes and result.differences[0].replayed == "none"


def test_the_operator_pauses_and_cancels_in_the_replay_as_he_did(log: FlightLog) -> None:
    rows = list(log.rows)
    for i in range(20, 25):
        rows[i] = replace(rows[i], status=replace(rows[i].status, phase=MissionPhase.PAUSED))
    rows[40] = replace(rows[40], status=replace(rows[40].status, phase=MissionPhase.CANCELLED, reason="so"))
    result = replay(FlightLog(log.header, rows), Stack(ObjectTracker()))
    phases = [d for d in result.of("mission") if d.what in ("phase", "reason") and d.stamp <= rows[40].stamp]
    assert not phases, told(result)
    assert result.of("mission")[0].what == "elapsed_s", "the clock stood still in the pause"


def test_frames_that_nobody_answered_are_not_compared(log: FlightLog) -> None:
    rows = [replace(r, command=None, option=None, status=None, jpeg=b"") for r in log.rows]
    rows = [replace(r, detections=replace(r.detections, items=())) for r in rows]
    with pytest.raises(UserError, match="no answered frame"):
        replay(FlightLog(log.header, rows), Stack(ObjectTracker()))
    with pytest.raises(UserError, match="no answered frame"):
        replay(FlightLog(FlightHeader(())), Stack(ObjectTracker()))


@needs_models
def test_the_verb_tells_by_its_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(GOLDEN), "--chained", "--write", str(tmp_path / "again.mcap")]) == 0
    assert "decide as the recorded" in capsys.readouterr().out
    again = read(tmp_path / "again.mcap")
    assert [r.command for r in again.rows] == [r.command for r in read(GOLDEN).rows]
    assert main(["replay", str(GOLDEN), "--planner", "scripted", "--no-pictures", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["compared"]["navigator"] == 50 and told["differences"][0]["stage"] == "goal_selector"
    assert main(["replay", str(tmp_path / "none.mcap")]) == 2
    assert main(["replay", str(GOLDEN), "--planner", "scriptd"]) == 2
    assert 'did you mean "scripted"' in capsys.readouterr().err
