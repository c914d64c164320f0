"""The charts of the report: a timeline of options, goals and events, and plots of the flight's numbers."""

from __future__ import annotations

import math

from reprohrl.contracts.state import Range
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.flight.log import FlightLog
from reprohrl.policies.decision import OPTION_NAMES
from reprohrl.reporting import palette
from reprohrl.reporting.decisions import switches
from reprohrl.reporting.palette import css
from reprohrl.reporting.svg import Lane, Mark, Series, Span, TimeAxis, lanes, plot

WORTH_DRAWING = 0.05
"""An option whose probability never exceeds this is left out of the plot."""

REACTION_COLOURS = {"limit": palette.WARN, "hover": palette.BAD, "land": palette.BAD, "cut": palette.BAD}
EVENT_COLOURS = {
    "mission": palette.GOOD,
    "supervisor": palette.WARN,
    "contact": palette.BAD,
    "error": palette.BAD,
}


def _times(log: FlightLog) -> list[float]:
    return [row.stamp - log.rows[0].stamp for row in log.rows]


def timeline(log: FlightLog) -> str:
    """Return lanes: option, current goal, goal in view, supervisor, events."""
    times = _times(log)
    if not times:
        return "<p>No frame arrived.</p>"
    options = [(palette.option_words(r.option), css(palette.option_colour(r.option))) for r in log.rows]
    goals, seen, reactions = [], [], []
    for row in log.rows:
        goal = row.status.goal if row.status is not None else -1
        name = row.status.mission.names[row.status.index] if row.status is not None and goal >= 0 else ""
        goals.append((name, css(palette.class_colour(goal)) if name else ""))
        visible = any(d.class_id == goal for d in row.detections.items)
        seen.append(("in view", css(palette.class_colour(goal))) if name and visible else ("", ""))
        word = row.reaction.lower()
        reactions.append((word, css(REACTION_COLOURS[word])) if word in REACTION_COLOURS else ("", ""))
    marks = [
        Mark(e.stamp - log.rows[0].stamp, css(EVENT_COLOURS.get(e.kind, palette.MUTED)), e.text)
        for e in log.events
    ]
    turns = [
        Mark(d.since - log.rows[0].stamp, css(palette.option_colour(d.option)),
             f"{palette.option_words(d.option)}: {d.reason}")
        for d in switches(log.rows)
    ]  # fmt: skip
    return lanes(
        TimeAxis(times[-1]),
        [
            Lane("option", _spans(times, options)),
            Lane("switched", marks=turns),
            Lane("goal", _spans(times, goals)),
            Lane("goal seen", _spans(times, seen)),
            Lane("supervisor", _spans(times, reactions)),
            Lane("events", marks=marks),
        ],
    )


def _spans(times: list[float], words: list[tuple[str, str]]) -> list[Span]:
    """Join equal neighbours into spans; an empty colour is a gap."""
    spans: list[Span] = []
    begin = 0
    for i in range(1, len(times) + 1):
        if i == len(times) or words[i] != words[begin]:
            label, colour = words[begin]
            if colour:
                spans.append(Span(times[begin], times[min(i, len(times) - 1)], colour, label))
            begin = i
    return spans


def scores(log: FlightLog) -> str:
    """Return the scores of all options over time, those that ever mattered; "" where there are none."""
    times = _times(log)
    every = [r.option.scores if r.option is not None else () for r in log.rows]
    names = [k for k in range(len(OPTION_NAMES)) if any(len(s) > k and s[k] > WORTH_DRAWING for s in every)]
    if not times or not names:
        return ""
    lines = [
        Series(
            OPTION_NAMES[k].replace("_", " "), [s[k] if len(s) > k else math.nan for s in every],
            css(option_index_colour(k)), dashed=k >= NUM_GOALS,
        )
        for k in names
    ]  # fmt: skip
    return plot(TimeAxis(times[-1]), times, lines, unit="p", height=130)


def option_index_colour(index: int) -> palette.Colour:
    """Return the colour of one of the selector's options: its goal's, or one of its own."""
    if index < NUM_GOALS:
        return palette.class_colour(index)
    return (palette.TRAIL, palette.MUTED, palette.GOOD, palette.WARN)[(index - NUM_GOALS) % 4]


def plots(log: FlightLog) -> list[tuple[str, str]]:
    """Return (title, chart) pairs."""
    times = _times(log)
    if not times:
        return []
    axis = TimeAxis(times[-1])
    blue, red, green, grey, orange = (
        css(c) for c in (palette.TRAIL, palette.BAD, palette.GOOD, palette.MUTED, palette.WARN)
    )
    rows = log.rows

    def ranges(direction: Range) -> list[float]:
        return [r.state.ranges[direction] for r in rows]

    distance = [r.status.goal_range_m if r.status is not None else math.nan for r in rows]
    height = Series("height", [r.state.height for r in rows], blue)
    battery = Series("under load", [r.state.battery_v for r in rows], green)
    charts = [
        (
            "Distances",
            plot(
                axis,
                times,
                [
                    Series("to the goal, estimated", distance, green),
                    Series("front", ranges(Range.FRONT), blue),
                    Series("left", ranges(Range.LEFT), orange),
                    Series("right", ranges(Range.RIGHT), red),
                    Series("back", ranges(Range.BACK), grey),
                ],
                unit="m",
                height=170,
            ),
        ),
        (
            "Speed, asked and flown",
            plot(
                axis,
                times,
                [
                    Series("forward asked", [r.supervised.vx for r in rows], blue, dashed=True),
                    Series("forward flown", [r.state.velocity[0] for r in rows], blue),
                    Series("sideways asked", [r.supervised.vy for r in rows], orange, dashed=True),
                    Series("sideways flown", [r.state.velocity[1] for r in rows], orange),
                ],
                unit="m/s",
            ),
        ),
        (
            "Yaw rate, asked and flown",
            plot(
                axis,
                times,
                [
                    Series("asked", [r.supervised.yaw_rate for r in rows], blue, dashed=True),
                    Series("flown", [r.state.yaw_rate for r in rows], blue),
                ],
                unit="rad/s",
                height=110,
            ),
        ),
        ("Height", plot(axis, times, [height], unit="m", height=110)),
        ("Battery", plot(axis, times, [battery], unit="V", height=110)),
    ]
    total = [r.latency_s.get("total", math.nan) * 1e3 for r in rows]
    if any(math.isfinite(v) for v in total):
        chart = plot(axis, times, [Series("frame to setpoint", total, blue)], unit="ms", height=110)
        charts.append(("Latency", chart))
    return charts
