"""`reprohrl replay`: a recorded flight through today's code and models; every decision compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.flight.log import FlightHeader, FlightLog
    from reprohrl.replay.differences import Tolerance
    from reprohrl.replay.replay import Replayed, Stack

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl replay                        (the newest flight)\n\n"
    "reprohrl replay runs/20260131-101500/flight.mcap --chained\n\n"
    "reprohrl replay runs/20260131-101500/bag         (pictures as they were, not as JPEG)\n\n"
    "reprohrl replay flight.mcap --write golden.mcap   (today's answers as the new recording)"
)
SHOWN = 20


def command(
    recording: Annotated[
        Path | None,
        typer.Argument(help="flight.mcap, its folder or a bag; the newest by default.", show_default=False),
    ] = None,
    chained: Annotated[
        bool, typer.Option("--chained", help="Feed each stage today's answers, not the recorded ones.")
    ] = False,
    pictures: Annotated[
        bool, typer.Option(help="Run the detector on the recorded pictures; else take the boxes as they are.")
    ] = True,
    planner: Annotated[str, typer.Option(help="Planner; the recorded one by default.")] = "",
    navigator: Annotated[str, typer.Option(help="Navigator; the recorded one by default.")] = "",
    command_tolerance: Annotated[
        float, typer.Option(min=0.0, help="Velocities this close are the same [m/s, rad/s].")
    ] = 1e-3,
    score_tolerance: Annotated[
        float, typer.Option(min=0.0, help="Scores and confidences this close are the same.")
    ] = 0.02,
    overlap: Annotated[float, typer.Option(min=0.0, max=1.0, help="Boxes that overlap so are one.")] = 0.8,
    all_of_them: Annotated[bool, typer.Option("--all", help="Show every difference.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    write: Annotated[
        Path | None, typer.Option(help="Write the replayed flight to this file.", show_default=False)
    ] = None,
) -> int:
    """Play recorded frames and states to today's stages; exit with 1 when one decides otherwise."""
    from reprohrl.cli import console
    from reprohrl.replay.differences import Tolerance
    from reprohrl.replay.replay import replay

    with console.err().status("reading") as status:
        log = read(recording)
        stack = stack_of(log.header, planner=planner, navigator=navigator, pictures=pictures)
        total = len(log.rows)
        limit = Tolerance(command=command_tolerance, score=score_tolerance, overlap=overlap)
        result = replay(
            log, stack, chained=chained, tolerance=limit,
            progress=lambda row: status.update(f"frame {row} of {total}"),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(to_json(result, limit), indent=2))
    else:
        _show(result, log.rows[0].stamp, None if all_of_them else SHOWN)
    if write is not None:
        write_replayed(log, result, write)
    return 1 if result.differences else 0


def read(recording: Path | None) -> FlightLog:
    """Read flight.mcap, a run folder or a bag. Raises `UserError` where there is none."""
    from reprohrl.reporting.mcap import read_mcap
    from reprohrl.reporting.run import RECORDING, latest_run

    path = recording or latest_run()
    if path.is_dir() and (path / "metadata.yaml").is_file():
        from ros_nodes.environment import check

        check()
        from ros_nodes.bag_log import read_bag

        log: FlightLog = read_bag(path)
        return log
    file = path / RECORDING if path.is_dir() else path
    if not file.is_file():
        raise UserError(f"there is no recording {file}", fix="name a flight.mcap or a folder below runs/")
    return read_mcap(file)


def stack_of(header: FlightHeader, *, planner: str = "", navigator: str = "", pictures: bool = True) -> Stack:
    """Return today's stages as the recording's, but for what is named here."""
    from reprohrl.cli.stage import check_names
    from reprohrl.perception.tracker import ObjectTracker
    from reprohrl.planners.registry import READING
    from reprohrl.policies.registry import make_navigator, make_planner
    from reprohrl.replay.replay import Stack
    from reprohrl.safety.config import Fence, SafetyConfig
    from reprohrl.safety.supervisor import Supervisor

    planner, navigator = planner or header.planner or "learned", navigator or header.navigator or "learned"
    if planner.partition(" ")[0] in READING:
        raise UserError(
            f"the planner {planner!r} cannot be replayed",
            why="what it read, and what its model said, is not all in the recording",
            fix="--planner learned (or rule, scripted)",
        )
    check_names(planner, navigator)
    config = SafetyConfig()
    if len(header.fence) == 6:
        a, b, c, d, e, f = header.fence
        config = SafetyConfig(fence=Fence((a, b, c), (d, e, f)))
    stack = Stack(
        ObjectTracker(), planner=make_planner(planner), navigator=make_navigator(navigator),
        supervisor=Supervisor(config), seed=header.seed or 0,
    )  # fmt: skip
    if pictures and not header.detector.startswith(("R0", "R1", "truth")):
        from reprohrl.perception.detector import OnnxDetector

        stack.detector = OnnxDetector()
    return stack


def to_json(result: Replayed, limit: Tolerance) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "compared": result.compared,
        "tolerance": asdict(limit),
        "differences": [asdict(d) for d in result.differences],
    }


def write_replayed(log: FlightLog, result: Replayed, path: Path) -> None:
    """Write the recording with today's answers, whole or not at all."""
    from reprohrl.flight.log import FlightLog
    from reprohrl.reporting.mcap import write_mcap
    from reprohrl.reporting.run import put

    replayed = FlightLog(log.header, list(result.rows), list(log.events), log.outcome, log.judged)
    put(path, lambda half: write_mcap(replayed, half))


def _show(result: Replayed, start: float, most: int | None) -> None:
    """Print a table of the stages, then the differences, timed from the first frame on."""
    from rich.table import Table

    from reprohrl.cli import console

    table = Table("stage", "answers", "differences", "first at", title="Replay")
    for stage, count in result.compared.items():
        found = result.of(stage)
        first = f"{found[0].stamp - start:.2f} s" if found else ""
        table.add_row(stage, str(count), str(len(found)), first)
    console.out().print(table)
    for difference in result.differences[:most]:
        console.out().print(difference.told(start), markup=False)
    if most is not None and len(result.differences) > most:
        console.out().print(f"... and {len(result.differences) - most} more (--all)")
    if not result.differences:
        console.out().print("Today's stages decide as the recorded ones did.")
