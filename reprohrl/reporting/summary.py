"""`summary.json`: one flight in numbers."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from reprohrl.contracts.mission import MissionPhase, MissionStatus
from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.language.telling import tell_mission

PERCENTILES = (50, 95, 99)


def summarise(log: FlightLog) -> dict[str, Any]:
    """Return the JSON-ready summary of a flight."""
    last = next((r.status for r in reversed(log.rows) if r.status is not None), None)
    contacts = [e.text.removeprefix("touched ") for e in log.events if e.kind == "contact"]
    collisions = [c for c in contacts if c != "floor"]
    phase = last.phase if last else MissionPhase.IDLE
    believed = phase is MissionPhase.SUCCEEDED and log.judged in ("", "success")
    return {
        "success": (believed or (_gave_up(log) and log.judged == "success")) and not collisions,
        "phase": str(phase),
        "outcome": log.outcome or (last.reason if last else "no frame arrived"),
        "judged": log.judged,
        "mission": _goals(log, last),
        "orders": list(tell_mission(last.mission)) if last is not None and not last.mission.plain else [],
        "goals_reached": last.index if last else 0,
        "goal_times_s": goal_times(log),
        "flight_time_s": duration(log),
        "path_length_m": round(path_length(log.rows), 3),
        "collisions": collisions,
        "supervisor_events": [
            {"t_s": _t(log, e.stamp), "event": e.text} for e in log.events if e.kind == "supervisor"
        ],
        "reactions": dict(Counter(r.reaction for r in log.rows)),
        "events": [{"t_s": _t(log, e.stamp), "kind": e.kind, "event": e.text} for e in log.events],
        "latency_ms": latencies(log.rows),
        "ticks": len(log.rows),
        "battery_v": [round(log.rows[0].state.battery_v, 3), round(log.rows[-1].state.battery_v, 3)]
        if log.rows
        else [],
        "backend": log.header.backend,
        "planner": log.header.planner,
        "navigator": log.header.navigator,
        "detector": log.header.detector,
        "task": log.header.task,
        "seed": log.header.seed,
        "started": log.header.started,
        "versions": log.header.versions,
    }


def _goals(log: FlightLog, last: MissionStatus | None) -> list[str]:
    """Return the goals' names; of a mission in words, as they were flown, without rounds that were not."""
    if last is None or last.mission.plain:
        return list(log.header.goals)
    done = last.phase is MissionPhase.SUCCEEDED
    return list(last.mission.names[: last.index] if done else last.mission.names)


def _gave_up(log: FlightLog) -> bool:
    """Return whether a goal was declared absent, which is right where the judge says so."""
    return any(
        r.status is not None
        and r.status.phase is MissionPhase.RETURNING
        and (r.status.mission.plain or r.status.absent)
        for r in log.rows
    )


def goal_times(log: FlightLog) -> list[float]:
    """Return seconds from the first frame to each goal reached."""
    times: list[float] = []
    for row in log.rows:
        while row.status is not None and row.status.index > len(times):
            times.append(_t(log, row.stamp))
    return times


def duration(log: FlightLog) -> float:
    return round(log.rows[-1].stamp - log.rows[0].stamp, 2) if len(log.rows) > 1 else 0.0


def position(row: LogRow, log: FlightLog) -> tuple[float, float, float, float]:
    """Return (x, y, z, yaw) in the world frame: the truth where known, else the estimate."""
    if row.truth is not None:
        return (*row.truth.position, row.truth.attitude[2])
    x0, y0, z0, yaw0 = log.header.origin
    x, y, z = row.state.position
    c, s = math.cos(yaw0), math.sin(yaw0)
    return (x0 + c * x - s * y, y0 + s * x + c * y, z0 + z, yaw0 + row.state.yaw)


def path_length(rows: list[LogRow]) -> float:
    """Return the length [m] of the flown path."""
    points = np.array([r.truth.position if r.truth is not None else r.state.position for r in rows])
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()) if len(points) > 1 else 0.0


def latencies(rows: list[LogRow]) -> dict[str, dict[str, float]]:
    """Return p50, p95, p99 [ms] per stage."""
    stages: dict[str, list[float]] = {}
    for row in rows:
        for stage, seconds in row.latency_s.items():
            stages.setdefault(stage, []).append(seconds * 1e3)
    return {
        stage: {f"p{p}": round(float(np.percentile(values, p)), 3) for p in PERCENTILES}
        for stage, values in stages.items()
    }


def _t(log: FlightLog, stamp: float) -> float:
    """Return seconds since the first frame."""
    return round(stamp - log.rows[0].stamp, 2) if log.rows else 0.0
