"""Missions in words, flown in the fast world and judged from its truth."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.cli.stage import open_stage
from reprohrl.cli.worded import orders_of
from reprohrl.contracts.battery import battery_percent
from reprohrl.contracts.mission import Mission, MissionPhase
from reprohrl.contracts.orders import Avoid
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import FlightResult
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.language.parse import parse_mission
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.registry import make_navigator, make_planner
from reprohrl.replay.replay import Stack, replay
from reprohrl.reporting.judged import judge
from reprohrl.reporting.run import write_run
from reprohrl.reporting.schemas import row_from_json, row_to_json


def flown(mission: Mission, task: str, seed: int, *, heed: bool = True, rung: Rung = Rung.R0) -> FlightResult:
    """Fly a mission by the rule and the routes; without `heed`, its goals alone."""
    spec = EpisodeSpec(
        task=task, seed=seed, rung=rung, planner="rule", navigator="routes", world="fast",
        orders=orders_of(mission),
    )  # fmt: skip

    def plainly(detector, tracker, progress):  # type: ignore[no-untyped-def]
        plain = MissionTracker(Mission(mission.goals))
        return Pipeline(detector, tracker, plain, make_planner("rule"), make_navigator("routes"))

    with open_stage(spec, assemble=None if heed else plainly) as stage:
        return fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (),
            options=FlightOptions(keep_frames=False, seed=seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip


def said(text: str, task: str, seed: int) -> FlightResult:
    return flown(parse_mission(text).demand(), task, seed)


def nearest(result: FlightResult, goal: int) -> float:
    """Return how near the drone came to a goal object, from the truth [m]."""
    return min(r.truth.goal_distance_m[goal] for r in result.log.rows if r.truth is not None)


def from_start(result: FlightResult) -> float:
    places = [r.truth.position for r in result.log.rows if r.truth is not None]
    (x0, y0, _), (x1, y1, _) = places[0], places[-1]
    return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)


def test_goals_in_any_order_and_home_again() -> None:
    result = said("Visit the cube and the cone in any order, then come home.", "MC-3", 0)
    assert result.success and judge(result.log) == "success" and from_start(result) < 0.5
    assert result.status is not None and result.status.mission.names == ("cone", "cube")
    rows = [row_from_json(json.loads(json.dumps(row_to_json(r)))) for r in result.log.rows]
    assert [r.status for r in rows] == [r.status for r in result.log.rows]


AVOIDED = ((9, (2, 0), 1), (25, (5, 4), 1))
"""Seeds on which the way to the goals leads past the cube."""


@pytest.mark.parametrize(("seed", "goals", "avoid"), AVOIDED)
def test_what_is_to_be_avoided_is_kept_away_from(seed: int, goals: tuple[int, int], avoid: int) -> None:
    """On the same seed the drone comes too near without the order, and does not with it."""
    mission = Mission(goals, avoid=(Avoid(avoid, 0.6),))
    assert nearest(flown(mission, "MC-3", seed, heed=False, rung=Rung.R1), avoid) < 0.5
    heeded = flown(mission, "MC-3", seed, rung=Rung.R1)
    assert nearest(heeded, avoid) >= 0.5 and heeded.success and judge(heeded.log) == "success"


def test_the_drone_is_home_before_the_battery_is_at_the_limit() -> None:
    words = "Be home before the battery is at 85 %, visit cube, cone, torus, pyramid, sphere and cylinder."
    result = said(words, "MC-3", 0)
    assert result.status is not None and result.status.phase is MissionPhase.FAILED
    assert "85 %" in result.reason and result.reason.endswith("back home") and from_start(result) < 0.5
    last = result.log.rows[-1].state
    assert battery_percent(last.battery_v) >= 85 - 5
    assert 0 < result.status.index < 6, "it was flying on when the battery called it home"


def test_a_time_limit_lands_the_drone_where_it_is() -> None:
    result = said("Visit the cube and the torus, and land after 8 seconds at the latest.", "MC-3", 1)
    assert "8 s" in result.reason and not result.success
    assert result.duration_s == pytest.approx(8.0, abs=0.5)


def test_whatever_is_behind_the_doorway_is_found_and_visited() -> None:
    result = said("Visit whatever is behind the doorway and come home.", "X2R", 1)
    assert result.success and judge(result.log) == "success"
    assert result.status is not None and result.status.index == 1
    xs = [r.truth.position[0] for r in result.log.rows if r.truth is not None]
    assert min(xs) < -0.3 and max(xs) > 0.3, "the inner wall stands at x = 0"


def test_rounds_go_on_until_the_time_is_over() -> None:
    result = said("Patrol between the cube and the cone for 30 seconds, then return.", "MS-2", 0)
    assert result.success and judge(result.log) == "success"
    assert result.status is not None and result.status.index >= 3
    assert result.status.mission.names[: result.status.index][:3] == ("cube", "cone", "cube")


def test_a_flight_in_words_replays_without_a_difference() -> None:
    result = said("Visit the cube, stay away from the sphere, then visit the torus and return.", "MC-3", 0)
    log = result.log
    log.rows[:] = [row_from_json(json.loads(json.dumps(row_to_json(r)))) for r in log.rows]
    stack = Stack(ObjectTracker(), planner=make_planner("rule"), navigator=make_navigator("routes"))
    assert replay(log, stack).differences == []


def test_the_command_line_flies_a_confirmed_mission_and_no_other(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    flight = ["fly", "--task", "MC-3", "--seed", "1", "--rung", "R0", "--world", "fast", "--no-video",
              "--planner", "rule", "--navigator", "routes", "--out", str(tmp_path / "run")]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main([*flight, "--mission", "visit the cube then come home"]) == 2
    assert "nobody is there to confirm" in capfd.readouterr().err and not (tmp_path / "run").exists()
    assert main([*flight, "--mission", "visit the cune", "--yes"]) == 2
    assert "cone / cube" in capfd.readouterr().out
    assert main([*flight, "--mission", "visit the cube then come home", "--yes"]) == 0
    told = capfd.readouterr().out
    assert "1. visit the cube" in told and "2. return home" in told
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["judged"] == "success" and summary["mission"] == ["cube"]


def test_an_evaluation_judges_missions_in_words(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flights = ["eval", "--task", "MC-3", "--seed", "0", "--episodes", "2", "--rung", "R0", "--world", "fast",
               "--planner", "rule", "--navigator", "routes", "--workers", "1",
               "--json", str(tmp_path / "it.json")]  # fmt: skip
    words = "Visit the cone and return home."
    assert main([*flights, "--mission", words, "--yes"]) == 0
    episodes = json.loads((tmp_path / "it.json").read_text())["episodes"]
    assert [e["outcome"] for e in episodes] == ["success"] * 2
    assert all(e["goals"] == e["goals_reached"] == 1 and e["path_m"] > 1.0 for e in episodes)


def test_the_report_says_what_was_asked_for(tmp_path: Path) -> None:
    result = said("Visit the cube and the cone in any order, then come home.", "MC-3", 0)
    write_run(result.log, tmp_path / "run", video=False)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "1. visit the cone and the cube in any order · 2. return home" in page
    notes = [e.text for e in result.log.events if e.kind == "mission"]
    assert notes[0] == "1. visit the cube and the cone in any order; 2. return home"
    assert "reached cone" in notes and "returning: all goals reached" in notes
