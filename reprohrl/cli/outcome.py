"""How a finished flight is told on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reprohrl.cli import console


def show(summary: dict[str, Any], folder: Path | None) -> None:
    """Print the verdict, the goals with their times, and where the report is, if it is anywhere."""
    from rich.markup import escape

    out = console.out()
    good = summary["success"]
    verdict = "[bold green]Mission succeeded" if good else "[bold red]Mission not accomplished"
    out.print(f"{verdict}[/]: {escape(summary['outcome'])}")
    if summary["judged"] not in ("", "success"):
        out.print(f"  judged from simulator truth: [red]{escape(summary['judged'])}[/]")
    times = summary["goal_times_s"]
    for i, goal in enumerate(summary["mission"]):
        when = f"reached after {times[i]:.1f} s" if i < len(times) else "[red]not reached[/]"
        out.print(f"  {goal:<10} {when}")
    out.print(f"  flown {summary['path_length_m']:.1f} m in {summary['flight_time_s']:.1f} s", end="")
    out.print(f", collisions: {', '.join(summary['collisions']) or 'none'}")
    if folder is not None:
        out.print(f"Report: {escape(str((folder / 'report.html').resolve()))}")
