"""`runs/<stamp>/`: the folder every flight writes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightLog
from reprohrl.reporting.html import report_html
from reprohrl.reporting.judged import judge
from reprohrl.reporting.mcap import read_mcap, write_mcap
from reprohrl.reporting.summary import summarise

SUMMARY, RECORDING, VIDEO, REPORT = "summary.json", "flight.mcap", "flight.mp4", "report.html"
RUNS_VARIABLE = "REPROHRL_RUNS"

Progress = Callable[[str], None]


def new_run_dir(parent: Path | None = None) -> Path:
    """Return a fresh `runs/<stamp>` path (not yet made), below `parent` or `$REPROHRL_RUNS` or here."""
    parent = parent or Path(os.environ.get(RUNS_VARIABLE, "runs"))
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    path, n = parent / stamp, 2
    while path.exists():
        path, n = parent / f"{stamp}-{n}", n + 1
    return path


def write_run(
    log: FlightLog,
    folder: Path,
    *,
    recording: bool = True,
    video: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the four files and return the summary.

    Each appears whole or not at all. `recording=False` leaves an existing flight.mcap alone (ROS
    flights write their own). A missing encoder costs the video, not the report.
    """
    say = progress or (lambda _: None)
    folder.mkdir(parents=True, exist_ok=True)
    log.judged = log.judged or judge(log)
    summary = summarise(log)
    put(folder / SUMMARY, lambda p: p.write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n"))
    if recording:
        say("writing flight.mcap")
        put(folder / RECORDING, lambda p: write_mcap(log, p))
    if video and log.rows:
        say("encoding flight.mp4")
        _try_video(log, folder, say)
    say("writing report.html")
    film = folder / VIDEO
    page = report_html(log, summary, film if film.exists() else None)
    put(folder / REPORT, lambda p: p.write_text(page, encoding="utf-8"))
    return summary


def rebuild(folder: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Make summary, video and report again from flight.mcap. Raises `UserError` when there is none."""
    recording = folder / RECORDING
    if not recording.is_file():
        raise UserError(
            f"{folder} has no {RECORDING}", why="a report is made from it", fix="name a folder below runs/"
        )
    return write_run(read_mcap(recording), folder, recording=False, progress=progress)


def latest_run(parent: Path | None = None) -> Path:
    """Return the newest run folder. Raises `UserError` when nothing was flown yet."""
    parent = parent or Path(os.environ.get(RUNS_VARIABLE, "runs"))
    runs = sorted(p for p in parent.glob("*") if (p / RECORDING).is_file()) if parent.is_dir() else []
    if not runs:
        raise UserError(f"no flight in {parent}/", fix="fly one: reprohrl fly --task MC-3 --seed 1")
    return runs[-1]


def _try_video(log: FlightLog, folder: Path, say: Progress) -> None:
    from reprohrl.reporting.video import write_video

    try:
        put(folder / VIDEO, lambda p: write_video(log, p))
    except (UserError, OSError) as error:
        say(f"no video: {error}")


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside `path`, then rename, so that a reader never meets half a file."""
    half = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(half)
        shutil.move(half, path)
    finally:
        half.unlink(missing_ok=True)
