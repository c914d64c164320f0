"""What every flight leaves behind."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightHeader, FlightLog
from reprohrl.reporting.judged import judge
from reprohrl.reporting.mcap import read_mcap, write_mcap
from reprohrl.reporting.run import latest_run, new_run_dir, rebuild, write_run
from reprohrl.reporting.summary import summarise
from reprohrl.reporting.topview import TopView
from tests.flight_logs import straight_flight


def test_a_flight_writes_four_files_and_the_report_can_be_made_again(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    log = straight_flight(leg_ticks=12)
    summary = write_run(log, tmp_path / "a")
    names = {p.name for p in (tmp_path / "a").iterdir()}
    assert names == {"summary.json", "flight.mcap", "flight.mp4", "report.html"}
    assert json.loads((tmp_path / "a" / "summary.json").read_text()) == summary
    page = (tmp_path / "a" / "report.html").read_text()
    assert "data:video/mp4;base64," in page
    assert not [word for word in ("http://", "https://", 'src="/') if word in page]
    (tmp_path / "a" / "report.html").unlink()
    assert rebuild(tmp_path / "a") == summary
    assert (tmp_path / "a" / "report.html").exists()
    assert latest_run(tmp_path) == tmp_path / "a"


def test_the_video_has_one_picture_per_tick_in_h264(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    write_run(straight_flight(leg_ticks=5), tmp_path)
    film = cv2.VideoCapture(str(tmp_path / "flight.mp4"))
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == 15
    assert int(film.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") in (b"h264", b"avc1")


def test_a_log_survives_the_recording_unchanged(tmp_path: Path) -> None:
    log = straight_flight(leg_ticks=4)
    write_mcap(log, tmp_path / "flight.mcap")
    back = read_mcap(tmp_path / "flight.mcap")
    assert back.header.goals == log.header.goals
    assert back.rows == log.rows
    assert back.events == log.events
    assert back.outcome == log.outcome


def test_a_command_that_is_not_finite_survives_the_recording(tmp_path: Path) -> None:
    log = straight_flight(leg_ticks=2)
    log.rows[1] = replace(log.rows[1], command=VelocityCommand(math.nan, 0.0, 0.0, 0.0, 1.0))
    write_mcap(log, tmp_path / "flight.mcap")
    command = read_mcap(tmp_path / "flight.mcap").rows[1].command
    assert command is not None and math.isnan(command.vx)


def test_a_broken_recording_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "flight.mcap").write_bytes(b"not a recording")
    with pytest.raises(UserError, match="cannot be read"):
        read_mcap(tmp_path / "flight.mcap")
    with pytest.raises(UserError, match="no flight"):
        latest_run(tmp_path / "empty")


def test_the_summary_counts_goals_times_and_contacts() -> None:
    clean = summarise(straight_flight(leg_ticks=20))
    assert clean["success"] and clean["goals_reached"] == 3
    assert clean["goal_times_s"] == [2.0, 4.0, 5.9]
    assert clean["latency_ms"]["detect"] == {"p50": 11.0, "p95": 11.0, "p99": 11.0}
    crash = summarise(straight_flight(leg_ticks=20, touch_wall=True))
    assert not crash["success"] and crash["collisions"] == ["wall"]


def test_ticks_without_an_answer_bring_no_events_of_their_own() -> None:
    whole = straight_flight(leg_ticks=6)
    log = FlightLog(whole.header)
    for i, row in enumerate(whole.rows):
        log.add(replace(row, status=None, option=None, command=None) if i % 3 == 1 else row)
    assert [e.text for e in log.events] == [e.text for e in whole.events]


def test_a_flight_is_judged_from_its_truth_not_from_what_the_drone_believes() -> None:
    passing = straight_flight(leg_ticks=20)
    assert judge(passing) == "unfinished"
    assert judge(straight_flight(leg_ticks=20, touch_wall=True)) == "hit a wall"
    holding = FlightLog(passing.header)
    for row in passing.rows:
        assert row.truth is not None
        holding.add(replace(row, truth=replace(row.truth, goal_distance_m=(0.4,) * 6)))
    assert judge(holding) == "success"
    blind = FlightLog(passing.header, rows=[replace(r, truth=None) for r in passing.rows])
    assert judge(blind) == ""


def test_success_needs_the_drone_and_the_judge_to_agree() -> None:
    log = straight_flight(leg_ticks=20)
    log.judged = judge(log)
    assert summarise(log)["phase"] == "succeeded" and not summarise(log)["success"]


def test_a_flight_without_a_frame_still_gets_a_report(tmp_path: Path) -> None:
    log = FlightLog(FlightHeader(("cone",)), outcome="the camera never answered")
    summary = write_run(log, tmp_path)
    assert not summary["success"] and summary["goals_reached"] == 0
    assert "the camera never answered" in (tmp_path / "report.html").read_text()
    assert not (tmp_path / "flight.mp4").exists()


def test_the_top_view_puts_x_right_and_y_up() -> None:
    empty = {"room": {"size": (4.0, 4.0, 2.5)}, "objects": []}
    view = TopView(empty, 400)
    blank = view.frame([])
    right, up = (
        np.argwhere((view.frame([pose]) != blank).any(axis=2)).mean(axis=0)
        for pose in [(1.0, 0.0, 0.8, 0.0), (0.0, 1.0, 0.8, math.pi / 2)]
    )
    assert right[1] > 280 and abs(right[0] - 200) < 20
    assert up[0] < 120 and abs(up[1] - 200) < 20


def test_run_folders_never_collide(tmp_path: Path) -> None:
    first = new_run_dir(tmp_path)
    first.mkdir()
    assert new_run_dir(tmp_path) != first
