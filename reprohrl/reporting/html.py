"""`report.html`: one flight on one page that needs no other file and no network."""

from __future__ import annotations

import base64
import html
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from reprohrl.flight.log import FlightLog
from reprohrl.reporting import charts
from reprohrl.reporting.moments import moments, script
from reprohrl.reporting.reasoning import reasoning
from reprohrl.reporting.summary import position
from reprohrl.reporting.topview import TopView

EMBED_LIMIT_BYTES = 24_000_000
"""A longer video is linked instead: browsers load a page of this size without complaint."""

VIEW_PX = 720


def report_html(log: FlightLog, summary: dict[str, Any], video: Path | None) -> str:
    """Return the page. `video` is the finished flight.mp4, None when there is none."""
    view = _view(log)
    data = moments(log, view)
    scores = charts.scores(log)
    thoughts = reasoning(log)
    sections = [
        _player(log, view, video),
        _section(
            "Timeline", charts.timeline(log) + (f"<h3>Scores of all options</h3>{scores}" if scores else "")
        ),
        _columns(("Options", _options(data)), ("Events", _events(summary))),
        *([_section("Reasoning", thoughts)] if thoughts else []),
        *(_section(title, chart) for title, chart in charts.plots(log)),
        _columns(("Latency per stage", _latencies(summary)), ("Flown with", _setup(summary))),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(' '.join(summary['mission']))}: flight report</title>"
        f'<style>{_asset("report.css")}</style></head><body data-end="{summary["flight_time_s"]}"><main>'
        f"{_head(summary)}{_tiles(summary)}{''.join(sections)}"
        f"<footer>reprohrl {html.escape(summary['versions'].get('reprohrl', ''))}, "
        "made from flight.mcap by <code>reprohrl report</code></footer>"
        f'</main><script type="application/json" id="moments">{script(data)}</script>'
        f"<script>{_asset('report.js')}</script></body></html>"
    )


def _asset(name: str) -> str:
    return (files("reprohrl.reporting") / name).read_text(encoding="utf-8")


