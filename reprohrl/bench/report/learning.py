"""Learning curves against steps and against wall-clock, and what it took to reach 90 %."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reprohrl.bench.curves import TARGET, Ratio, Reached, TrainedRun, band, pixel_ratio, reached
from reprohrl.bench.methods import METHODS
from reprohrl.bench.report import charts
from reprohrl.bench.report.document import Block, Figure, Table, Text
from reprohrl.bench.report.words import COLOURS, count, seconds, title

GOAL_RATIO = 250
FEATURES, PIXELS = "flat-ppo", "pixel-ppo"
RATIO_TASK = "S1"


def learning_blocks(runs: Sequence[TrainedRun]) -> list[Block]:
    """Return the curves of every task trained on, then the table of steps and seconds to 90 %."""
    known = [r for r in runs if r.method in METHODS]
    if not known:
        return [Text("No learning curve was found: nothing was trained, or its run folders are elsewhere.")]
    blocks: list[Block] = []
    for task in dict.fromkeys(r.task for r in known):
        some = [r for r in known if r.task == task]
        blocks += [_figure(some, task, wall=False), _figure(some, task, wall=True)]
    blocks.append(_table(reached(known)))
    blocks.append(Text(ratio_sentence(pixel_ratio(reached(known), RATIO_TASK, FEATURES, PIXELS))))
    return blocks


def _figure(runs: Sequence[TrainedRun], task: str, *, wall: bool) -> Figure:
    bands, legend = [], []
    for name in METHODS:
        some = [r for r in runs if r.method == name]
        if some:
            data = band(some, wall=wall)
            shown = data.x.tolist(), data.middle.tolist(), data.low.tolist(), data.high.tolist()
            bands.append(charts.Band(title(name), COLOURS[name], *shown))
            legend.append((COLOURS[name], f"{title(name)} ({len(some)} seed{'s' * (len(some) > 1)})"))
    axis = "wall-clock" if wall else "decision steps"
    held = "held-out episodes" if all(r.held_out for r in runs) else "held-out (else training) episodes"
    caption = (
        f"Trained on {task}: success on {held} against {axis}, logarithmic. Line: median of the seeds; "
        "band: least to most. A run that ended early keeps its last value."
    )
    unit = "wall-clock seconds of training" if wall else "decision steps"
    return Figure(
        f"curves-{task}-{'time' if wall else 'steps'}", charts.curves(bands, unit=unit), caption, legend
    )


def _table(entries: Sequence[Reached]) -> Table:
    rows = []
    order = list(METHODS)
    for e in sorted(
        entries, key=lambda e: (e.task, e.steps if e.reached else math.inf, order.index(e.method))
    ):
        least, most = e.steps_range
        never = f"> {count(e.budget)}"
        rows.append(
            [
                e.task,
                title(e.method),
                f"{e.reached} of {e.seeds}",
                f"{count(e.steps)} [{count(least)}, {count(most)}]" if e.reached else never,
                seconds(e.seconds) if e.reached else "–",
                f"{100 * e.best:.1f}",
                count(e.budget),
            ]
        )
    note = (
        f"First evaluation of at least {100 * TARGET:.0f} %; medians over the seeds that got there, least "
        "and most in brackets. Wall-clock is of training on the machine named below, pauses left out."
    )
    head = ["task", "method", "seeds there", "decision steps", "wall-clock", "best %", "steps given"]
    return Table(head, rows, note, left=2)


def ratio_sentence(ratio: Ratio | None) -> str:
    """Say how many times more steps pixels need than object features."""
    if ratio is None:
        return (
            f"How many times fewer decision steps object features need than pixels to reach 90 % on "
            f"{RATIO_TASK} is open: it takes a finished run of both, trained on that task."
        )
    more = "at least " if ratio.bound else ""
    how = (
        f"the pixel agent had not reached 90 % after {count(ratio.pixels)}, so this is a lower bound"
        if ratio.bound
        else f"{count(ratio.pixels)} against {count(ratio.features)}"
    )
    aim = (
        f"the aim of {GOAL_RATIO} times is met"
        if ratio.value >= GOAL_RATIO
        else f"the aim of {GOAL_RATIO} times is not shown"
        if ratio.bound
        else f"the aim of {GOAL_RATIO} times is not met"
    )
    return (
        f"To 90 % on {ratio.task}, {title(FEATURES)} needs **{more}{ratio.value:.0f} times** fewer decision "
        f"steps than {title(PIXELS)} ({how}); {aim}."
    )