def _section(title: str, content: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{content}</section>"


def _columns(*sections: tuple[str, str]) -> str:
    return f'<div class="columns">{"".join(_section(*s) for s in sections)}</div>'


def _head(summary: dict[str, Any]) -> str:
    good = "good" if summary["success"] else ""
    word = "Mission succeeded" if summary["success"] else f"Mission {summary['phase']}"
    goals = '<span class="to">→</span>'.join(html.escape(g) for g in summary["mission"])
    facts = [summary["task"] and f"task {summary['task']}"]
    facts += [f"seed {summary['seed']}"] if summary["seed"] is not None else []
    facts += [f"judged from truth: {summary['judged']}"] if summary["judged"] else []
    facts += [f"backend {summary['backend']}", summary["started"].replace("T", " ").replace("+00:00", " UTC")]
    orders = " · ".join(summary.get("orders", ()))
    told = f'<p class="sub">{html.escape(orders)}</p>' if orders else ""
    line = " · ".join(f for f in [*facts, summary["outcome"]] if f)
    return (
        f'<header><span class="verdict {good}">{html.escape(word)}</span><h1>{goals}</h1>{told}'
        f'<p class="sub">{html.escape(line)}</p></header>'
    )


def _tiles(summary: dict[str, Any]) -> str:
    total = summary["latency_ms"].get("total", {})
    tiles = [
        (f"{summary['goals_reached']} / {len(summary['mission'])}", "goals reached"),
        (f"{summary['flight_time_s']:.1f} s", "flight time"),
        (f"{summary['path_length_m']:.1f} m", "path length"),
        (str(len(summary["collisions"])), "collisions"),
        (str(len(summary["supervisor_events"])), "supervisor events"),
        (f"{total['p95']:.0f} ms" if total else "not measured", "frame to setpoint, p95"),
    ]
    return (
        '<div class="tiles">'
        + "".join(f'<div class="tile"><b>{html.escape(b)}</b><span>{s}</span></div>' for b, s in tiles)
        + "</div>"
    )


def _player(log: FlightLog, view: TopView, video: Path | None) -> str:
    """Video, or the room alone where there is none; beside it what the drone is doing and why."""
    film = _video(video) if video is not None else ""
    return (
        f'<section class="player"><h2>Flight</h2>{film}'
        '<div class="scrub"><button type="button" aria-label="play or pause">▶</button>'
        '<input type="range" min="0" max="1" step="any" value="0" aria-label="time">'
        "<output>0.0 s</output></div>"
        f'<div class="now"><div class="room">{_topview(log, view)}</div><div class="doing">'
        '<p class="option"><i></i><b></b> <span class="age"></span></p><p class="why"></p>'
        '<p class="sees"></p><div class="scores"></div></div></div></section>'
    )


def _video(video: Path) -> str:
    size = video.stat().st_size
    if size <= EMBED_LIMIT_BYTES:
        source = "data:video/mp4;base64," + base64.b64encode(video.read_bytes()).decode()
    else:
        source = video.name
    return f'<video muted playsinline preload="auto" src="{source}"></video>'


def _view(log: FlightLog) -> TopView:
    return TopView(log.header.scene, VIEW_PX, poses=[position(row, log) for row in log.rows])


def _topview(log: FlightLog, view: TopView) -> str:
    """The whole path from above; the script moves a drone and its sectors over it."""
    poses = [position(row, log) for row in log.rows]
    last = next((r.status for r in reversed(log.rows) if r.status is not None), None)
    reached = last.mission.goals[: last.index] if last is not None else ()
    time_s = log.rows[-1].stamp if log.rows else 0.0
    goal = last.goal if last is not None else -1
    picture = view.frame(poses, goal=goal, reached=reached, time_s=time_s, drone=False)
    done, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    encoded = base64.b64encode(bytes(data)).decode() if done else ""
    scale = view.place(1.0, 0.0)[0] - view.place(0.0, 0.0)[0]
    return (
        f'<svg class="map" viewBox="0 0 {VIEW_PX} {VIEW_PX}" role="img" data-scale="{scale:.2f}">'
        "<title>the flown path from above</title>"
        f'<image width="{VIEW_PX}" height="{VIEW_PX}" href="data:image/png;base64,{encoded}"/>'
        '<polygon class="sectors" points=""/><g class="drone"><path d="M14 0 L-9 9 L-4 0 L-9 -9 Z"/></g>'
        "</svg>"
    )


def _options(data: dict[str, Any]) -> str:
    """One line for each switch: when, to what, why."""
    turns = [d for k, d in enumerate(data["decisions"]) if k in set(data["switch"])]
    rows = "".join(
        f'<tr data-t="{d["t"]}"><td class="number">{d["t"]:.1f} s</td>'
        f'<td><span class="dot" style="background:{d["css"]}"></span>{html.escape(d["option"])}</td>'
        f"<td>{html.escape(d['why'])}</td></tr>"
        for d in turns[:200]
    )
    return f'<table class="seek">{rows}</table>' if rows else "<p>No option was chosen.</p>"


def _events(summary: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr data-t="{e["t_s"]}"><td class="number">{e["t_s"]:.1f} s</td>'
        f'<td><span class="kind {html.escape(e["kind"])}">'
        f"{html.escape(e['kind'])}</span></td><td>{html.escape(e['event'])}</td></tr>"
        for e in summary["events"][:200]
    )
    return f'<table class="seek">{rows}</table>' if rows else "<p>Nothing happened.</p>"


def _latencies(summary: dict[str, Any]) -> str:
    if not summary["latency_ms"]:
        return "<p>Not measured in this flight.</p>"
    head = "<tr><th>stage</th>" + "".join(f'<th class="number">p{p} ms</th>' for p in (50, 95, 99)) + "</tr>"
    rows = "".join(
        f"<tr><td>{html.escape(stage)}</td>"
        + "".join(f'<td class="number">{values[f"p{p}"]:.1f}</td>' for p in (50, 95, 99))
        + "</tr>"
        for stage, values in summary["latency_ms"].items()
    )
    return f"<table>{head}{rows}</table>"


def _setup(summary: dict[str, Any]) -> str:
    facts = {k: summary[k] for k in ("planner", "navigator", "detector") if summary[k]} | summary["versions"]
    rows = "".join(
        f"<tr><td>{html.escape(k)}</td><td>{html.escape(str(v))}</td></tr>" for k, v in facts.items()
    )
    return f"<table>{rows}</table>"
